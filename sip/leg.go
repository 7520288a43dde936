package sip

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/internal/mailbox"
)

// Leg is one call. Its methods may be called from any goroutine and never
// block. One goroutine owns the machine; everything reaches it through one
// mailbox, apart from the responses to its own transactions, which it reads
// itself.
type Leg struct {
	e     *Endpoint
	box   *mailbox.Box[event]
	sink  func(Event)
	depth atomic.Int32 // messages of the far end that wait in the box
	trunk bool         // the call goes through a trunk
	phone bool         // the call goes to a phone registered here: all requests go where it registered from

	visits visits                 // owned by the guard
	bell   atomic.Pointer[string] // branch of the INVITE to which a 180 came last

	// Owned by the leg's goroutine.
	m       machine
	hop     gosip.Uri // where the INVITE goes
	trust   trust     // what the certificates of its addresses must satisfy
	server  string    // the trunk's own name for them
	large   bool      // the INVITE is too long for UDP
	dest    path      // that the INVITE took
	past    []path    // that earlier INVITEs took and that were given up
	rest    []way     // that may be tried after dest
	slot    time.Time // the trunk's gate opens
	begun   bool
	inv     *gosip.ClientTx // the INVITE
	side    *gosip.ClientTx // the other request that waits for its response
	tickets map[int]incoming
	ticket  int
	reply   *gosip.Response // last 2xx to a re-INVITE, to be repeated
	replyTx *gosip.ServerTx
	gone    bool
}

// incoming is a request of the far end and its transaction.
type incoming struct {
	request
	msg *gosip.Request
	tx  *gosip.ServerTx
}

// quitNow makes a leg stop lingering as soon as its user was told.
type quitNow struct{}

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

// run is the leg's goroutine.
func (l *Leg) run() {
	defer l.e.legs.remove(l)
	timer := time.NewTimer(time.Until(l.slot))
	defer timer.Stop()
	var buf []event
	hurry := false
	for !l.gone && !(hurry && l.m.told) {
		invite, inviteDone := channels(l.inv)
		other, otherDone := channels(l.side)
		select {
		case <-l.box.Ready():
			buf = l.box.Take(buf)
			for _, ev := range buf {
				if _, ok := ev.(quitNow); ok {
					hurry = true
					continue
				}
				l.take(ev)
			}
		case r := <-invite:
			l.onInvite(r)
		case <-inviteDone:
			tx := l.inv
			l.inv = nil
			l.step(lostOf(tx))
		case r := <-other:
			l.onOther(r)
		case <-otherDone:
			tx := l.side
			l.side = nil
			l.step(lostOf(tx))
		case <-timer.C:
			l.onTimer()
		}
		l.rearm(timer)
	}
	l.depth.Store(maxDepth) // from now on the endpoint answers for the leg
	l.release()
}

// channels returns the channels of a transaction; nil channels for none.
func channels(tx *gosip.ClientTx) (<-chan *gosip.Response, <-chan struct{}) {
	if tx == nil {
		return nil, nil
	}
	return tx.Responses(), tx.Done()
}

func (l *Leg) rearm(timer *time.Timer) {
	next := l.m.next()
	if !l.begun && (next.IsZero() || l.slot.Before(next)) {
		next = l.slot
	}
	if next.IsZero() {
		timer.Stop()
		return
	}
	timer.Reset(time.Until(next))
}

func (l *Leg) onTimer() {
	if !l.begun {
		if time.Now().Before(l.slot) {
			return
		}
		l.begun = true
		l.step(started{})
		return
	}
	l.step(tick{})
}

