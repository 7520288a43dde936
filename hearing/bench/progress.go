package bench

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
	"dozvon/hearing/corpus"
	"dozvon/hearing/progress"
)

// listen lets dozvon's listener hear a whole call, answered from its first
// sample, and returns all that it said.
func listen(s corpus.Rendered) []hearing.Verdict {
	return listenBy(progress.Options{}, s)
}

// listenBy is listen with other options.
func listenBy(o progress.Options, s corpus.Rendered) []hearing.Verdict {
	l := progress.New(o)
	l.Answer()
	var out []hearing.Verdict
	for f := range s.Frames() {
		out = append(out, l.Hear(f)...)
	}
	return out
}

// firstOf is the first verdict on who is there: what a scenario acts on.
// Silence and doubt are none.
func firstOf(all []hearing.Verdict) Decision {
	for _, v := range all {
		if v.Kind != hearing.Silence && v.Kind != hearing.Unsure {
			return Decision{Kind: v.Kind, Label: v.Label, Cause: v.Cause, At: v.At}
		}
	}
	return Decision{}
}

func tonesBar() Bar {
	return Bar{
		Name:  "tones",
		Title: "Tones of the network, special information tones, fax",
		Data:  "the test half of corpus.Calls: cadences of several countries, frequencies off by 1 %, times by 2 %, quiet or pink noise at 35 or 25 dB, A-law, loss of 1 or 3 % in two fifths. Judged are the cadences that hearing's demands name",
		Needs: corpus.CallPackages(),
		Takes: 15 * time.Second,
		Run: func(ctx context.Context, r *Report) error {
			answers, err := HearAnswers(ctx, r, isTone, func(_ corpus.Call, s corpus.Rendered) Decision { return firstOf(listen(s)) })
			if err != nil {
				return err
			}
			right, all, others, rest := 0, 0, 0, 0
			matrix := Confusion{Title: "Tones, by the first verdict"}
			for _, a := range answers {
				truth, heard := toneNames(a)
				matrix.Add(truth, heard)
				if !a.Bar {
					rest++
					others += one(truth == heard)
					continue
				}
				all++
				right += one(truth == heard)
				if truth != heard {
					r.Note("%s (%s): %s, %s", a.Name, a.Text, heard, a.Cause)
				}
			}
			r.Judge("tones", share(right, all), right == all && all > 0)
			r.Show("cadences of further countries", "%s", share(others, rest))
			r.Confuse(&matrix)
			return nil
		},
	}
}

func isTone(c corpus.Call) bool {
	return c.Class == corpus.Tones || c.Class == corpus.SIT || c.Class == corpus.Fax
}

// toneNames gives what a tone is and what it was taken for.
func toneNames(a Answer) (truth, heard string) {
	truth = a.Call.Label
	switch {
	case a.Class == corpus.Fax:
		truth = string(hearing.Fax)
	case a.Class == corpus.SIT:
		truth = progress.SIT
	}
	heard = string(a.Kind)
	if a.Kind == hearing.Tone {
		heard = a.Decision.Label
		if strings.HasPrefix(heard, progress.SIT) {
			heard = progress.SIT
		}
	}
	if heard == "" {
		heard = "nothing"
	}
	return truth, heard
}

// beepLate is by when after its end a beep must have been heard: what is left
// of the half second in which the message must begin is the scenario's.
const beepLate = 200 * time.Millisecond

func beepsBar() Bar {
	return Bar{
		Name:  "beeps",
		Title: "The beep of a machine",
		Data:  "found: the voicemails of the test half of corpus.Calls, beeps of 380 to 2150 Hz and 0.2 to 1 s, and those of Asterisk; false: festvox-ru and all spoken prompts of Asterisk in Russian and English, A-law, quiet and with pink noise at 20 dB",
		Needs: append(corpus.CallPackages(), corpus.FestvoxRU),
		Takes: 40 * time.Second,
		Run: func(ctx context.Context, r *Report) error {
			if err := foundBeeps(ctx, r); err != nil {
				return err
			}
			return falseBeeps(ctx, r)
		},
	}
}

