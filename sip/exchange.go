package sip

import (
	"net/netip"
	"slices"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// exchange is a client transaction of a leg over UDP (RFC 3261 section 17.1):
// a request that leaves again until something is heard. It is pure. Over TCP
// and TLS the SIP library's transactions serve, which know of connections.
type exchange struct {
	method gosip.RequestMethod
	branch string
	to     netip.AddrPort
	msg    []byte         // as it left
	req    *gosip.Request // an INVITE, of which the ACK to a refusal is made
	wait   time.Duration  // from the next repeat to the one after it
	again  time.Time      // timers A and E: it leaves again; zero: not
	over   time.Time      // timers B and F: it is lost; zero: something was heard
}

// exchanges are those of one leg that wait for their final response.
type exchanges []exchange

// begin notes a request that leaves now.
func (x *exchanges) begin(now time.Time, e exchange) {
	e.wait, e.again, e.over = 2*t1, now.Add(t1), now.Add(t164)
	*x = append(*x, e)
}

// hear finds the exchange that a response belongs to (section 17.1.3) and
// takes note of it. A final response ends the exchange, which is returned.
func (x *exchanges) hear(now time.Time, method gosip.RequestMethod, branch string, code int) (ended exchange, known bool) {
	i := slices.IndexFunc(*x, func(e exchange) bool { return e.method == method && e.branch == branch })
	if i < 0 {
		return exchange{}, false
	}
	e := &(*x)[i]
	switch {
	case code >= 200:
		ended = *e
		x.drop(i)
	case method == gosip.INVITE: // proceeding, for as long as it takes
		e.again, e.over = time.Time{}, time.Time{}
	default:
		e.wait = t2
	}
	return ended, true
}

func (x *exchanges) drop(i int) {
	*x = slices.Delete(*x, i, i+1)
	if len(*x) == 0 {
		*x = nil
	}
}

// forget gives an exchange up: the request does not leave again, and no end of
// it is told.
func (x *exchanges) forget(method gosip.RequestMethod, branch string) {
	*x = slices.DeleteFunc(*x, func(e exchange) bool { return e.method == method && e.branch == branch })
}

// next is when due has something to tell; zero: never.
func (x exchanges) next() (at time.Time) {
	for i := range x {
		for _, t := range [...]time.Time{x[i].again, x[i].over} {
			if !t.IsZero() && (at.IsZero() || t.Before(at)) {
				at = t
			}
		}
	}
	return at
}

// due returns the requests that leave once more now, and those that nobody
// answered in their time, which end.
func (x *exchanges) due(now time.Time) (again, lost []exchange) {
	for i := 0; i < len(*x); i++ {
		e := &(*x)[i]
		switch {
		case !e.over.IsZero() && !now.Before(e.over):
			lost = append(lost, *e)
			x.drop(i)
			i--
		case !e.again.IsZero() && !now.Before(e.again):
			e.again = now.Add(e.wait)
			if e.wait *= 2; e.method != gosip.INVITE {
				e.wait = min(e.wait, t2)
			}
			again = append(again, *e)
		}
	}
	return again, lost
}

// refusalAck builds the ACK to a final response other than 2xx (section
// 17.1.1.3): of the INVITE's transaction, to where the INVITE went.
func refusalAck(invite *gosip.Request, res *gosip.Response) *gosip.Request {
	ack := gosip.NewRequest(gosip.ACK, invite.Recipient)
	ack.AppendHeader(invite.Via())
	for _, h := range invite.GetHeaders("Route") {
		ack.AppendHeader(h)
	}
	hops := gosip.MaxForwardsHeader(70)
	ack.AppendHeader(&hops)
	ack.AppendHeader(invite.From())
	ack.AppendHeader(res.To())
	ack.AppendHeader(invite.CallID())
	ack.AppendHeader(&gosip.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: gosip.ACK})
	ack.SetTransport("UDP")
	ack.SetBody(nil)
	return ack
}
