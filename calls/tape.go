package calls

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"dozvon/audio"
	"dozvon/hearing/endpoint"
	"dozvon/scenarios"
)

// tape records what the person says in answer to one question. The wheel
// writes it until it is full or taken out; then the call reads it.
type tape struct {
	want scenarios.Record
	stop func() // ends listening
	full func() // told once, from the wheel

	mu    sync.Mutex // the last frame may come while the call takes the tape out
	over  bool
	sound []byte // A-law
	ear   endpoint.Endpointer
	spoke int // bytes up to the last speech; 0: nobody has spoken
	still time.Duration
}

// tapeFull says that a recording is over by itself.
type tapeFull struct{ tape *tape }

// tapeAnswer starts to record. Recorded follows in any case.
func (c *call) tapeAnswer(want scenarios.Record) {
	c.tapeOver()
	t := &tape{want: want, sound: make([]byte, 0, audio.Samples(want.Max))}
	t.full = func() { c.box.Put(tapeFull{t}) }
	c.tape = t
	t.stop = c.media.Listen(t.hear)
}

// hear takes a frame; it runs on the wheel.
func (t *tape) hear(f audio.Frame) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return
	}
	n := len(t.sound)
	if n+len(f.PCM) <= cap(t.sound) {
		t.sound = t.sound[:n+len(f.PCM)]
		audio.Encode(audio.ALaw, t.sound[n:], f.PCM)
	}
	t.still += audio.FrameTime
	t.ear.Hear(f)
	if t.ear.Speaking() && t.ear.Quiet() == 0 {
		t.still, t.spoke = 0, len(t.sound)
	}
	patience := t.want.Wait
	if t.spoke > 0 {
		patience = t.want.Silence
	}
	if t.still >= patience || n+2*len(f.PCM) > cap(t.sound) {
		t.over = true
		t.full()
	}
}

// take ends the recording and returns its sound up to the last word and a
// little more; nil if nobody spoke.
func (t *tape) take() []byte {
	t.stop()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	if t.spoke == 0 {
		return nil
	}
	return t.sound[:min(len(t.sound), t.spoke+audio.Samples(300*time.Millisecond))]
}

// tapeOver takes out the tape that is in, if any, keeps what was said, and
// tells the scenario.
func (c *call) tapeOver() {
	t := c.tape
	if t == nil {
		return
	}
	c.tape = nil
	file := ""
	if sound := t.take(); sound != nil {
		var err error
		if file, err = c.keepAnswer(t.want.Name, sound); err != nil {
			c.cfg.Log.Error("what a person said could not be kept", "attempt", c.attempt.ID, "answer", t.want.Name, "error", err)
		}
	}
	c.decide(scenarios.Recorded{ID: t.want.ID, File: file})
}

// keepAnswer writes a recorded answer and returns its name within the folder
// of recordings.
func (c *call) keepAnswer(name string, sound []byte) (string, error) {
	if c.cfg.Recordings == "" {
		return "", fmt.Errorf("there is no folder for recordings; give one with --out or --data")
	}
	pcm := make([]int16, len(sound))
	audio.Decode(audio.ALaw, pcm, sound)
	var wav bytes.Buffer
	if err := audio.WriteWAV(&wav, 1, pcm); err != nil {
		return "", err
	}
	file := filepath.Join("answers", fmt.Sprintf("%d-%s.wav", c.attempt.ID, name))
	path := filepath.Join(c.cfg.Recordings, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	return file, os.WriteFile(path, wav.Bytes(), 0o600)
}
