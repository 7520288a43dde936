package siptest

import "time"

// history is a call record while it is being told: records are nothing but
// the fold of the journal's entries, live in the server and again in Audit.
type history struct {
	CallRecord
	seen map[invite]struct{} // INVITEs by branch and CSeq; nil with fewer than two
	last invite
}

// invite tells one INVITE transaction from another.
type invite struct {
	branch string
	cseq   uint32
}

func newHistory(call string) *history {
	return &history{CallRecord: CallRecord{CallID: call}}
}

// tell adds one entry to the history.
func (h *history) tell(e Entry) {
	switch e.What {
	case Invited:
		h.invited(e)
	case Challenged:
		h.Challenges++
		h.Code = e.Code
	case Admitted:
		h.Nth, h.Profile, h.Operator = e.Nth, e.Profile, e.Operator
		h.Number, h.From = e.Number, e.From
	case Rung:
		first(&h.RingingAt, e.At)
	case Early:
		first(&h.EarlyAt, e.At)
	case Answered:
		first(&h.AnsweredAt, e.At)
		h.Answers++
		h.Code = e.Code
	case Refused:
		first(&h.RefusedAt, e.At)
		h.Code = e.Code
	case Reinvited:
		h.Reinvites++
	case KeyHeard:
		h.KeysIn += e.Keys
	case KeyPressed:
		h.KeysOut += e.Keys
	default:
		h.ending(e)
	}
}

func (h *history) ending(e Entry) {
	switch e.What {
	case Acked:
		if e.CSeq == h.last.cseq { // not that of a re-INVITE or a challenge
			first(&h.AckAt, e.At)
		}
	case Cancelled:
		first(&h.CancelAt, e.At)
	case ByeCame, HungUp:
		first(&h.ByeAt, e.At)
	case Ended:
		first(&h.EndedAt, e.At)
		h.By, h.Err = e.By, e.Err
		if s := e.Sound; s != nil {
			h.Heard, h.HeardPerson, h.HeardOperator = s.Heard, s.HeardPerson, s.HeardOperator
			h.PacketsIn, h.PacketsOut = s.PacketsIn, s.PacketsOut
		}
	}
}

func (h *history) invited(e Entry) {
	h.Invites++
	first(&h.InviteAt, e.At)
	if h.Number == "" {
		h.Number, h.From = e.Number, e.From
	}
	this := invite{e.Branch, e.CSeq}
	if h.Challenges > 0 && this.cseq != h.last.cseq {
		h.AckAt = time.Time{} // that was for the challenge
	}
	switch {
	case h.Distinct == 0:
		h.Distinct, h.last = 1, this
	case this == h.last:
	case h.seen == nil:
		h.seen = map[invite]struct{}{h.last: {}, this: {}}
		h.Distinct, h.last = 2, this
	default:
		h.seen[this] = struct{}{}
		h.Distinct, h.last = len(h.seen), this
	}
}

func first(t *time.Time, at time.Time) {
	if t.IsZero() {
		*t = at
	}
}
