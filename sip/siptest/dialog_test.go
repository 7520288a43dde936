package siptest

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	sipgo "github.com/emiago/sipgo/sip"
)

// TestDelayedOffer: an INVITE without SDP gets an offer in the 200, and the
// ACK answers it.
func TestDelayedOffer(t *testing.T) {
	t.Parallel()
	s := start(t, Config{AnswerDelayScale: 0.1, Book: bookOf(t, map[string]string{"1": "talks"})})
	p := newPhone(t, s)
	l := p.lift("1")
	l.send(l.invite, nil)
	l.ok = l.expect(200)
	ack := l.within(sipgo.ACK, l.ok)
	ack.AppendHeader(&sipgo.CSeqHeader{SeqNo: l.invite.CSeq().SeqNo, MethodName: sipgo.ACK})
	ack.AppendHeader(sipgo.NewHeader("Content-Type", "application/sdp"))
	ack.SetBody(l.sdp())
	if err := p.client.WriteRequest(ack); err != nil {
		t.Fatal(err)
	}
	l.hears(200 * time.Millisecond)
	l.bye(1)
	if r := ended(t, s, "1"); r.Err != "" || !r.Acked() {
		t.Errorf("record is %+v", r)
	}
}

func TestUnknownCodecIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	p := newPhone(t, s)
	l := &leg{phone: p, invite: p.newInvite("1")}
	l.send(l.invite, []byte("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 18\r\n"))
	l.expect(488)
	if r := ended(t, s, "1"); r.Code != 488 || r.Answered() {
		t.Errorf("record is %+v", r)
	}
}

// TestChallengeInsideTheDialog: a BYE without credentials is challenged, and
// the call goes on until one with them comes.
func TestChallengeInsideTheDialog(t *testing.T) {
	t.Parallel()
	auth := &Credentials{User: "u", Password: "p", InDialog: true}
	s := start(t, Config{Auth: auth, AnswerDelayScale: 0.1})
	p := newPhone(t, s)
	l := p.lift("1")
	l.invite.AppendHeader(sipgo.NewHeader("Authorization", credentialsFor(auth, "INVITE", s.nonce)))
	l.send(l.invite, l.sdp())
	l.answered()
	l.request(sipgo.BYE, 1, nil)
	l.expect(401)
	bye := l.within(sipgo.BYE, l.ok)
	bye.AppendHeader(&sipgo.CSeqHeader{SeqNo: l.invite.CSeq().SeqNo + 2, MethodName: sipgo.BYE})
	bye.AppendHeader(sipgo.NewHeader("Authorization", credentialsFor(auth, "BYE", s.nonce)))
	l.send(bye, nil)
	l.expect(200)
	if r := ended(t, s, "1"); r.By != Caller || r.Err != "" || r.Distinct != 1 {
		t.Errorf("record is %+v", r)
	}
}

// credentialsFor computes an answer without qop, as RFC 2069 clients do.
func credentialsFor(c *Credentials, method, nonce string) string {
	sum := c.sum()
	uri := "sip:1@127.0.0.1"
	response := sum(sum(c.User+":"+c.realm()+":"+c.Password) + ":" + nonce + ":" + sum(method+":"+uri))
	return `Digest username="` + c.User + `", realm="` + c.realm() + `", nonce="` + nonce + `", uri="` + uri + `", response="` + response + `"`
}

func TestRegister(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	p := newPhone(t, s)
	l := &leg{phone: p}
	req := p.newInvite("op1")
	req.Method = sipgo.REGISTER
	l.send(req, nil)
	if c := l.expect(200).Contact(); c == nil || !strings.Contains(c.Value(), "expires") {
		t.Errorf("contact is %v", c)
	}
}

// TestRequestsOutsideADialog get the answers of RFC 3261 and make no call.
func TestRequestsOutsideADialog(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	p := newPhone(t, s)
	for method, code := range map[sipgo.RequestMethod]int{sipgo.BYE: 481, sipgo.OPTIONS: 200, sipgo.SUBSCRIBE: 405, sipgo.INFO: 405} {
		l := &leg{phone: p}
		req := p.newInvite("1")
		req.Method = method
		l.send(req, nil)
		l.expect(code)
	}
	if calls := s.Calls(); len(calls) != 0 {
		t.Errorf("calls are %+v", calls)
	}
}

// TestNthCall: successive calls to a number meet its profiles in turn.
func TestNthCall(t *testing.T) {
	t.Parallel()
	b, err := LoadBook(strings.NewReader(`numbers: {"1": [busy, off, unknown]}`))
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, Config{Book: b})
	p := newPhone(t, s)
	for i, code := range []int{486, 480, 404, 404} {
		p.call("1").expect(code)
		if r, err := s.WaitEnded(testContext(t), "1", i+1); err != nil || r.Code != code {
			t.Errorf("call %d is %+v, %v", i+1, r, err)
		}
	}
	var table bytes.Buffer
	if err := s.Stats().WriteTable(&table); err != nil || !strings.Contains(strings.Join(strings.Fields(table.String()), " "), "busy 1 off 1 unknown 2") {
		t.Errorf("the table is\n%s", table.String())
	}
}

func TestWaitEndsWithItsContextAndItsServer(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	ctx, cancel := context.WithCancel(testContext(t))
	cancel()
	if _, err := s.WaitEnded(ctx, "1", 1); err == nil {
		t.Error("a wait whose context is over found a call")
	}
	found := make(chan error)
	go func() {
		_, err := s.WaitEnded(testContext(t), "1", 1)
		found <- err
	}()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-found; err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("error is %v", err)
	}
}
