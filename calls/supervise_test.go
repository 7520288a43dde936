package calls

import (
	"errors"
	"net/netip"
	"testing"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/sip"
)

func TestSupervisor(t *testing.T) {
	t.Parallel()
	boss := newRawPhone(t, "boss", supervisorHz, audio.ALaw)
	c := startTalk(t, rigOptions{}, boss.address())
	if err := c.caller.Supervise(c.id, boss.address(), Listen); err != nil {
		t.Fatal(err)
	}
	boss.asked("ACK")
	for _, m := range []struct {
		mode             Mode
		person, operator []float64
	}{
		{Listen, []float64{operatorHz}, []float64{personHz}},
		{Whisper, []float64{operatorHz}, []float64{personHz, supervisorHz}},
		{Barge, []float64{operatorHz, supervisorHz}, []float64{personHz, supervisorHz}},
		{Whisper, []float64{operatorHz}, []float64{personHz, supervisorHz}},
	} {
		if err := c.caller.SetMode(c.id, m.mode); err != nil {
			t.Fatal(err)
		}
		c.person.hears(m.person...)
		c.operator.hears(m.operator...)
		boss.hears(personHz, operatorHz)
		if u := c.up(); u.Supervisor != boss.address() || u.Mode != m.mode || u.Operator != c.operator.address() || u.State != dialer.AttemptTalking {
			t.Errorf("up: %+v", u)
		}
	}
	if err := c.caller.Leave(c.id); err != nil {
		t.Fatal(err)
	}
	boss.asked("BYE")
	c.person.hears(operatorHz)
	c.operator.hears(personHz)
	res := c.over(c.operator.address())
	c.close()
	left, right := c.recording(res)
	tone(t, "the barge, right", right, supervisorHz, true)
	tone(t, "the supervisor, left", left, supervisorHz, false)
}

// A whisper is in no recording of the call, and leaving by hanging up the
// supervisor's own phone disturbs nobody.
func TestAWhisperIsNotRecorded(t *testing.T) {
	t.Parallel()
	boss := newRawPhone(t, "boss", supervisorHz, audio.ULaw)
	c := startTalk(t, rigOptions{}, boss.address())
	if err := c.caller.Supervise(c.id, boss.address(), Whisper); err != nil {
		t.Fatal(err)
	}
	c.operator.hears(personHz, supervisorHz)
	c.person.hears(operatorHz)
	boss.send("BYE", "", "", "")
	c.operator.hears(personHz)
	c.awaitUp("the supervisor to be gone", func(u Up) bool { return u.Supervisor == "" })
	res := c.over(c.operator.address())
	c.close()
	left, right := c.recording(res)
	tone(t, "the whisper, right", right, supervisorHz, false)
	tone(t, "the whisper, left", left, supervisorHz, false)
}

// The end of the talk ends supervision, whoever ends it.
func TestTheEndOfTheTalkEndsSupervision(t *testing.T) {
	t.Parallel()
	for _, byPerson := range []bool{true, false} {
		boss := newRawPhone(t, "boss", supervisorHz, audio.ALaw)
		c := startTalk(t, rigOptions{}, boss.address())
		if err := c.caller.Supervise(c.id, boss.address(), Barge); err != nil {
			t.Fatal(err)
		}
		c.person.hears(operatorHz, supervisorHz)
		leaves := c.person
		if !byPerson {
			leaves = c.operator
		}
		leaves.send("BYE", "", "", "")
		boss.asked("BYE")
		if res := c.result(c.id); res.Operator != c.operator.address() || res.List != "connected" {
			t.Errorf("%+v", res)
		}
		if u := c.up(); u.Attempt != 0 {
			t.Errorf("the call is still listed: %+v", u)
		}
	}
}

// A supervisor's telephone that rings, is busy or dead never matters to the
// call.
func TestASupervisorWhoDoesNotCome(t *testing.T) {
	t.Parallel()
	boss := newRawPhone(t, "boss", supervisorHz, audio.ALaw)
	boss.become(func(p *rawPhone) { p.refuses = 486 })
	late := newRawPhone(t, "late", supervisorHz, audio.ALaw)
	late.become(func(p *rawPhone) { p.silent = true })
	c := startTalk(t, rigOptions{}, boss.address(), late.address())
	if err := c.caller.Supervise(c.id, boss.address(), Barge); err != nil {
		t.Fatal(err)
	}
	c.awaitUp("the supervisor to be busy", func(u Up) bool { return u.Supervisor == "" })
	if err := c.caller.Supervise(c.id, late.address(), Barge); err != nil {
		t.Fatal(err)
	}
	late.asked("INVITE")
	if err := c.caller.Supervise(c.id, boss.address(), Listen); !errors.Is(err, ErrState) {
		t.Errorf("a second supervisor: %v", err)
	}
	if err := c.caller.SetMode(c.id, Listen); err != nil {
		t.Errorf("the mode of one who rings: %v", err)
	}
	if err := c.caller.Leave(c.id); err != nil {
		t.Fatal(err)
	}
	late.asked("CANCEL")
	c.person.hears(operatorHz)
	c.over(c.operator.address())
}

