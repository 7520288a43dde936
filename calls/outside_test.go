package calls

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/sip"
)

// counter stands for the loop: it notes who is asked for, and refuses.
type counter struct {
	mu      sync.Mutex
	asked   []dialer.Outside
	refuses map[string]dialer.Code // by number
	hold    chan struct{}          // answers come once it is closed; nil: at once
}

func (n *counter) outside(ev dialer.Outside, answer func(error)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = append(n.asked, ev)
	say := func() { answer(nil) }
	if code := n.refuses[ev.Number]; code != "" {
		say = func() { answer(&dialer.Barrier{Number: ev.Number, Reason: dialer.Reason{Code: code}}) }
	}
	if n.hold == nil {
		say()
		return
	}
	go func() {
		<-n.hold
		say()
	}()
}

func (n *counter) wishes() []dialer.Outside {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.asked)
}

// givenBack counts the lines that the calls so far have given back.
func (r *rig) givenBack(n int) {
	r.t.Helper()
	got := 0
	r.read(func() bool {
		for len(r.freed) > 0 {
			<-r.freed
			got++
		}
		return got == n
	})
}

func numbersPass(n *counter, more ...func(*Config)) func(*Config) {
	return func(c *Config) {
		c.Outside = n.outside
		c.Transfers = func(string) TransferRules { return TransferRules{Numbers: true} }
		c.Number = func(text string) (string, error) { return text, nil }
		for _, f := range more {
			f(c)
		}
	}
}

// Whoever wants a transfer to a number that the limits refuse is told why, and
// nobody is called.
func TestTransferAboveTheLimits(t *testing.T) {
	t.Parallel()
	const often, noLine, free = "+79990000001", "+79990000002", "+79990000003"
	n := &counter{refuses: map[string]dialer.Code{often: dialer.CodeNumberHour, noLine: dialer.CodeLines}}
	c := startTalk(t, rigOptions{config: numbersPass(n)})
	err := c.caller.Transfer(c.id, often)
	if b := (*dialer.Barrier)(nil); !errors.Is(err, ErrAddress) || !errors.As(err, &b) || !strings.Contains(err.Error(), "as often in an hour") {
		t.Errorf("%v", err)
	}
	here := c.phone.Addr().String()
	c.operator.refer("sip:" + often + "@" + here)
	c.operator.news(403, true)
	c.operator.refer("sip:" + noLine + "@" + here)
	c.operator.news(503, true)
	c.person.hears(operatorHz)
	c.operator.hears(personHz)
	other := newRawPhone(t, "other", secondHz, audio.ALaw)
	c.person.mu.Lock() // the network is this phone too: have it send the second call on
	c.person.forward = other
	c.person.mu.Unlock()
	if err := c.caller.Transfer(c.id, free); err != nil {
		t.Fatal(err)
	}
	c.person.hears(secondHz)
	c.over(free)
	c.givenBack(1)
	for _, ev := range n.wishes() {
		if ev.Attempt != c.id || ev.Trunk != "far" || ev.Staff {
			t.Errorf("asked %+v", ev)
		}
	}
	if len(n.wishes()) != 4 {
		t.Errorf("asked %d times", len(n.wishes()))
	}
}

// An operator at a number is asked for like anybody, as one whom the
// configuration names; one whom the limits refuse is passed over.
func TestOperatorsAtNumbersAreAskedFor(t *testing.T) {
	t.Parallel()
	const spent, next = "+79990000001", "+79990000002"
	n := &counter{refuses: map[string]dialer.Code{spent: dialer.CodeNumberHour}, hold: make(chan struct{})}
	person, op := newRawPhone(t, "person", personHz, audio.ULaw), newRawPhone(t, "op1", operatorHz, audio.ALaw)
	r := newRig(t, rigOptions{scenario: talkJob, nobody: true, trunk: person.address(), addresses: []string{spent, next}, config: numbersPass(n)})
	id := r.place(number)
	person.asked("ACK")
	person.become(func(p *rawPhone) { p.forward = op }) // the network is this phone too: have it send the second call on
	close(n.hold)
	person.hears(operatorHz)
	person.send("BYE", "", "", "")
	if res := r.result(id); res.Operator != next {
		t.Errorf("%+v", res)
	}
	r.givenBack(1)
	if w := n.wishes(); len(w) != 2 || !w[0].Staff || w[0].Number != spent || w[1].Number != next || w[0].Trunk != "far" || w[0].Call == w[1].Call {
		t.Errorf("asked %+v", w)
	}
}

