package siptest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
)

// course is what a caller sees of a call, as far as both simulators show it.
type course struct {
	progress dialer.AttemptState // ringing, early or none
	answered bool
	code     int
	q850     int // of a refusal
}

// TestBothSimulatorsAgree plays the same profiles at call level and on the
// wire, so that a campaign rehearsed on the one meets the same people on the
// other.
func TestBothSimulatorsAgree(t *testing.T) {
	t.Parallel()
	s := start(t, Config{AnswerDelayScale: 0.02, Book: everyKind()})
	p := newPhone(t, s)
	for number, profiles := range everyKind().Numbers {
		t.Run(number, func(t *testing.T) {
			want := virtual(t, number, profiles[0])
			if got := onTheWire(p, number, want.code); got != want {
				t.Errorf("on the wire %+v, at call level %+v", got, want)
			}
		})
	}
}

// everyKind has a number for each kind, named after it, and variants.
func everyKind() Book {
	b := Book{}
	b.Numbers = map[string][]phonesim.Profile{}
	for _, k := range kinds {
		if k != phonesim.RingsOut { // its end is the caller's CANCEL
			b.Numbers[string(k)] = []phonesim.Profile{{Kind: k, Ring: 2 * time.Second}}
		}
	}
	b.Numbers["early"] = []phonesim.Profile{{Kind: phonesim.Answers, Ring: 2 * time.Second, Early: true}}
	b.Numbers["busy_600"] = []phonesim.Profile{{Kind: phonesim.Busy, Code: 600}}
	return b
}

// virtual plays one call at call level.
func virtual(t *testing.T, number string, p phonesim.Profile) (c course) {
	t.Helper()
	n := phonesim.NewNetwork(time.Unix(1e9, 0), phonesim.Book{Default: p})
	over := false
	n.Attach(func(ev dialer.Event) {
		switch ev := ev.(type) {
		case dialer.Progressed:
			if ev.State == dialer.AttemptAnswered {
				c.answered = true
			} else {
				c.progress = ev.State
			}
		case dialer.Ended:
			over = true
			c.code = ev.Result.Cause.SIP
			if !c.answered {
				c.q850 = ev.Result.Cause.Q850
			}
		}
	})
	n.Place(dialer.Attempt{ID: 1, Phone: number}, dialer.Lead{})
	for !over {
		n.Wait(context.Background(), time.Time{}, nil)
	}
	return c
}

// onTheWire plays one call over SIP, up to its final response, which is to be
// code.
func onTheWire(p *phone, number string, code int) (c course) {
	l := p.call(number)
	final := l.expect(code)
	c.code = final.StatusCode
	switch {
	case slices.Contains(l.before, 183):
		c.progress = dialer.AttemptEarly
	case slices.Contains(l.before, 180):
		c.progress = dialer.AttemptRinging
	}
	if h := final.GetHeader("Reason"); h != nil {
		_, _ = fmt.Sscanf(h.Value(), "Q.850;cause=%d", &c.q850)
	}
	if c.answered = code == 200; c.answered {
		l.ok = final
		l.ack(final, l.invite)
		l.bye(1)
	}
	return c
}
