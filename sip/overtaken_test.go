package sip

import (
	"fmt"
	"testing"
)

// The SIP library reads each message on a goroutine of its own, and begins with
// the last one: a phone that answers at once rang all the same.
func TestAnswerOvertakesTheRinging(t *testing.T) {
	f := newFar(t, picksUp)
	n := newNear(t)
	var calls []*placed
	for i := range 100 {
		calls = append(calls, n.call(Call{ID: fmt.Sprintf("overtaken-%d", i), To: f.uri()}))
	}
	for i, p := range calls {
		if e := <-p.events; e.Kind != Ringing || e.Code != 180 {
			t.Errorf("call %d begins with %s", i, e.Kind)
		}
		p.until(Answered)
		p.HangUp("")
		p.until(Ended)
	}
}
