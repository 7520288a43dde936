package calls

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/dialer"
)

// talkJob joins whoever answers with an operator at once.
const talkJob = `name: job
language: en
purpose: service
lead:
  name: {type: name, example: Ann}
call: {ring: 5s, max: 30s, silent_after: 2s, record: true}
window: {hours: "00:00-23:59", zone: UTC}
retry:
  total: 3
  rules:
    - {on: [no_answer, busy, declined, unreachable, silent, congestion, abandoned, answered, failed, interrupted], days: [{attempts: 3, every: 1h}], finish: missed}
    - {on: [invalid, machine, fax], days: [{attempts: 1}], finish: missed}
  spent: missed
lists: {connected: Connected, gone: Gone, nobody: Nobody came, missed: Missed}
music: {hold: hold.wav}
dialogue:
  connect:
    - bridge: {to: managers, music: hold, ring: 3s, nobody: sorry}
    - finish: connected
  sorry:
    - finish: nobody
hangup:
  - finish: gone
`

// talk is a call in which a person talks with an operator, both raw phones.
type talk struct {
	*rig
	id               dialer.AttemptID
	person, operator *rawPhone
}

// startTalk begins a talk; more are the addresses of other operators.
func startTalk(t testing.TB, o rigOptions, more ...string) *talk {
	t.Helper()
	person, operator := newRawPhone(t, "person", personHz, audio.ULaw), newRawPhone(t, "op1", operatorHz, audio.ALaw)
	o.nobody, o.trunk, o.addresses = true, person.address(), append([]string{operator.address()}, more...)
	if o.scenario == "" {
		o.scenario = talkJob
	}
	c := &talk{rig: newRig(t, o), person: person, operator: operator}
	c.id = c.place(number)
	person.asked("ACK")
	operator.asked("ACK")
	person.hears(operatorHz)
	operator.hears(personHz)
	return c
}

// over ends the talk by the person and checks what the call came to.
func (c *talk) over(operator string) dialer.Result {
	c.t.Helper()
	c.person.send("BYE", "", "", "")
	res := c.result(c.id)
	if !res.Bridged || res.Operator != operator || res.Disposition != dialer.Answered || res.List != "connected" {
		c.t.Errorf("not talked through with %s: %+v", operator, res)
	}
	return res
}

// up is how the call stands.
func (c *talk) up() Up {
	for _, u := range c.caller.Up() {
		if u.Attempt == c.id {
			return u
		}
	}
	return Up{}
}

func (c *talk) awaitUp(what string, ok func(u Up) bool) {
	c.t.Helper()
	c.await(what, func() bool { u := c.up(); return u.Attempt == c.id && ok(u) })
}

func TestTheOperatorHolds(t *testing.T) {
	t.Parallel()
	for _, direction := range []string{"sendonly", "inactive"} {
		t.Run(direction, func(t *testing.T) {
			t.Parallel()
			c := startTalk(t, rigOptions{})
			c.operator.reinvite(direction)
			c.person.hears(musicHz)
			if u := c.up(); !u.Held || u.Operator != c.operator.address() {
				t.Errorf("up: %+v", u)
			}
			held := time.Now()
			c.await("more than the time after which a silent phone counts as dead", func() bool { return time.Since(held) > 2300*time.Millisecond })
			c.person.hears(musicHz)
			c.operator.reinvite("sendrecv")
			c.person.hears(operatorHz)
			c.operator.hears(personHz)
			res := c.over(c.operator.address())
			c.operator.asked("BYE")
			c.close()
			left, right := c.recording(res)
			tone(t, "the music, right", right, musicHz, true)
			tone(t, "the operator, right", right, operatorHz, true)
			tone(t, "the person, left", left, personHz, true)
		})
	}
}

func TestAnOperatorWhoHoldsWithoutMusicMayHangUp(t *testing.T) {
	t.Parallel()
	scenario := talkJob
	for _, cut := range []string{"music: {hold: hold.wav}\n", "music: hold, "} {
		scenario = cutOut(t, scenario, cut)
	}
	c := startTalk(t, rigOptions{scenario: scenario})
	c.operator.reinvite("inactive")
	c.person.hears() // silence, but for the soft beeps
	c.await("the comfort tone", func() bool {
		c.person.mu.Lock()
		defer c.person.mu.Unlock()
		return audio.ToneTime(c.person.pcm, comfortHz) > 100*time.Millisecond
	})
	c.operator.send("BYE", "", "", "")
	if res := c.result(c.id); res.List != "connected" || res.Operator != c.operator.address() {
		t.Errorf("%+v", res)
	}
}

func TestThePersonHolds(t *testing.T) {
	t.Parallel()
	c := startTalk(t, rigOptions{})
	c.person.reinvite("sendonly") // its own music is for nobody
	c.operator.hears()
	held := time.Now()
	c.await("more than the time after which a silent phone counts as dead", func() bool { return time.Since(held) > 2300*time.Millisecond })
	c.person.reinvite("sendrecv")
	c.operator.hears(personHz)
	c.person.hears(operatorHz)
	c.over(c.operator.address())
}

