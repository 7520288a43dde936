package siptest

import (
	"context"
	"time"

	sipgo "github.com/emiago/sipgo/sip"
)

// dialog holds what our own requests inside a dialog need (RFC 3261 12.1.1:
// the UAS keeps the route set in the order of Record-Route).
type dialog struct {
	srv    *Server
	invite *sipgo.Request
	target sipgo.Uri
	routes []sipgo.Header
	cseq   uint32
}

func newDialog(s *Server, req *sipgo.Request) dialog {
	d := dialog{srv: s, invite: req, target: req.From().Address}
	if h := req.Contact(); h != nil {
		d.target = h.Address
	}
	for _, h := range req.GetHeaders("Record-Route") {
		if rr, ok := h.(*sipgo.RecordRouteHeader); ok {
			d.routes = append(d.routes, &sipgo.RouteHeader{Address: rr.Address})
		}
	}
	return d
}

// contact is our address within the dialog.
func (d *dialog) contact() sipgo.Header {
	a := d.srv.addr
	uri := sipgo.Uri{Scheme: "sip", User: d.invite.Recipient.User, Host: a.Addr().String(), Port: int(a.Port())}
	if d.stream() {
		uri.UriParams = sipgo.NewParams()
		uri.UriParams.Add("transport", "tcp")
	}
	return &sipgo.ContactHeader{Address: uri}
}

func (d *dialog) stream() bool { return d.invite.Transport() != "UDP" }

// request builds a request from the far end to the caller.
func (d *dialog) request(method sipgo.RequestMethod) *sipgo.Request {
	d.cseq++
	req := sipgo.NewRequest(method, d.target)
	req.AppendHeader(d.via())
	for _, r := range d.routes {
		req.AppendHeader(r)
	}
	hops := sipgo.MaxForwardsHeader(70)
	req.AppendHeader(&hops)
	to, from := d.invite.To(), d.invite.From()
	req.AppendHeader(&sipgo.FromHeader{DisplayName: to.DisplayName, Address: to.Address, Params: to.Params})
	req.AppendHeader(&sipgo.ToHeader{DisplayName: from.DisplayName, Address: from.Address, Params: from.Params})
	req.AppendHeader(sipgo.HeaderClone(d.invite.CallID()))
	req.AppendHeader(&sipgo.CSeqHeader{SeqNo: d.cseq, MethodName: method})
	req.AppendHeader(d.contact())
	req.SetBody(nil)
	d.aim(req)
	return req
}

func (d *dialog) via() *sipgo.ViaHeader {
	a := d.srv.addr
	v := &sipgo.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: d.invite.Transport(),
		Host: a.Addr().String(), Port: int(a.Port()), Params: sipgo.NewParams(),
	}
	v.Params.Add("branch", sipgo.GenerateBranch())
	return v
}

// aim makes a request leave from the server's own socket, or on the
// connection that the INVITE came by.
func (d *dialog) aim(req *sipgo.Request) {
	req.SetTransport(d.invite.Transport())
	if d.stream() {
		req.SetDestination(d.invite.Source())
		return
	}
	a := d.srv.addr
	req.Laddr = sipgo.Addr{IP: a.Addr().AsSlice(), Port: int(a.Port())}
}

// ask sends a request of the far end and serves the call until its final
// response came, whose code it returns; 0 if none came within wait. The error
// says that the caller ended the call meanwhile.
func (c *call) ask(req *sipgo.Request, wait time.Duration) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), wait) // the caller's Contact may be a name to look up
	defer cancel()
	tx, err := c.srv.tx.Request(ctx, req)
	if err != nil {
		return 0, nil // nowhere to send it: as good as no answer
	}
	defer tx.Terminate()
	closing := c.srv.ctx.Done()
	end := time.NewTimer(wait)
	defer end.Stop()
	var over error
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res.StatusCode, over
			}
		case <-tx.Done():
			return 0, over
		case <-end.C:
			return 0, over
		case <-closing:
			closing = nil
			end.Reset(byeHurry)
		case m := <-c.inbox:
			if err := c.receive(m); err != nil {
				over = err // a BYE that crossed ours: ours still wants its answer
			}
		}
	}
}
