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
		return
	}
	clear(c.plays)
	c.media.StopPlay()
	c.render(p.ID, p.Prompts)
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
func (c *call) render(play int, prompts []scenarios.Prompt) {
	c.k.calls.Go(func() {
		done := clipsReady{play: play, prompts: prompts}
		for _, prompt := range prompts {
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
		c.clips[m.prompts[i]] = clip
	}
	if m.err != nil && !c.quitting {
		c.cfg.Log.Error("a prompt could not be said", "attempt", c.attempt.ID, "error", m.err)
		c.result.Detail = m.err.Error()
	}
	switch {
	case m.play == 0 || m.play != c.saying || c.quitting:
	case m.err != nil:
		c.decide(scenarios.PlayDone{ID: m.play})
	default:
		c.play(scenarios.Play{ID: m.play, Prompts: m.prompts})
	}
}
