package spoken

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"dozvon/audio"
	"dozvon/audio/tts"
	"dozvon/dialer"
	"dozvon/scenarios"
)

// opening is what the robot says first in a call: how much voice there is in it
// before its last sentence, and in that. It is what a listener counts who wants
// to break in.
type opening struct{ before, last time.Duration }

// hearOpening plays the beginning of a call of a lead to nobody.
func hearOpening(ctx context.Context, scenario string, columns map[string]string) (o opening, err error) {
	sc, err := scenarios.LoadShipped(scenario)
	if err != nil {
		return o, err
	}
	own, err := fs.Sub(scenarios.Shipped(), scenario+"/prompts")
	if err != nil {
		return o, err
	}
	speaker := tts.NewSpeaker(tts.Config{Recorded: sc.Files(), Cache: &tts.Cache{Layers: []fs.FS{own}}})
	defer speaker.Close()
	session := sc.NewSession(dialer.Lead{ID: 1, Phone: "+79990000001", Columns: columns})
	for _, a := range session.Handle(time.Now(), scenarios.Answered{}) {
		play, ok := a.(scenarios.Play)
		if !ok {
			continue
		}
		for _, p := range play.Prompts {
			clip, err := speaker.Clip(ctx, tts.Prompt(p))
			if err != nil {
				return o, fmt.Errorf("%s: %w", scenario, err)
			}
			o.before, o.last = o.before+o.last, voiced(clip.PCM())
		}
	}
	return o, nil
}

// voiced is how much of a prompt a simulated subscriber takes for voice.
func voiced(pcm []int16) (d time.Duration) {
	const loud = 300
	for ; len(pcm) >= audio.FrameSamples; pcm = pcm[audio.FrameSamples:] {
		if audio.Energy(pcm[:audio.FrameSamples]) >= loud*loud*audio.FrameSamples {
			d += audio.FrameTime
		}
	}
	return d
}
