package scenarios

import (
	"cmp"
	"time"

	"dozvon/dialer"
)

// Labels of announcements and tones, and the misses that they are. They are
// those of package hearing, which this one does not know.
var labelMeans = map[string]dialer.Disposition{
	"off":            dialer.Unreachable,
	"invalid":        dialer.Invalid,
	"busy":           dialer.Busy,
	"machine":        dialer.Machine,
	"congestion":     dialer.Congestion,
	"dial":           dialer.Congestion,
	"unobtainable":   dialer.Invalid,
	labelSIT:         dialer.Unreachable,
	"sit-vacant":     dialer.Invalid,
	"sit-intercept":  dialer.Invalid,
	"sit-no-circuit": dialer.Congestion,
	"sit-reorder":    dialer.Congestion,
}

const (
	labelSIT      = "sit" // three tones that only say that an announcement follows
	labelRingback = "ringback"
)

// sitPatience is how long the announcement after a special information tone
// without a meaning of its own may take to say what it is about.
const sitPatience = 8 * time.Second

// means is the disposition that a verdict gives to a call that it ends; empty:
// none.
func (h *HearSpec) means(v Heard) dialer.Disposition {
	switch v.Verdict {
	case dialer.VerdictMachine:
		return dialer.Machine
	case dialer.VerdictFax:
		return dialer.Fax
	case dialer.VerdictAnnouncement, dialer.VerdictTone:
		if d := h.announcements[v.Label]; d != "" && v.Verdict == dialer.VerdictAnnouncement {
			return d
		}
		if d := labelMeans[v.Label]; d != "" {
			return d
		}
		return cmp.Or(v.Means, dialer.Unreachable)
	case dialer.VerdictSilence:
		return dialer.Silent
	}
	return dialer.Answered
}

// follow returns what follows a verdict, and the disposition it gives. A
// machine that is doubtful is unsure; the greeting of a voicemail that is known
// by heart is a machine.
func (h *HearSpec) follow(v Heard) (*follow, dialer.Disposition) {
	as := h.means(v)
	kind := v.Verdict
	switch {
	case kind == dialer.VerdictAnnouncement && as == dialer.Machine:
		kind = dialer.VerdictMachine
	case kind == dialer.VerdictMachine && v.Confidence < h.Sure:
		kind, as = dialer.VerdictUnsure, dialer.Answered
	}
	f := h.follows[kind]
	if f == nil || v.Label == labelRingback {
		return &follow{goOn: true}, ""
	}
	if f.as != "" {
		as = f.as
	}
	return f, as
}

// early takes a verdict before the answer, and gives the call up if that is
// what follows it.
func (s *Session) early(v Heard) {
	f, as := s.sc.Hear.follow(v)
	switch v.Verdict {
	case dialer.VerdictAnnouncement, dialer.VerdictTone, dialer.VerdictFax:
	case dialer.VerdictMachine:
		if v.Beep { // what rings may beep too, and somebody may still answer
			return
		}
	case dialer.VerdictSilence, dialer.VerdictUnsure:
		if f.as == "" && f.to == nil || v.Label != "" {
			return // music, or somebody says what nobody knows: it may still be answered
		}
		if f.as == "" {
			as = dialer.Unreachable
		}
	default:
		return
	}
	if f.goOn || f.leave != nil { // a message can be left after the answer only
		return
	}
	if v.Label == labelSIT && s.sitID == 0 {
		s.sitID, s.sitAs = s.after(sitPatience), as
		return
	}
	s.giveUp(f, as)
}

// giveUp ends a call that nobody has answered.
func (s *Session) giveUp(f *follow, as dialer.Disposition) {
	s.do(HangUp{})
	s.gone, s.disposition = true, as
	if f.to == nil {
		s.conclude()
		return
	}
	s.started, s.answered, s.decided = true, s.now, s.now
	s.jump(f.to)
	s.advance()
}

// settled reports whether the course of the call hangs on no verdict any more.
func (s *Session) settled(now time.Time) bool {
	return s.person || s.gone || s.bridging() || now.Sub(s.answered) > s.sc.Hear.Within
}

// Heeds reports whether what is heard of the far end may still change the
// call, at now. Nobody needs to listen for it once it does not.
func (s *Session) Heeds(now time.Time) bool {
	switch s.waiting.(type) {
	case *leaveWait, *greetWait:
		return true
	}
	return !s.started || !s.settled(now)
}

// judge takes a verdict after the answer and reports whether it has changed
// the course of the call. It changes nothing once the far end has shown that
// it is a person, or an operator is sought.
func (s *Session) judge(v Heard) bool {
	_, leaving := s.waiting.(*leaveWait)
	if leaving || s.settled(s.now) {
		return false
	}
	f, as := s.sc.Hear.follow(v)
	if f.goOn {
		return false
	}
	s.do(StopPlay{})
	s.do(StopListen{})
	s.waiting, s.ahead, s.list, s.promise = nil, nil, "", time.Time{}
	s.disposition, s.decided = as, s.now
	switch {
	case f.leave != nil:
		s.leaveMessage(f.leave, v.Beep)
	case f.to != nil:
		s.jump(f.to)
		s.advance()
	default:
		s.conclude()
	}
	return true
}

// greet begins the dialogue at the answer, or waits for the person's first
// word.
func (s *Session) greet() {
	s.step, s.next = s.sc.steps[0], 0
	if s.sc.Hear.AfterWord && !s.person {
		s.waiting = &greetWait{timer: s.after(s.sc.Hear.Wait)}
		return
	}
	s.advance()
}

// greetWait waits for the first word and its end. Whoever has begun to speak
// gets the whole time again: a greeting in which the robot begins to speak is
// a machine's more often than a person's.
type greetWait struct {
	timer int
	voice bool // the first word has begun
}

func (w *greetWait) handle(s *Session, ev Event) bool {
	switch ev := ev.(type) {
	case Voice:
		if !w.voice {
			w.voice, w.timer = true, s.after(s.sc.Hear.Wait)
		}
	case Timer:
		return ev.ID == w.timer
	case Heard:
		return ev.Label != labelRingback
	case Key:
		return true
	case HungUp:
		s.hangupBlock()
		return true
	}
	return false
}
