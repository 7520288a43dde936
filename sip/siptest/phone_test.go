package siptest

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	sipua "github.com/emiago/sipgo"
	sipgo "github.com/emiago/sipgo/sip"

	"dozvon/audio"
	"dozvon/media"
)

// phone is a caller for tests: a plain SIP client with real RTP, apart from
// both the server under test and package sip.
type phone struct {
	t      *testing.T
	srv    *Server
	ua     *sipua.UserAgent
	client *sipua.Client
	addr   *net.UDPAddr
	engine *media.Engine
	byes   chan *sipgo.Request
	infos  chan *sipgo.Request
}

func newPhone(t *testing.T, s *Server) *phone {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	p := &phone{t: t, srv: s, addr: conn.LocalAddr().(*net.UDPAddr), byes: make(chan *sipgo.Request, 10), infos: make(chan *sipgo.Request, 10)}
	if p.ua, err = sipua.NewUA(); err != nil {
		t.Fatal(err)
	}
	server, err := sipua.NewServer(p.ua)
	if err != nil {
		t.Fatal(err)
	}
	accept := func(came chan *sipgo.Request) sipua.RequestHandler {
		return func(req *sipgo.Request, tx sipgo.ServerTransaction) {
			_ = tx.Respond(sipgo.NewResponseFromRequest(req, 200, "OK", nil))
			came <- req
		}
	}
	server.OnBye(accept(p.byes))
	server.OnInfo(accept(p.infos))
	served := make(chan struct{})
	go func() { defer close(served); _ = server.ServeUDP(conn) }()
	for { // until the library knows its own socket
		if c, err := p.ua.TransportLayer().GetConnection("udp", p.addr.String()); err == nil && c != nil {
			break
		}
		runtime.Gosched()
	}
	if p.client, err = sipua.NewClient(p.ua, sipua.WithClientConnectionAddr(p.addr.String())); err != nil {
		t.Fatal(err)
	}
	if p.engine, err = media.New(media.Config{IP: netip.MustParseAddr("127.0.0.1"), PortMin: 20000, PortMax: 24000}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.engine.Close()
		_ = p.ua.Close()
		_ = conn.Close()
		<-served
		_ = p.ua.Close() // sipgo opens a socket anew for a message that found the listener closed
	})
	return p
}

// leg is one call of a phone.
type leg struct {
	*phone
	invite *sipgo.Request
	tx     sipgo.ClientTransaction
	ok     *sipgo.Response
	offer  offer // ours, with the answer's choice
	media  *media.Session
	events chan media.Event
	ear    *ear
	played time.Time // when event passed the end of a Play
	before []int     // provisional responses so far
}

// lift prepares a call: media is open, and nothing has been sent.
func (p *phone) lift(number string) *leg {
	p.t.Helper()
	l := &leg{phone: p, events: make(chan media.Event, 100), ear: newEar(), offer: offerOurs(audio.ALaw)}
	var err error
	if l.media, err = p.engine.Open(media.Options{Sink: func(e media.Event) { l.events <- e }}); err != nil {
		p.t.Fatal(err)
	}
	l.media.Listen(l.ear.hear)
	l.invite = p.newInvite(number)
	return l
}

// call sends an INVITE that offers what change makes of the usual offer.
func (p *phone) call(number string, change ...func(*offer)) *leg {
	p.t.Helper()
	l := p.lift(number)
	for _, f := range change {
		f(&l.offer)
	}
	l.send(l.invite, l.sdp())
	return l
}

func (p *phone) newInvite(number string) *sipgo.Request {
	p.t.Helper()
	var uri sipgo.Uri
	if err := sipgo.ParseUri(p.srv.URI(number), &uri); err != nil {
		p.t.Fatal(err)
	}
	req := sipgo.NewRequest(sipgo.INVITE, uri)
	req.AppendHeader(p.contact())
	return req
}

func (p *phone) contact() sipgo.Header {
	return &sipgo.ContactHeader{Address: sipgo.Uri{Scheme: "sip", User: "phone", Host: "127.0.0.1", Port: p.addr.Port}}
}

func (l *leg) sdp() []byte { return l.offer.describe(l.media.Local()) }

// send sends a request with a body, SDP if not told otherwise; the responses
// are l's to wait for.
func (l *leg) send(req *sipgo.Request, body []byte, kind ...string) {
	l.t.Helper()
	if body != nil {
		req.AppendHeader(sipgo.NewHeader("Content-Type", append(kind, "application/sdp")[0]))
		req.SetBody(body)
	}
	tx, err := l.client.TransactionRequest(context.Background(), req)
	if err != nil {
		l.t.Fatal(err)
	}
	l.tx = tx
}

