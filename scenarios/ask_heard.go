package scenarios

import (
	"strconv"
	"strings"
	"time"

	"dozvon/hearing/phrases"
)

// What a person pressed or said, and which answer it is.

// tenWait is how long a 1 waits for the 0 of a 10.
const tenWait = 1500 * time.Millisecond

// pressed takes a key.
func (w *askWait) pressed(s *Session, key byte) bool {
	answers := w.op.answers
	if w.one { // the second key: only a 0 has a meaning beside the 1
		w.one = false
		if key == '0' {
			return w.scored(s, 10)
		}
		return w.scored(s, 1)
	}
	if key == '1' && holds(answers, 10) {
		if w.play != 0 {
			s.do(StopPlay{})
		}
		w.one, w.play, w.timer = true, 0, s.after(tenWait)
		return false
	}
	for _, a := range answers {
		if strings.IndexByte(a.keys, key) >= 0 {
			return w.chosen(s, a, a.label)
		}
	}
	if key >= '0' && key <= '9' {
		return w.scored(s, int(key-'0'))
	}
	return w.again(s, w.op.wrong)
}

// scored takes a number.
func (w *askWait) scored(s *Session, v int) bool {
	if a, ok := scored(w.op.answers, v); ok {
		return w.chosen(s, a, strconv.Itoa(v))
	}
	return w.again(s, w.op.wrong)
}

// said takes a word. One that is not sure enough, or is no answer, counts as an
// attempt to answer, but for the time that the robot speaks: then it may be the
// robot's own echo.
func (w *askWait) said(s *Session, ev Word) bool {
	var a answer
	known := false
	for _, one := range w.op.answers {
		if one.label == ev.Label {
			a, known = one, true
		}
	}
	if known && a.yes && w.early(s) {
		if w.play == 0 { // the person's voice has cut short what comes before the question
			w.put(s, nil)
		}
		return false
	}
	first := w.op.wrong
	if known && ev.Confidence >= a.sure {
		if value, ok := w.value(s, &a, ev.Text); ok {
			return w.chosen(s, a, value)
		}
	} else if known {
		first = w.op.doubt()
	}
	if w.play != 0 || w.one {
		return false
	}
	return w.again(s, first)
}

// A «yes» is no answer to a question that has hardly begun: people greet with
// it («Да?»), and say it to what comes before («да-да»).
const (
	greetingWord = greeting + 500*time.Millisecond // the same of a word, which is known later than its voice
	replyAfter   = 700 * time.Millisecond          // of the question
)

// early reports whether a «yes» is a greeting, or means what was said before
// the question.
func (w *askWait) early(s *Session) bool {
	return w.asked == 0 && !w.whole && (w.begun.IsZero() || s.now.Sub(w.begun) < replyAfter || s.now.Sub(s.answered) < greetingWord)
}

// value is what is noted of a spoken answer, and notes its moment. False: the
// number or the moment was not understood, or is none of the question.
func (w *askWait) value(s *Session, a *answer, text string) (string, bool) {
	language := s.sc.Language
	switch {
	case a.number:
		v, ok := phrases.ParseNumber(language, text)
		if !ok {
			return "", false
		}
		*a, ok = scored(w.op.answers, v)
		return strconv.Itoa(v), ok
	case a.time != "":
		at, ok := phrases.ParseTime(language, text, s.now.In(s.sc.zoneOf(s.lead)))
		if ok {
			s.answers[a.time] = at.Format(time.RFC3339)
		}
		return a.label, ok
	}
	return a.label, true
}

// doubt is what is said before asking again when an answer was not sure.
func (o askOp) doubt() *template {
	for _, t := range []*template{o.unsure, o.silent} {
		if t != nil {
			return t
		}
	}
	return o.wrong
}
