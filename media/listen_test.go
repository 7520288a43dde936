package media

import (
	"testing"
	"time"

	"dozvon/audio"
)

// TestSeveralListen: each of them gets every frame until it stops, and knows
// what had come and what was filled in.
func TestSeveralListen(t *testing.T) {
	l := newLab(t)
	s, _ := l.open(Options{})
	f := newFar(t, s)
	var first, second []bool // filled
	s.Listen(func(f audio.Frame) { first = append(first, f.Filled) })
	stop := s.Listen(func(f audio.Frame) { second = append(second, f.Filled) })
	s.SetRemote(f.remote())
	for range 50 {
		f.sound(0x2A)
		l.turn()
	}
	stop()
	l.run(200 * time.Millisecond)
	if len(first) != 60 || len(second) != 50 {
		t.Fatalf("%d and %d frames, want 60 and 50", len(first), len(second))
	}
	for i, filled := range first {
		switch {
		case i < 2 || i > 55: // the buffer fills up; nothing comes any more
			if !filled {
				t.Errorf("frame %d came from nowhere", i)
			}
		case i > 3 && i < 50:
			if filled {
				t.Errorf("frame %d had come, and is held to be filled in", i)
			}
		}
	}
}

// TestListenersKnowOurEcho: what comes back of a prompt is hardly ever 6 dB
// louder than the frame's Echo, a person is, and where nothing was sent there is none;
// nobody asked for events of speech, and none come.
func TestListenersKnowOurEcho(t *testing.T) {
	l := newLab(t)
	a, b, ea, _ := l.pair(audio.ALaw, 101, Options{})
	var frames []audio.Frame
	var levels []uint32
	a.Listen(func(f audio.Frame) {
		frames = append(frames, f)
		levels = append(levels, uint32(audio.Energy(f.PCM)/float64(len(f.PCM))))
	})
	l.run(time.Second)
	prompt := atLevel(speech(t, 10*time.Second), -20)
	a.Play(PlayOptions{}, audio.NewClip(prompt))
	b.Play(PlayOptions{}, audio.NewClip(echo(prompt, 25, 120*time.Millisecond)))
	l.run(11 * time.Second)
	a.Play(PlayOptions{}, audio.NewClip(prompt))
	b.Play(PlayOptions{}, audio.NewClip(atLevel(utterances(t)[0], -22)))
	l.run(11 * time.Second)
	louder, spoken := 0, 0
	for i, f := range frames {
		switch at := time.Duration(i) * framePeriod; {
		case at < 900*time.Millisecond && f.Echo != 0:
			t.Fatalf("echo of %d at %v: nothing has been sent", f.Echo, at)
		case at > time.Second && at < 12*time.Second && levels[i] > max(4*f.Echo, voiceLeast/8):
			louder++
		case at > 12*time.Second && levels[i] > voiceLeast && levels[i] > 4*f.Echo:
			spoken++
		}
	}
	t.Logf("%d of 550 frames of echo are louder than it may be; %d frames of a person are", louder, spoken)
	if louder > 5 || spoken < 10 {
		t.Errorf("%d frames of echo would be taken for a voice, %d of a voice known", louder, spoken)
	}
	if n := len(ea.of(SpeechBegan)); n != 0 {
		t.Errorf("%d times speech was told", n)
	}
}