// The network is asked to connect the person with a number only if it may be
// called; that takes no line of ours.
func TestHandOverToANumberIsAskedFor(t *testing.T) {
	t.Parallel()
	const spent, next = "+79990000001", "+79990000002"
	n := &counter{refuses: map[string]dialer.Code{spent: dialer.CodeCallsHour}}
	person := newRawPhone(t, "person", personHz, audio.ULaw)
	r := newRig(t, rigOptions{scenario: talkJob, nobody: true, trunk: person.address(), addresses: []string{spent, next}, config: numbersPass(n, byRefer)})
	id := r.place(number)
	if m := person.asked("REFER"); !strings.Contains(m.header["refer-to"], next) {
		t.Errorf("Refer-To: %s", m.header["refer-to"])
	}
	person.send("NOTIFY", "Event: refer\r\nSubscription-State: terminated;reason=noresource\r\n", "message/sipfrag;version=2.0", "SIP/2.0 200 OK\r\n")
	if res := r.result(id); res.Operator != next {
		t.Errorf("%+v", res)
	}
	for _, ev := range n.wishes() {
		if ev.Trunk != "" || !ev.Staff {
			t.Errorf("asked %+v", ev)
		}
	}
	r.givenBack(1)
}

// The word comes when nobody waits for it any more: the line is given back
// and nobody is called.
func TestALateWordCallsNobody(t *testing.T) {
	t.Parallel()
	const to = "+79990000003"
	n := &counter{hold: make(chan struct{})}
	c := startTalk(t, rigOptions{config: numbersPass(n)})
	waits := make(chan error, 1)
	go func() { waits <- c.caller.Transfer(c.id, to) }()
	c.awaitUp("the transfer to begin", func(u Up) bool { return u.Transfer == to })
	c.awaitUp("the transfer to be given up", func(u Up) bool { return u.Transfer == "" })
	if err := <-waits; !errors.Is(err, ErrState) {
		t.Errorf("the transfer: %v", err)
	}
	close(n.hold)
	c.person.hears(operatorHz)
	c.givenBack(1)
	c.over(c.operator.address())
	if len(c.person.came) > 1 {
		t.Error("a number was called after the transfer was over")
	}
}

// A redirection leads to the same number, or to a phone by its name.
func TestDetour(t *testing.T) {
	t.Parallel()
	plain := detour("+79161234567", nil)
	written := detour("+79161234567", &sip.Trunk{Rewrite: []sip.Rewrite{{Match: "+7", Strip: 2, Add: "8"}}})
	for contact, want := range map[string]bool{
		"+79161234567": true, "79161234567": true, "0079161234567": true, "89161234567": false,
		"+79161234568": false, "+19005551234": false, "+79161234567;npdi": false, "112": false, "0833": false, "101": false, "*31#": false,
		"anna": true, "phone-7": true, "x9005551234": false, "p%39%31%31": false, "": false, "+": false,
	} {
		if got := plain(contact); got != want {
			t.Errorf("%q: %v, want %v", contact, got, want)
		}
	}
	if !written("89161234567") || !written("+79161234567") || written("89161234568") {
		t.Error("the trunk's own way to write the number does not count as the same")
	}
}

// The trunk answers 302: nobody but the person's own number, or a phone by its
// name, is called in their place.
func TestARedirectionToAnotherNumberIsNotFollowed(t *testing.T) {
	t.Parallel()
	for contact, followed := range map[string]bool{"+19005551234": false, "112": false, "+79990000002": false, "desk-b": true, number: false} { // the person's number is where the call has been
		p := newRawPhone(t, contact, personHz, audio.ULaw)
		p.become(func(p *rawPhone) { p.refuses = 302 })
		r := newRig(t, rigOptions{scenario: talkJob, nobody: true, trunk: p.address()})
		r.trunk.Follow = 3
		if res := r.run(number); res.Disposition == dialer.Answered {
			t.Errorf("%s: %+v", contact, res)
		}
		invites := map[string]bool{strings.Fields(p.asked("INVITE").first)[1]: true}
		if followed {
			invites[strings.Fields(p.asked("INVITE").first)[1]] = true
		}
		for len(p.came) > 0 {
			if m := <-p.came; m.isRequest() && m.method() == "INVITE" {
				invites[strings.Fields(m.first)[1]] = true
			}
		}
		if (len(invites) == 2) != followed {
			t.Errorf("redirected to %s, called %v", contact, invites)
		}
	}
}
