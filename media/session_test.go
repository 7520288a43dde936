package media

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"

	"dozvon/audio"
)

func TestSendsEvenlyFromTheStart(t *testing.T) {
	l := newLab(t)
	s, _ := l.open(Options{})
	f := newFar(t, s)
	s.SetRemote(f.remote())
	l.run(time.Second)
	got := f.got()
	if len(got) != 50 {
		t.Fatalf("%d packets in a second, want 50", len(got))
	}
	for i, p := range got {
		if len(p.Payload) != 160 || p.PayloadType != 8 || p.SSRC != got[0].SSRC || p.Marker != (i == 0) ||
			p.SequenceNumber != got[0].SequenceNumber+uint16(i) || p.Timestamp != got[0].Timestamp+uint32(160*i) {
			t.Fatalf("packet %d: %+v", i, p.Header)
		}
		if slices.ContainsFunc(p.Payload, func(c byte) bool { return c != 0xD5 }) {
			t.Fatalf("packet %d is no silence", i)
		}
	}
}

func TestStalledWheelLeavesAGap(t *testing.T) {
	l := newLab(t)
	s, _ := l.open(Options{})
	f := newFar(t, s)
	s.SetRemote(f.remote())
	l.turn()
	l.slot += 10 * int64(slotCount)
	l.turn()
	got := f.got()
	if d := got[1].Timestamp - got[0].Timestamp; d != 11*160 {
		t.Errorf("timestamp moved by %d, want %d", d, 11*160)
	}
	if d := got[1].SequenceNumber - got[0].SequenceNumber; d != 1 || !got[1].Marker {
		t.Errorf("sequence moved by %d, marker %v; want 1 and a marker after the gap", d, got[1].Marker)
	}
}

func TestHold(t *testing.T) {
	l := newLab(t)
	s, ev := l.open(Options{DeadAfter: time.Second})
	f := newFar(t, s)
	r := f.remote()
	s.SetRemote(r)
	l.run(200 * time.Millisecond)
	r.Inactive = true
	s.SetRemote(r)
	l.run(5 * time.Second)
	before := f.got()
	if len(before) != 10 {
		t.Errorf("%d packets, want 10: nothing leaves while on hold", len(before))
	}
	if len(ev.of(Dead)) != 0 {
		t.Error("dead while on hold")
	}
	r.Inactive = false
	s.SetRemote(r)
	l.turn()
	after := f.got()
	if len(after) != 1 || !after[0].Marker || after[0].Timestamp != before[9].Timestamp+251*160 || after[0].SequenceNumber != before[9].SequenceNumber+1 {
		t.Errorf("after the hold: %+v", after)
	}
	l.run(2 * time.Second)
	if n := len(ev.of(Dead)); n != 1 {
		t.Errorf("%d Dead events after the hold, want 1", n)
	}
}

func TestDeadOnce(t *testing.T) {
	l := newLab(t)
	s, ev := l.open(Options{DeadAfter: 2 * time.Second})
	f := newFar(t, s)
	r := f.remote()
	r.Watch = false
	s.SetRemote(r)
	l.run(10 * time.Second)
	if len(*ev) != 0 {
		t.Fatalf("before the answer: %v", *ev)
	}
	r.Watch = true
	s.SetRemote(r)
	began := l.now
	for range 50 { // one second of packets
		f.sound(0x2A)
		l.turn()
	}
	l.run(10 * time.Second)
	dead := ev.of(Dead)
	if len(dead) != 1 {
		t.Fatalf("%d Dead events, want 1", len(dead))
	}
	if after := dead[0].At.Sub(began); after < 2900*time.Millisecond || after > 3100*time.Millisecond {
		t.Errorf("dead %v after the answer, want 3s", after)
	}
	if n := len(ev.of(FirstPacket)); n != 1 {
		t.Errorf("%d FirstPacket events, want 1", n)
	}
}

func TestStrangersStayOut(t *testing.T) {
	l := newLab(t)
	s, ev := l.open(Options{})
	f, stranger := newFar(t, s), newFar(t, s)
	var heard ear
	s.Listen(heard.hear)
	s.SetRemote(f.remote())
	for range 25 {
		f.sound(0x2A)
		stranger.sound(0x55)
		stranger.packet(rtp.Header{Version: 2, PayloadType: 101, SSRC: 9, SequenceNumber: 1, Timestamp: 5}, []byte{1, 0x8A, 0, 200})
		l.turn()
	}
	if st := s.Stats(); st.Strangers != 50 || st.Received != 25 {
		t.Errorf("%+v", st)
	}
	if d := ev.digits(); d != "" {
		t.Errorf("a stranger pressed %q", d)
	}
	if n := len(stranger.got()); n != 0 {
		t.Errorf("%d packets went to the stranger", n)
	}
	var alien [1]int16
	audio.Decode(audio.ALaw, alien[:], []byte{0x55})
	if slices.Contains(heard.pcm, alien[0]) {
		t.Error("a stranger is heard")
	}
}

