package scenarios

import (
	"time"

	"dozvon/dialer"
)

// callbackOp promises a call and ends this one. The promise is exact: so long
// after the person's answer that led here, to the second. Where that moment
// lies outside the calling hours, the promise is their next opening, and
// outside says so in place of say.
type callbackOp struct {
	in      time.Duration
	at      *template
	say     *template
	outside *template
}

func callbackFields() []field[callbackOp] {
	return []field[callbackOp]{
		{"in", false, "that long after the person's answer, such as 2h", durationShape(),
			func(d *decoder, n *node, to *callbackOp) {
				to.in = d.duration(n, "in", time.Minute, 90*24*time.Hour)
			}},
		{"at", false, `at a moment of the lead, such as "{{meeting}}"`, textShape(),
			func(d *decoder, n *node, to *callbackOp) { to.at = d.template(n, "at") }},
		{"say", false, "spoken before the call ends; {{promise|when}} is the moment", textShape(),
			func(d *decoder, n *node, to *callbackOp) { to.say = d.template(n, "say") }},
		{"outside", false, "spoken instead when the moment had to move into the calling hours", textShape(),
			func(d *decoder, n *node, to *callbackOp) { to.outside = d.template(n, "outside") }},
	}
}

func callbackVerb() verb {
	return verb{name: "callback", doc: "promise a call and end this one",
		shape: func() shape { return blockShape(callbackFields()) },
		decode: func(d *decoder, n *node) op {
			var o callbackOp
			d.callbacks = append(d.callbacks, n)
			if block(d, n, "callback", callbackFields(), &o) && (o.in == 0) == (o.at == nil) {
				d.log.at(n, "write in: 2h, or at: \"{{column}}\"", "callback needs either in or at")
			}
			if o.say == nil && o.outside != nil {
				d.log.at(n, "add say", "outside is spoken in place of say, which is missing")
			}
			return o
		}}
}

func (callbackOp) branches() []*branch { return nil }
func (callbackOp) falls() bool         { return false }
func (callbackOp) quiet()              {}

func (o callbackOp) says() []*template {
	var out []*template
	for _, t := range []*template{o.say, o.outside} {
		if t != nil {
			out = append(out, t)
		}
	}
	return out
}

func (o callbackOp) run(s *Session) bool {
	moved := s.promiseAt(o.moment(s))
	text := o.say
	if moved && o.outside != nil {
		text = o.outside
	}
	if text == nil || !s.speak(s.filling().speech(text)) {
		s.conclude()
		return false
	}
	s.waiting = endWait{s.waiting.(playWait)}
	return true
}

// moment is the moment to promise; the zero time if the lead's value can't be read.
func (o callbackOp) moment(s *Session) time.Time {
	if o.at == nil {
		return s.decided.Add(o.in)
	}
	f := s.filling()
	// The value itself, not the way it is shown.
	for _, name := range o.at.vars() {
		v, _ := f.value(name)
		if t, _, ok := parseDate(v.raw, f.zone); ok {
			return t
		}
		if h, m, ok := parseClock(v.raw, f.zone); ok {
			now := s.now.In(f.zone)
			t := time.Date(now.Year(), now.Month(), now.Day(), h, m, 0, 0, f.zone)
			if !t.After(now) {
				t = t.AddDate(0, 0, 1)
			}
			return t
		}
	}
	return time.Time{}
}

// promiseAt makes the promise; it reports whether it had to move.
func (s *Session) promiseAt(want time.Time) (moved bool) {
	at := want
	if !at.After(s.now) {
		at = s.now.Add(time.Hour) // a moment of the lead that has passed, or can't be read
	}
	for range 8 { // the window and the law in turn, until both are content
		open := s.sc.Window.NextOpen(at, s.lead.Zone)
		if h := s.sc.Policy.Hours; h != nil && !open.IsZero() {
			open = lawfulOpen(*h, s.sc.Window, open, s.lead.Zone)
		}
		if open.IsZero() || open.Equal(at) {
			break
		}
		at = open
	}
	s.promise = at
	s.answers[varPromise] = at.In(s.sc.zoneOf(s.lead)).Format(time.RFC3339)
	return !at.Equal(want)
}

// lawfulOpen is the law's next opening, in the scenario's zone for people of
// whom none is known.
func lawfulOpen(law, w dialer.Window, at time.Time, zone string) time.Time {
	if law.Default == "" {
		law.Default = w.Default
	}
	return law.NextOpen(at, zone)
}
