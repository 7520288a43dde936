package sip

import (
	"strconv"

	gosip "github.com/emiago/sipgo/sip"
)

// identity is what stays the same in every message of a leg.
type identity struct {
	callID  string
	from    gosip.Uri
	display string // escaped
	tag     string // our From tag
	to      gosip.Uri
	contact gosip.Uri
	agent   string
	host    string // sent-by of our Via
	port    int
	secure  int    // port of our Via and Contact over TLS; 0: port
	seed    string // unpredictable; branches and cnonces grow from it
}

// dialog is the state of one dialog (RFC 3261 section 12): its peer's tag,
// where requests go, and the sequence numbers of both sides.
type dialog struct {
	tag    string      // remote tag; empty before the dialog exists
	target gosip.Uri   // remote target
	routes []gosip.Uri // route set, nearest hop first
	seq    uint32      // last CSeq that we used
	remote uint32      // last CSeq of the far end; 0: none yet
	auth   []gosip.Header
}

// establish makes a dialog of the 2xx that created it, or confirms the early
// one that it belongs to (section 13.2.2.4): the route set is computed anew,
// the sequence numbers go on.
func (m *machine) establish(r *response) *dialog {
	d := newDialog(r, m.uri())
	d.auth = m.auth
	if e := m.earlyOf(r.tag); e != nil {
		d.seq, d.remote = max(d.seq, e.d.seq), e.d.remote
		if r.contact == nil {
			d.target = e.d.target
		}
		*e.d = *d
		return e.d
	}
	return d
}

// newDialog makes a dialog of a response that creates it (section 12.1.2).
func newDialog(r *response, fallback gosip.Uri) *dialog {
	d := &dialog{tag: r.tag, target: fallback, seq: r.cseq}
	if r.contact != nil {
		d.target = *r.contact
	}
	for i := len(r.routes) - 1; i >= 0; i-- {
		d.routes = append(d.routes, r.routes[i])
	}
	return d
}

// hops returns the Request-URI, the Route headers and the URI of the next hop
// of a request in the dialog (section 12.2.1.1). A first route without lr is
// a strict router: it becomes the Request-URI, and the target goes last.
func (d *dialog) hops() (uri gosip.Uri, routes []gosip.Uri, next gosip.Uri) {
	if len(d.routes) == 0 {
		return d.target, nil, d.target
	}
	first := d.routes[0]
	if first.UriParams.Has("lr") {
		return d.target, d.routes, first
	}
	strict := append(append([]gosip.Uri{}, d.routes[1:]...), d.target)
	first.Headers = nil
	return first, strict, first
}

// compose builds a request of a leg. The branch of its Via is made of the
// leg's seed and n, which is never used twice.
func (id *identity) compose(method gosip.RequestMethod, uri gosip.Uri, toTag string, seq uint32, n int, transport string) *gosip.Request {
	req := gosip.NewRequest(method, uri)
	via := &gosip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: upper(transport), Host: id.host, Port: id.portFor(transport),
		Params: gosip.HeaderParams{{K: "branch", V: id.branch(n)}, {K: "rport"}}}
	from := &gosip.FromHeader{DisplayName: id.display, Address: id.from, Params: gosip.HeaderParams{{K: "tag", V: id.tag}}}
	to := &gosip.ToHeader{Address: id.to}
	if toTag != "" {
		to.Params = gosip.HeaderParams{{K: "tag", V: toTag}}
	}
	callID := gosip.CallIDHeader(id.callID)
	hops := gosip.MaxForwardsHeader(70)
	req.AppendHeader(via)
	req.AppendHeader(&hops)
	req.AppendHeader(from)
	req.AppendHeader(to)
	req.AppendHeader(&callID)
	req.AppendHeader(&gosip.CSeqHeader{SeqNo: seq, MethodName: method})
	req.AppendHeader(gosip.NewHeader("User-Agent", id.agent))
	req.SetTransport(upper(transport))
	return req
}

// outside builds a request outside a dialog, with the Route of an outbound
// proxy.
func (id *identity) outside(method gosip.RequestMethod, uri gosip.Uri, preload []gosip.Uri, seq uint32, n int, transport string) *gosip.Request {
	req := id.compose(method, uri, "", seq, n, transport)
	for _, r := range preload {
		req.AppendHeader(&gosip.RouteHeader{Address: r})
	}
	return req
}

// branch returns the branch of the n-th request of the leg.
func (id *identity) branch(n int) string {
	return gosip.RFC3261BranchMagicCookie + id.seed + strconv.Itoa(n)
}

// within builds a request in a dialog.
func (id *identity) within(d *dialog, method gosip.RequestMethod, seq uint32, n int, transport string) *gosip.Request {
	uri, routes, _ := d.hops()
	req := id.compose(method, uri, d.tag, seq, n, transport)
	for _, r := range routes {
		req.AppendHeader(&gosip.RouteHeader{Address: r})
	}
	return req
}

// nextTransport returns the transport of a hop: its URI's own, else the one
// that the call has used so far. (By RFC 3263 a URI without the parameter
// means UDP; far ends reached over TCP leave it out all the same.) A call over
// TLS never leaves it: its bodies may hold the keys of its media.
func nextTransport(hop *gosip.Uri, used string) string {
	if used == "tls" {
		return used
	}
	if t, err := uriTransport(hop); err == nil && t != "" {
		return t
	}
	return used
}

func upper(transport string) string {
	switch transport {
	case "tcp":
		return "TCP"
	case "tls":
		return "TLS"
	}
	return "UDP"
}

// portFor is the port that we are reached at over a transport.
func (id *identity) portFor(transport string) int {
	if transport == "tls" && id.secure != 0 {
		return id.secure
	}
	return id.port
}

// contactURI returns our Contact for a transport.
func (id *identity) contactURI(transport string) gosip.Uri {
	u := id.contact
	u.Port = id.portFor(transport)
	if transport != "udp" && transport != "" && u.Scheme != "sips" {
		u.UriParams = gosip.HeaderParams{{K: "transport", V: transport}}
	}
	return u
}

// setBody puts a body with its type into a request.
func setBody(req *gosip.Request, kind, body string) {
	if body != "" {
		t := gosip.ContentTypeHeader(kind)
		req.AppendHeader(&t)
		req.SetBody([]byte(body))
		return
	}
	req.SetBody(nil)
}
