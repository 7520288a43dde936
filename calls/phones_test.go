package calls

import (
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/media"
	"dozvon/sip"
)

// Both phones of an account ring at once; the first that answers talks, the
// other is cancelled.
func TestEveryPhoneOfAnAccountRings(t *testing.T) {
	t.Parallel()
	person := newRawPhone(t, "person", personHz, audio.ULaw)
	desk, mobile, broken := newRawPhone(t, "desk", operatorHz, audio.ALaw), newRawPhone(t, "mobile", secondHz, audio.ULaw), newRawPhone(t, "broken", secondHz, audio.ULaw)
	desk.become(func(p *rawPhone) { p.silent = true })
	mobile.become(func(p *rawPhone) { p.silent = true })
	broken.become(func(p *rawPhone) { p.refuses = 480 })
	r := newRig(t, rigOptions{scenario: talkJob, nobody: true, trunk: person.address(), addresses: []string{"anna"},
		config: accounts(map[string][]*rawPhone{"anna": {desk, mobile, broken}})})
	id := r.place(number)
	desk.asked("INVITE")
	mobile.asked("INVITE")
	broken.asked("INVITE")
	mobile.mu.Lock()
	mobile.pickUp()
	mobile.mu.Unlock()
	desk.asked("CANCEL")
	if d := time.Since(mobile.answered); d > 2*time.Second { // at 4 s its time to ring would be over
		t.Errorf("the other phone rang for another %v", d)
	}
	person.hears(secondHz)
	mobile.hears(personHz)
	mobile.send("BYE", "", "", "")
	if res := r.result(id); res.Operator != "anna" || res.List != "connected" {
		t.Errorf("%+v", res)
	}
}

// The last phone's refusal is the operator's.
func TestAnAccountWhosePhonesAllRefuse(t *testing.T) {
	t.Parallel()
	person := newRawPhone(t, "person", personHz, audio.ULaw)
	desk, mobile := newRawPhone(t, "desk", operatorHz, audio.ALaw), newRawPhone(t, "mobile", secondHz, audio.ULaw)
	desk.become(func(p *rawPhone) { p.refuses = 486 })
	mobile.become(func(p *rawPhone) { p.refuses = 480 })
	r := newRig(t, rigOptions{scenario: talkJob, nobody: true, trunk: person.address(), addresses: []string{"anna", "boris"},
		config: accounts(map[string][]*rawPhone{"anna": {desk, mobile}})})
	abandoned(t, r.run(number), "nobody") // boris has no phone at all
	desk.asked("INVITE")
	mobile.asked("INVITE")
}

// baresip logs in as an operator while a person waits for one: it is rung at
// once, holds the call, and takes it up again.
func TestBaresipAsARegisteredOperator(t *testing.T) {
	t.Parallel()
	for secure, encryption := range map[media.Security]string{media.Plain: "", media.Required: ";mediaenc=srtp-mand"} {
		t.Run("srtp "+secure.String(), func(t *testing.T) {
			t.Parallel()
			baresipRegisters(t, secure, encryption)
		})
	}
}

func baresipRegisters(t *testing.T, secure media.Security, encryption string) {
	t.Helper()
	baresip(t)
	person := newRawPhone(t, "person", personHz, audio.ULaw)
	r := newRig(t, rigOptions{scenario: cutIn(t, talkJob, "ring: 3s", "ring: 20s"), nobody: true, trunk: person.address(), addresses: []string{"anna"},
		registrar: &sip.Registrar{Password: func(user string) (string, bool) { return "secret-of-anna", user == "anna" }},
		config:    func(c *Config) { c.Secure = func(string) media.Security { return secure } }})
	id := r.place(number)
	person.asked("ACK")
	person.hears(musicHz)
	if s := r.desk.Status(); s[0].State != dialer.OperatorOffline {
		t.Errorf("without a phone: %+v", s)
	}
	phone := registeredSoftphone(t, "anna", "secret-of-anna", r.phone.Addr().String(), encryption)
	person.hears(600)
	phone.command("hold", "")
	person.hears(musicHz)
	held := time.Now()
	r.await("more than the time after which a silent phone counts as dead", func() bool { return time.Since(held) > 2300*time.Millisecond })
	person.hears(musicHz)
	phone.command("resume", "")
	person.hears(600)
	person.send("BYE", "", "", "")
	if res := r.result(id); res.Operator != "anna" || !res.Bridged {
		t.Errorf("%+v", res)
	}
	phone.until("CALL_CLOSED")
	r.close()
	tone(t, "the person at baresip", phone.heard(), personHz, true)
}