func foundBeeps(ctx context.Context, r *Report) error {
	late := Times{Title: "Beeps: from the end to the verdict"}
	found := make(chan time.Duration, 4096)
	answers, err := HearAnswers(ctx, r, func(c corpus.Call) bool { return c.Class == corpus.Voicemail }, func(_ corpus.Call, s corpus.Rendered) Decision {
		for _, v := range listen(s) {
			if d := v.At - s.BeepTo; v.Beep && s.BeepTo > 0 && d > -40*time.Millisecond && d <= beepLate {
				found <- d
				return Decision{Kind: hearing.Machine}
			}
		}
		return Decision{}
	})
	if err != nil {
		return err
	}
	close(found)
	for d := range found {
		late.Add(d)
	}
	n, all := 0, 0
	for _, a := range answers {
		if a.BeepTo == 0 {
			continue
		}
		all++
		n += one(a.Kind == hearing.Machine)
		if a.Kind != hearing.Machine {
			r.Note("%s: the beep at %.2f s, %.0f dB, was not heard in time", a.Name, a.BeepAt.Seconds(), a.SNR)
		}
	}
	r.Judge("beep-found", share(n, all), least(n, all, 98))
	r.Time(&late)
	return nil
}

func falseBeeps(ctx context.Context, r *Report) error {
	all, err := Speech()
	if err != nil {
		return err
	}
	type heard struct {
		d     time.Duration
		beeps []string
	}
	got, err := Each(ctx, r, 2*len(all), func(i int) (heard, error) {
		rec := all[i/2]
		pcm, err := rec.PCM()
		if err != nil {
			return heard{}, err
		}
		line := corpus.Channel{Noise: corpus.Quiet, Lead: 300 * time.Millisecond, Tail: time.Second}
		if i%2 == 1 {
			line.Noise, line.SNR = corpus.PinkNoise, 20
		}
		s, err := line.Pass(corpus.Rand(515, rec.Name), pcm)
		if err != nil {
			return heard{}, err
		}
		h := heard{d: audio.Duration(len(pcm))}
		for _, v := range listen(corpus.Rendered{Sound: s}) {
			if v.Beep {
				h.beeps = append(h.beeps, rec.Name+": "+v.Cause)
			}
		}
		return h, nil
	})
	if err != nil {
		return err
	}
	var d time.Duration
	n := 0
	for _, h := range got {
		d += h.d
		n += len(h.beeps)
		for _, b := range h.beeps {
			r.Note("a false beep: %s", b)
		}
	}
	r.Judge("beep-false", fmt.Sprintf("%.1f an hour (%d in %.0f min)", float64(n)/d.Hours(), n, d.Minutes()), n == 0)
	return nil
}

func listenerBar() Bar {
	return Bar{
		Name:  "listener",
		Title: "What the listener costs",
		Data:  "thirty calls of the test half in which somebody talks; the quickest of five passes over each, on one processor",
		Needs: corpus.CallPackages(),
		Takes: 5 * time.Second,
		Run: func(ctx context.Context, r *Report) error {
			calls, err := corpus.Calls(corpus.Test)
			if err != nil {
				return err
			}
			var spent, sound time.Duration
			n := 0
			for _, c := range calls {
				if n == 30 || ctx.Err() != nil {
					break
				}
				if c.Class != corpus.Voicemail && c.Class != corpus.Person {
					continue
				}
				s, err := c.Render()
				if err != nil {
					return err
				}
				best := time.Hour
				for range 5 {
					began := time.Now()
					listen(s)
					best = min(best, time.Since(began))
				}
				n, spent, sound = n+1, spent+best, sound+audio.Duration(len(s.PCM))
			}
			cost := spent.Seconds() * 1000 / max(sound.Seconds(), 1)
			r.Judge("cpu-listener", fmt.Sprintf("%.3f ms", cost), cost <= 0.15)
			return nil
		},
	}
}
