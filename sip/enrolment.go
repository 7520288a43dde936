package sip

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/dialer"
)

// RegistrationState is how a trunk's registrar stands to us.
type RegistrationState uint8

// States of a registration.
const (
	Registering  RegistrationState = iota // nothing is known yet
	Registered                            // the registrar knows where we are
	Refused                               // the registrar does not take us; it is asked again, seldom
	Lost                                  // the registrar does not answer; it is asked again
	Unregistered                          // we have left
)

// String returns the state's name for logs and pages.
func (s RegistrationState) String() string {
	return [...]string{"registering", "registered", "refused", "lost", "unregistered"}[min(s, Unregistered)]
}

// RegistrationEvent tells that a registration's state has changed.
type RegistrationEvent struct {
	Trunk string // its name
	State RegistrationState
	At    time.Time
	Until time.Time // Registered: when it ends unless refreshed, which happens by itself
	Code  int       // Refused: SIP status
	Err   error     // Refused, Lost: what is wrong and what to do
}

// enrolment is the state machine of one registration with a trunk (RFC 3261 section
// 10.2): pure, like the machine of a call.
type enrolment struct {
	account
	trunk string
	want  time.Duration // asked for
	creds credentials
	asked asks
	dice  *rand.Rand

	cmds  []command
	now   time.Time
	state RegistrationState // told last
	code  int               // told last
	seq   uint32
	more  int // addresses not tried yet
	way   string
	busy  bool // a REGISTER, or a connection for it, is under way
	fails int  // in a row
	brief int  // 423 in a row
	until time.Time
	leave bool
	due   enrolTimes
}

// enrolTimes are the moments at which a registration wants a tick.
type enrolTimes struct {
	ask    time.Time // REGISTER
	poke   time.Time // keep-alive
	expire time.Time // the binding ends
	leave  time.Time // the last REGISTER has had its time
}

// Times of registrations. The back-off is that of RFC 5626 section 4.5.
const (
	defaultExpires = 5 * time.Minute
	leastExpires   = 10 * time.Second // asked for
	longestExpires = 24 * time.Hour
	firstBackoff   = 30 * time.Second
	longestBackoff = 30 * time.Minute
	longestRetry   = time.Hour // of Retry-After
	pokeEvery      = 30 * time.Second
	leaveTime      = 2 * time.Second
	maxBrief       = 3
)

// Commands and events of a registration beside those of a call.
type (
	nextWay    struct{} // like connect, to the next address of those found
	poke       struct{} // a keep-alive (RFC 5626 section 3.5.1)
	news       struct{ RegistrationEvent }
	leaving    struct{} // unregister
	broken     struct{} // the connection to the registrar is gone
	enrolReply struct { // a final response to a REGISTER
		response
		granted time.Duration // 0: not said
		least   time.Duration // Min-Expires
	}
)

// newEnrolment returns a machine whose first tick is due at once.
func newEnrolment(a account, t *Trunk, dice *rand.Rand, now time.Time) *enrolment {
	r := &enrolment{account: a, trunk: t.Name, want: t.Expires, dice: dice,
		creds: credentials{user: a.user, password: t.Password}}
	if r.want <= 0 {
		r.want = defaultExpires
	}
	r.want = min(max(r.want, leastExpires), longestExpires)
	r.id.to = r.id.from
	r.due.ask = now
	return r
}

// handle is the machine's only way in.
func (r *enrolment) handle(now time.Time, ev event) []command {
	r.now, r.cmds = now, r.cmds[:0]
	switch ev := ev.(type) {
	case tick:
		r.onTick()
	case others:
		r.more = ev.n
	case connected:
		r.way = ev.transport
		r.send()
	case unlinked:
		r.failed(ev.err, 0)
	case enrolReply:
		r.onAnswer(&ev)
	case lost:
		if ev.branch == r.id.branch(int(r.seq)) {
			r.onLost(ev.err)
		}
	case broken:
		r.ask()
	case leaving:
		r.onLeave()
	}
	return r.cmds
}

func (r *enrolment) do(c command) { r.cmds = append(r.cmds, c) }

