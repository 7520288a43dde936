package sip

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/media"
)

// Config is what an Endpoint needs to start.
type Config struct {
	// IP is the address to listen on; it is written into Via and Contact, so
	// it must be one that the trunks can reach, not 0.0.0.0.
	IP   netip.Addr
	Port int // UDP and TCP port; 0 takes a free one
	// UserAgent is the User-Agent header; empty: "dozvon".
	UserAgent string
	Log       *slog.Logger // nil: nothing is logged
	TCP       bool         // listen on TCP as well; calls over TCP trunks work without it
	// TLSPort is the port to listen on for TLS, with Certificate; without
	// either there is no listener. Calls over TLS trunks work without it.
	TLSPort     int
	Certificate *tls.Certificate
	Resolver    *net.Resolver // looks names up; nil: the system's
	// NoResponse is how long an INVITE may stay without any response at all
	// before the call ends as dialer.TrunkUnreachable. 0: 8 s, by which UDP
	// has sent it five times (RFC 3261 section 17.1.1.2).
	NoResponse time.Duration
	// Grace is how long HangUp waits for the far end's answer to CANCEL or
	// BYE before the call ends for its user; the leg itself stays behind and
	// finishes by the book. 0: 2 s.
	Grace time.Duration
	// Allow are the sources that may talk to us besides trunks and registered
	// phones; phones that are to register must be among them. Empty: anyone,
	// within the limits for strangers.
	Allow []netip.Prefix
	// Registrar lets operators' phones register here; nil: none may.
	Registrar *Registrar
}

// Trunk is a way out to the telephone network.
type Trunk struct {
	Name     string  // for people and logs
	URI      string  // sip:user@host:port;transport=udp|tcp|tls, or sips:user@host:port
	User     string  // for authentication; empty: the user part of URI
	Password string  // never logged
	CallerID string  // number shown to the person called; empty: User
	Display  string  // name shown to the person called
	CPS      float64 // at most this many INVITEs a second, evenly spaced; 0: no limit

	Proxy    string         // outbound proxy, sip:host:port;transport=…: every request goes there first; empty: none
	Roots    *x509.CertPool // certificate authorities that TLS trusts; nil: the system's
	Server   string         // name that the trunk's certificate must have, sent as SNI; empty: the URI's host
	Register bool           // log in with REGISTER and refresh it; calls wait for nothing
	Expires  time.Duration  // asked for when registering; 0: 5 min
	Rewrite  []Rewrite      // of numbers, the first rule that matches
	SRTP     media.Security // of calls through the trunk
	Laws     []audio.Law    // in order of preference; empty: PCMA, PCMU
	Ptime    time.Duration  // of the packets we ask for, 10 to 60 ms; 0: 20 ms
	Assert   bool           // P-Asserted-Identity with the caller's number (RFC 3325)
	Privacy  string         // value of Privacy (RFC 3323): id, header, none; empty: no header. With id, From is anonymous
	Divert   string         // Diversion (RFC 5806): the number or URI that the call counts as diverted from; empty: none
	Follow   int            // 3xx answers followed at most in one call (RFC 3261 section 8.1.3.4); 0: none
	Timer    time.Duration  // session interval offered (RFC 4028), at least 90 s; 0: 30 min; negative: none
	Reliable Reliability    // of provisional responses (RFC 3262)
}

// Rewrite changes numbers of one prefix into what a trunk wants.
type Rewrite struct {
	Match string // prefix of the number as dialled, E.164 with +; empty: every number
	Strip int    // characters taken off the front
	Add   string // put in front afterwards
}

// Reliability says whether provisional responses are acknowledged (RFC 3262).
type Reliability uint8

// Reliabilities.
const (
	ReliableOffered  Reliability = iota // Supported: 100rel
	ReliableRequired                    // Require: 100rel
	ReliableOff                         // neither
)

// Call is one call to place.
type Call struct {
	ID      string            // becomes the Call-ID; unique per attempt
	Trunk   *Trunk            // nil: To is a SIP URI that is called directly
	To      string            // E.164 or a SIP URI
	From    string            // caller's number; empty: the trunk's CallerID
	Display string            // caller's name; empty: the trunk's Display
	Ring    time.Duration     // CANCEL after that long without an answer; 0: 60 s
	Local   netip.AddrPort    // where we receive RTP
	Laws    []audio.Law       // in order of preference; empty: PCMA, PCMU
	Headers map[string]string // more headers of the INVITE: X-…, P-…, Privacy, Diversion
	Device  *Device           // a phone registered here: To is its address of record; the trunk is not used
	SRTP    media.Security    // without a trunk

	// AllowRefer lets the far end ask for a transfer (REFER): Referred tells
	// of it. Otherwise it is declined.
	AllowRefer bool
	// Permit says whether the far end may lead the call to a number, by a 3xx
	// that the trunk lets us follow. It must only look at the number, a URI's
	// user part. nil: any number. A REFER leads nowhere by itself: whoever takes
	// Referred decides.
	Permit func(number string) bool

	Sink func(Event) // called on the leg's goroutine, in order; must not block
}

// EventKind is what happened on a leg.
type EventKind uint8

// Kinds of events. Trying, Ringing and Early come at most once each per cause
// and only before Answered; Ended comes exactly once and is the last.
const (
	Trying    EventKind = iota + 1 // the INVITE was received by somebody
	Ringing                        // 18x without SDP
	Early                          // 18x with SDP: Remote says where early media comes from
	Answered                       // 2xx, and the ACK is sent: Remote is agreed
	Reoffered                      // the far end moved, held or resumed its media: Remote is new
	Digit                          // a key came by SIP INFO
	Ended                          // the call is over
	Referred                       // the far end wants the call transferred to Target (REFER); see Leg.Refuse and Leg.Notify
	Transfer                       // news of our own Leg.Refer: Code, Final
)

var kindNames = [...]string{"", "trying", "ringing", "early", "answered", "reoffered", "digit", "ended", "referred", "transfer"}

// String returns the kind's name for logs.
func (k EventKind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Event is something that happened on a leg.
type Event struct {
	Kind        EventKind
	At          time.Time
	Code        int                // SIP status that caused it; 0: none
	Remote      media.Remote       // Early, Answered, Reoffered
	Digit       byte               // Digit: one of 0-9 * # A-D
	Target      string             // Referred: the SIP URI in Refer-To, cleaned
	Final       bool               // Transfer: nothing more follows; a Code of 200 to 299 is success
	Cause       dialer.Cause       // Ended
	Disposition dialer.Disposition // Ended: dialer.Answered if the call was answered
	Err         error              // Ended, Transfer: what went wrong and what to do; nil after an orderly end
}
