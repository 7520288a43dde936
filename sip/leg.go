package sip

import (
	"slices"
	"sync/atomic"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/internal/crew"
)

// Leg is one call. Its methods may be called from any goroutine and never
// block. Everything reaches the machine through one inbox, which one member of
// the endpoint's crew works on at a time; a leg that waits has no goroutine.
type Leg struct {
	e     *Endpoint
	box   *crew.Inbox[event]
	sink  func(Event)
	depth atomic.Int32 // messages of the far end that wait in the box
	trunk bool         // the call goes through a trunk
	phone bool         // the call goes to a phone registered here: all requests go where it registered from

	visits visits                 // owned by the guard
	bell   atomic.Pointer[string] // branch of the INVITE to which a 180 came last

	// Owned by who works on the inbox.
	m       machine
	timer   *time.Timer
	armed   time.Time // when the timer fires; zero: it does not
	hop     gosip.Uri // where the INVITE goes
	trust   trust     // what the certificates of its addresses must satisfy
	server  string    // the trunk's own name for them
	large   bool      // the INVITE is too long for UDP
	dest    path      // that the INVITE took
	past    []path    // that earlier INVITEs took and that were given up
	rest    []way     // that may be tried after dest
	slot    time.Time // the trunk's gate opens
	begun   bool
	hurry   bool              // do not linger
	open    exchanges         // over UDP
	streams []*gosip.ClientTx // over TCP and TLS, that wait for their final response
	tickets map[int]incoming
	ticket  int
	reply   *gosip.Response // last 2xx to a re-INVITE, to be repeated
	replyTx *gosip.ServerTx
	gone    bool
	over    bool // gone, and nothing is held any more
}

// incoming is a request of the far end and its transaction.
type incoming struct {
	request
	msg *gosip.Request
	tx  *gosip.ServerTx
}

// Items of a leg's inbox that the machine does not see.
type (
	quitNow struct{} // stop lingering as soon as the user was told
	alarm   struct{} // the timer fired
	heard   struct { // a response to a transaction over TCP or TLS
		tx  *gosip.ClientTx
		msg *gosip.Response
	}
	ended struct{ tx *gosip.ClientTx } // it ended without a final one
)

// maxDepth bounds what a flood can put into one leg's box.
const maxDepth = 128

// HangUp ends the call: by CANCEL, BYE, or ACK and BYE, as its state needs.
// why is for logs and the cause. It does nothing once the call is over.
func (l *Leg) HangUp(why string) { l.box.Put(hangUp{why: why}) }

// SendInfo sends a key (0-9 * # A-D) by SIP INFO, application/dtmf-relay, as
// pressed for d. Keys are sent one at a time, in order, and only while the
// call is answered.
func (l *Leg) SendInfo(digit byte, d time.Duration) { l.box.Put(press{digit: digit, d: d}) }

// Refer asks the far end of an answered call to call target in our place
// (RFC 3515, blind transfer): a SIP URI, or a number, which is rewritten by the
// trunk's rules and looked for at the host that this call went to.
// Transfer events tell how it goes; the last one is Final, and comes within
// 64 s if the far end says nothing. The call itself goes on: hang up after a
// Final 2xx.
func (l *Leg) Refer(target string) { l.box.Put(transfer{target: target}) }

// Notify tells the far end how the transfer goes that it asked for (Referred):
// a SIP status of the new call; final: nothing more follows.
func (l *Leg) Notify(code int, final bool) { l.box.Put(progress{code: code, final: final}) }

// Refuse declines the transfer that the far end asked for.
func (l *Leg) Refuse() { l.Notify(603, true) }

// fromFar puts what the far end sent into the box, unless too much waits
// there already.
func (l *Leg) fromFar(ev event) bool {
	if l.depth.Add(1) > maxDepth {
		l.depth.Add(-1)
		return false
	}
	l.box.Put(ev)
	return true
}

// work handles what has come. Only one goroutine at a time is here.
func (l *Leg) work(batch []event) {
	for _, ev := range batch {
		l.take(ev)
		if l.gone || l.hurry && l.m.told {
			l.leaveAll()
		}
	}
	if !l.over {
		l.rearm(time.Now())
	}
}

// leaveAll ends the leg. From now on it refuses what still comes.
func (l *Leg) leaveAll() {
	if l.over {
		return
	}
	l.over = true
	l.depth.Store(maxDepth) // the endpoint answers for the leg
	l.timer.Stop()
	l.open = nil
	for _, tx := range l.streams {
		tx.Terminate()
	}
	l.streams = nil
	l.e.legs.remove(l)
}