// next returns when the machine wants a tick; zero: not at all.
func (r *enrolment) next() time.Time {
	var first time.Time
	for _, t := range [...]time.Time{r.due.ask, r.due.poke, r.due.expire, r.due.leave} {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

func (r *enrolment) onTick() {
	come := func(t *time.Time) bool {
		if t.IsZero() || t.After(r.now) {
			return false
		}
		*t = time.Time{}
		return true
	}
	if come(&r.due.leave) {
		r.gone()
		return
	}
	if come(&r.due.expire) {
		r.due.poke = time.Time{}
		r.tell(RegistrationEvent{State: Lost, Err: fmt.Errorf("trunk %q: the registration has ended, for the registrar did not answer in time", r.trunk)})
	}
	if come(&r.due.poke) {
		r.keepAlive()
		r.do(poke{})
	}
	if come(&r.due.ask) {
		r.ask()
	}
}

// ask begins a REGISTER, unless one is under way.
func (r *enrolment) ask() {
	if r.busy || r.leave {
		return
	}
	r.busy, r.due.ask, r.asked = true, time.Time{}, asks{}
	r.do(connect{})
}

// send sends the REGISTER. A registration keeps its Call-ID and counts its
// CSeq (RFC 3261 section 10.2.4).
func (r *enrolment) send() {
	r.seq++
	expires := r.want
	if r.leave {
		expires = 0
	}
	req := r.id.outside(gosip.REGISTER, r.domain, r.preload, r.seq, int(r.seq), r.way)
	req.AppendHeader(&gosip.ContactHeader{Address: r.id.contactURI(r.way)})
	req.AppendHeader(gosip.NewHeader("Expires", strconv.Itoa(int(expires/time.Second))))
	req.AppendHeader(gosip.NewHeader("Allow", allow))
	for _, h := range r.creds.headers(gosip.REGISTER, r.domain.String(), r.id.seed) {
		req.AppendHeader(h)
	}
	setBody(req, "", "")
	r.do(send{req: req, first: true, tx: true})
}

// onAnswer handles a final response.
func (r *enrolment) onAnswer(a *enrolReply) {
	switch {
	case a.cseq != r.seq: // to an earlier one
	case (a.code == 401 || a.code == 407) && r.creds.accept(a.challenges, &r.asked):
		r.send()
	case r.leave:
		r.gone()
	case a.code/100 == 2:
		r.registered(a.granted)
	case a.code == 423 && a.least > r.want && a.least <= longestExpires && r.brief < maxBrief:
		r.brief++
		r.want = a.least
		r.send()
	case (a.code == 503 || a.code == 408) && r.more > 0:
		r.do(nextWay{})
	case a.code == 503 || a.code == 408 || a.code == 500:
		r.failed(fmt.Errorf("%d %s: the registrar is up but takes no registrations now", a.code, a.reason), a.retryAfter)
	default:
		r.refused(a)
	}
}

// registered schedules the refresh at about 80 % of the time granted.
func (r *enrolment) registered(granted time.Duration) {
	if granted <= 0 || granted > longestExpires {
		granted = min(max(r.want, time.Second), longestExpires)
	}
	r.busy, r.fails, r.brief = false, 0, 0
	r.until = r.now.Add(granted)
	r.due.expire = r.until
	r.due.ask = r.now.Add(r.between(0.75, 0.85, granted))
	r.keepAlive()
	r.tell(RegistrationEvent{State: Registered, Until: r.until})
}

func (r *enrolment) keepAlive() { r.due.poke = r.now.Add(r.between(0.8, 1, pokeEvery)) }

// between draws a time from a share of d to another.
func (r *enrolment) between(from, to float64, d time.Duration) time.Duration {
	return time.Duration((from + (to-from)*r.dice.Float64()) * float64(d))
}

// onLost handles a REGISTER without a response: the next address, or later.
func (r *enrolment) onLost(err error) {
	if r.leave {
		r.gone()
		return
	}
	if r.more > 0 {
		r.do(shun{shunFor})
		r.do(nextWay{})
		return
	}
	r.failed(err, 0)
}

// failed waits for the next try: longer each time, or as long as the registrar
// asks. A binding that still lasts is not lost yet.
func (r *enrolment) failed(err error, after time.Duration) {
	if r.leave {
		r.gone()
		return
	}
	r.again(after)
	if r.due.expire.IsZero() {
		r.tell(RegistrationEvent{State: Lost, Err: fmt.Errorf("trunk %q can't be registered: %w", r.trunk, err)})
	}
}

func (r *enrolment) again(after time.Duration) {
	r.busy = false
	wait := r.between(0.5, 1, min(longestBackoff, firstBackoff<<min(r.fails, 10)))
	if after > 0 {
		wait = r.between(1, 1.1, min(after, longestRetry))
	}
	r.fails++
	r.due.ask = r.now.Add(wait)
}

// refused waits longer: the next try with the same words has little hope, and
// many wrong passwords lock an account.
func (r *enrolment) refused(a *enrolReply) {
	r.fails = max(r.fails, 2)
	r.again(a.retryAfter)
	r.due.expire, r.due.poke = time.Time{}, time.Time{}
	err := verdict(&a.response, &r.creds, gosip.REGISTER)
	if err == nil { // 423 without end
		err = spoken{dialer.TrunkRejected, a.code, fmt.Sprintf("%d %s: the registrar refuses every duration", a.code, a.reason)}
	}
	r.tell(RegistrationEvent{State: Refused, Code: a.code, Err: fmt.Errorf("trunk %q can't be registered: %w", r.trunk, err)})
}

// onLeave unregisters if there may be a binding, and waits for it no longer
// than leaveTime.
func (r *enrolment) onLeave() {
	if r.leave {
		return
	}
	r.leave = true
	if r.way == "" || r.due.expire.IsZero() && !r.busy {
		r.gone()
		return
	}
	r.due = enrolTimes{leave: r.now.Add(leaveTime)}
	r.asked = asks{}
	r.send()
}

func (r *enrolment) gone() {
	r.due = enrolTimes{}
	r.tell(RegistrationEvent{State: Unregistered})
	r.do(drop{})
}

// tell tells a state once. Registered is told again when it ends later only
// by its first change.
func (r *enrolment) tell(e RegistrationEvent) {
	if e.State == r.state && e.Code == r.code && e.State != Registering {
		return
	}
	r.state, r.code = e.State, e.Code
	e.Trunk, e.At = r.trunk, r.now
	r.do(news{e})
}
