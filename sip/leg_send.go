package sip

import (
	"context"
	"errors"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// send lets a request leave.
func (l *Leg) send(c send) {
	to, err := l.pathOf(c)
	if err != nil {
		l.sendFailed(c, err)
		return
	}
	if to.transport == "udp" {
		l.e.guard.meet(time.Now(), to.addr)
	} else {
		l.e.address(c.req, to)
	}
	if l.trunk && c.first {
		l.e.guard.meetTrunk(time.Now(), to.addr)
	}
	if to.transport == "udp" {
		l.sendDatagram(c, to)
		return
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

// sendDatagram lets a request leave over UDP, as an exchange if it has a
// response.
func (l *Leg) sendDatagram(c send, to path) {
	msg, err := l.e.post(c.req, to.addr, c.tx)
	if err != nil {
		l.sendFailed(c, err)
		return
	}
	if !c.tx {
		return
	}
	x := exchange{method: c.req.Method, branch: viaBranch(c.req), to: to.addr, msg: msg}
	if c.req.IsInvite() {
		x.req = c.req
	}
	l.open.begin(time.Now(), x)
}

// repeat lets a request leave once more.
func (l *Leg) repeat(x *exchange) {
	if _, err := l.e.sock.writeTo(x.msg, x.to); err != nil {
		l.open.forget(x.method, x.branch)
		l.step(lostExchange(x, err))
	}
}

// bidFarewell acknowledges the refusal of an INVITE, and keeps the ACK for when
// the refusal comes again.
func (e *Endpoint) bidFarewell(x *exchange, r *gosip.Response) {
	msg, err := e.post(refusalAck(x.req, r), x.to, true)
	if err != nil {
		e.log.Debug("sip ACK did not leave", "call", x.req.CallID().Value(), "error", err.Error())
		return
	}
	e.farewells.keep(time.Now(), x.branch, farewell{msg, x.to})
}

// repeatFarewell acknowledges a refusal that came again, if it is one.
func (e *Endpoint) repeatFarewell(branch string) bool {
	f, ok := e.farewells.of(branch)
	if ok {
		_, _ = e.sock.writeTo(f.ack, f.to) // one that does not leave is asked for again
	}
	return ok
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

// watch reads a transaction's responses until the final one. What repeats that
// comes through another way.
func (l *Leg) watch(tx *gosip.ClientTx, c send) {
	if c.req.IsInvite() {
		tx.OnRetransmission(func(r *gosip.Response) { l.fromFar(r) })
	}
	l.streams = append(l.streams, tx)
	go l.follow(tx)
}

func (l *Leg) follow(tx *gosip.ClientTx) {
	for {
		select {
		case r := <-tx.Responses():
			l.box.Put(heard{tx, r})
			if !r.IsProvisional() {
				return
			}
		case <-tx.Done():
			l.box.Put(ended{tx})
			return
		}
	}
}

func (l *Leg) sendFailed(c send, err error) {
	l.e.log.Debug("sip request did not leave", "call", l.m.id.callID, "method", string(c.req.Method), "error", err.Error())
	if c.tx {
		l.box.Put(lost{method: string(c.req.Method), branch: viaBranch(c.req), err: err})
	}
}

func viaBranch(req *gosip.Request) string {
	branch, _ := req.Via().Params.Get("branch")
	return branch
}

func lostOf(tx *gosip.ClientTx) lost {
	err := tx.Err()
	return lost{method: string(tx.Origin().Method), branch: viaBranch(tx.Origin()), err: err, timeout: errors.Is(err, gosip.ErrTransactionTimeout)}
}

func lostExchange(x *exchange, err error) lost {
	return lost{method: string(x.method), branch: x.branch, err: err, timeout: errors.Is(err, gosip.ErrTransactionTimeout)}
}
