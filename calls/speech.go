package calls

import (
	"context"
	"time"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/media"
	"dozvon/scenarios"
)

// collect gets this lead's prompts.
func (c *call) collect() bool {
	prompts := c.scenario.PromptsFor(c.lead)
	c.clips = make(map[scenarios.Prompt]*audio.Clip, len(prompts))
	for _, p := range prompts {
		clip, err := c.cfg.Voice.Clip(c.ctx, c.scenario, p)
		if err != nil {
			return !c.withdrawn() && c.fail(err.Error())
		}
		c.clips[p] = clip
	}
	return true
}

// play starts prompts. All of them are ready unless the scenario could not
// foresee one; such a one is rendered beside the call, in silence.
func (c *call) play(p scenarios.Play) {
	c.saying = p.ID
	if c.state == dialer.AttemptScreening {
		c.progress(dialer.AttemptTalking)
	}
	if clips := c.ready(p.Prompts); len(clips) == len(p.Prompts) {
		clear(c.plays)
		c.plays[c.media.Play(media.PlayOptions{}, clips...)] = p.ID
		c.askedAfter(p, clips)
		return
	}
	clear(c.plays)
	c.media.StopPlay()
	c.render(p)
}

// askedAfter tells the scenario when its question begins within the play.
func (c *call) askedAfter(p scenarios.Play, clips []*audio.Clip) {
	if p.Lead == 0 {
		return
	}
	var before time.Duration
	for _, clip := range clips[:p.Lead] {
		before += clip.Duration()
	}
	c.timers = append(c.timers, time.AfterFunc(before, func() { c.box.Put(askedNow{p.ID}) }))
}

// asked passes on that a question has begun, if it is still being played.
func (c *call) asked(m askedNow) {
	if m.play == c.saying && !c.quitting {
		c.decide(scenarios.Asked{ID: m.play})
	}
}

// silence stops what plays, and what was to play once rendered.
func (c *call) silence() {
	c.saying = 0
	clear(c.plays)
	c.media.StopPlay()
}

// ready returns those of the prompts that need no work.
func (c *call) ready(prompts []scenarios.Prompt) []*audio.Clip {
	clips := make([]*audio.Clip, 0, len(prompts))
	for _, p := range prompts {
		if clip, ok := c.clip(p); ok {
			clips = append(clips, clip)
		}
	}
	return clips
}

// clip returns a prompt that is ready: this lead's, or one that all share.
func (c *call) clip(p scenarios.Prompt) (*audio.Clip, bool) {
	if clip, ok := c.clips[p]; ok {
		return clip, true
	}
	return c.cfg.Voice.Ready(c.scenario, p)
}

// renderWithin is how long the far end may have to wait for one prompt.
const renderWithin = 10 * time.Second

// render makes prompts ready beside the call; clipsReady follows.
func (c *call) render(p scenarios.Play) {
	c.k.calls.Go(func() {
		done := clipsReady{Play: p}
		for _, prompt := range p.Prompts {
			ctx, cancel := context.WithTimeout(c.ctx, renderWithin)
			clip, err := c.cfg.Voice.Clip(ctx, c.scenario, prompt)
			cancel()
			if err != nil {
				done.err = err
				break
			}
			done.clips = append(done.clips, clip)
		}
		c.box.Put(done)
	})
}

// clipsReady plays what was rendered, if it is still wanted.
func (c *call) clipsReady(m clipsReady) {
	for i, clip := range m.clips {
		c.clips[m.Prompts[i]] = clip
	}
	if m.err != nil && !c.quitting {
		c.cfg.Log.Error("a prompt could not be said", "attempt", c.attempt.ID, "error", m.err)
		c.result.Detail = m.err.Error()
	}
	switch {
	case m.ID == 0 || m.ID != c.saying || c.quitting:
	case m.err != nil:
		c.decide(scenarios.PlayDone{ID: m.ID})
	default:
		c.play(m.Play)
	}
}
