package sip

import (
	"net/netip"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// state is where a leg stands.
//
//	waiting → calling → proceeding → confirmed → ending → lingering → gone
//	            └──────┴→ cancelling → ending | gone
type state uint8

const (
	waiting    state = iota // for its slot, a name or a connection; no INVITE has left
	calling                 // the INVITE is out, nothing came back
	proceeding              // a provisional response came
	cancelling              // we gave up before a final response; CANCEL is sent as soon as the RFC lets it
	confirmed               // answered and acknowledged
	ending                  // our BYE is out
	lingering               // over; a repeated 2xx is still acknowledged, a forked one still released
	gone                    // nothing is left to do
)

var stateNames = [...]string{"waiting", "calling", "proceeding", "cancelling", "confirmed", "ending", "lingering", "gone"}

func (s state) String() string { return stateNames[s] }

// Base timers (RFC 3261 section 17.1.1.1) and 64*T1.
const (
	t1   = 500 * time.Millisecond
	t2   = 4 * time.Second
	t164 = 64 * t1
)

// plan is what a leg was asked to do; it never changes.
type plan struct {
	uri        gosip.Uri // Request-URI of the INVITE
	headers    []gosip.Header
	preload    []gosip.Uri // Route of requests outside the dialog: an outbound proxy
	route      string      // for people: which trunk or address
	ring       time.Duration
	noResponse time.Duration
	grace      time.Duration

	reliable Reliability // of provisional responses
	interval int         // session interval offered, seconds; 0: no session timers
	follow   int         // 3xx answers followed at most
	hosts    []string    // where a redirection may lead, lower case
	rewrite  []Rewrite   // of the numbers of transfers
	permit   func(number string) bool
	refer    bool // the far end may ask for a transfer
}

// machine is the state machine of one leg: INVITE client and dialog, RFC 3261
// sections 9, 12, 13, 14 and 15. It is pure: it builds messages and decides,
// it never reads a clock, a socket or a random number.
type machine struct {
	plan  plan
	id    identity
	talk  parley
	state state

	now  time.Time
	cmds []command

	transport   string // udp or tcp
	n           int    // requests built so far; makes branches unique
	dice        uint64 // randomness given from outside, see random
	seq         uint32 // CSeq of the last INVITE outside the dialog
	branch      string // of the last INVITE outside the dialog
	inviteN     int    // n of the last INVITE outside the dialog
	heard       bool   // a 1xx came to the last INVITE
	provisional bool   // a 1xx came, to any INVITE
	rang        bool   // a 180 or 183 came
	trying      bool   // Trying was told
	branches    []*early
	playing     *early // the early dialog whose media counts now
	detours     detours
	demand      bool // 100rel is required, as the far end demanded by 421
	cancelSent  bool
	quit        quitting
	told        bool // Ended was told
	farBye      bool // a BYE came before the 2xx it follows

	creds   credentials
	asked   asks           // challenges to the INVITE
	auth    []gosip.Header // credentials of the INVITE, for its ACK
	dlg     *dialog
	forks   []*dialog
	pending []pending
	keys    []press
	reoffer reoffer
	timer   sessionTimer
	refers  refers
	due     deadlines
	ways    ways
}

// quitting is why we gave up on a call that was not answered.
type quitting struct {
	ring bool   // the ring time is over
	why  string // the user's words
}

// Commands of the machine to its shell.
type (
	command any
	// connect: find the address and open what must be open; connected or
	// unconnected follows. Asked again, it gives up that address and opens
	// the next one.
	connect struct{}
	// shun: the address that connect found counts as dead for d.
	shun struct{ d time.Duration }
	// send: a request leaves. first: to the address that the way'th connect
	// found, else to hop. tx: as a transaction; else as it is (ACK).
	send struct {
		req   *gosip.Request
		hop   gosip.Uri
		first bool
		way   int
		tx    bool
	}
	// answer: respond to a request of the far end. again: the same response
	// once more.
	answer struct {
		ticket  int
		code    int
		reason  string
		headers []gosip.Header
		body    string // SDP
		again   bool
	}
	// tell: an event for the user.
	tell struct{ Event }
	// drop: the leg is gone; its transactions end.
	drop struct{}
)

// Events of the shell to the machine.
type (
	event     any
	started   struct{}                   // the trunk's slot has come
	connected struct{ transport string } // the INVITE can leave
	others    struct{ n int }            // so many addresses may be tried after the one that connected tells
	unlinked  struct{ err error }        // it can't
	came      struct{ response }         // a response, of whichever transaction
	lost      struct {                   // a transaction ended without a final response
		method, branch string
		timeout        bool
		err            error
	}
	asked  struct{ request }    // a request of the far end with our tag
	hangUp struct{ why string } // the user is done
	press  struct {             // the user sends a key
		digit byte
		d     time.Duration
	}
	transfer struct { // the user wants the far end to call somebody else
		target string
	}
	progress struct { // how the transfer goes that the far end asked for
		code  int
		final bool
	}
	refusal struct{ addr netip.AddrPort } // where the INVITE went, nobody listens (ICMP)
	rung    struct{ branch string }       // a 180 came to the INVITE with this branch, though it may not have been read yet
	tick    struct{}                      // next() has come
)

// handle is the machine's only way in. The commands are valid until the next
// call.
func (m *machine) handle(now time.Time, ev event) []command {
	m.now, m.cmds = now, m.cmds[:0]
	switch ev := ev.(type) {
	case started:
		if m.state == waiting {
			m.do(connect{})
		}
	case connected:
		m.onConnected(ev.transport)
	case others:
		m.ways.more = ev.n
	case unlinked:
		m.onUnlinked(ev.err)
	case came:
		m.onResponse(&ev.response)
	case lost:
		m.onLost(ev)
	case asked:
		m.onRequest(&ev.request)
	case hangUp:
		m.onHangUp(ev.why)
	case press:
		m.onPress(ev)
	case transfer:
		m.onTransfer(ev.target)
	case progress:
		m.onProgress(ev.code, ev.final)
	case refusal:
		m.onRefusedDatagram(ev.addr)
	case rung:
		m.onRung(ev.branch)
	case tick:
		m.onTick()
	}
	return m.cmds
}

func (m *machine) do(c command) { m.cmds = append(m.cmds, c) }

func (m *machine) tell(e Event) {
	e.At = m.now
	m.do(tell{e})
}

// set enters a state. Deadlines that belong to the one left are cleared.
func (m *machine) set(s state) {
	m.state = s
	switch s {
	case confirmed, ending, lingering:
		m.due.silence, m.due.ring = time.Time{}, time.Time{}
	case gone:
		if until := m.ways.openUntil(); until.After(m.now) {
			m.state, m.due = lingering, deadlines{linger: until}
			return
		}
		m.due = deadlines{}
		m.pending, m.forks, m.keys, m.branches = nil, nil, nil, nil
		m.do(drop{})
	}
}

// deadlines are the moments at which the machine wants a tick; zero: none.
type deadlines struct {
	ring    time.Time // give up on the person
	silence time.Time // give up on the trunk: no response at all
	grace   time.Time // tell Ended even if the far end says nothing
	giveUp  time.Time // stop waiting for the end of a cancelled INVITE
	linger  time.Time // 64*T1 after the 2xx
	repeat  time.Time // our 2xx to a re-INVITE again, until its ACK
	refresh time.Time // the session must be refreshed by us (RFC 4028)
	expire  time.Time // the session ends for want of a refresh
	refer   time.Time // no more news of our transfer are waited for
	notify  time.Time // the far end's subscription to its transfer ends
}

func (d *deadlines) all() [10]time.Time {
	return [10]time.Time{d.ring, d.silence, d.grace, d.giveUp, d.linger, d.repeat, d.refresh, d.expire, d.refer, d.notify}
}

// next returns when the machine wants a tick; zero: not at all.
func (m *machine) next() time.Time {
	var first time.Time
	for _, t := range m.due.all() {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// passed clears a deadline and reports whether it has come.
func (m *machine) passed(t *time.Time) bool {
	if t.IsZero() || t.After(m.now) {
		return false
	}
	*t = time.Time{}
	return true
}

func (m *machine) onTick() {
	if m.passed(&m.due.silence) && m.state == calling {
		m.onSilence()
	}
	if m.passed(&m.due.ring) {
		m.giveUp(quitting{ring: true})
	}
	if m.passed(&m.due.grace) && !m.told {
		m.finishQuit(0)
	}
	if m.passed(&m.due.giveUp) && m.state == cancelling {
		m.finishQuit(0)
		m.set(gone)
	}
	if m.passed(&m.due.repeat) {
		m.repeatReoffer()
	}
	if m.passed(&m.due.refresh) {
		m.refreshSession()
	}
	if m.passed(&m.due.expire) {
		m.sessionExpired()
	}
	if m.passed(&m.due.refer) {
		m.transferSilent()
	}
	if m.passed(&m.due.notify) {
		m.onProgress(503, true)
	}
	if m.passed(&m.due.linger) && m.state == lingering {
		m.set(gone)
	}
}
