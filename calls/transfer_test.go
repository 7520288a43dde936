package calls

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"dozvon/audio"
	"dozvon/dialer"
)

func TestTransferByASupervisor(t *testing.T) {
	t.Parallel()
	second := newRawPhone(t, "op2", secondHz, audio.ULaw)
	second.become(func(p *rawPhone) { p.silent = true })
	c := startTalk(t, rigOptions{}, second.address())
	if err := c.caller.Transfer(c.id, second.address()); err != nil {
		t.Fatal(err)
	}
	second.asked("INVITE")
	c.person.hears(musicHz)
	if u := c.up(); u.Transfer != second.address() || !u.Held || u.Operator != c.operator.address() {
		t.Errorf("up: %+v", u)
	}
	if err := c.caller.Transfer(c.id, second.address()); !errors.Is(err, ErrState) {
		t.Errorf("a second transfer: %v", err)
	}
	second.mu.Lock()
	second.pickUp()
	second.mu.Unlock()
	c.operator.asked("BYE")
	c.person.hears(secondHz)
	second.hears(personHz)
	c.await("the first operator to be free", func() bool { return c.desk.Status()[0].State == dialer.OperatorReady })
	res := c.over(second.address())
	second.asked("BYE")
	c.close()
	_, right := c.recording(res)
	for what, hz := range map[string]float64{"the first operator": operatorHz, "the music": musicHz, "the second": secondHz} {
		tone(t, what, right, hz, true)
	}
}

// Whoever cannot take over leaves the person with the first operator.
func TestATransferThatFails(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*rawPhone){
		"busy":     func(p *rawPhone) { p.refuses = 486 },
		"ring out": func(p *rawPhone) { p.silent = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			second := newRawPhone(t, "op2", secondHz, audio.ULaw)
			second.become(set)
			c := startTalk(t, rigOptions{}, second.address())
			if err := c.caller.Transfer(c.id, second.address()); err != nil {
				t.Fatal(err)
			}
			c.awaitUp("the transfer to have failed", func(u Up) bool { return u.Transfer == "" })
			c.person.hears(operatorHz)
			c.operator.hears(personHz)
			c.over(c.operator.address())
		})
	}
}

// The first operator has hung up meanwhile: the person goes to whoever takes
// over, or the talk is over.
func TestTheFirstOperatorLeavesDuringATransfer(t *testing.T) {
	t.Parallel()
	for _, comes := range []bool{true, false} {
		second := newRawPhone(t, "op2", secondHz, audio.ULaw)
		second.become(func(p *rawPhone) { p.silent = true })
		c := startTalk(t, rigOptions{}, second.address())
		if err := c.caller.Transfer(c.id, second.address()); err != nil {
			t.Fatal(err)
		}
		second.asked("INVITE")
		c.operator.send("BYE", "", "", "")
		c.awaitUp("the first operator to be gone", func(u Up) bool { return u.Operator == "" })
		c.person.hears(musicHz)
		if !comes {
			if res := c.result(c.id); res.Operator != c.operator.address() || res.List != "connected" {
				t.Errorf("nobody took over: %+v", res)
			}
			continue
		}
		second.mu.Lock()
		second.pickUp()
		second.mu.Unlock()
		c.person.hears(secondHz)
		c.over(second.address())
	}
}

// The person hangs up while the second operator rings.
func TestThePersonLeavesDuringATransfer(t *testing.T) {
	t.Parallel()
	second := newRawPhone(t, "op2", secondHz, audio.ULaw)
	second.become(func(p *rawPhone) { p.silent = true })
	c := startTalk(t, rigOptions{}, second.address())
	if err := c.caller.Transfer(c.id, second.address()); err != nil {
		t.Fatal(err)
	}
	second.asked("INVITE")
	c.over(c.operator.address())
	second.asked("CANCEL")
	c.operator.asked("BYE")
}

// The supervisor comes along.
func TestASupervisorFollowsATransfer(t *testing.T) {
	t.Parallel()
	boss, second := newRawPhone(t, "boss", supervisorHz, audio.ALaw), newRawPhone(t, "op2", secondHz, audio.ULaw)
	c := startTalk(t, rigOptions{}, boss.address(), second.address())
	if err := c.caller.Supervise(c.id, boss.address(), Whisper); err != nil {
		t.Fatal(err)
	}
	boss.hears(personHz, operatorHz)
	if err := c.caller.Transfer(c.id, second.address()); err != nil {
		t.Fatal(err)
	}
	second.hears(personHz, supervisorHz)
	c.person.hears(secondHz)
	boss.hears(personHz, secondHz)
	c.over(second.address())
}

