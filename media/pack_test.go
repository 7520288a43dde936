package media

import (
	"bytes"
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/pion/rtp"

	"dozvon/audio"
)

const ms = time.Millisecond

// ramp is sound in which every byte tells its place: A-law of 0, 1, 2 …
func ramp(d time.Duration) (*audio.Clip, []byte) {
	b := make([]byte, audio.Samples(d))
	for i := range b {
		b[i] = byte(i * 7)
	}
	pcm := make([]int16, len(b))
	audio.Decode(audio.ALaw, pcm, b)
	return audio.NewClip(pcm), b
}

// The sound arrives whole at every length of packets, under timestamps and
// numbers that leave out nothing.
func TestSendsEveryLength(t *testing.T) {
	for _, d := range append([]time.Duration{0, 25 * ms, 80 * ms}, PacketTimes[:]...) {
		t.Run(d.String(), func(t *testing.T) {
			l := newLab(t)
			s, ev := l.open(Options{})
			f := newFar(t, s)
			r := f.remote()
			r.Ptime = d
			s.SetRemote(r)
			clip, want := ramp(600 * ms)
			s.Play(PlayOptions{}, clip, clip)
			l.run(1200 * ms)
			size := audio.Samples(d)
			switch d {
			case 0, 25 * ms, 80 * ms: // lengths that we do not send
				size = frameBytes
			}
			got := f.got()
			var sound []byte
			for i, p := range got {
				if len(p.Payload) != size || p.Marker != (i == 0) || p.Timestamp != got[0].Timestamp+uint32(i*size) || p.SequenceNumber != got[0].SequenceNumber+uint16(i) {
					t.Fatalf("packet %d of %d bytes: %+v", i, len(p.Payload), p.Header)
				}
				sound = append(sound, p.Payload...)
			}
			if !bytes.Equal(sound, append(append([]byte(nil), want...), want...)) {
				t.Errorf("%d bytes came, not the sound that was played", len(sound))
			}
			if len(ev.of(PlayDone)) != 1 {
				t.Errorf("events %v", *ev)
			}
		})
	}
}

// Packets leave as soon as they are full.
func TestLengthsInTime(t *testing.T) {
	for d, want := range map[time.Duration]string{10 * ms: "222222", 20 * ms: "111111", 30 * ms: "011011", 40 * ms: "010101", 60 * ms: "001001"} {
		l := newLab(t)
		s, _ := l.open(Options{})
		f := newFar(t, s)
		r := f.remote()
		r.Ptime = d
		s.SetRemote(r)
		got := ""
		for range len(want) {
			l.turn()
			got += fmt.Sprint(len(f.got()))
		}
		if got != want {
			t.Errorf("%s: %s packets in periods of 20 ms, want %s", d, got, want)
		}
	}
}

// Keys are the same at every length, between sound that is neither lost nor
// sent twice, and the far end hears each of them once.
func TestKeysAtEveryLength(t *testing.T) {
	for _, d := range PacketTimes {
		for _, events := range []uint8{101, 0} {
			l := newLab(t)
			s, _ := l.open(Options{})
			f := newFar(t, s)
			other, heard := l.open(Options{InBand: true})
			r := f.remote()
			r.Ptime, r.EventType = d, events
			s.SetRemote(r)
			other.SetRemote(Remote{Addr: f.sock.local(), PayloadType: 8, EventType: events})
			f.to.set(other.Local())
			forward := func() (got []rtp.Packet) {
				for _, p := range f.got() {
					if p.SSRC == s.ssrc {
						f.packet(p.Header, p.Payload)
						got = append(got, p)
					}
				}
				return got
			}
			l.turn() // leaves something gathered at all lengths above 20 ms
			s.SendDigits("159D")
			var got []rtp.Packet
			for range 60 {
				l.turn()
				got = append(got, forward()...)
			}
			if d := heard.digits(); d != "159D" {
				t.Errorf("%s, events %d: %q", r.Ptime, events, d)
			}
			next := got[0].Timestamp
			for i, p := range got {
				if p.SequenceNumber != got[0].SequenceNumber+uint16(i) {
					t.Fatalf("%s: number %d after %d", d, p.SequenceNumber, got[0].SequenceNumber+uint16(i))
				}
				if p.PayloadType == 101 {
					continue
				}
				if gap := int32(p.Timestamp - next); gap < 0 || gap > 0 && !p.Marker || gap%frameBytes != 0 {
					t.Errorf("%s: sound %d samples after what came before, marker %v", d, gap, p.Marker)
				}
				next = p.Timestamp + uint32(len(p.Payload))
			}
		}
	}
}

