package calls

import (
	"dozvon/hearing"
	"dozvon/scenarios"
)

// heardWord brings a result to the call's goroutine.
type heardWord struct {
	by   hearing.Stream
	what hearing.Heard
}

// listen starts to hear the words that the scenario asks for. Keys always
// come, with or without a recogniser.
func (c *call) listen(l scenarios.Listen) {
	c.deafen()
	if c.cfg.Recognizer == nil || len(l.Words) == 0 {
		return
	}
	h, err := c.cfg.Recognizer.Open(c.ctx, hearing.Options{Language: c.scenario.Language, Phrases: l.Words, Sure: l.Sure})
	if err != nil {
		c.cfg.Log.Warn("no words are heard in this call, keys are", "attempt", c.attempt.ID, "error", err)
		return
	}
	c.words, c.unhear = h, c.media.Listen(h.Write)
	c.k.calls.Go(func() {
		for what := range h.Results() {
			c.box.Put(heardWord{h, what})
		}
	})
}

// deafen ends what listen began.
func (c *call) deafen() {
	if c.words == nil {
		return
	}
	c.unhear()
	c.words.Close()
	c.words, c.unhear = nil, nil
}

// word hands the scenario a word; one that was heard for an earlier question
// comes too late.
func (c *call) word(m heardWord) {
	if m.by != c.words || c.quitting {
		return
	}
	if w := c.watcher; w != nil && m.what.Text != "" {
		w.words.Store(&m.what.Text)
	}
	c.result.Words = append(c.result.Words, m.what.Label)
	c.decide(scenarios.Word{Label: m.what.Label, Text: m.what.Text, Confidence: m.what.Confidence})
}
