package scenarios

import "dozvon/dialer"

// mostBeeps is how many beeps a message is begun anew for: some machines beep
// between their greeting and their rules, and record after the last one only.
const mostBeeps = 3

// leaveMessage leaves a message on a machine, now if its beep has just ended.
func (s *Session) leaveMessage(l *leave, now bool) {
	w := &leaveWait{leave: l}
	s.waiting = w
	if now {
		w.speak(s)
		return
	}
	w.timer = s.after(l.beep)
}

// leaveWait waits for a machine's beep, says the message after it, and waits
// for its end.
type leaveWait struct {
	leave *leave
	timer int // until the beep is given up; 0: not any more
	play  int // the message; 0: it has not begun
	beeps int
}

func (w *leaveWait) handle(s *Session, ev Event) bool {
	switch ev := ev.(type) {
	case Heard:
		return w.heard(s, ev.Heard)
	case Timer:
		if ev.ID != w.timer || w.timer == 0 {
			return false
		}
		if !w.leave.mute {
			w.speak(s)
			return false
		}
		s.conclude()
		return true
	case PlayDone:
		return ev.ID == w.play && w.left(s)
	case Key:
		return w.pickedUp(s)
	case HungUp: // the machine would not take it: the message is not left
		s.conclude()
		return true
	}
	return false
}

// heard takes what is heard while a message is left: a beep, or a person who
// picks up after all.
func (w *leaveWait) heard(s *Session, v dialer.Heard) bool {
	switch {
	case v.Beep && w.beeps < mostBeeps:
		w.beeps++
		w.speak(s)
	case v.Verdict == dialer.VerdictHuman && w.play != 0 && v.Confidence >= s.sc.Hear.Sure:
		return w.pickedUp(s)
	}
	return false
}

// speak says the message from its beginning.
func (w *leaveWait) speak(s *Session) {
	prompts := []Prompt{{File: w.leave.file}}
	if w.leave.text != nil {
		prompts = s.filling().speech(w.leave.text)
	}
	w.timer = 0
	w.play = s.play(prompts, false)
	s.do(ListenAnew{})
}

// left ends the call after the message.
func (w *leaveWait) left(s *Session) bool {
	s.do(HangUp{})
	s.gone, s.decided = true, s.now
	if w.leave.then == nil {
		s.conclude()
		return true
	}
	s.jump(w.leave.then)
	return true
}

// pickedUp begins the dialogue: a person has taken the call off the machine.
func (w *leaveWait) pickedUp(s *Session) bool {
	if w.play != 0 {
		s.do(StopPlay{})
	}
	s.person, s.disposition = true, ""
	s.step, s.next = s.sc.steps[0], 0
	return true
}
