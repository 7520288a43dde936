package siptest

import (
	"io"
	"log/slog"
	"net/netip"
	"time"

	"dozvon/audio"
	"dozvon/media"
)

// Config is the setting of a simulated network of subscribers. The zero value
// answers every call on a free port of 127.0.0.1.
type Config struct {
	IP   netip.Addr // address to listen on; zero: 127.0.0.1
	Port int        // UDP (and TCP) port; 0: any free one
	TCP  bool       // listen on TCP as well, on the same port
	Book Book       // who answers what

	Media  *media.Engine // nil: an engine of its own
	Sounds Sounds        // audio that profiles speak by name, besides the built-in names

	Auth *Credentials // nil: nobody is challenged

	// AnswerDelayScale multiplies every Ring; 0 counts as 1.
	AnswerDelayScale float64
	// DropAcks is how many ACKs of each answered call are treated as lost, so
	// that the 200 is sent again.
	DropAcks int
	// T1 is the first interval of a repeated 200; zero: 500 ms (RFC 3261 13.3.1.4).
	T1 time.Duration
	// AckWait is how long an ACK is waited for; zero: 64 × T1.
	AckWait time.Duration
	// MaxRing is how long a far end that never answers waits for a CANCEL;
	// zero: 3 minutes (RFC 3261 13.3.1.1).
	MaxRing time.Duration
	// MaxCall is how long an answered call may last before it is recorded as
	// one whose BYE never came; zero: 30 minutes.
	MaxCall time.Duration
	// DeadAfter is how long the caller may send no RTP before the person hangs
	// up on a dead line; zero: 15 s; negative: never.
	DeadAfter time.Duration
	// NoRTCP spares the socket of each call on which reports of its sound go
	// and come; the far end then says nothing of what it hears. It needs a
	// negative DeadAfter.
	NoRTCP bool
	// Remember is how many ended calls Calls can tell of; zero: 100,000.
	Remember int
	// RecordDir, if set, receives a stereo WAV file per answered call.
	RecordDir string

	Log     *slog.Logger // nil: silent
	Journal io.Writer    // a JSON line per event; nil: none
}

// Sounds are clips by the name that a profile's Speak uses.
type Sounds map[string]*audio.Clip

// withDefaults fills in what the zero value stands for.
func (c Config) withDefaults() Config {
	if !c.IP.IsValid() {
		c.IP = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	if c.AnswerDelayScale <= 0 {
		c.AnswerDelayScale = 1
	}
	setDefault(&c.T1, 500*time.Millisecond)
	setDefault(&c.AckWait, 64*c.T1)
	setDefault(&c.MaxRing, 3*time.Minute)
	setDefault(&c.MaxCall, 30*time.Minute)
	setDefault(&c.DeadAfter, 15*time.Second)
	setDefault(&c.Remember, 100_000)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

func setDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}
