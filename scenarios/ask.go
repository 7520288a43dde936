package scenarios

import "time"

// The playing of an ask: its question, the wait, the repeats.

func (o askOp) run(s *Session) bool {
	if s.gone {
		s.hangupBlock()
		return false
	}
	listen := Listen{Keys: map[byte]string{}, Words: map[string][]string{}, Voice: o.barge == bargeVoice}
	for _, a := range o.answers {
		for i := range len(a.keys) {
			listen.Keys[a.keys[i]] = a.label
		}
		if len(a.words) > 0 {
			listen.Words[a.label] = a.words
		}
	}
	s.do(listen)
	w := &askWait{op: o}
	s.waiting = w
	w.put(s, nil)
	return true
}

// askWait waits for an answer.
type askWait struct {
	op    askOp
	asked int // how often the question was repeated
	play  int // the play that is on; 0: none
	timer int // the wait that is on; 0: none
}

// put plays the question, after what is said first.
func (w *askWait) put(s *Session, first []Prompt) {
	prompts := append(s.takeLead(), first...)
	switch {
	case w.op.say != nil:
		prompts = append(prompts, s.filling().speech(w.op.say)...)
	case w.op.play != "":
		prompts = append(prompts, Prompt{File: w.op.play})
	}
	w.timer = 0
	if len(prompts) == 0 {
		w.play, w.timer = 0, s.after(w.op.wait)
		return
	}
	w.play = s.play(prompts, w.op.barge != bargeOff)
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
	case PlayDone:
		if ev.ID == w.play {
			w.play, w.timer = 0, s.after(w.op.wait)
		}
	case Timer:
		if ev.ID == w.timer && w.timer != 0 {
			return w.again(s, w.op.silent)
		}
	case Voice:
		w.spoken(s)
	case Key:
		if w.deaf() {
			return false
		}
		for _, a := range w.op.answers {
			for i := range len(a.keys) {
				if a.keys[i] == ev.Digit {
					return w.chosen(s, a)
				}
			}
		}
		return w.again(s, w.op.wrong)
	case Word:
		if w.deaf() {
			return false
		}
		for _, a := range w.op.answers {
			if a.label == ev.Label && ev.Confidence >= a.sure {
				return w.chosen(s, a)
			}
		}
		if w.play == 0 { // while the robot speaks, a doubtful word may be its own echo
			return w.again(s, w.op.wrong)
		}
	case HungUp:
		s.hangupBlock()
		return true
	}
	return false
}

func (w *askWait) chosen(s *Session, a answer) bool {
	w.hush(s)
	s.person = true
	s.answers[w.op.save] = a.label
	s.decided = s.now
	if a.to != nil {
		s.jump(a.to)
	}
	return true
}

// again asks once more, or gives up.
func (w *askWait) again(s *Session, first *template) bool {
	if w.asked >= w.op.repeat {
		w.hush(s)
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
func (w *askWait) hush(s *Session) {
	if w.play != 0 {
		s.do(StopPlay{})
	}
	s.do(StopListen{})
}