// A hold, a stall of the wheel and a change of the length leave no sound
// behind that comes late, and no hole but their own.
func TestLengthsAndGaps(t *testing.T) {
	l := newLab(t)
	s, _ := l.open(Options{})
	f := newFar(t, s)
	r := f.remote()
	r.Ptime = 60 * ms
	s.SetRemote(r)
	l.turn() // 20 ms gathered
	r.Inactive = true
	s.SetRemote(r)
	l.run(100 * ms)
	r.Inactive = false
	s.SetRemote(r)
	l.run(80 * ms) // a packet, and 20 ms gathered
	l.slot += 5 * int64(slotCount)
	l.run(60 * ms) // a short packet, and one after the stall
	r.Ptime = 20 * ms
	l.turn() // 20 ms gathered
	s.SetRemote(r)
	l.turn()
	got := f.got()
	at, want := []uint32{6, 9, 15, 18, 19}, []int{480, 160, 480, 160, 160} // in periods, and bytes
	if len(got) != len(want) {
		t.Fatalf("%d packets, want %d", len(got), len(want))
	}
	began := got[0].Timestamp - at[0]*frameBytes
	for i, p := range got {
		marker := i == 0 || i == 2
		if len(p.Payload) != want[i] || p.Timestamp != began+at[i]*frameBytes || p.Marker != marker {
			t.Errorf("packet %d: %d bytes at %d, marker %v", i, len(p.Payload), (p.Timestamp-began)/frameBytes, p.Marker)
		}
	}
}

// speaker is a far end that says a tone in packets of any length, each when
// its last sample has been spoken.
type speaker struct {
	f    *far
	hz   float64
	size int // samples of a packet
	law  audio.Law
	said int
	seal func([]byte) []byte // encrypts, or nil
}

// upTo sends what is full after that many samples.
func (p *speaker) upTo(samples int) {
	for p.said+p.size <= samples {
		pcm := make([]int16, p.size)
		for i := range pcm {
			pcm[i] = int16(8000 * math.Sin(2*math.Pi*p.hz*float64(p.said+i)/audio.Rate))
		}
		payload := make([]byte, p.size)
		audio.Encode(p.law, payload, pcm)
		p.f.h.PayloadType = p.law.PayloadType()
		raw, err := (&rtp.Packet{Header: p.f.h, Payload: payload}).Marshal()
		if err != nil {
			p.f.t.Fatal(err)
		}
		if p.seal != nil {
			raw = p.seal(raw)
		}
		p.f.raw(raw)
		p.f.h.SequenceNumber++
		p.f.h.Timestamp += uint32(p.size)
		p.said += p.size
	}
}

// unbroken checks that pcm is a tone without a click or a hole: a sine obeys
// x[i+1] = 2 cos(w) x[i] - x[i-1], whatever its phase.
func unbroken(t *testing.T, what string, pcm []int16, hz float64) {
	t.Helper()
	if !audio.HasTone(pcm, hz) {
		t.Errorf("%s: no tone of %v Hz", what, hz)
		return
	}
	k := 2 * math.Cos(2*math.Pi*hz/audio.Rate)
	breaks, last := 0, -1
	for i := 1; i+1 < len(pcm); i++ {
		if off := float64(pcm[i+1]) - k*float64(pcm[i]) + float64(pcm[i-1]); math.Abs(off) > 1600 {
			breaks, last = breaks+1, i
		}
	}
	if breaks > 0 {
		t.Errorf("%s: %d breaks, the last after %v of %v", what, breaks, audio.Duration(last), audio.Duration(len(pcm)))
	}
}

