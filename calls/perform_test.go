package calls

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
)

// working counts the goroutines that are inside a call now.
func working() int {
	buf := make([]byte, 4<<20)
	n := 0
	for g := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(g, "dozvon/calls.(*call).") {
			n++
		}
	}
	return n
}

// Calls that wait have no goroutine, and one that is being prepared, for as long
// as a speech engine takes, keeps none of them from going on. No other test may
// run meanwhile: its calls would count.
func TestACallThatWaitsHasNoGoroutine(t *testing.T) {
	people := map[string]phonesim.Profile{}
	for i := range 12 {
		people[fmt.Sprintf("+7999000%04d", i)] = phonesim.Profile{Ring: 300 * time.Millisecond}
	}
	r := newRig(t, rigOptions{people: people, scenario: edited(t, "silent_after: 2s", "silent_after: 20s")})
	stuck := r.placeFor(number, "slow") // its prompt is not to be had
	r.await("the call that is prepared", func() bool { return working() == 1 })
	var ids []dialer.AttemptID
	for number := range people {
		ids = append(ids, r.place(number))
	}
	for _, id := range ids {
		r.reaches(id, dialer.AttemptTalking)
	}
	r.await("all others to wait without a goroutine", func() bool { return working() == 1 })
	if len(r.states[stuck]) > 0 {
		t.Errorf("the call without its prompt is %v", r.states[stuck])
	}
	close(r.voice.gate)
	r.reaches(stuck, dialer.AttemptTalking)
}
