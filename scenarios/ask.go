package scenarios

import "time"

// The playing of an ask: its question, the wait, the repeats.

func (o askOp) run(s *Session) bool {
	if s.gone {
		s.hangupBlock()
		return false
	}
	s.do(o.listen())
	w := &askWait{op: o}
	s.waiting = w
	w.put(s, nil)
	return true
}

// listen is what the question asks to be heard.
func (o askOp) listen() Listen {
	l := Listen{Question: o.save, Keys: map[byte]string{}, Words: map[string][]string{}, Sure: map[string]float64{}, Voice: o.barge == bargeVoice}
	for _, a := range o.answers {
		for _, key := range []byte(a.allKeys()) {
			l.Keys[key] = a.label
		}
		if len(a.phrases) > 0 {
			l.Words[a.label], l.Sure[a.label] = a.phrases, a.sure
		}
	}
	return l
}

// askWait waits for an answer.
type askWait struct {
	op    askOp
	begun time.Time // when the question itself began to be said; zero: not yet
	whole bool      // it has been heard to its end
	asked int       // how often the question was repeated
	play  int       // the play that is on; 0: none
	timer int       // the wait that is on; 0: none
	one   bool      // a 1 was pressed that may become 10; the timer ends it
}

// put plays the question, after what is said first.
func (w *askWait) put(s *Session, first []Prompt) {
	prompts := append(s.takeLead(), first...)
	lead := len(prompts)
	switch {
	case w.op.say != nil:
		prompts = append(prompts, s.filling().speech(w.op.say)...)
	case w.op.play != "":
		prompts = append(prompts, Prompt{File: w.op.play})
	}
	if w.op.offer != nil && w.asked > 0 && w.asked == w.op.repeat {
		prompts = append(prompts, s.filling().speech(w.op.offer)...)
	}
	w.timer = 0
	if len(prompts) == lead { // no question of its own
		lead = 0
	}
	if lead == 0 && w.begun.IsZero() {
		w.begun = s.now
	}
	if len(prompts) == 0 {
		w.play, w.timer = 0, s.after(w.op.wait)
		return
	}
	w.play = s.playFrom(lead, prompts, w.op.barge != bargeOff)
}

// deaf reports whether the question must be heard to its end before anything
// counts.
func (w *askWait) deaf() bool { return w.play != 0 && w.op.barge == bargeOff }

// greeting is how long after the answer a voice is the person's greeting
// («Алло?»), and no reply to what the robot has hardly begun to say.
const greeting = 2 * time.Second

// spoken ends the question because the person has begun to speak: from now on
// the robot waits for the answer.
func (w *askWait) spoken(s *Session) {
	if w.play == 0 || w.op.barge != bargeVoice || s.now.Sub(s.answered) < greeting {
		return
	}
	s.do(StopPlay{})
	w.play, w.timer = 0, s.after(w.op.wait)
}

func (w *askWait) handle(s *Session, ev Event) bool {
	switch ev := ev.(type) {
	case Asked:
		if ev.ID == w.play && w.begun.IsZero() {
			w.begun = s.now
		}
	case PlayDone:
		if ev.ID == w.play {
			w.whole = true
			w.play, w.timer = 0, s.after(w.op.wait)
		}
	case Timer:
		switch {
		case ev.ID != w.timer || w.timer == 0:
		case w.one:
			w.one = false
			return w.scored(s, 1)
		default:
			return w.again(s, w.op.silent)
		}
	case Voice:
		w.spoken(s)
	case Key:
		if !w.deaf() {
			return w.pressed(s, ev.Digit)
		}
	case Word:
		if !w.deaf() {
			return w.said(s, ev)
		}
	case HungUp:
		s.hangupBlock()
		return true
	}
	return false
}

// chosen goes where an answer leads; value is what is noted of it.
func (w *askWait) chosen(s *Session, a answer, value string) bool {
	w.hush(s, true)
	s.person = true
	s.answers[w.op.save] = value
	s.decided = s.now
	if a.to != nil {
		s.jump(a.to)
	}
	return true
}

// again asks once more, or gives up.
func (w *askWait) again(s *Session, first *template) bool {
	if w.asked >= w.op.repeat {
		w.hush(s, false)
		s.decided = s.now
		if w.op.nothing != nil {
			s.jump(w.op.nothing)
		}
		return true
	}
	w.asked++
	if w.play != 0 {
		s.do(StopPlay{})
	}
	var prompts []Prompt
	if first != nil {
		prompts = s.filling().speech(first)
	}
	w.put(s, prompts)
	return false
}

// hush ends the question: an early key cuts it short.
func (w *askWait) hush(s *Session, answered bool) {
	if w.play != 0 {
		s.do(StopPlay{})
	}
	s.do(StopListen{Answered: answered})
}
