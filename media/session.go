package media

import (
	"net/netip"
	"time"

	"dozvon/audio"
)

// Options are the settings of one session.
type Options struct {
	// Sink receives the session's events, in order, on the wheel that serves
	// the session: it must not block. It may call the session's methods.
	Sink func(Event)
	// DeadAfter is how long the far end may stay silent (no packet at all)
	// before the Dead event; 0 turns the watch off.
	DeadAfter time.Duration
	// InBand listens for keys in the sound while no telephone-event payload
	// type is agreed, never beside one.
	InBand bool
	// AnySource lets the first packet with a right payload type decide where
	// the far end is even if it comes from another address than the one in
	// SDP, and that one is public. Off, this is allowed for private and
	// unspecified SDP addresses only.
	AnySource bool
}

// Remote is the far end as SDP described it.
type Remote struct {
	Addr        netip.AddrPort
	Law         audio.Law
	PayloadType uint8         // of the law, as agreed
	EventType   uint8         // payload type of telephone-event; 0: none agreed
	Ptime       time.Duration // what the far end asks for; packets are sent every 20 ms
	Inactive    bool          // on hold: nothing is sent and the dead-call watch rests
	Watch       bool          // the call is answered: watch for dead media from now on
}

// PlayOptions say how clips are played.
type PlayOptions struct {
	StopOnDigit bool // barge-in: a key stops the playing
	Loop        bool // start over after the last clip
}

// Session is one call's media.
type Session struct{ opt Options }

// Joined is a bridge between two sessions.
type Joined struct{}

func (s *Session) Local() netip.AddrPort                       { return netip.AddrPort{} }
func (s *Session) SetRemote(r Remote)                          {}
func (s *Session) Play(o PlayOptions, c ...*audio.Clip) PlayID { return 0 }
func (s *Session) StopPlay()                                   {}
func (s *Session) SendDigits(digits string)                    {}
func (s *Session) Record(path string) error                    { return nil }
func (s *Session) StopRecord()                                 {}
func (s *Session) Listen(f func(frame []int16))                {}
func (s *Session) Stats() Stats                                { return Stats{} }
func (s *Session) Close() error                                { return nil }
func (s *Session) Done() <-chan struct{}                       { return nil }
func Bridge(a, b *Session) *Joined                             { return nil }
func (j *Joined) Close()                                       {}

// Stats counts what a session did.
type Stats struct {
	Sent, Received, Lost, Late, Duplicates, Strangers, Invalid uint64
	Jitter                                                     time.Duration
}