// TestAnswerToAudio measures what stands between the operator's 200 and the
// first sound of each at the other.
func TestAnswerToAudio(t *testing.T) {
	const calls = 12
	toOperator, toPerson := answerToAudio(t, calls)
	t.Logf("from the operator's answer: the person's sound at the operator after %s", spread(toOperator))
	t.Logf("from the operator's answer: the operator's sound at the person after %s", spread(toPerson))
	for what, d := range map[string][]time.Duration{"the operator": toOperator, "the person": toPerson} {
		if median := d[calls/2]; median > 60*time.Millisecond {
			t.Errorf("half of the time %s hears nothing for more than %v", what, median)
		}
	}
}

func BenchmarkAnswerToAudio(b *testing.B) {
	toOperator, toPerson := answerToAudio(b, max(b.N, 10))
	last := toPerson[len(toPerson)-1]
	b.ReportMetric(float64(toOperator[len(toOperator)/2].Microseconds())/1000, "ms-p50-operator")
	b.ReportMetric(float64(toPerson[len(toPerson)/2].Microseconds())/1000, "ms-p50-person")
	b.ReportMetric(float64(max(last, toOperator[len(toOperator)-1]).Microseconds())/1000, "ms-max")
}

// answerToAudio makes that many calls, one after the other, between legs of
// different law, and returns the times in order.
func answerToAudio(t testing.TB, calls int) (toOperator, toPerson []time.Duration) {
	person, operator := newRawPhone(t, "person", personHz, audio.ULaw), newRawPhone(t, "op1", operatorHz, audio.ALaw)
	scenario := cutOut(t, cutOut(t, talkJob, "music: hold, "), "music: {hold: hold.wav}\n")
	r := newRig(t, rigOptions{nobody: true, trunk: person.address(), addresses: []string{operator.address()}, scenario: scenario})
	for range calls {
		for _, p := range []*rawPhone{person, operator} {
			p.mu.Lock()
			p.sound, p.far = time.Time{}, nil
			p.mu.Unlock()
		}
		id := r.place(number)
		var took [2]time.Duration
		r.await("sound both ways", func() bool {
			operator.mu.Lock()
			defer operator.mu.Unlock()
			person.mu.Lock()
			defer person.mu.Unlock()
			took = [2]time.Duration{operator.sound.Sub(operator.answered), person.sound.Sub(operator.answered)}
			return !operator.sound.IsZero() && !person.sound.IsZero()
		})
		toOperator, toPerson = append(toOperator, took[0]), append(toPerson, took[1])
		person.send("BYE", "", "", "")
		r.result(id)
		operator.asked("BYE")
	}
	slices.Sort(toOperator)
	slices.Sort(toPerson)
	return toOperator, toPerson
}

func spread(d []time.Duration) string {
	at := func(q float64) time.Duration { return d[int(q*float64(len(d)-1))].Round(100 * time.Microsecond) }
	return fmt.Sprintf("%v (least), %v (median), %v (90 %%), %v (most) in %d calls", at(0), at(0.5), at(0.9), at(1), len(d))
}

// Legs of different law and packet length are joined; each end gets the
// packets that it asked for.
func TestLegsOfDifferentKinds(t *testing.T) {
	t.Parallel()
	type kind struct {
		law   audio.Law
		ptime time.Duration
	}
	for _, k := range [][2]kind{
		{{audio.ULaw, 30 * time.Millisecond}, {audio.ALaw, 20 * time.Millisecond}},
		{{audio.ALaw, 60 * time.Millisecond}, {audio.ULaw, 10 * time.Millisecond}},
		{{audio.ALaw, 10 * time.Millisecond}, {audio.ALaw, 40 * time.Millisecond}},
	} {
		t.Run(fmt.Sprintf("%s %s to %s %s", k[0].law, k[0].ptime, k[1].law, k[1].ptime), func(t *testing.T) {
			t.Parallel()
			person, operator := newRawPhoneAt(t, "person", personHz, k[0].law, k[0].ptime), newRawPhoneAt(t, "op1", operatorHz, k[1].law, k[1].ptime)
			r := newRig(t, rigOptions{nobody: true, trunk: person.address(), addresses: []string{operator.address()}, scenario: talkJob})
			id := r.place(number)
			person.hears(operatorHz)
			operator.hears(personHz)
			person.send("BYE", "", "", "")
			if res := r.result(id); !res.Bridged {
				t.Errorf("%+v", res)
			}
			for i, p := range []*rawPhone{person, operator} {
				p.mu.Lock()
				// What is left of a sound when it ends goes as a shorter packet.
				all := 0
				for _, n := range p.packets {
					all += n
				}
				if right := p.packets[audio.Samples(k[i].ptime)]; right < 8 || right < all*2/3 {
					t.Errorf("%s asked for packets of %v and got, by samples, %v", p.user, k[i].ptime, p.packets)
				}
				p.mu.Unlock()
			}
		})
	}
}
