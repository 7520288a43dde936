package benchwire

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
)

func TestPacketsInTimeAreInTime(t *testing.T) {
	var s stream
	var got tally
	at := time.Duration(0)
	for i := range 2000 {
		at = time.Duration(i)*frame + time.Duration(i%7)*100*time.Microsecond
		s.add(at, uint16(65000+i), uint32(i)*160-5000, &got)
	}
	if got.Packets != 1999 || got.Missing+got.Disordered+got.Late != 0 || got.Worst > time.Millisecond {
		t.Errorf("%d packets, %d missing, %d disordered, %d late, worst %s", got.Packets, got.Missing, got.Disordered, got.Late, got.Worst)
	}
	if p := got.spacing.quantile(0.5); p < 19*time.Millisecond || p > 21*time.Millisecond {
		t.Errorf("median spacing %s", p)
	}
}

// A packet 6 ms after its time is late, those after it are not; a clock that
// runs 1 % fast or slow makes nobody late; a packet left out is missing; what
// was left out of the sender's time, too, keeps the next ones in time.
func TestLatePackets(t *testing.T) {
	for name, c := range map[string]struct {
		at            func(i int) time.Duration
		seq           func(i int) int
		late, missing uint64
	}{
		"one late": {at: func(i int) time.Duration {
			if i == 500 {
				return 500*frame + 6*time.Millisecond
			}
			return time.Duration(i) * frame
		}, late: 1},
		"slow clock": {at: func(i int) time.Duration { return time.Duration(i) * (frame + 10*time.Microsecond) }},
		"fast clock": {at: func(i int) time.Duration { return time.Duration(i) * (frame - 10*time.Microsecond) }},
		"lost":       {at: func(i int) time.Duration { return time.Duration(i) * frame }, seq: func(i int) int { return i + i/1000*3 }, missing: 3},
	} {
		var s stream
		var got tally
		for i := range 2000 {
			seq := i
			if c.seq != nil {
				seq = c.seq(i)
			}
			s.add(c.at(i), uint16(seq), uint32(i)*160, &got)
		}
		if got.Late != c.late || got.Missing != c.missing {
			t.Errorf("%s: %d late, %d missing; want %d, %d", name, got.Late, got.Missing, c.late, c.missing)
		}
	}
}

// prompt is a level for so many samples under A-law.
func prompt(level int16, n int) []byte {
	pcm := make([]int16, n)
	for i := range pcm {
		pcm[i] = level
	}
	b := make([]byte, n)
	audio.Encode(audio.ALaw, b, pcm)
	return b
}

func TestGapsBetweenPrompts(t *testing.T) {
	tone := make([]byte, 8000)
	audio.Encode(audio.ALaw, tone, audio.Tone([]float64{440}, time.Second, 0.3))
	silence := prompt(0, 80)
	for _, c := range []struct {
		name    string
		sound   [][]byte
		changes uint64
		most    time.Duration
	}{
		{"a tone holds no prompts", [][]byte{tone}, 0, 0},
		{"no gap", [][]byte{tone, prompt(LevelA, 1003), prompt(LevelB, 999)}, 1, 0},
		{"a gap of 10 ms", [][]byte{prompt(LevelA, 1003), silence, prompt(LevelB, 999), prompt(LevelA, 500)}, 2, 10 * time.Millisecond},
		{"the same prompt again", [][]byte{prompt(LevelA, 1003), silence, prompt(LevelA, 999)}, 0, 0},
	} {
		var s succession
		var g gaps
		all := bytes.Join(c.sound, nil)
		for ; len(all) >= 160; all = all[160:] {
			s.add(all[:160], &g)
		}
		s.add(all, &g)
		if g.changes != c.changes || g.worst != c.most {
			t.Errorf("%s: %d changes, %s; want %d, %s", c.name, g.changes, g.worst, c.changes, c.most)
		}
	}
}

func TestAnswers(t *testing.T) {
	local := netip.MustParseAddrPort("127.0.0.1:5070")
	invite := "INVITE sip:1@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:1@c>\r\n" +
		"Call-ID: x1\r\nCSeq: 7 INVITE\r\nContact: <sip:a@b>\r\n\r\nv=0\r\nc=IN IP4 127.0.0.9\r\nm=audio 4000 RTP/AVP 8\r\n"
	var peer netip.AddrPort
	out := answers([]byte(invite), local, func(sdp []byte) netip.AddrPort {
		peer = mediaOf(sdp)
		return netip.MustParseAddrPort("127.0.0.1:6000")
	})
	if peer != netip.MustParseAddrPort("127.0.0.9:4000") || len(out) != 2 {
		t.Fatalf("media from %s, %d answers", peer, len(out))
	}
	ok := string(out[1])
	for _, want := range []string{"SIP/2.0 200 OK\r\n", "Via: SIP/2.0/UDP a;branch=z9hG4bK1\r\n", "To: <sip:1@c>;tag=far\r\n",
		"CSeq: 7 INVITE\r\n", "Contact: <sip:far@127.0.0.1:5070>\r\n", "m=audio 6000 RTP/AVP 8 101\r\n"} {
		if !strings.Contains(ok, want) {
			t.Errorf("no %q in\n%s", want, ok)
		}
	}
	if callOf([]byte(invite)) != "x1" {
		t.Error("the Call-ID is not found")
	}
	for msg, n := range map[string]int{"ACK sip:1@c SIP/2.0\r\n\r\n": 0, "SIP/2.0 200 OK\r\n\r\n": 0, "": 0, "BYE sip:1@c SIP/2.0\r\n\r\n": 1} {
		if got := answers([]byte(msg), local, nil); len(got) != n {
			t.Errorf("%q gets %d answers, want %d", msg, len(got), n)
		}
	}
}
