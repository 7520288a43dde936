package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dozvon/calls"
	"dozvon/config"
	"dozvon/dialer"
	"dozvon/media"
	"dozvon/store/base"
)

// ceiling is what no campaign exceeds.
func ceiling(cfg *config.Config) dialer.Ceiling {
	l := cfg.Limits
	return dialer.Ceiling{Allow: l.Allow, Deny: l.Deny, PerHour: l.CallsPerHour,
		NumberPerHour: l.NumberPerHour(), NumberPerDay: l.NumberPerDay(), StaffPerHour: l.OperatorPerHour()}
}

// forbidden says why a number may not be called.
func forbidden(cfg *config.Config) func(e164 string) error {
	c := ceiling(cfg)
	return func(e164 string) error {
		switch {
		case c.Allowed(e164):
			return nil
		case len(c.Allow) > 0:
			return fmt.Errorf("calls to this number are not allowed: limits.allow lets pass %s, limits.deny may take some away", strings.Join(c.Allow, ", "))
		}
		return fmt.Errorf("calls to this number are not allowed: limits.deny stops %s", strings.Join(c.Deny, ", "))
	}
}

// transferable reads a number to which an operator wants a call transferred.
func transferable(cfg *config.Config) func(text string) (string, error) {
	forbids := forbidden(cfg)
	return func(text string) (string, error) {
		number, err := base.CleanPhone(text, cfg.Numbers.Region)
		if err == nil {
			err = forbids(number.E164)
		}
		if err != nil {
			return "", err
		}
		return number.E164, nil
	}
}

// checkOperators refuses operators who would be called at a number that the
// limits do not allow: toll fraud needs no lead.
func (s *station) checkOperators() error {
	c := ceiling(s.cfg)
	for name, g := range s.cfg.Operators {
		for _, a := range g.Addresses {
			number := a
			if user, _, ok := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(a, "sips:"), "sip:"), "@"); ok {
				if s.behind(a) == nil {
					continue // a phone of our own, not a number of the network
				}
				number = user
			}
			if _, phone := s.cfg.Phones[a]; !phone && !c.Allowed(number) {
				return fmt.Errorf("nobody was called: the operator %s of the group %s is a number that limits do not allow; add its prefix to limits.allow, or take the operator out", a, name)
			}
		}
	}
	return nil
}

// secure is whether the sound of an operator's phones is encrypted: of an
// account's as it says itself, of a phone elsewhere as its groups say, the
// strictest of them.
func (s *station) secure(address string) media.Security {
	if p, account := s.cfg.Phones[address]; account {
		word, _ := media.ParseSecurity(p.SRTP) // checked by config
		return word
	}
	strictest := media.Plain
	for _, g := range s.cfg.Operators {
		if slices.Contains(g.Addresses, address) {
			word, _ := media.ParseSecurity(g.SRTP)
			strictest = max(strictest, word)
		}
	}
	return strictest
}

// transfers are what the operators of a group may do with a call.
func (s *station) transfers(group string) calls.TransferRules {
	g := s.cfg.Operators[group]
	return calls.TransferRules{Refuse: g.Transfer == "off", Numbers: g.Transfer == "numbers", ByRefer: g.By == "refer"}
}

// limit tells the engine the ceiling, and the calls of the last hour by which
// it is held over a restart.
func (s *station) limit(ctx context.Context) error {
	c := ceiling(s.cfg)
	ev := dialer.SetCeiling{Ceiling: c}
	if c.PerHour > 0 {
		var err error
		if ev.Placed, err = s.db.PlacedSince(ctx, s.clock.Now().Add(-time.Hour), c.PerHour); err != nil {
			return err
		}
	}
	s.loop.Post(ev)
	return nil
}
