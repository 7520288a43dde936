package media

import (
	"slices"
	"time"

	"dozvon/audio"
)

// listener is one of those who hear what a session receives.
type listener struct{ f func(audio.Frame) }

// Listen gives f every 20 ms of received sound, in order, silence where
// nothing came, from the first SetRemote on, until stop is called. Several may
// listen to one session at once. f runs on the wheel: it must not block, must
// not change the samples, and must not keep them. A frame that is on its way
// when stop is called may still come.
func (s *Session) Listen(f func(frame audio.Frame)) (stop func()) {
	l := &listener{f}
	s.post(func(time.Time) { s.listeners = append(s.listeners, l) })
	return func() {
		s.post(func(time.Time) {
			s.listeners = slices.DeleteFunc(s.listeners, func(o *listener) bool { return o == l })
		})
	}
}

// overhear hands a received frame to those who listen.
func (s *Session) overhear(rx *[frameBytes]byte) {
	f := audio.Frame{PCM: s.wheel.decode(s.remote.Law, rx), Echo: s.voice.mayEcho(), Filled: s.jitter.filled}
	for _, l := range s.listeners {
		l.f(f)
	}
}