// A number is called through the trunk only if the group may and the number
// passes; then the network sees the trunk's own number.
func TestTransferToANumber(t *testing.T) {
	t.Parallel()
	const allowed = "+79991112233"
	mayCall := func(text string) (string, error) {
		if text != allowed {
			return "", errors.New("not on the list")
		}
		return allowed, nil
	}
	may := TransferRules{Numbers: true}
	c := startTalk(t, rigOptions{config: func(c *Config) {
		c.Transfers = func(string) TransferRules { return may }
		c.Number = mayCall
	}})
	here := c.phone.Addr().String()
	for _, to := range []string{"+79990000009", "sip:+79990000009@" + here, "sip:+79991112233@elsewhere.example", "79991112233"} {
		if err := c.caller.Transfer(c.id, to); !errors.Is(err, ErrAddress) {
			t.Errorf("%s: %v", to, err)
		}
	}
	other := newRawPhone(t, "other", secondHz, audio.ALaw)
	c.person.mu.Lock() // the network is this phone too: have it send the second call on
	c.person.forward = other
	c.person.mu.Unlock()
	if err := c.caller.Transfer(c.id, "sip:"+allowed+"@"+here); err != nil {
		t.Fatal(err)
	}
	c.person.hears(secondHz)
	if from := other.invite.header["from"]; !containsAll(from, "74950000000") {
		t.Errorf("the network sees %q", from)
	}
	c.over(allowed)
}

