package calls

import (
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/internal/lossy"
	"dozvon/internal/pulse"
)

// A whole call whose both legs lose 5 % of their packets, delay the rest by up
// to 60 ms, reorder and repeat some: each key counts once and in order, and
// the two who are joined hear each other.
func TestACallOverAHarshNetwork(t *testing.T) {
	t.Parallel()
	machine := pulse.Watch(t)
	harsh := func(seed uint64) *lossy.Network {
		return &lossy.Network{Loss: 0.05, Jitter: 60 * time.Millisecond, Reorder: 0.03, Duplicate: 0.03, Delay: 20 * time.Millisecond, Seed: seed}
	}
	person, operator := newRawPhone(t, "person", personHz, audio.ULaw), newRawPhone(t, "op1", operatorHz, audio.ALaw)
	person.become(func(p *rawPhone) { p.path = harsh(1) })
	operator.become(func(p *rawPhone) { p.path = harsh(2) })
	r := newRig(t, rigOptions{nobody: true, trunk: person.address(), addresses: []string{operator.address()},
		scenario: edited(t, "repeat: 1", "repeat: 10", ", whisper: \"Client {{name}}.\"", "")})
	id := r.place(number)
	person.asked("ACK")
	person.hears(promptHz)
	const keys = "3948576041" // the last one is an answer
	for i := range len(keys) {
		person.press(r, keys[i])
	}
	operator.asked("ACK")
	person.hears(operatorHz)
	operator.hears(personHz)
	for _, p := range []struct {
		*rawPhone
		hz float64
	}{{person, operatorHz}, {operator, personHz}} {
		heard := func() time.Duration {
			p.mu.Lock()
			defer p.mu.Unlock()
			return audio.Duration(len(p.pcm))
		}
		r.await("three seconds of talk", func() bool { return heard() >= 3*time.Second })
		p.mu.Lock()
		share := float64(audio.ToneTime(p.pcm, p.hz)) / float64(audio.Duration(len(p.pcm)))
		p.mu.Unlock()
		if least := machine.Bar(0.9, 0.75); share < least {
			t.Errorf("%s hears the other for %.0f %% of the talk, at least %.0f %% is due (machine stalled for %.0f %% of the time)",
				p.user, 100*share, 100*least, 100*machine.Stalled())
		}
	}
	person.send("BYE", "", "", "")
	res := r.result(id)
	if res.Keys != keys || !res.Bridged || res.List != "connected" {
		t.Errorf("%+v", res)
	}
	// What comes too late counts as lost, and on a busy machine much does.
	if q := res.Quality; q.Loss < 0.01 || q.Loss > machine.Bar(0.12, 0.6) || q.MOS < machine.Bar(2, 1) || q.MOS > 4.3 {
		t.Errorf("quality %+v (machine stalled for %.0f %% of the time)", q, 100*machine.Stalled())
	}
	r.close()
	left, right := r.recording(res)
	tone(t, "the person, left", left, personHz, true)
	tone(t, "the operator, right", right, operatorHz, true)
}
