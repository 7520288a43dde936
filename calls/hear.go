package calls

import (
	"dozvon/dialer"
	"dozvon/hearing"
	"dozvon/scenarios"
)

// heardWord brings a result to the call.
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
	c.question, c.told = l.Question, false
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
	if !c.told {
		c.keep(dialer.Said{Question: c.question, Nothing: true})
	}
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
	if m.what.Label != "" && len(c.result.Words) < maxSaid {
		c.result.Words = append(c.result.Words, m.what.Label)
	}
	said := c.keep(saidOf(c.question, m.what))
	c.told, c.taken = true, false
	c.decide(scenarios.Word{Label: m.what.Label, Text: m.what.Text, Confidence: m.what.Confidence})
	if c.taken && said >= 0 {
		c.result.Said[said].Taken = true
	}
}

// maxSaid bounds what is kept of a call's words; maxSaidText, in runes, what is
// kept of each: a recogniser may be a server gone wrong.
const (
	maxSaid     = 64
	maxSaidText = 200
)

// keep notes with the attempt what was heard of a question, and returns where;
// -1: there is no more room.
func (c *call) keep(s dialer.Said) int {
	if len(c.result.Said) >= maxSaid {
		return -1
	}
	s.After = c.cfg.Now().Sub(c.answeredAt)
	c.result.Said = append(c.result.Said, s)
	return len(c.result.Said) - 1
}

func saidOf(question string, h hearing.Heard) dialer.Said {
	sure := 0.0
	if h.Confidence > 0 { // not a number is no confidence
		sure = min(h.Confidence, 1)
	}
	if runes := []rune(h.Text); len(runes) > maxSaidText {
		h.Text = string(runes[:maxSaidText])
	}
	return dialer.Said{Question: question, Label: h.Label, Text: h.Text, Confidence: sure, Latency: h.Latency, Engine: h.Engine}
}
