package calls

import (
	"context"
	"time"

	"dozvon/audio"
	"dozvon/scenarios"
)

// Recognizer hears words: an engine in this process, or a server.
type Recognizer interface {
	// Open starts to hear one person. It must return soon; an error leaves the
	// call with its keys.
	Open(ctx context.Context, o HearOptions) (Hearing, error)
}

// HearOptions say what is listened for.
type HearOptions struct {
	Language string              // "ru", "en"
	Rate     int                 // samples a second of the frames
	Phrases  map[string][]string // label → phrases that mean it
}

// Hearing is a recogniser listening to one person.
type Hearing interface {
	// Write takes a frame of what the person says. It must not block and must
	// keep nothing of the frame. After Close it does nothing.
	Write(frame []int16)
	// Results delivers what was heard; it is closed after Close.
	Results() <-chan Heard
	Close()
}

// Heard is an answer in words.
type Heard struct {
	Label      string        // one of HearOptions.Phrases
	Confidence float64       // 0..1; the scenario knows how sure an answer must be
	Latency    time.Duration // from the end of the word to the result
	Engine     string        // for people
}

// heardWord brings a result to the call's goroutine.
type heardWord struct {
	by   Hearing
	what Heard
}

// listen starts to hear the words that the scenario asks for. Keys always
// come, with or without a recogniser.
func (c *call) listen(l scenarios.Listen) {
	c.deafen()
	if c.cfg.Recognizer == nil || len(l.Words) == 0 {
		return
	}
	h, err := c.cfg.Recognizer.Open(c.ctx, HearOptions{Language: c.scenario.Language, Rate: audio.Rate, Phrases: l.Words})
	if err != nil {
		c.cfg.Log.Warn("no words are heard in this call, keys are", "attempt", c.attempt.ID, "error", err)
		return
	}
	c.hearing = h
	c.media.Listen(h.Write)
	c.k.calls.Go(func() {
		for what := range h.Results() {
			c.box.Put(heardWord{h, what})
		}
	})
}

// deafen ends what listen began.
func (c *call) deafen() {
	if c.hearing == nil {
		return
	}
	c.media.Listen(nil)
	c.hearing.Close()
	c.hearing = nil
}

// word hands the scenario a word; one that was heard for an earlier question
// comes too late.
func (c *call) word(m heardWord) {
	if m.by != c.hearing || c.quitting {
		return
	}
	c.result.Words = append(c.result.Words, m.what.Label)
	c.decide(scenarios.Word{Label: m.what.Label, Confidence: m.what.Confidence})
}
