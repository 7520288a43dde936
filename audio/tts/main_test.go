package tts

import (
	"context"
	"math"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dozvon/audio"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// beep is a WAV file of a tone between two silences.
func beep(d time.Duration) []byte {
	pcm := make([]int16, audio.Samples(300*time.Millisecond))
	for i := range audio.Samples(d) {
		pcm = append(pcm, int16(6000*math.Sin(2*math.Pi*440*float64(i)/audio.Rate)))
	}
	pcm = append(pcm, make([]int16, audio.Samples(500*time.Millisecond))...)
	return ALawWAV(audio.NewClip(pcm))
}

// voice is an engine of the tests: it counts what it speaks.
type voice struct {
	name  string
	calls chan string // every text, as it is asked for
	gate  chan struct{}
	err   error
}

func newVoice(name string) *voice { return &voice{name: name, calls: make(chan string, 100)} }

func (v *voice) Name() string  { return "test" }
func (v *voice) Voice() string { return v.name }

func (v *voice) Speak(ctx context.Context, lang, text string) ([]byte, error) {
	v.calls <- lang + " " + text
	if v.gate != nil {
		select {
		case <-v.gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if v.err != nil {
		return nil, v.err
	}
	return beep(time.Second), nil
}