// TestNowhereToSend: an SDP without a place to send to is a hold, until the
// far end shows where it is.
func TestNowhereToSend(t *testing.T) {
	for _, addr := range []string{"", "0.0.0.0:4000", "127.0.0.1:0"} {
		l := newLab(t)
		s, _ := l.open(Options{})
		f := newFar(t, s)
		r := f.remote()
		r.Addr = netip.AddrPort{}
		if addr != "" {
			r.Addr = netip.MustParseAddrPort(addr)
		}
		s.SetRemote(r)
		l.run(200 * time.Millisecond)
		if st := s.Stats(); st.Sent != 0 || st.Unsent != 0 {
			t.Errorf("%q: %+v", addr, st)
		}
		f.sound(0x2A)
		l.run(200 * time.Millisecond)
		if n := len(f.got()); addr != "" && n != 10 {
			t.Errorf("%q: %d packets after the far end was heard, want 10", addr, n)
		}
	}
}

func TestFollowsTheFarEndThroughNAT(t *testing.T) {
	l := newLab(t)
	s, _ := l.open(Options{})
	f := newFar(t, s)
	r := f.remote()
	r.Addr = netip.MustParseAddrPort("192.168.7.7:4000")
	s.SetRemote(r)
	f.sound(0x2A)
	l.run(100 * time.Millisecond)
	if n := len(f.got()); n != 5 {
		t.Errorf("%d packets came back, want 5", n)
	}
}

func TestKeysBothWays(t *testing.T) {
	for name, eventType := range map[string]uint8{"RFC 4733": 101, "in band": 0} {
		for _, law := range []audio.Law{audio.ALaw, audio.ULaw} {
			t.Run(name+" "+law.String(), func(t *testing.T) {
				l := newLab(t)
				a, b, ea, eb := l.pair(law, eventType, Options{InBand: true})
				l.run(200 * time.Millisecond)
				a.SendDigits("1122,90*#abcd x")
				b.SendDigits("77")
				l.run(6 * time.Second)
				if d := eb.digits(); d != "112290*#ABCD" {
					t.Errorf("b heard %q", d)
				}
				if d := ea.digits(); d != "77" {
					t.Errorf("a heard %q", d)
				}
				if n := len(ea.of(DigitsSent)); n != 1 {
					t.Errorf("%d DigitsSent events, want 1", n)
				}
			})
		}
	}
}

func TestPlay(t *testing.T) {
	l := newLab(t)
	a, b, ea, _ := l.pair(audio.ULaw, 101, Options{})
	var heard ear
	b.Listen(heard.hear)
	l.turn()
	first := a.Play(PlayOptions{}, tone(440, 250*time.Millisecond), tone(1000, 310*time.Millisecond))
	l.run(time.Second)
	done := ea.of(PlayDone)
	if len(done) != 1 || done[0].Play != first || done[0].Cut {
		t.Fatalf("%+v", done)
	}
	for hz, want := range map[float64]time.Duration{440: 240 * time.Millisecond, 1000: 280 * time.Millisecond} {
		if got := audio.ToneTime(heard.pcm, hz); got < want-40*time.Millisecond || got > want+80*time.Millisecond {
			t.Errorf("%g Hz heard for %v, want about %v", hz, got, want)
		}
	}
	loop := a.Play(PlayOptions{Loop: true}, tone(700, 90*time.Millisecond))
	l.run(3 * time.Second)
	next := a.Play(PlayOptions{}, tone(800, 100*time.Millisecond))
	l.run(time.Second)
	a.Play(PlayOptions{Loop: true}, tone(900, time.Second))
	l.turn()
	a.StopPlay()
	a.StopPlay()
	a.Play(PlayOptions{Loop: true}) // nothing to play ends at once
	l.run(time.Second)
	done = ea.of(PlayDone)[1:]
	want := []Event{{Play: loop, Cut: true}, {Play: next}, {Play: next + 1, Cut: true}, {Play: next + 2}}
	if len(done) != len(want) {
		t.Fatalf("%+v", done)
	}
	for i := range want {
		if done[i].Play != want[i].Play || done[i].Cut != want[i].Cut {
			t.Errorf("event %d: %+v, want %+v", i, done[i], want[i])
		}
	}
}

func TestBargeIn(t *testing.T) {
	l := newLab(t)
	a, b, ea, _ := l.pair(audio.ALaw, 101, Options{})
	id := a.Play(PlayOptions{StopOnDigit: true}, tone(440, 10*time.Second))
	l.run(time.Second)
	b.SendDigits("5")
	l.run(200 * time.Millisecond)
	if d := ea.digits(); d != "5" {
		t.Fatalf("heard %q", d)
	}
	done := ea.of(PlayDone)
	if len(done) != 1 || done[0].Play != id || !done[0].Cut {
		t.Fatalf("%+v", done)
	}
	a.Play(PlayOptions{}, tone(440, 10*time.Second))
	b.SendDigits("6")
	l.run(time.Second)
	if n := len(ea.of(PlayDone)); n != 1 {
		t.Error("a key stopped what was not to be stopped")
	}
}

