package calls

import (
	"slices"
	"testing"
	"time"

	"dozvon/dialer"
)

// desk starts operators whose grants arrive on a channel.
func testDesk(t *testing.T, groups ...dialer.Group) (*Operators, func(call dialer.AttemptID, all bool, except ...string) chan []string) {
	o := NewOperators(groups...)
	t.Cleanup(o.Close)
	return o, func(call dialer.AttemptID, all bool, except ...string) chan []string {
		got := make(chan []string, 1)
		o.Want(wish{call: call, group: "managers", all: all, except: except, grant: func(a []string) { got <- a }})
		return got
	}
}

func granting(t *testing.T, got chan []string, want ...string) {
	t.Helper()
	select {
	case a := <-got:
		if !slices.Equal(a, want) {
			t.Fatalf("granted %v, want %v", a, want)
		}
	case <-time.After(5 * time.Second):
		t.Fatalf("nothing was granted, want %v", want)
	}
}

func TestOperatorsAreSharedInOrderOfArrival(t *testing.T) {
	o, want := testDesk(t, dialer.Group{Name: "managers", Addresses: []string{"anna", "boris"}})
	if o.Size("managers") != 2 || o.Size("nobody") != 0 {
		t.Fatal("sizes are wrong")
	}
	granting(t, want(1, false), "anna")
	granting(t, want(2, false), "boris")
	third, fourth := want(3, false), want(4, false)
	o.Talking(1, "anna")
	o.Release(2, "boris") // did not answer: free at once
	granting(t, third, "boris")
	o.Forget(4)
	fifth := want(5, false)
	o.Release(1, "anna")
	granting(t, fifth, "anna")
	select {
	case a := <-fourth:
		t.Fatalf("a wish that was withdrawn got %v", a)
	default:
	}
}

func TestEverybodyFreeIsRungAtOnce(t *testing.T) {
	_, want := testDesk(t, dialer.Group{Name: "managers", Addresses: []string{"anna", "boris", "vera"}})
	granting(t, want(1, false), "anna")
	granting(t, want(2, true, "boris"), "vera")
}

func TestWrapUpDelaysTheNextCall(t *testing.T) {
	const rest = 50 * time.Millisecond
	o, want := testDesk(t, dialer.Group{Name: "managers", Addresses: []string{"anna"}, WrapUp: rest})
	granting(t, want(1, false), "anna")
	o.Talking(1, "anna")
	next := want(2, false)
	started := time.Now()
	o.Release(1, "anna")
	granting(t, next, "anna")
	if waited := time.Since(started); waited < rest {
		t.Fatalf("she was rung after %v, within her wrap-up", waited)
	}
	if s := o.Status(); len(s) != 1 || s[0].State != dialer.OperatorReserved {
		t.Fatalf("status %+v", s)
	}
}

// A grant that is on its way when the call ends is given back by Forget, and
// nobody can give back an operator who is another call's by then.
func TestAnOperatorIsGivenBackOnceByTheCallThatHoldsThem(t *testing.T) {
	o, want := testDesk(t, dialer.Group{Name: "managers", Addresses: []string{"anna"}})
	granting(t, want(1, false), "anna")
	o.Forget(1) // call 1 ends without having read its grant
	granting(t, want(2, false), "anna")
	o.Release(1, "anna") // late, of call 1
	o.Talking(1, "anna")
	third := want(3, false)
	if s := o.Status(); s[0].State != dialer.OperatorReserved {
		t.Fatalf("call 1 moved call 2's operator: %+v", s)
	}
	o.Release(2, "anna")
	o.Release(2, "anna")
	granting(t, third, "anna")
	o.Release(2, "anna")
	if s := o.Status(); s[0].State != dialer.OperatorReserved {
		t.Fatalf("call 2 gave back call 3's operator: %+v", s)
	}
}

func TestForgetGivesBackEverybodyOfACall(t *testing.T) {
	o, want := testDesk(t, dialer.Group{Name: "managers", Addresses: []string{"anna", "boris", "vera"}})
	granting(t, want(1, false), "anna")
	granting(t, want(2, true), "boris", "vera")
	o.Forget(2)
	o.Forget(2)
	o.Forget(7)
	for _, s := range o.Status() {
		if free := s.State == dialer.OperatorReady; free == (s.Address == "anna") {
			t.Errorf("%+v", s)
		}
	}
}

// An operator whose phone is gone is passed over, and serves who waits when it
// is back; a phone that says again that it is there changes nothing.
func TestAnOperatorWithoutAPhone(t *testing.T) {
	const rest = 50 * time.Millisecond
	o, want := testDesk(t, dialer.Group{Name: "managers", Addresses: []string{"anna", "boris"}, WrapUp: rest})
	o.Reachable("anna", false)
	o.Reachable("anna", false)
	granting(t, want(1, true), "boris")
	waits := want(2, false)
	o.Reachable("anna", true)
	granting(t, waits, "anna")
	o.Talking(2, "anna")
	o.Reachable("anna", false) // takes effect after the talk
	if s := o.Status(); s[0].State != dialer.OperatorOnCall {
		t.Fatalf("%+v", s)
	}
	o.Release(2, "anna")
	if s := o.Status(); s[0].State != dialer.OperatorOffline {
		t.Fatalf("%+v", s)
	}
	o.Reachable("anna", true)
	granting(t, want(3, false), "anna")
	o.Talking(3, "anna")
	o.Release(3, "anna")
	released := time.Now()
	o.Reachable("anna", true) // a refresh: no end of the wrap-up
	granting(t, want(4, false), "anna")
	if waited := time.Since(released); waited < rest-5*time.Millisecond {
		t.Fatalf("she was rung after %v, within her wrap-up", waited)
	}
}

func TestClaimTakesOneOperator(t *testing.T) {
	o, want := testDesk(t, dialer.Group{Name: "managers", Addresses: []string{"anna", "boris"}})
	claim := func(call dialer.AttemptID, address string) bool {
		got := make(chan bool, 1)
		o.Claim(call, address, func(ok bool) { got <- ok })
		return <-got
	}
	if !claim(1, "boris") || claim(2, "boris") || claim(2, "nobody") {
		t.Fatal("boris must be claimed once, and a stranger never")
	}
	granting(t, want(3, true), "anna")
	o.Forget(1)
	if !claim(2, "boris") {
		t.Fatal("boris was given back")
	}
}
