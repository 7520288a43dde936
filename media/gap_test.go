package media

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"dozvon/audio"
)

// loud is a clip of n samples none of which is silence.
func loud(n int) *audio.Clip {
	pcm := make([]int16, n)
	for i := range pcm {
		pcm[i] = int16(1000 + 100*(i%160))
	}
	return audio.NewClip(pcm)
}

// TestNoGapBetweenPlays: a Play that answers the PlayDone of the one before
// follows on its last sample, whatever the lengths.
func TestNoGapBetweenPlays(t *testing.T) {
	for _, law := range []audio.Law{audio.ALaw, audio.ULaw} {
		lengths := []int{800, 801, 959, 960, 1000, 161, 160, 320, 163, 480, 333}
		l := newLab(t)
		var s *Session
		next := 1
		var ids []PlayID
		s, err := l.engine.Open(Options{Sink: func(e Event) {
			if e.Kind == PlayDone {
				ids = append(ids, e.Play)
				if next < len(lengths) {
					s.Play(PlayOptions{}, loud(lengths[next]))
					next++
				}
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		l.sessions = append(l.sessions, s)
		f := newFar(t, s)
		r := f.remote()
		r.Law, r.PayloadType = law, law.PayloadType()
		s.SetRemote(r)
		var want []byte
		for _, n := range lengths {
			want = append(want, loud(n).Encoded(law)...)
		}
		s.Play(PlayOptions{}, loud(lengths[0]))
		l.run(2 * time.Second)
		var got []byte
		for _, p := range f.got() {
			got = append(got, p.Payload...)
		}
		if !bytes.HasPrefix(got, want) {
			i := 0
			for i < len(want) && got[i] == want[i] {
				i++
			}
			t.Errorf("%v: a gap after %d of %d samples", law, i, len(want))
		}
		if rest := got[len(want):]; bytes.Count(rest, []byte{law.Silence()}) != len(rest) {
			t.Errorf("%v: something follows the end", law)
		}
		if len(ids) != len(lengths) || !slices.IsSorted(ids) || slices.Compact(ids)[0] != 1 {
			t.Errorf("%v: ended: %v", law, ids)
		}
	}
}

// TestPlayAfterAnAnnouncedEnd: the rest that waits for the next Play is cut
// with it, is left out after a bridge, and is no part of a loop.
func TestPlayAfterAnAnnouncedEnd(t *testing.T) {
	play := func(o PlayOptions, then func(l *lab, s *Session)) (string, *events) {
		l := newLab(t)
		s, ev := l.open(Options{})
		f := newFar(t, s)
		s.SetRemote(f.remote())
		s.Play(o, loud(400)) // two periods, and 80 samples
		l.run(40 * time.Millisecond)
		if n := len(ev.of(PlayDone)); n != 1 {
			t.Fatalf("%d PlayDone before the rest", n)
		}
		then(l, s)
		l.run(200 * time.Millisecond)
		heard := ""
		for _, p := range f.got()[2:] {
			n := len(p.Payload) - bytes.Count(p.Payload, []byte{audio.ALaw.Silence()})
			heard += string(rune('0' + n/16)) // tenths of a period
		}
		return heard, ev
	}
	if got, ev := play(PlayOptions{}, func(*lab, *Session) {}); got != "5000000000" || len(ev.of(PlayDone)) != 1 {
		t.Errorf("left alone: %s, %v", got, *ev)
	}
	if got, ev := play(PlayOptions{}, func(_ *lab, s *Session) { s.StopPlay() }); got != "0000000000" || len(ev.of(PlayDone)) != 1 {
		t.Errorf("stopped: %s, %v", got, *ev)
	}
	if got, ev := play(PlayOptions{}, func(_ *lab, s *Session) { s.Play(PlayOptions{Loop: true}, loud(160)) }); got != "::::::::::" || len(ev.of(PlayDone)) != 1 {
		t.Errorf("a loop follows: %s, %v", got, *ev)
	}
	if got, ev := play(PlayOptions{}, func(l *lab, s *Session) {
		other, _ := l.open(Options{})
		j := Bridge(s, other)
		l.run(100 * time.Millisecond)
		j.Close()
	}); bytes.ContainsAny([]byte(got), "12345") || len(ev.of(PlayDone)) != 1 {
		t.Errorf("after a bridge: %s, %v", got, *ev)
	}
}

// TestGapsInRealTime plays clips one after the other as a call does, from
// another goroutine that is told of each end, and prints the silence between
// them.
func TestGapsInRealTime(t *testing.T) {
	t.Parallel()
	e, err := New(Config{IP: loopback})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	done := make(chan PlayID, 1)
	from, err := e.Open(Options{Sink: func(ev Event) {
		if ev.Kind == PlayDone {
			done <- ev.Play
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	to, err := e.Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan byte, 1<<16)
	to.Listen(func(f audio.Frame) {
		for _, v := range f.PCM {
			select {
			case heard <- byte(min(max(v, 0), 1)):
			default:
			}
		}
	})
	r := Remote{Law: audio.ALaw, PayloadType: 8}
	r.Addr = to.Local()
	from.SetRemote(r)
	r.Addr = from.Local()
	to.SetRemote(r)
	const plays = 20
	for i := range plays {
		from.Play(PlayOptions{}, loud(500+37*i))
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			t.Fatal("a Play does not end")
		}
	}
	samples, gap, begun := 0, 0, false
	var gaps []time.Duration
	for want := 0; samples < plays*500+37*plays*(plays-1)/2; want++ {
		select {
		case v := <-heard:
			switch {
			case v == 0 && begun:
				gap++
			case v == 1:
				if gap > 0 {
					gaps = append(gaps, audio.Duration(gap))
				}
				begun, gap = true, 0
				samples++
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("only %d samples were heard", samples)
		}
	}
	slices.Sort(gaps)
	t.Logf("%d joints, %d with a gap: %v", plays-1, len(gaps), gaps)
	if len(gaps) > plays/4 {
		t.Errorf("%d of %d joints have a gap: %v", len(gaps), plays-1, gaps)
	}
}
