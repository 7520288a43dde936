package calls

import (
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/dialer/phonesim"
)

// A person who begins to speak is not talked over: the long question stops,
// and the answer, a key here, is waited for.
func TestVoiceCutsAQuestion(t *testing.T) {
	t.Parallel()
	// The greeting of the first two seconds does not count; the question lasts
	// four seconds.
	speaks := person(hears, waits(2200*time.Millisecond), talks, phonesim.Step{Hush: 200 * time.Millisecond}, presses("2"))
	for _, c := range []struct {
		barge string
		cut   bool
	}{{"voice", true}, {"key", false}} {
		t.Run(c.barge, func(t *testing.T) {
			t.Parallel()
			scenario := edited(t, `say: "Please press a key."`, `say: "Please press a key, a long question."`, "wait: 2s", "wait: 5s\n        barge: "+c.barge,
				`    - say: "Hello {{name}}."`+"\n", "")
			r := newRig(t, rigOptions{scenario: scenario, people: people(speaks)})
			res := r.run(number)
			if res.List != "rejected" {
				t.Fatalf("%+v", res)
			}
			r.close()
			_, robot := r.recording(res)
			spoken := audio.ToneTime(robot, promptHz) - 500*time.Millisecond // the goodbye
			if cut := spoken < 3500*time.Millisecond; cut != c.cut {
				t.Errorf("the question was heard for %v of 4 s", spoken)
			}
		})
	}
}
