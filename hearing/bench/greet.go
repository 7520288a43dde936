package bench

import (
	"context"
	"math"
	"time"

	"dozvon/hearing"
	"dozvon/hearing/corpus"
	"dozvon/hearing/progress"
)

// The scenario's defaults for its greeting (scenarios.HearSpec).
const (
	greetWait = 3 * time.Second        // nobody spoke for so long, or somebody for longer: after_word begins
	greetWord = 140 * time.Millisecond // of speech that media takes for some
	greetSure = 0.6                    // a machine below that is none
	// greetLevel is that of the prompt, in decibels below full scale; what media
	// expects to come back of it begins 18 dB lower and falls on a line without
	// an echo by a thirty-second part a frame, to 36 dB.
	greetLevel = -18.0
)

// greeted is what a greeting made of a call.
type greeted struct {
	prompt  time.Duration // when the prompt begins, from the answer on
	machine time.Duration // when a machine is known; 0: never
}

// greetBar measures what both ways to greet cost.
func greetBar() Bar {
	return Bar{
		Name:  "greet",
		Title: "What a greeting costs: at once, or after the first word",
		Data: answersData + ". With at_once the prompt plays from the answer on and what may come back of it is held to be an echo, as in a call whose line has none; " +
			"with after_word it begins with the first verdict, 3 s after the answer if nobody speaks, or 3 s after somebody has begun. Times are of the listener: a call adds 60 ms until the far end hears the first word",
		Needs: corpus.CallPackages(),
		Takes: 60 * time.Second,
		Run:   runGreet,
	}
}

func runGreet(ctx context.Context, r *Report) error {
	for _, way := range []struct {
		name  string
		greet func(corpus.Rendered) greeted
	}{{"at_once", greetAtOnce}, {"after_word", greetAfterWord}} {
		if err := showGreet(ctx, r, way.name, way.greet); err != nil {
			return err
		}
	}
	r.Unproven("how many people hang up on a robot that waits, or on one that talks over their first word")
	return nil
}

func showGreet(ctx context.Context, r *Report, name string, greet func(corpus.Rendered) greeted) error {
	calls, err := HearAnswers(ctx, r, Talks, func(_ corpus.Call, s corpus.Rendered) Decision {
		g := greet(s)
		d := Decision{At: g.prompt}
		if g.machine > 0 {
			d.Kind, d.Cause = hearing.Machine, g.machine.String()
		}
		return d
	})
	if err != nil {
		return err
	}
	wait := Times{Title: name + ": from the answer to the prompt, of people who answer shortly"}
	heard := Times{Title: name + ": how long machines that are found hear the prompt"}
	people, lost, machines, found, spoken := 0, 0, 0, 0, 0
	for _, c := range calls {
		known := c.Kind == hearing.Machine
		switch c.Class {
		case corpus.Person:
			people++
			lost += one(known)
			wait.Add(c.At)
		case corpus.Business:
		default:
			at, _ := time.ParseDuration(c.Cause)
			machines++
			found += one(known)
			spoken += one(!known || c.At < at)
			if known && c.At < at {
				heard.Add(at - c.At)
			}
		}
	}
	r.Show(name+": from the answer to the prompt", "%s", wait.Brief())
	r.Show(name+": people taken for machines", "%s", share(lost, people))
	r.Show(name+": machines found in the end", "%s", share(found, machines))
	r.Show(name+": machines that hear a part of the prompt", "%s", share(spoken, machines))
	r.Time(&wait)
	r.Time(&heard)
	return nil
}

// greetAtOnce lets the prompt play while the listener listens.
func greetAtOnce(s corpus.Rendered) greeted {
	l := progress.New(progress.Options{})
	l.Answer()
	sent, back := math.Pow(10, greetLevel/10)*(1<<30), 1.0/64
	for f := range s.Frames() {
		f.Echo = uint32(sent * back)
		back = max(back*31/32, 1.0/4096)
		for _, v := range l.Hear(f) {
			if isMachine(v) {
				return greeted{machine: v.At}
			}
		}
	}
	return greeted{}
}

// greetAfterWord lets the prompt wait for the first verdict.
func greetAfterWord(s corpus.Rendered) greeted {
	l := progress.New(progress.Options{})
	l.Answer()
	g := greeted{prompt: greetWait}
	if s.Start+greetWord < greetWait {
		g.prompt += s.Start + greetWord
	}
	for f := range s.Frames() {
		for _, v := range l.Hear(f) {
			if isMachine(v) {
				g.machine = v.At
				return g
			}
			if v.Label != progress.Ringback {
				g.prompt = min(g.prompt, v.At)
			}
		}
	}
	return g
}

// isMachine reports whether a verdict ends the greeting.
func isMachine(v hearing.Verdict) bool {
	switch v.Kind {
	case hearing.Machine, hearing.Announcement, hearing.Fax:
		return v.Confidence >= greetSure
	case hearing.Tone:
		return v.Label != progress.Ringback
	}
	return false
}