// expect waits for a response, past provisional ones.
func (l *leg) expect(code int) *sipgo.Response {
	l.t.Helper()
	res := l.await(code)
	if res.StatusCode != code {
		l.t.Fatalf("%d %s came in place of %d", res.StatusCode, res.Reason, code)
	}
	return res
}

// final waits for the final response.
func (l *leg) final() *sipgo.Response { l.t.Helper(); return l.await(0) }

// await waits for a provisional response with that code, or the final one. It
// connects the media to what responses describe.
func (l *leg) await(code int) *sipgo.Response {
	l.t.Helper()
	ctx := testContext(l.t)
	for {
		select {
		case res := <-l.tx.Responses():
			if len(res.Body()) > 0 {
				l.connect(res.Body())
			}
			if res.StatusCode == code || !res.IsProvisional() {
				return res
			}
			l.before = append(l.before, res.StatusCode)
		case <-ctx.Done():
			l.t.Fatalf("no %d came", code)
		}
	}
}

func (l *leg) connect(sdp []byte) {
	l.t.Helper()
	o, err := parseSDP(sdp)
	if err != nil || !o.choose(audio.ALaw) {
		l.t.Fatalf("answer %q: %v", sdp, err)
	}
	l.media.SetRemote(media.Remote{Addr: o.addr, Law: o.law, PayloadType: o.payload, EventType: o.event})
	l.offer.law = o.law
}

// answered waits for the 200 and acknowledges it.
func (l *leg) answered() *leg {
	l.t.Helper()
	l.ok = l.expect(200)
	l.ack(l.ok, l.invite)
	return l
}

func (l *leg) ack(ok *sipgo.Response, invite *sipgo.Request) {
	l.t.Helper()
	ack := l.within(sipgo.ACK, ok)
	ack.AppendHeader(&sipgo.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: sipgo.ACK})
	if err := l.client.WriteRequest(ack); err != nil {
		l.t.Fatal(err)
	}
}

// within builds a request inside the dialog, without its CSeq.
func (l *leg) within(method sipgo.RequestMethod, ok *sipgo.Response) *sipgo.Request {
	req := sipgo.NewRequest(method, ok.Contact().Address)
	req.AppendHeader(sipgo.HeaderClone(l.invite.From()))
	req.AppendHeader(sipgo.HeaderClone(ok.To()))
	req.AppendHeader(sipgo.HeaderClone(l.invite.CallID()))
	req.AppendHeader(l.contact())
	req.Laddr = sipgo.Addr{IP: l.addr.IP, Port: l.addr.Port}
	return req
}

// request sends a request inside the dialog; n counts them after the INVITE.
func (l *leg) request(method sipgo.RequestMethod, n uint32, body []byte, kind ...string) *sipgo.Request {
	l.t.Helper()
	req := l.within(method, l.ok)
	req.AppendHeader(&sipgo.CSeqHeader{SeqNo: l.invite.CSeq().SeqNo + n, MethodName: method})
	l.send(req, body, kind...)
	return req
}

func (l *leg) bye(n uint32) {
	l.t.Helper()
	l.request(sipgo.BYE, n, nil)
	l.expect(200)
	l.media.Close()
}

// event waits for an event of the media.
func (l *leg) event(kind media.EventKind) media.Event {
	l.t.Helper()
	ctx := testContext(l.t)
	for {
		select {
		case e := <-l.events:
			if e.Kind == media.PlayDone {
				l.played = e.At
			}
			if e.Kind == kind {
				return e
			}
		case <-ctx.Done():
			l.t.Fatalf("no %v came", kind)
		}
	}
}

// hears waits until that much voice came.
func (l *leg) hears(d time.Duration) {
	l.t.Helper()
	ready := l.ear.wakeAt(d)
	ctx := testContext(l.t)
	for !ready() {
		select {
		case <-l.ear.wake:
		case <-ctx.Done():
			l.t.Fatalf("heard %v of %v", l.ear.heard(), d)
		}
	}
}

// came waits for a request of the far end.
func (p *phone) came(requests chan *sipgo.Request) *sipgo.Request {
	p.t.Helper()
	select {
	case req := <-requests:
		return req
	case <-testContext(p.t).Done():
		p.t.Fatal("the far end sent nothing")
		return nil
	}
}
