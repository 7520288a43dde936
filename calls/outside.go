package calls

import (
	"errors"
	"fmt"
	"strings"

	"dozvon/dialer"
	"dozvon/sip"
)

// permitted is the word on a wish to call somebody through the telephone
// network.
type permitted struct {
	party *party
	call  int
	err   error
	then  func(err error)
}

// network says which number a call to an address reaches through the telephone
// network, and which trunk's line it takes; false for phones of our own: an
// account, a phone elsewhere, an extension of a PBX.
func (c *call) network(address string) (number, trunk string, ok bool) {
	switch kindOf(address) {
	case phoneNumber:
		return address, c.attempt.Trunk, true
	case sipAddress:
		if t := c.cfg.Behind(address); t != nil {
			number, ok = dialer.Dialled(userOf(address))
			return number, t.Name, ok
		}
	}
	return "", "", false
}

// userOf is the user part of a SIP address, without its parameters.
func userOf(address string) string {
	user, _, _ := strings.Cut(strings.TrimPrefix(address, "sip:"), "@")
	user, _, _ = strings.Cut(user, ";")
	return user
}

// inquire asks whether a party may be called at a number, and goes on with
// then once that is known, unless the party is not wanted any more. The line
// that a yes takes is given back with the party.
func (c *call) inquire(p *party, number, trunk string, then func(err error)) {
	c.inquiries++
	n := c.inquiries
	c.cfg.Outside(dialer.Outside{
		Attempt: c.attempt.ID, Call: n, Number: number, Trunk: trunk, Staff: c.cfg.Desk.Has(p.address),
	}, func(err error) { c.box.Put(permitted{p, n, err, then}) })
}

func (c *call) permitted(m permitted) {
	p := m.party
	if m.err == nil {
		free := p.free
		p.free = func() {
			if free != nil {
				free()
			}
			c.cfg.Post(dialer.OutsideOver{Attempt: c.attempt.ID, Call: m.call})
		}
	}
	if p.dropped || c.bridge == nil {
		p.giveBack()
	} else {
		p.tell(m.err)
	}
	m.then(m.err)
}

// barred ends a party that must not be called.
func (c *call) barred(p *party, err error) {
	c.cfg.Log.Warn("somebody was not called", "attempt", c.attempt.ID, "error", err)
	code := 403
	if b := (*dialer.Barrier)(nil); errors.As(err, &b) && b.Passing() {
		code = 503
	}
	l := &line{of: p}
	p.lines = append(p.lines, l)
	c.partySIP(l, sip.Event{Kind: sip.Ended, Cause: dialer.Cause{SIP: code}})
}

// giveBack returns the lines that a party has taken of the trunk.
func (p *party) giveBack() {
	if free := p.free; free != nil {
		p.free = nil
		free()
	}
}

// tell lets whoever wants the party in the call know whether it is called.
func (p *party) tell(err error) {
	told := p.told
	p.told = nil
	switch {
	case told == nil:
	case err != nil:
		told(fmt.Errorf("%w: %w", ErrAddress, err))
	default:
		told(nil)
	}
}

// nobodyCounts is the answer to every wish where nothing counts calls.
func nobodyCounts(ev dialer.Outside, answer func(error)) {
	answer(&dialer.Barrier{Number: ev.Number, Reason: dialer.Reason{Code: dialer.CodeUnrecordable, Detail: "nothing counts calls here"}})
}

// digitsOfName is up to how many digits the name of a phone may hold.
const digitsOfName = 4

// detour says whether a 3xx may lead a call to a number elsewhere. The
// person's consent, the do-not-call list and the ceilings are about the number
// that was dialled: only the same one is called, as it is or as the trunk's
// rules write it, or a phone by its name. Digits alone are no name: three of
// them call the police.
func detour(number string, trunk *sip.Trunk) func(string) bool {
	return func(contact string) bool {
		if contact == number || trunk != nil && contact == trunk.Rewritten(number) {
			return true
		}
		if e164, ok := dialer.Dialled(number); ok && (contact == e164 || contact == e164[1:] || contact == "00"+e164[1:]) {
			return true
		}
		digits, letters := 0, 0
		for _, r := range contact {
			switch {
			case r >= '0' && r <= '9':
				digits++
			case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
				letters++
			}
		}
		return letters > 0 && digits <= digitsOfName && !strings.ContainsAny(contact, ";%")
	}
}