// take handles an item of the box.
func (l *Leg) take(ev event) {
	switch ev := ev.(type) {
	case incoming:
		l.depth.Add(-1)
		l.onIncoming(ev)
	case *gosip.Response:
		l.depth.Add(-1)
		l.onResponse(ev)
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

// onInvite handles a response to the INVITE. After a final one there is
// nothing more to read from the transaction: repeats of a 2xx come through
// OnRetransmission or as unmatched responses.
//
// The SIP library hands each message to a goroutine of its own, so that a final
// response may overtake the 180 that came before it: the guard saw the 180.
func (l *Leg) onInvite(r *gosip.Response) {
	if !r.IsProvisional() {
		l.inv = nil
		if branch := l.bell.Load(); branch != nil {
			l.step(rung{*branch})
		}
	}
	l.onResponse(r)
}

func (l *Leg) onOther(r *gosip.Response) {
	if !r.IsProvisional() {
		if !l.side.Origin().IsInvite() {
			l.side.Terminate()
		}
		l.side = nil
	}
	l.onResponse(r)
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
	for _, c := range l.m.handle(now, ev) {
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

// send lets a request leave.
func (l *Leg) send(c send) {
	to, err := l.pathOf(c)
	if err != nil {
		l.sendFailed(c, err)
		return
	}
	l.e.address(c.req, to)
	if l.trunk && c.first {
		l.e.guard.meetTrunk(time.Now(), to.addr)
	}
	if !c.tx {
		if err := l.e.write(c.req); err != nil {
			l.sendFailed(c, err)
		}
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), dialTime)
	defer cancel()
	tx, err := l.e.txl.Request(ctx, c.req)
	if err != nil && l.reopen(ctx, c, to) {
		tx, err = l.e.txl.Request(ctx, c.req)
	}
	if err != nil {
		l.sendFailed(c, err)
		return
	}
	l.watch(tx, c)
}

// reopen opens a connection anew that was closed just as the request was to
// take it. A request that could not be written whole has not left.
func (l *Leg) reopen(ctx context.Context, c send, old path) bool {
	if old.transport == "udp" || l.phone || c.way < len(l.past) {
		return false
	}
	to, err := l.e.open(ctx, old.way, l.trust, false)
	if err != nil {
		return false
	}
	if c.first {
		l.dest = to
	}
	l.e.address(c.req, to)
	return true
}

// pathOf finds the path of a request: the INVITE's own, or that to the next
// hop of the dialog.
func (l *Leg) pathOf(c send) (path, error) {
	if c.first && c.way < len(l.past) {
		return l.past[c.way], nil
	}
	if c.first || l.phone {
		return l.dest, nil
	}
	transport := lower(c.req.Transport())
	w, err := l.e.names.first(l.e.life, &c.hop, transport)
	if transport == "udp" || err == nil && w == l.dest.way && transport == "tcp" {
		return path{way: w}, err
	}
	return l.pathTo(&c.hop, w, err)
}

// pathTo opens the connection to the next hop of a dialog over TCP or TLS. A
// far end that can't be reached at the address it gave is reached over the
// connection that is there: phones and border elements behind a NAT name
// addresses of theirs that nobody else can use (compare RFC 5923).
func (l *Leg) pathTo(hop *gosip.Uri, w way, err error) (path, error) {
	there := l.dest.transport == lower(w.transport)
	hidden := w.addr.Addr().IsPrivate() && !l.dest.addr.Addr().IsPrivate()
	if there && (err != nil || hidden || w != l.dest.way && l.e.names.isDead(w, time.Now())) {
		return l.dest, nil
	}
	if err != nil {
		return path{}, err
	}
	tr := l.trust
	if w != l.dest.way {
		tr = tr.inside(hop, l.server)
	}
	p, err := l.e.open(l.e.life, w, tr, false)
	if err != nil && there {
		l.e.names.avoid(w, time.Now().Add(shunFor)) // the next request does not wait for it again
		return l.dest, nil
	}
	return p, err
}

// watch reads a transaction's responses: the INVITE's and one other's in the
// leg's own loop, those of rare third ones in a goroutine of their own.
func (l *Leg) watch(tx *gosip.ClientTx, c send) {
	switch {
	case c.req.IsInvite() && c.first:
		tx.OnRetransmission(func(r *gosip.Response) { l.fromFar(r) })
		l.inv = tx
	case l.side == nil:
		l.side = tx
	default:
		go l.follow(tx)
	}
}

func (l *Leg) follow(tx *gosip.ClientTx) {
	defer tx.Terminate()
	for {
		select {
		case r := <-tx.Responses():
			if r.IsProvisional() {
				continue
			}
			l.fromFar(r)
			return
		case <-tx.Done():
			l.box.Put(lostOf(tx))
			return
		case <-l.e.life.Done():
			return
		}
	}
}

func (l *Leg) sendFailed(c send, err error) {
	l.e.log.Debug("sip request did not leave", "call", l.m.id.callID, "method", string(c.req.Method), "error", err.Error())
	if c.tx {
		branch, _ := c.req.Via().Params.Get("branch")
		l.box.Put(lost{method: string(c.req.Method), branch: branch, err: err})
	}
}

func lostOf(tx *gosip.ClientTx) lost {
	branch, _ := tx.Origin().Via().Params.Get("branch")
	err := tx.Err()
	return lost{method: string(tx.Origin().Method), branch: branch, err: err, timeout: errors.Is(err, gosip.ErrTransactionTimeout)}
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

// release ends what the leg still holds.
func (l *Leg) release() {
	for _, tx := range []*gosip.ClientTx{l.inv, l.side} {
		if tx != nil {
			tx.Terminate()
		}
	}
	l.refuse(l.box.Take(nil))
}

// refuse answers requests that came too late for the leg.
func (l *Leg) refuse(rest []event) {
	for _, ev := range rest {
		if in, ok := ev.(incoming); ok && in.method != "ACK" {
			l.e.respond(in.msg, in.tx, 481, "Call/Transaction Does Not Exist", nil, "")
		}
	}
}
