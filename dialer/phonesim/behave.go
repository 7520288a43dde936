package phonesim

import (
	"time"

	"dozvon/dialer"
)

// keyTime is how long a person takes to press one key.
const keyTime = 300 * time.Millisecond

// rings reports whether the far end is heard ringing, or speaking, before its
// final answer.
func (k Kind) rings() bool {
	switch k {
	case Answers, RingsOut, Declines, Announcement, Voicemail, Fax, Mute, FalseAnswer:
		return true
	}
	return false
}

// ringTime is how long it rings: until the answer, or until we give up.
func (p Profile) ringTime(limit time.Duration) time.Duration {
	if p.Kind == RingsOut {
		return limit
	}
	return min(p.Ring, limit)
}

// refusal is how a call ends that nobody takes; false if somebody does. The
// figures are those of each Kind; Code overrides the SIP status.
func (p Profile) refusal() (dialer.Result, bool) {
	var r dialer.Result
	switch p.Kind {
	case Busy:
		r = dialer.Result{Disposition: dialer.Busy, Cause: dialer.Cause{SIP: 486, Q850: 17}}
	case Declines:
		r = dialer.Result{Disposition: dialer.Declined, Cause: dialer.Cause{SIP: 603, Q850: 21}}
	case SwitchedOff:
		r = dialer.Result{Disposition: dialer.Unreachable, Cause: dialer.Cause{SIP: 480, Q850: 20}}
	case Unknown:
		r = dialer.Result{Disposition: dialer.Invalid, Cause: dialer.Cause{SIP: 404, Q850: 1}}
	case Congested:
		r = dialer.Result{Disposition: dialer.Congestion, Cause: dialer.Cause{SIP: 503, Q850: 34}}
	case Announcement:
		return p.announced(), true
	default:
		return r, false
	}
	if p.Code != 0 {
		r.Cause.SIP = p.Code
	}
	return r, true
}

// announced is how a call ends whose announcement was heard: if it is a known
// one, before the network has ended the call.
func (p Profile) announced() dialer.Result {
	h := dialer.Heard{Verdict: dialer.VerdictAnnouncement, Label: p.Label, Cause: "a known announcement", Confidence: 1, After: knownTime, Early: true}
	r := dialer.Result{Disposition: dialer.Unreachable, Cause: dialer.Cause{SIP: 487, Local: true}}
	switch p.Label {
	case "off":
	case "invalid":
		r.Disposition = dialer.Invalid
	case "busy":
		r.Disposition = dialer.Busy
	case "machine":
		r.Disposition, h.Verdict, h.Label = dialer.Machine, dialer.VerdictMachine, ""
	default:
		h.Verdict, h.Label, h.Cause = dialer.VerdictTone, "sit", "three tones that announce an announcement"
		r.Cause = dialer.Cause{SIP: 480}
		if p.Code != 0 {
			r.Cause.SIP = p.Code
		}
	}
	r.Verdict, r.Heard = h.Verdict, []dialer.Heard{h}
	return r
}

// Duration is how long the person's steps take, without the time that our side
// speaks.
func (p Profile) Duration() time.Duration {
	var d time.Duration
	for _, s := range p.Steps {
		d += s.Wait + s.Listen + s.Hush + time.Duration(len(s.Press)+len(s.Info))*keyTime
	}
	return d
}

// Keys returns the keys the person presses, in order.
func (p Profile) Keys() string {
	keys := ""
	for _, s := range p.Steps {
		keys += s.Press + s.Info
	}
	return keys
}

// ByKey is a Talk for scenarios that only ask for one key: the first key names
// the result; the empty key is what follows if none is pressed.
func ByKey(results map[string]dialer.Result) Talk {
	return func(c Call) (time.Duration, dialer.Result) {
		keys := c.Profile.Keys()
		first := ""
		if keys != "" {
			first = keys[:1]
		}
		r, ok := results[first]
		if !ok {
			r = results[""]
		}
		r.Keys = keys
		return c.Profile.Duration(), r
	}
}
