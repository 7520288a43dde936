package dialer

import (
	"slices"
	"time"
)

// Reason is one reason why a lead is, or is not, called now.
type Reason struct {
	Code   Code      `json:"code"`
	Until  time.Time `json:"until,omitzero"`   // the first moment this reason allows; zero: not by itself
	Detail string    `json:"detail,omitempty"` // a list, a law, a trunk failure
}

// Explain says why a lead may, or may not, be called now, as far as the lead
// and its campaign's plan go: every reason that holds, most final first. A
// lead that nothing holds back has the single reason CodeCallable. Reasons of
// a campaign's state and of trunks come from Status.Explain.
func Explain(now time.Time, l Lead, c Campaign) []Reason {
	c.Policy = c.Policy.under(c.Window)
	switch l.State {
	case LeadDone:
		return []Reason{{Code: CodeDone, Detail: l.List}}
	case LeadSuppressed:
		return []Reason{{Code: CodeSuppressed}}
	case LeadDialing:
		return []Reason{{Code: CodeDialing}}
	}
	if !c.Ceiling.Allowed(l.Phone) {
		return []Reason{{Code: CodeForbidden}}
	}
	var reasons []Reason
	if l.NextAt.After(now) {
		code := CodeWaiting
		switch {
		case l.Progress.Unsent > 0:
			code = CodeUnsent
		case l.Promised:
			code = CodePromised
		}
		reasons = append(reasons, Reason{Code: code, Until: l.NextAt})
	}
	loc := locate(l.Zone, c.Window.Default)
	for _, g := range gates {
		at := g.next(&c, &l, loc, now)
		if at.IsZero() {
			reasons = append(reasons, Reason{Code: CodeNever, Detail: string(g.code)})
		} else if !at.Equal(now) {
			reasons = append(reasons, Reason{Code: g.code, Until: at, Detail: c.detail(g.code)})
		}
	}
	if len(reasons) == 0 {
		return []Reason{{Code: CodeCallable}}
	}
	return reasons
}

// detail names the law where a reason is a lawful one.
func (c *Campaign) detail(code Code) string {
	switch code {
	case CodeHours, CodeCapDay, CodeCapWeek, CodeCapMonth:
		return c.Policy.Name
	}
	return ""
}

// NextCall returns the first moment from now on at which the lead may be
// called by its plan; the zero time if it never will be.
func NextCall(now time.Time, l Lead, c Campaign) time.Time {
	if l.State.Final() {
		return time.Time{}
	}
	c.Policy = c.Policy.under(c.Window)
	return c.allowed(&l, latest(now, l.NextAt))
}

// Explain says what holds back every lead of a campaign now; nothing if the
// campaign is free to call.
func (s Status) Explain(c Campaign) []Reason {
	var reasons []Reason
	if s.Brake.On {
		reasons = append(reasons, Reason{Code: CodeOverloaded, Detail: s.Brake.Why})
	}
	if !s.Full.IsZero() {
		reasons = append(reasons, Reason{Code: CodeCallsHour, Until: s.Full})
	}
	running := false
	for _, st := range s.Campaigns {
		if st.Name != c.Name {
			continue
		}
		switch st.State {
		case CampaignRunning:
			running = true
		case CampaignPaused:
			running = true
			reasons = append(reasons, Reason{Code: CodePaused, Detail: string(st.Reason)})
		}
		if !st.Stalled.IsZero() {
			reasons = append(reasons, Reason{Code: CodeStalled, Until: st.Stalled, Detail: st.StalledWhy})
		}
		if c.Lines > 0 && st.Up >= c.Lines {
			reasons = append(reasons, Reason{Code: CodeLines, Detail: "the campaign's lines are all in use"})
		}
	}
	if !running {
		return append(reasons, Reason{Code: CodeNotRunning})
	}
	return append(reasons, s.explainTrunks(c.Trunks)...)
}

// explainTrunks says why none of the trunks takes a call; nothing if one does.
func (s Status) explainTrunks(names []string) []Reason {
	var reasons []Reason
	for _, t := range s.Trunks {
		if len(names) > 0 && !slices.Contains(names, t.Name) {
			continue
		}
		switch {
		case t.State == TrunkDown || t.State == TrunkOut:
			reasons = append(reasons, Reason{Code: CodeTrunk, Until: t.Until, Detail: t.detail()})
		case t.Up >= t.Lines:
			reasons = append(reasons, Reason{Code: CodeLines, Detail: t.Name})
		default:
			return nil
		}
	}
	if len(reasons) == 0 {
		return []Reason{{Code: CodeTrunk, Detail: "the campaign has no trunk"}}
	}
	return reasons
}

// detail says why a trunk takes no calls.
func (t TrunkStatus) detail() string {
	s := t.Name + ": " + string(t.Why)
	if t.Text != "" {
		s += ": " + t.Text
	}
	return s
}