func TestSupervisionIsRefused(t *testing.T) {
	t.Parallel()
	c := startTalk(t, rigOptions{})
	for _, e := range []struct {
		what string
		err  error
		want error
	}{
		{"no such call", c.caller.Supervise(4711, c.operator.address(), Listen), ErrNoCall},
		{"no such call to change", c.caller.SetMode(4711, Listen), ErrNoCall},
		{"no such call to leave", c.caller.Leave(4711), ErrNoCall},
		{"no such call to transfer", c.caller.Transfer(4711, c.operator.address()), ErrNoCall},
		{"no such mode", c.caller.Supervise(c.id, c.operator.address(), "shout"), ErrState},
		{"no such mode to change to", c.caller.SetMode(c.id, "shout"), ErrState},
		{"a stranger", c.caller.Supervise(c.id, "sip:stranger@127.0.0.1:9", Listen), ErrAddress},
		{"a number", c.caller.Supervise(c.id, "+79990000009", Listen), ErrAddress},
		{"an account without a phone", c.caller.Supervise(c.id, "anna", Listen), ErrAddress},
		{"the operator", c.caller.Supervise(c.id, c.operator.address(), Listen), ErrState},
		{"nobody to change", c.caller.SetMode(c.id, Listen), ErrState},
		{"nobody to leave", c.caller.Leave(c.id), ErrState},
		{"to the operator who talks", c.caller.Transfer(c.id, c.operator.address()), ErrState},
		{"to a number", c.caller.Transfer(c.id, "+79990000009"), ErrAddress},
		{"to a stranger", c.caller.Transfer(c.id, "sip:stranger@127.0.0.1:9"), ErrAddress},
	} {
		if !errors.Is(e.err, e.want) {
			t.Errorf("%s: %v", e.what, e.err)
		}
	}
	c.over(c.operator.address())
	if err := c.caller.Supervise(c.id, c.operator.address(), Listen); !errors.Is(err, ErrNoCall) {
		t.Errorf("a call that is over: %v", err)
	}
}

// Before anybody talks with the person there is nothing to listen to.
func TestSupervisionWaitsForATalk(t *testing.T) {
	t.Parallel()
	person, op := newRawPhone(t, "person", personHz, audio.ULaw), newRawPhone(t, "op1", operatorHz, audio.ALaw)
	op.become(func(p *rawPhone) { p.silent = true })
	r := newRig(t, rigOptions{scenario: talkJob, nobody: true, trunk: person.address(), addresses: []string{op.address()}})
	id := r.place(number)
	op.asked("INVITE")
	if err := r.caller.Supervise(id, op.address(), Listen); !errors.Is(err, ErrState) {
		t.Errorf("while the operator rings: %v", err)
	}
	if err := r.caller.Transfer(id, op.address()); !errors.Is(err, ErrState) {
		t.Errorf("a transfer while the operator rings: %v", err)
	}
	person.send("BYE", "", "", "")
	r.result(id)
}

// accounts are phones that are registered.
func accounts(all map[string][]*rawPhone) func(*Config) {
	return func(c *Config) {
		c.Devices = func(account string) (out []sip.Device) {
			for _, p := range all[account] {
				out = append(out, sip.Device{URI: p.address(), Transport: "udp", Source: p.sip.LocalAddr().(interface{ AddrPort() netip.AddrPort }).AddrPort()})
			}
			return out
		}
	}
}

// A supervisor who is an operator too gets no calls of their own while they
// listen, and needs no rest afterwards; one who is in a call is not taken.
func TestASupervisorIsReservedAtTheDesk(t *testing.T) {
	t.Parallel()
	boss := newRawPhone(t, "boss", supervisorHz, audio.ALaw)
	c := startTalk(t, rigOptions{}, boss.address())
	stands := func(want dialer.OperatorState) {
		t.Helper()
		c.await("the supervisor to be "+string(want), func() bool { return c.desk.Status()[1].State == want })
	}
	if err := c.caller.Supervise(c.id, boss.address(), Listen); err != nil {
		t.Fatal(err)
	}
	stands(dialer.OperatorOnCall)
	got := make(chan []string, 1)
	c.desk.Want(wish{call: 99, group: "managers", grant: func(a []string) { got <- a }})
	boss.asked("ACK")
	boss.hears(personHz, operatorHz)
	select {
	case a := <-got:
		t.Errorf("%v is sent to a person while they listen", a)
	default:
	}
	if err := c.caller.Leave(c.id); err != nil {
		t.Fatal(err)
	}
	if a := <-got; len(a) != 1 || a[0] != boss.address() {
		t.Errorf("free again: %v", a)
	}
	if err := c.caller.Supervise(c.id, boss.address(), Listen); !errors.Is(err, ErrState) {
		t.Errorf("one who is in a call: %v", err)
	}
	c.desk.Forget(99)
	stands(dialer.OperatorReady)
	if u := c.up(); u.Supervisor != "" {
		t.Errorf("up: %+v", u)
	}
	c.over(c.operator.address())
}
