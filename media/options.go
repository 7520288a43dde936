package media

import (
	"log/slog"
	"net/netip"
	"time"

	"dozvon/audio"
)

// Config is the setting of an engine.
type Config struct {
	IP      netip.Addr    // the address that sockets bind to and that Local reports; one the far ends can reach
	PortMin int           // first RTP port; 0 together with PortMax 0: 16384 to 32766
	PortMax int           // last RTP port; even ports are used, the odd one above each is left for RTCP
	Wheels  int           // pacing wheels; 0: one per core
	Drain   time.Duration // how long a released port rests before another call gets it; 0: 3 s
	Log     *slog.Logger  // nil: silent
	// OwnThreads gives each wheel a thread, and the Go scheduler one processor
	// more for each (GOMAXPROCS, until Close); every other thread of the process
	// gets a lower priority for good. So packets never wait for other work of
	// the program. For a program whose purpose is its calls, not for tests.
	OwnThreads bool
}

// Options are the settings of one session.
type Options struct {
	// Sink receives the session's events, in order, on the wheel that serves
	// the session: it must not block. It may call the session's methods.
	Sink func(Event)
	// DeadAfter is how long the far end may stay silent (no packet at all)
	// before the Dead event; 0 turns the watch off.
	DeadAfter time.Duration
	// InBand listens for keys in the sound until the first telephone-event
	// comes, or always if none is agreed: never to both.
	InBand bool
	// Voice watches for speech by its energy, for SpeechBegan and SpeechEnded.
	// PlayOptions.StopOnVoice watches too while its clips play; with Voice the
	// line's noise and echo are known by then.
	Voice bool
	// AnySource lets the first packet with a right payload type decide where
	// the far end is, even if it comes from another address than the one in
	// SDP and that one is public. Off, this holds for private and unspecified
	// SDP addresses only.
	AnySource bool
}

// PacketTimes are the lengths of packets that a session can send.
var PacketTimes = [...]time.Duration{10 * time.Millisecond, 20 * time.Millisecond, 30 * time.Millisecond, 40 * time.Millisecond, 60 * time.Millisecond}

// Remote is the far end as SDP described it.
type Remote struct {
	Addr        netip.AddrPort
	Law         audio.Law
	PayloadType uint8          // of the law, as agreed
	EventType   uint8          // payload type of telephone-event; 0: none agreed
	Ptime       time.Duration  // of the packets that we send, one of PacketTimes; anything else: 20 ms
	Inactive    bool           // on hold: nothing is sent and the dead-call watch rests
	Watch       bool           // the call is answered: watch for dead media from now on
	Crypto      Crypto         // the zero value: plain RTP
	Noise       uint8          // payload type of comfort noise (RFC 3389) agreed for sending; 0: none
	RTCP        netip.AddrPort // where RTCP goes, if SDP names it (RFC 3605) or multiplexes it (RFC 5761); zero: one port above Addr
}

// PlayOptions say how clips are played.
type PlayOptions struct {
	StopOnDigit bool // barge-in: a key stops the playing
	StopOnVoice bool // barge-in: speech stops the playing
	Loop        bool // start over after the last clip
}

// payloadType returns the payload type to send the law under. The static
// types mean one law each (RFC 3551 6), whatever a broken peer says.
func (r Remote) payloadType() uint8 {
	if r.PayloadType == audio.ALaw.PayloadType() || r.PayloadType == audio.ULaw.PayloadType() {
		return r.Law.PayloadType()
	}
	return r.PayloadType
}

// content is what a payload type carries.
type content uint8

const (
	contentUnknown content = iota
	contentALaw
	contentULaw
	contentEvent
	contentNoise // comfort noise, RFC 3389: alive, and silent
)

// comfortNoise is the static payload type of RFC 3389.
const comfortNoise = 13

// contentOf says what the far end means by a payload type. The other law's
// static type is understood too: some gateways change it without a re-INVITE.
func (r Remote) contentOf(pt uint8) content {
	switch {
	case r.EventType != 0 && pt == r.EventType:
		return contentEvent
	case pt == audio.ULaw.PayloadType():
		return contentULaw
	case pt == audio.ALaw.PayloadType():
		return contentALaw
	case pt == r.PayloadType && r.Law == audio.ULaw:
		return contentULaw
	case pt == r.PayloadType:
		return contentALaw
	case pt == comfortNoise || r.Noise != 0 && pt == r.Noise:
		return contentNoise
	}
	return contentUnknown
}