func TestColleague(t *testing.T) {
	t.Parallel()
	staff := []string{"sip:anna@10.0.0.5", "sip:boris@pbx.example:5080;transport=tcp", "vera"}
	const here = "10.0.0.1:5060"
	for text, want := range map[string]string{
		"sip:anna@10.0.0.5":               staff[0],
		"sip:anna@10.0.0.5:5060":          staff[0],
		"sip:anna@10.0.0.5;transport=udp": staff[0],
		"sip:anna@10.0.0.1":               staff[0],
		"sip:boris@PBX.example:5080":      staff[1],
		"sip:boris@pbx.example":           "",
		"vera":                            "vera",
		"sip:vera@10.0.0.1:5060?x=y":      "vera",
		"sip:vera@10.0.0.2":               "",
		"sip:Anna@10.0.0.5":               "",
		"sip:10.0.0.5":                    "",
		"sip:@10.0.0.1":                   "",
		"sip:+79991112233@10.0.0.1":       "",
		"anna":                            "",
		"":                                "",
		"sip:":                            "",
	} {
		if got, ok := colleague(staff, here, text); got != want || ok != (want != "") {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// news waits for a NOTIFY that says how a transfer goes.
func (p *rawPhone) news(code int, final bool) {
	p.t.Helper()
	state := "active"
	if final {
		state = "terminated"
	}
	p.until(fmt.Sprintf("news %d", code), func(m sipText) bool {
		return m.isRequest() && m.method() == "NOTIFY" && strings.HasPrefix(m.body, fmt.Sprintf("SIP/2.0 %d ", code)) &&
			strings.HasPrefix(m.header["subscription-state"], state) && strings.HasPrefix(m.header["event"], "refer")
	})
}

func (p *rawPhone) refer(target string) { p.send("REFER", "Refer-To: <"+target+">\r\n", "", "") }

// The operator's phone holds, asks for a transfer and follows it.
func TestTransferByTheOperatorsPhone(t *testing.T) {
	t.Parallel()
	second := newRawPhone(t, "op2", secondHz, audio.ULaw)
	second.become(func(p *rawPhone) { p.silent = true })
	c := startTalk(t, rigOptions{}, second.address())
	c.operator.reinvite("sendonly")
	c.operator.refer("sip:op2@" + c.phone.Addr().String()) // as a phone does that knows only us
	c.operator.news(100, false)
	c.operator.news(180, false)
	c.person.hears(musicHz)
	second.mu.Lock()
	second.pickUp()
	second.mu.Unlock()
	c.operator.news(200, true)
	c.operator.asked("BYE")
	c.person.hears(secondHz)
	second.hears(personHz)
	c.over(second.address())
}

// Phones often hang up as soon as their wish is taken.
func TestAPhoneThatRefersAndHangsUp(t *testing.T) {
	t.Parallel()
	second := newRawPhone(t, "op2", secondHz, audio.ULaw)
	c := startTalk(t, rigOptions{}, second.address())
	c.operator.refer(second.address())
	c.operator.told("REFER")
	c.operator.send("BYE", "", "", "")
	c.person.hears(secondHz)
	c.over(second.address())
}

func TestAReferThatFails(t *testing.T) {
	t.Parallel()
	second := newRawPhone(t, "op2", secondHz, audio.ULaw)
	second.become(func(p *rawPhone) { p.refuses = 486 })
	c := startTalk(t, rigOptions{}, second.address())
	c.operator.refer(second.address())
	c.operator.news(486, true)
	c.person.hears(operatorHz)
	for _, stranger := range []string{"sip:+79990000009@" + c.phone.Addr().String(), "sip:stranger@192.0.2.7", "sip:+19005551234@192.0.2.7", c.operator.address()} {
		c.operator.refer(stranger) // toll fraud: nobody is called
		c.operator.news(603, true)
	}
	c.person.refer(second.address())
	if m := c.person.told("REFER"); !strings.Contains(m.first, " 603 ") {
		t.Errorf("the person's REFER was answered by %s", m.first)
	}
	c.operator.hears(personHz)
	c.over(c.operator.address())
}

func TestAGroupMayForbidTransfers(t *testing.T) {
	t.Parallel()
	second := newRawPhone(t, "op2", secondHz, audio.ULaw)
	c := startTalk(t, rigOptions{config: func(c *Config) {
		c.Transfers = func(string) TransferRules { return TransferRules{Refuse: true} }
	}}, second.address())
	c.operator.refer(second.address())
	if m := c.operator.told("REFER"); !strings.Contains(m.first, " 603 ") {
		t.Errorf("REFER was answered by %s", m.first)
	}
	c.operator.hears(personHz)
	c.over(c.operator.address())
}

// The network is asked to connect the person with an operator, and does.
func TestHandOver(t *testing.T) {
	t.Parallel()
	person, op := newRawPhone(t, "person", personHz, audio.ULaw), newRawPhone(t, "op1", operatorHz, audio.ALaw)
	r := newRig(t, rigOptions{scenario: talkJob, nobody: true, trunk: person.address(), addresses: []string{op.address()}, config: byRefer})
	id := r.place(number)
	if m := person.asked("REFER"); !strings.Contains(m.header["refer-to"], op.address()) {
		t.Errorf("Refer-To: %s", m.header["refer-to"])
	}
	person.hears(musicHz)
	const fragment = "message/sipfrag;version=2.0"
	person.send("NOTIFY", "Event: refer\r\nSubscription-State: active;expires=60\r\n", fragment, "SIP/2.0 180 Ringing\r\n")
	person.send("NOTIFY", "Event: refer\r\nSubscription-State: terminated;reason=noresource\r\n", fragment, "SIP/2.0 200 OK\r\n")
	person.asked("BYE")
	res := r.result(id)
	if !res.Bridged || res.Operator != op.address() || res.Disposition != dialer.Answered || res.List != "connected" {
		t.Errorf("%+v", res)
	}
	if len(op.came) > 0 {
		t.Error("the operator was called by us too")
	}
}

// What the network will not do is done by us.
func TestHandOverFallsBack(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]bool{"the REFER is refused": true, "the operator could not be reached": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			person, op := newRawPhone(t, "person", personHz, audio.ULaw), newRawPhone(t, "op1", operatorHz, audio.ALaw)
			person.become(func(p *rawPhone) { p.noRefer = refuse })
			r := newRig(t, rigOptions{scenario: talkJob, nobody: true, trunk: person.address(), addresses: []string{op.address()}, config: byRefer})
			id := r.place(number)
			person.asked("REFER")
			if !refuse {
				person.send("NOTIFY", "Event: refer\r\nSubscription-State: terminated;reason=noresource\r\n", "message/sipfrag;version=2.0", "SIP/2.0 503 Service Unavailable\r\n")
			}
			op.hears(personHz)
			person.hears(operatorHz)
			person.send("BYE", "", "", "")
			if res := r.result(id); !res.Bridged || res.Operator != op.address() || res.List != "connected" {
				t.Errorf("%+v", res)
			}
		})
	}
}

// The person hangs up while the network rings the operator: nobody took the
// call.
func TestThePersonLeavesDuringAHandOver(t *testing.T) {
	t.Parallel()
	person, op := newRawPhone(t, "person", personHz, audio.ULaw), newRawPhone(t, "op1", operatorHz, audio.ALaw)
	r := newRig(t, rigOptions{scenario: talkJob, nobody: true, trunk: person.address(), addresses: []string{op.address()}, config: byRefer})
	id := r.place(number)
	person.asked("REFER")
	person.send("BYE", "", "", "")
	abandoned(t, r.result(id), "gone")
}

func byRefer(c *Config) {
	c.Transfers = func(string) TransferRules { return TransferRules{ByRefer: true} }
}
