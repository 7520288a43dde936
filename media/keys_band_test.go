package media

import (
	"testing"
	"time"

	"github.com/pion/rtp"

	"dozvon/audio"
)

// audibleKey sends a key for 100 ms and a pause of 100 ms, as sound, as
// telephone-events, or as both at once; the first events may be missing.
func (f *far) audibleKey(l *lab, key byte, sound, events bool, missing int) {
	tone := make([]byte, 5*frameBytes)
	audio.Encode(audio.ALaw, tone, audio.DigitTone(key, 100*time.Millisecond, 0.2))
	var keys keySender
	keys.add(string(key))
	for i := range 10 {
		payload := make([]byte, frameBytes)
		audio.FillSilence(audio.ALaw, payload)
		if sound && i < 5 {
			copy(payload, tone[i*frameBytes:])
		}
		if keys.active() {
			if e, _ := keys.next(f.h.Timestamp); e.event && events && i >= missing {
				h := f.h
				h.PayloadType, h.Timestamp, h.Marker = 101, e.ts, e.marker
				f.packet(h, e.payload[:])
				f.h.SequenceNumber++
			}
		}
		f.packet(f.h, payload)
		f.h.SequenceNumber++
		f.h.Timestamp += frameBytes
		l.turn()
	}
}

// TestNeverTwoAtOnce: whatever a far end agreed to and however it sends its
// keys, each is heard exactly once.
func TestNeverTwoAtOnce(t *testing.T) {
	const keys = "1555#0*9"
	for _, c := range []struct {
		name          string
		agreed        bool
		sound, events bool
		missing       int
	}{
		{"tones, events not agreed", false, true, false, 0},
		{"both, events not agreed", false, true, true, 0},
		{"events", true, false, true, 0},
		{"tones, though events are agreed", true, true, false, 0},
		{"both", true, true, true, 0},
		{"both, the first events lost", true, true, true, 3},
		{"both, only the last event comes", true, true, true, 6},
	} {
		l := newLab(t)
		s, ev := l.open(Options{InBand: true})
		f := newFar(t, s)
		r := f.remote()
		if !c.agreed {
			r.EventType = 0
		}
		s.SetRemote(r)
		for range 20 {
			f.sound(0xD5)
			l.turn()
		}
		for _, key := range []byte(keys) {
			f.audibleKey(l, key, c.sound, c.events, c.missing)
		}
		for range 30 {
			f.sound(0xD5)
			l.turn()
		}
		if d := ev.digits(); d != keys {
			t.Errorf("%s: heard %q, want %q", c.name, d, keys)
		}
	}
}

// TestEventsEndTheListening: once events come, tones are nobody's keys.
func TestEventsEndTheListening(t *testing.T) {
	l := newLab(t)
	s, ev := l.open(Options{InBand: true})
	f := newFar(t, s)
	s.SetRemote(f.remote())
	f.audibleKey(l, '4', true, false, 0) // first from the sound …
	f.audibleKey(l, '6', false, true, 0) // … and then by an event
	for _, key := range []byte("123") {
		f.audibleKey(l, key, true, false, 0)
	}
	r := f.remote()
	r.Inactive = true
	s.SetRemote(r) // a re-INVITE does not begin anew
	s.SetRemote(f.remote())
	f.audibleKey(l, '7', true, false, 0)
	f.audibleKey(l, '8', false, true, 0)
	if d := ev.digits(); d != "468" {
		t.Errorf("heard %q, want 468", d)
	}
}

// TestLateEventIsTheSameKey: an event that comes after the key was taken from
// the sound adds none.
func TestLateEventIsTheSameKey(t *testing.T) {
	l := newLab(t)
	s, ev := l.open(Options{InBand: true})
	f := newFar(t, s)
	s.SetRemote(f.remote())
	f.audibleKey(l, '5', true, false, 0)
	for range 10 {
		f.sound(0xD5)
		l.turn()
	}
	f.packet(rtp.Header{Version: 2, PayloadType: 101, SSRC: f.h.SSRC, SequenceNumber: f.h.SequenceNumber, Timestamp: f.h.Timestamp - 3000}, []byte{5, 0x8A, 3, 0x20})
	f.h.SequenceNumber++
	l.turn()
	f.audibleKey(l, '5', true, true, 0)
	if d := ev.digits(); d != "55" {
		t.Errorf("heard %q, want 55", d)
	}
}

// TestMayHoldKey: every key passes, in both laws and however unequal its
// tones; a quiet line does not.
func TestMayHoldKey(t *testing.T) {
	low, high := []float64{697, 770, 852, 941}, []float64{1209, 1336, 1477, 1633}
	var frame [frameBytes]byte
	for _, l := range low {
		for _, h := range high {
			for _, twist := range []float64{0.35, 1, 2.5} {
				pcm := audio.Tone([]float64{l}, 200*time.Millisecond, 0.1)
				audio.Mix(pcm, audio.Tone([]float64{h}, 200*time.Millisecond, 0.1*twist))
				for _, law := range []audio.Law{audio.ALaw, audio.ULaw} {
					for at := 0; at+frameBytes <= len(pcm); at += 37 {
						audio.Encode(law, frame[:], pcm[at:])
						if !mayHoldKey(&frame) {
							t.Fatalf("%g and %g Hz, %v, twist %g: passed over", l, h, law, twist)
						}
					}
				}
			}
		}
	}
	audio.FillSilence(audio.ALaw, frame[:])
	if mayHoldKey(&frame) {
		t.Error("silence needs a closer look")
	}
}

func BenchmarkListenForKeys(b *testing.B) {
	pcm := speech(b, 20*time.Second)
	code := make([]byte, len(pcm))
	audio.Encode(audio.ALaw, code, pcm)
	k := &bandKeys{}
	var frame [frameBytes]byte
	samples := make([]int16, frameBytes)
	at, looked, n := 0, 0, 0
	b.ReportAllocs()
	for b.Loop() {
		copy(frame[:], code[at:])
		if at += frameBytes; at+frameBytes > len(code) {
			at = 0
		}
		n++
		if k.looks(&frame) {
			looked++
			audio.Decode(audio.ALaw, samples, frame[:])
			k.found.Feed(samples, nil)
		}
	}
	b.ReportMetric(100*float64(looked)/float64(n), "%looked")
}