func TestLossIsSilenceAndCounted(t *testing.T) {
	l := newLab(t)
	s, _ := l.open(Options{})
	f := newFar(t, s)
	s.SetRemote(f.remote())
	for i := range 100 {
		if i%10 == 5 {
			f.h.SequenceNumber++
			f.h.Timestamp += frameBytes
		} else {
			f.sound(0x2A)
		}
		l.turn()
	}
	if st := s.Stats(); st.Lost != 10 || st.Received != 90 || st.Late != 0 || st.Duplicates != 0 {
		t.Errorf("%+v", st)
	}
}

func TestNewSourceGoesOn(t *testing.T) {
	l := newLab(t)
	s, ev := l.open(Options{})
	f := newFar(t, s)
	var heard ear
	s.Listen(heard.hear)
	s.SetRemote(f.remote())
	for i := range 100 {
		if i == 50 {
			f.h.SSRC, f.h.SequenceNumber, f.h.Timestamp = 99, 3, 77
			heard.pcm = nil
		}
		f.sound(0x2A)
		l.turn()
	}
	if st := s.Stats(); st.Received != 100 || st.Lost != 0 {
		t.Errorf("%+v", st)
	}
	var loud [1]int16
	audio.Decode(audio.ALaw, loud[:], []byte{0x2A})
	quiet := 0
	for _, v := range heard.pcm {
		if v != loud[0] {
			quiet++
		}
	}
	if quiet > 3*frameBytes {
		t.Errorf("%d samples of silence after the source changed", quiet)
	}
	if n := len(ev.of(FirstPacket)); n != 1 {
		t.Errorf("%d FirstPacket events", n)
	}
}

func TestJunk(t *testing.T) {
	l := newLab(t)
	s, ev := l.open(Options{})
	f := newFar(t, s)
	s.SetRemote(f.remote())
	l.turn()
	f.raw([]byte("x"))
	f.raw(make([]byte, 1400))
	f.raw([]byte{0x80, 200, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}) // RTCP
	f.packet(rtp.Header{Version: 2, PayloadType: 96}, []byte("video"))
	f.packet(rtp.Header{Version: 2, PayloadType: 101}, []byte{1})
	f.packet(rtp.Header{Version: 2, PayloadType: 101, SequenceNumber: 1}, []byte{16, 0x8A, 0, 200})
	l.turn()
	if st := s.Stats(); st.Invalid != 4 || st.Received != 2 {
		t.Errorf("%+v", st)
	}
	if d := ev.digits(); d != "" {
		t.Errorf("junk pressed %q", d)
	}
}

func TestFloodCostsABoundedTime(t *testing.T) {
	l := newLab(t)
	s, _ := l.open(Options{})
	f := newFar(t, s)
	s.SetRemote(f.remote())
	l.turn()
	for range 100 {
		f.sound(0x2A)
	}
	l.turn()
	if st := s.Stats(); st.Received > rounds*batchPackets || st.Received == 0 {
		t.Errorf("%d packets read in one period", st.Received)
	}
}

func TestServingAllocatesNothing(t *testing.T) {
	l := newLab(t)
	a, b, _, _ := l.pair(audio.ALaw, 101, Options{Voice: true})
	a.Play(PlayOptions{Loop: true}, tone(440, time.Second))
	b.Listen(func(audio.Frame) {})
	b.Listen(func(audio.Frame) {})
	if err := a.Record(t.TempDir() + "/a.wav"); err != nil {
		t.Fatal(err)
	}
	l.run(2 * time.Second)
	if n := testing.AllocsPerRun(20, l.turn); n != 0 {
		t.Errorf("%v allocations a period", n)
	}
}

// A session whose far end is not known costs nothing. What a stream that runs
// already has left by then is old; packets that overtook the answer are heard.
func TestUnservedUntilTheFarEndIsKnown(t *testing.T) {
	for _, c := range []struct{ came, heard int }{{1, 1}, {overtaking, overtaking}, {overtaking + 1, 0}, {60, 0}} {
		l := newLab(t)
		s, _ := l.open(Options{})
		f := newFar(t, s)
		for range c.came {
			f.sound(0x2A)
		}
		l.run(time.Second)
		if w := l.engine.Wheels()[0]; w.Sessions != 0 || l.engine.Stats().Sessions != 1 {
			t.Errorf("%d of %d sessions are served, want 0 of 1", w.Sessions, l.engine.Stats().Sessions)
		}
		s.SetRemote(f.remote())
		l.turn()
		st := s.Stats()
		if st.Received != uint64(c.heard) || st.Sent != 1 || l.engine.Wheels()[0].Sessions != 1 {
			t.Errorf("%d came, %d were taken, want %d; %d sent, %d served", c.came, st.Received, c.heard, st.Sent, l.engine.Wheels()[0].Sessions)
		}
		f.sound(0x2A)
		l.turn()
		if now := s.Stats(); now.Received != st.Received+1 {
			t.Errorf("of one more %d were taken", now.Received-st.Received)
		}
	}
}
