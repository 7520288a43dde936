package media

import (
	"sync"
	"time"
)

// Audience says who of a bridge hears its third party.
type Audience uint8

// Audiences; Both is FirstHears|SecondHears.
const (
	NobodyHears Audience = 0
	FirstHears  Audience = 1 << 0 // the first session of Bridge
	SecondHears Audience = 1 << 1 // the second
)

// Third is a third party in a bridge: it hears both of the others always, and
// is heard by whom its audience names. What both hear at once is added up
// with saturation. The recording of each session holds what its own far end
// says and hears, nothing else: who does not hear the third party has it in no
// recording.
type Third struct {
	joined       *Joined
	session      *Session
	fromA, fromB *pipe
	toA, toB     *pipe
	once         sync.Once
}

// Third lets a session into the bridge. It leaves whatever bridge it was in.
// A bridge has one third party at a time; a new one takes the old one's place.
// The end of the bridge leaves the third party in silence.
func (j *Joined) Third(s *Session, heard Audience) *Third {
	t := &Third{joined: j, session: s, fromA: new(pipe), fromB: new(pipe), toA: new(pipe), toB: new(pipe)}
	s.join(t.fromA, nil)
	s.post(func(time.Time) {
		s.mixIn = t.fromB
		t.heard(heard)
	})
	j.a.admit(j.bToA, t.toA, t.fromA)
	j.b.admit(j.aToB, t.toB, t.fromB)
	return t
}

// Heard changes who hears the third party.
func (t *Third) Heard(by Audience) {
	t.session.post(func(time.Time) { t.heard(by) })
}

// heard runs on the wheel of the third party's session.
func (t *Third) heard(by Audience) {
	if t.session.bridgeIn != t.fromA {
		return
	}
	t.session.bridgeOut, t.session.mixOut = nil, nil
	if by&FirstHears != 0 {
		t.session.bridgeOut = t.toA
	}
	if by&SecondHears != 0 {
		t.session.mixOut = t.toB
	}
}

// Close takes the third party out; the other two go on undisturbed. It does
// nothing to a session that has joined another bridge since, and nothing when
// called again.
func (t *Third) Close() {
	t.once.Do(func() {
		t.session.part(t.fromA)
		t.joined.a.dismiss(t.toA)
		t.joined.b.dismiss(t.toB)
	})
}

// admit lets a third party into the bridge whose sound comes from in.
func (s *Session) admit(in, third, toThird *pipe) {
	s.post(func(time.Time) {
		if s.bridgeIn == in {
			s.mixIn, s.mixOut = third, toThird
		}
	})
}

func (s *Session) dismiss(third *pipe) {
	s.post(func(time.Time) {
		if s.mixIn == third {
			s.mixIn, s.mixOut = nil, nil
		}
	})
}
