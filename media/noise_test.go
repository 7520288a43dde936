package media

import (
	"math"
	"testing"
	"time"

	"github.com/pion/rtp"

	"dozvon/audio"
)

// quiet sends a packet of comfort noise and moves on by 20 ms.
func (f *far) quiet(level byte) {
	h := f.h
	h.PayloadType = comfortNoise
	f.packet(h, []byte{level, 30, 120})
	f.h.SequenceNumber++
	f.h.Timestamp += frameBytes
}

// TestComfortNoise: a far end that announces a pause is heard as quiet noise
// of the level it said, is alive as long as it says so, and is heard again at
// once.
func TestComfortNoise(t *testing.T) {
	for _, level := range []byte{40, 55, 65, 5} {
		l := newLab(t)
		s, ev := l.open(Options{DeadAfter: 2 * time.Second})
		f := newFar(t, s)
		var heard ear
		s.Listen(heard.hear)
		s.SetRemote(f.remote())
		for range 50 {
			f.sound(0x2A)
			l.turn()
		}
		for range 20 { // a pause of 8 s: noise announced every 400 ms
			f.quiet(level)
			f.h.Timestamp += 19 * frameBytes
			l.run(400 * time.Millisecond)
		}
		pause := heard.pcm[60*frameBytes:]
		want := -float64(max(level, loudestNoise))
		if got := audio.Level(pause); math.Abs(got-want) > 1.5 {
			t.Errorf("level %.1f dB, want %.1f", got, want)
		}
		if n := len(ev.of(Dead)); n != 0 {
			t.Error("dead while it announced a pause")
		}
		heard.pcm = nil
		f.h.Marker = true
		for range 10 {
			f.sound(0x2A)
			f.h.Marker = false
			l.turn()
		}
		if got := audio.Level(heard.pcm[depthAlone+frameBytes:]); got < -15 {
			t.Errorf("speech after the pause has a level of %.1f dB", got)
		}
		if st := s.Stats(); st.Lost != 0 || st.Late != 0 || st.Invalid != 0 {
			t.Errorf("%+v", st)
		}
		l.run(3 * time.Second)
		if n := len(ev.of(Dead)); n != 1 {
			t.Errorf("%d Dead events after it fell silent, want 1", n)
		}
	}
}

// TestSilentPauses: a far end that sends nothing in its pauses is heard again
// whole and without growing delay, and is not dead before its time.
func TestSilentPauses(t *testing.T) {
	l := newLab(t)
	s, ev := l.open(Options{DeadAfter: 5 * time.Second})
	f := newFar(t, s)
	var heard ear
	s.Listen(heard.hear)
	s.SetRemote(f.remote())
	var loud [1]int16
	audio.Decode(audio.ALaw, loud[:], []byte{0x2A})
	for spurt := range 20 {
		heard.pcm = nil
		f.h.Marker = true
		for range 50 {
			f.sound(0x2A)
			f.h.Marker = false
			l.turn()
		}
		pause := time.Duration(spurt) * 200 * time.Millisecond
		l.run(pause)
		f.h.Timestamp += uint32(audio.Samples(pause))
		l.run(100 * time.Millisecond) // the network is a little late now and then
		f.h.Timestamp += uint32(audio.Samples(100 * time.Millisecond))
		n, first := 0, -1
		for i, v := range heard.pcm {
			if v == loud[0] {
				if n++; first < 0 {
					first = i
				}
			}
		}
		if n < 49*frameBytes || n > 52*frameBytes {
			t.Errorf("spurt %d: %d samples heard of %d", spurt, n, 50*frameBytes)
		}
		if first < 0 || first > depthAlone+frameBytes {
			t.Errorf("spurt %d: heard after %v", spurt, audio.Duration(first))
		}
	}
	if n := len(ev.of(Dead)); n != 0 {
		t.Error("dead in a pause")
	}
	if st := s.Stats(); st.Received != 1000 || st.Lost != 0 || st.Late != 0 {
		t.Errorf("%+v", st)
	}
}

// TestNoiseIsCheap: neither noise nor concealment allocates.
func TestNoiseIsCheap(t *testing.T) {
	l := newLab(t)
	s, _ := l.open(Options{})
	f := newFar(t, s)
	s.Listen(func(audio.Frame) {})
	s.SetRemote(f.remote())
	for range 20 {
		f.sound(0x2A)
		l.turn()
	}
	if n := testing.AllocsPerRun(100, l.turn); n != 0 {
		t.Errorf("%v allocations a period of concealment and silence", n)
	}
	f.packet(rtp.Header{Version: 2, PayloadType: 13, SSRC: f.h.SSRC, SequenceNumber: f.h.SequenceNumber, Timestamp: f.h.Timestamp}, nil)
	l.turn()
	if n := testing.AllocsPerRun(100, l.turn); n != 0 {
		t.Errorf("%v allocations a period of noise", n)
	}
}