// The far end's packets may have any length.
func TestHearsEveryLength(t *testing.T) {
	for _, samples := range []int{80, 160, 240, 264, 320, 400, 480, 640, 776, 800} {
		for _, depth := range []uint32{depthAlone, depthBridged} {
			t.Run(fmt.Sprint(audio.Duration(samples), depth), func(t *testing.T) {
				l := newLab(t)
				s, _ := l.open(Options{})
				f := newFar(t, s)
				var heard ear
				s.Listen(heard.hear)
				s.SetRemote(f.remote())
				s.post(func(time.Time) { s.jitter.setDepth(depth) })
				p := &speaker{f: f, hz: 500, size: samples, law: audio.ALaw}
				for n := range 150 {
					p.upTo(n * frameBytes)
					l.turn()
				}
				unbroken(t, "after a second", heard.pcm[audio.Rate:], 500)
				if st := s.Stats(); st.Late != 0 || st.Lost != 0 {
					t.Errorf("%+v", st)
				}
			})
		}
	}
}

// side is one leg of a bridge: our session and the far end's speech.
type side struct {
	s      *Session
	speech *speaker
	open   func(rtp.Packet) []byte
	heard  []int16
}

// newSide opens a leg whose far end wants packets of length asks, sends packets of
// that many samples, and has its own law and keys.
func newSide(l *lab, t *testing.T, hz float64, law audio.Law, asks time.Duration, sends int, keys Crypto) *side {
	s, _ := l.open(Options{})
	f := newFar(t, s)
	f.h.SSRC = uint32(hz)
	r := f.remote()
	r.Law, r.PayloadType, r.Ptime, r.Crypto = law, law.PayloadType(), asks, keys
	s.SetRemote(r)
	d := &side{s: s, speech: &speaker{f: f, hz: hz, size: sends, law: law}, open: func(p rtp.Packet) []byte { return p.Payload }}
	if keys.Suite != 0 {
		c := newCipher(t, f, keys)
		d.open = c.open
		d.speech.seal = func(b []byte) []byte {
			out, err := c.out.EncryptRTP(nil, b, nil)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
	}
	return d
}

// listen takes what came to the far end. Its packets come in order.
func (d *side) listen() {
	for _, p := range d.speech.f.got() {
		b := d.open(p)
		pcm := make([]int16, len(b))
		audio.Decode(d.speech.law, pcm, b)
		d.heard = append(d.heard, pcm...)
	}
}

// Legs of different lengths, laws and security are joined: each side hears the
// other's tone, whole.
func TestBridgesEveryKindOfLeg(t *testing.T) {
	kinds := []struct {
		law   audio.Law
		asks  time.Duration
		sends int
		suite Suite
	}{
		{audio.ALaw, 20 * ms, 160, 0},
		{audio.ULaw, 10 * ms, 80, AES128SHA80},
		{audio.ALaw, 30 * ms, 240, AES256SHA80},
		{audio.ULaw, 40 * ms, 320, 0},
		{audio.ALaw, 60 * ms, 480, AES128SHA32},
		{audio.ULaw, 60 * ms, 160, AES256SHA32},
	}
	for i, a := range kinds {
		for _, b := range kinds[i:] {
			t.Run(fmt.Sprintf("%s %s %s with %s %s %s", a.law, a.asks, Crypto{Suite: a.suite}, b.law, b.asks, Crypto{Suite: b.suite}), func(t *testing.T) {
				l := newLab(t)
				keysA, keysB := keysOf(a.suite, 1), keysOf(b.suite, 100)
				one := newSide(l, t, 400, a.law, a.asks, a.sends, keysA)
				two := newSide(l, t, 700, b.law, b.asks, b.sends, keysB)
				path := filepath.Join(t.TempDir(), "bridge.wav")
				if err := one.s.Record(path); err != nil {
					t.Fatal(err)
				}
				Bridge(one.s, two.s)
				for n := range 200 {
					one.speech.upTo(n * frameBytes)
					two.speech.upTo(n * frameBytes)
					l.turn()
					one.listen()
					two.listen()
				}
				unbroken(t, "the first side", one.heard[audio.Rate*3/2:], 700)
				unbroken(t, "the second side", two.heard[audio.Rate*3/2:], 400)
				l.close(one.s)
				rx, tx := channels(t, path)
				unbroken(t, "the recording, left", rx[audio.Rate*3/2:audio.Rate*3], 400)
				unbroken(t, "the recording, right", tx[audio.Rate*3/2:audio.Rate*3], 700)
			})
		}
	}
}