// rearm sets the timer to the leg's next moment.
func (l *Leg) rearm(now time.Time) {
	next := l.m.next()
	for _, t := range [...]time.Time{l.open.next(), l.slot} {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	switch {
	case next.Equal(l.armed):
	case next.IsZero():
		l.timer.Stop()
	default:
		l.timer.Reset(next.Sub(now))
	}
	l.armed = next
}

func (l *Leg) onTimer() {
	now := time.Now()
	if !l.armed.After(now) {
		l.armed = time.Time{}
	}
	if !l.begun {
		if now.Before(l.slot) {
			return
		}
		l.begun, l.slot = true, time.Time{}
		l.step(started{})
		return
	}
	again, lost := l.open.due(now)
	for i := range again {
		l.repeat(&again[i])
	}
	for i := range lost {
		l.step(lostExchange(&lost[i], gosip.ErrTransactionTimeout))
	}
	l.step(tick{})
}

// take handles an item of the box.
func (l *Leg) take(ev event) {
	if l.over {
		l.refuse(ev)
		return
	}
	switch ev := ev.(type) {
	case alarm:
		l.onTimer()
	case quitNow:
		l.hurry = true
	case incoming:
		l.depth.Add(-1)
		l.onIncoming(ev)
	case *gosip.Response:
		l.depth.Add(-1)
		l.onDatagram(ev)
	case heard:
		l.onStream(ev)
	case ended:
		if l.closed(ev.tx) {
			l.step(lostOf(ev.tx))
		}
	case refusal:
		l.depth.Add(-1)
		if ev.addr == l.dest.addr {
			l.step(ev)
		}
	case linked:
		l.dest, l.rest = ev.path, ev.rest
		if len(ev.rest) > 0 || len(l.past) > 0 {
			l.step(others{len(ev.rest)})
		}
		l.step(connected{ev.transport})
	default:
		l.step(ev)
	}
}

func (l *Leg) onResponse(r *gosip.Response) {
	if got, ok := readResponse(r); ok {
		l.step(came{got})
	}
}

// onDatagram handles a response over UDP, or one over a connection that belongs
// to no transaction any more. The machine knows what is of use of those to an
// INVITE that are not waited for: a 2xx that comes again because our ACK was
// lost, a second one of a fork, anything from an address that was given up.
func (l *Leg) onDatagram(r *gosip.Response) {
	cseq, via := r.CSeq(), r.Via()
	if cseq == nil || via == nil {
		return
	}
	branch, _ := via.Params.Get("branch")
	x, known := l.open.hear(time.Now(), cseq.MethodName, branch, r.StatusCode)
	switch {
	case !known && (cseq.MethodName != gosip.INVITE || l.e.repeatFarewell(branch)):
		return
	case x.req != nil && r.StatusCode >= 300 && r.To() != nil:
		l.e.bidFarewell(&x, r)
	}
	l.onResponse(r)
}

// onStream handles a response to a transaction over TCP or TLS. Only a final
// one to the INVITE may have overtaken a 180: the SIP library hands each message
// to a goroutine of its own; the guard saw the 180.
func (l *Leg) onStream(h heard) {
	if !h.msg.IsProvisional() {
		if !l.closed(h.tx) {
			return // given up
		}
		if !h.tx.Origin().IsInvite() {
			h.tx.Terminate()
		} else if branch := l.bell.Load(); branch != nil {
			l.step(rung{*branch})
		}
	}
	l.onResponse(h.msg)
}

// closed takes a transaction off those that are waited for.
func (l *Leg) closed(tx *gosip.ClientTx) bool {
	i := slices.Index(l.streams, tx)
	if i < 0 {
		return false
	}
	l.streams = slices.Delete(l.streams, i, i+1)
	return true
}

func (l *Leg) onIncoming(in incoming) {
	l.ticket++
	in.ticket = l.ticket
	if in.method != "ACK" {
		if l.tickets == nil {
			l.tickets = map[int]incoming{}
		}
		l.tickets[in.ticket] = in
	}
	l.step(asked{in.request})
	if in.method != "ACK" && l.tickets[in.ticket].tx != nil {
		l.e.respond(in.msg, in.tx, 500, "Not Handled", nil, "")
		delete(l.tickets, in.ticket)
	}
}

// step feeds the machine and performs what it decides.
func (l *Leg) step(ev event) {
	now := time.Now()
	before := l.m.state
	commands := l.m.handle(now, ev)
	for _, c := range commands {
		switch c := c.(type) {
		case connect:
			l.link()
		case shun:
			l.e.names.avoid(l.dest.way, now.Add(c.d))
		case send:
			l.send(c)
		case answer:
			l.answer(c)
		case tell:
			l.tell(c.Event)
		case drop:
			l.gone = true
		}
	}
	clear(commands) // or the last message, the ACK, would stay in memory for as long as the call
	if before != l.m.state {
		l.e.log.Debug("sip leg", "call", l.m.id.callID, "from", before.String(), "to", l.m.state.String())
	}
}

func (l *Leg) tell(e Event) {
	if e.Kind == Ended {
		l.logEnd(e)
	}
	if l.sink != nil {
		l.sink(e)
	}
}

func (l *Leg) logEnd(e Event) {
	attrs := []any{"call", l.m.id.callID, "to", maskNumber(l.m.plan.uri.User), "route", l.m.plan.route,
		"disposition", string(e.Disposition), "sip", e.Cause.SIP, "q850", e.Cause.Q850, "text", e.Cause.Text}
	if e.Err != nil {
		l.e.log.Warn("call failed", append(attrs, "error", e.Err.Error())...)
		return
	}
	l.e.log.Info("call ended", attrs...)
}

// answer responds to a request of the far end.
func (l *Leg) answer(c answer) {
	if c.again {
		if l.replyTx != nil {
			_ = l.replyTx.Respond(l.reply)
		}
		return
	}
	in, ok := l.tickets[c.ticket]
	if !ok {
		return
	}
	delete(l.tickets, c.ticket)
	res := l.e.respond(in.msg, in.tx, c.code, c.reason, c.headers, c.body)
	if in.msg.IsInvite() && res.IsSuccess() {
		l.reply, l.replyTx = res, in.tx
	}
}

// refuse answers a request that came too late for the leg.
func (l *Leg) refuse(ev event) {
	if in, ok := ev.(incoming); ok && in.method != "ACK" {
		l.e.respond(in.msg, in.tx, 481, "Call/Transaction Does Not Exist", nil, "")
	}
}
