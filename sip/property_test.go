package sip

import (
	"errors"
	"fmt"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"
	"pgregory.net/rapid"
)

// TestWhateverHappens throws random events at a leg in random order, with
// time passing between, and holds the promises of the package: one Ended; no
// second INVITE but for a challenge, a redirection, 421 or 422; every answered
// dialog ended by a BYE of either side; reliable responses acknowledged in
// order and once; one final word per transfer; no leg that lives for ever.
func TestWhateverHappens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := newLine(t)
		w := watcher{acked: map[string]bool{}, ended: map[string]bool{}, rseq: map[string]uint32{}}
		l.m.plan.refer = rapid.Bool().Draw(rt, "refer")
		do := func(ev event) {
			l.feed(ev)
			w.see(rt, l.m.cmds)
		}
		do(started{})
		do(connected{"udp"})
		seq := uint32(0)
		for range rapid.IntRange(1, 25).Draw(rt, "events") {
			l.now = l.now.Add(time.Duration(rapid.IntRange(0, 9000).Draw(rt, "ms")) * time.Millisecond)
			for next := l.m.next(); !next.IsZero() && !next.After(l.now); next = l.m.next() {
				do(tick{})
			}
			tag := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "tag")
			seq++
			q := drawRequest(rt, seq, tag)
			code := rapid.SampledFrom([]int{100, 180, 183, 183, 199, 200, 200, 302, 407, 421, 422, 486, 487, 503}).Draw(rt, "code")
			r := l.resp(code, tag, rapid.SampledFrom([]string{"", sdpAt(4000), "junk"}).Draw(rt, "sdp"))
			if code == 407 {
				r = challenged(r, fmt.Sprintf(`Digest realm="r", nonce="n%d", stale=true`, seq), true)
			}
			drawExtensions(rt, l, &r, seq)
			switch rapid.IntRange(0, 8).Draw(rt, "what") {
			case 0, 1, 2:
				do(r)
			case 3:
				w.farBye(l, q)
				do(q)
			case 4:
				do(hangUp{"x"})
			case 5:
				do(press{'1', time.Second})
			case 6:
				for _, m := range []string{"BYE", "INFO", "PRACK", "UPDATE", "REFER", "NOTIFY"} {
					if l.req[m] != nil {
						do(l.to(m, rapid.SampledFrom([]int{200, 481, 100, 405, 491}).Draw(rt, "reply")))
					}
				}
			case 7:
				do(transfer{"100"})
			case 8:
				do(progress{rapid.SampledFrom([]int{0, 180, 200, 999}).Draw(rt, "progress"), rapid.Bool().Draw(rt, "final")})
			}
		}
		w.drain(rt, l, do)
	})
}

// drawRequest draws a request of the far end.
func drawRequest(rt *rapid.T, seq uint32, tag string) asked {
	q := ask(rapid.SampledFrom([]string{"BYE", "INVITE", "ACK", "INFO", "UPDATE", "OPTIONS", "REFER", "NOTIFY", "PRACK"}).Draw(rt, "ask"), seq, "application/sdp",
		rapid.SampledFrom([]string{"", sdpAt(5000), heldSDP, "junk"}).Draw(rt, "body"))
	q.fromTag = tag
	q.refers, q.referTo = 1, gosip.Uri{Scheme: "sip", User: "100", Host: "192.0.2.7"}
	q.expires, q.timers = rapid.SampledFrom([]int{0, 10, 100}).Draw(rt, "expires"), rapid.Bool().Draw(rt, "timers")
	if q.method == "NOTIFY" {
		q.event, q.kind = "refer", "message/sipfrag"
		q.body = []byte(rapid.SampledFrom([]string{"", "SIP/2.0 180 R", "SIP/2.0 200 OK", "SIP/2.0 603 No", "x"}).Draw(rt, "fragment"))
		q.state.over = rapid.Bool().Draw(rt, "over")
	}
	return q
}

// drawExtensions draws what a response of its code may bring besides.
func drawExtensions(rt *rapid.T, l *line, r *came, seq uint32) {
	switch r.code {
	case 302:
		r.contacts = l.moved(r.tag, "x").contacts
	case 421:
		r.require = "100rel"
	case 422:
		r.minSE = 1800 + int(seq)
	case 200:
		r.expires = rapid.SampledFrom([]int{0, 10, 100}).Draw(rt, "interval")
		r.refresher = rapid.SampledFrom([]string{"", "uac", "uas"}).Draw(rt, "refresher")
	case 180, 183, 199:
		if r.rseq = uint32(rapid.IntRange(0, 4).Draw(rt, "rseq")); r.rseq > 0 {
			r.require = "100rel"
		}
	}
}

// watcher sees what a leg does and keeps count.
type watcher struct {
	ends, invites, drops int
	refers, finals       int
	acked, ended         map[string]bool
	rseq                 map[string]uint32 // last one acknowledged, by CSeq of the INVITE and tag
}

func (w *watcher) see(rt *rapid.T, cmds []command) {
	for _, c := range cmds {
		switch c := c.(type) {
		case tell:
			if w.ends > 0 {
				rt.Fatalf("%s was told after Ended", c.Kind)
			}
			switch {
			case c.Kind == Ended:
				w.ends++
			case c.Kind == Transfer && c.Final && c.Err == nil:
				if w.finals++; w.finals > w.refers {
					rt.Fatalf("%d final words on %d transfers", w.finals, w.refers)
				}
			}
		case drop:
			w.drops++
		case send:
			tag, _ := c.req.To().Params.Get("tag")
			switch c.req.Method {
			case gosip.INVITE:
				if tag == "" {
					w.invites++
				}
			case gosip.ACK:
				w.acked[tag] = true
			case gosip.BYE:
				w.ended[tag] = true
			case gosip.REFER:
				w.refers++
			case gosip.PRACK:
				w.prack(rt, c.req, tag)
			}
		}
	}
}

// prack checks that acknowledgements of one branch count on by one.
func (w *watcher) prack(rt *rapid.T, req *gosip.Request, tag string) {
	var rseq, cseq uint32
	if _, err := fmt.Sscanf(header(req, "RAck"), "%d %d INVITE", &rseq, &cseq); err != nil {
		rt.Fatal(err)
	}
	key := fmt.Sprint(cseq, tag)
	if last := w.rseq[key]; last != 0 && rseq != last+1 {
		rt.Fatalf("RSeq %d was acknowledged after %d", rseq, last)
	}
	w.rseq[key] = rseq
}

// farBye notes a BYE of the far end that the leg will take.
func (w *watcher) farBye(l *line, q asked) {
	if q.method != "BYE" {
		return
	}
	switch l.m.state {
	case calling, proceeding, cancelling:
		w.ended["*"] = true // overtook its 2xx: ends whichever dialog comes
	case confirmed:
		if q.fromTag == l.m.dlg.tag && q.cseq > l.m.dlg.remote {
			w.ended[q.fromTag] = true
		}
	}
}

// drain lets the leg come to its end and checks the promises.
func (w *watcher) drain(rt *rapid.T, l *line, do func(event)) {
	do(hangUp{"end of test"})
	for range 200 {
		if l.m.state == gone {
			break
		}
		next := l.m.next()
		if next.IsZero() {
			for _, p := range l.m.pending {
				do(lost{method: string(p.method), branch: p.branch, err: errors.New("nobody")})
			}
			if l.m.state != gone && l.m.next().IsZero() {
				do(lost{method: "INVITE", branch: l.m.branch, timeout: true})
			}
			continue
		}
		l.now = next
		do(tick{})
	}
	if l.m.state != gone || w.ends != 1 || w.drops != 1 {
		rt.Fatalf("state %s, %d times ended, %d times dropped", l.m.state, w.ends, w.drops)
	}
	if w.invites > (maxAsks+1)*(1+l.m.plan.follow)+maxRaises+1 {
		rt.Fatalf("%d INVITEs left", w.invites)
	}
	for tag := range w.acked {
		if !w.ended[tag] && !w.ended["*"] {
			rt.Fatalf("the dialog %q was answered and never ended", tag)
		}
	}
}

// FuzzFarEnd gives what any far end may send to a leg that is up, and to one
// that is not, through sipgo's parser.
func FuzzFarEnd(f *testing.F) {
	const head = "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKseed1\r\nFrom: <sip:a@b>;tag=a\r\nTo: <sip:c@d>;tag=a\r\nCall-ID: 1@dozvon\r\n"
	f.Add([]byte("SIP/2.0 200 OK\r\n" + head + "CSeq: 1 INVITE\r\nContact: <sip:x@y>\r\nRecord-Route: <sip:p;lr>\r\nSession-Expires: 90;refresher=uac\r\nContent-Type: application/sdp\r\n\r\n" + sdpAt(4000)))
	f.Add([]byte("SIP/2.0 407 X\r\n" + head + "CSeq: 1 INVITE\r\nProxy-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\nReason: Q.850;cause=17\r\n\r\n"))
	f.Add([]byte("INFO sip:a@b SIP/2.0\r\n" + head + "CSeq: 9 INFO\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=5\r\n"))
	f.Add([]byte("INVITE sip:a@b SIP/2.0\r\n" + head + "CSeq: 9 INVITE\r\nContact: <sip:x@y\n>\r\nContent-Type: application/sdp\r\n\r\n" + heldSDP))
	f.Add([]byte("SIP/2.0 183 X\r\n" + head + "CSeq: 1 INVITE\r\nRSeq: 5\r\nRequire: 100rel\r\nContact: <sip:x@y>\r\nContent-Type: application/sdp\r\n\r\n" + sdpAt(4000)))
	f.Add([]byte("SIP/2.0 302 X\r\n" + head + "CSeq: 1 INVITE\r\nContact: <sip:x@192.0.2.1>;q=0.1, \"a,b\" <sip:z@192.0.2.1>;q=1\r\nRetry-After: 5 (x)\r\n\r\n"))
	f.Add([]byte("SIP/2.0 422 X\r\n" + head + "CSeq: 1 INVITE\r\nMin-SE: 3600\r\n\r\n"))
	f.Add([]byte("REFER sip:a@b SIP/2.0\r\n" + head + "CSeq: 9 REFER\r\nRefer-To: <sip:100@h?Replaces=x>\r\n\r\n"))
	f.Add([]byte("REFER sip:a@b SIP/2.0\r\n" + head + "CSeq: 9 REFER\r\nr: sip:100@h\r\nRefer-Sub: false\r\n\r\n"))
	f.Add([]byte("NOTIFY sip:a@b SIP/2.0\r\n" + head + "CSeq: 9 NOTIFY\r\no: refer;id=3\r\nSubscription-State: active;expires=9\r\nContent-Type: message/sipfrag;version=2.0\r\n\r\nSIP/2.0 200 OK\r\n"))
	f.Add([]byte("UPDATE sip:a@b SIP/2.0\r\n" + head + "CSeq: 9 UPDATE\r\nx: 90;refresher=uas\r\nk: timer\r\nRequire: timer, nonsense\r\n\r\n"))
	f.Add([]byte("BYE sip:a@b SIP/2.0\r\n" + head + "CSeq: 9 BYE\r\nReason: SIP;cause=200, Q.850;cause=16;text=\"a,b\"\r\nRequire: x\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		msg, err := gosip.ParseMessage(b)
		if err != nil {
			return
		}
		for _, s := range []state{calling, confirmed, lingering} {
			l := reach(t, s)
			l.m.plan.refer = true
			if s == confirmed {
				l.feed(transfer{"100"})
			}
			switch m := msg.(type) {
			case *gosip.Response:
				if r, ok := readResponse(m); ok {
					l.feed(came{r})
				}
			case *gosip.Request:
				if q, ok := readRequest(m); ok {
					l.feed(asked{q})
				}
			}
			for method, req := range l.req {
				if back, err := gosip.ParseMessage([]byte(req.String())); err != nil {
					t.Fatalf("our %s can't be read: %v\n%q", method, err, req.String())
				} else if got := string(back.(*gosip.Request).Method); got != method {
					t.Fatalf("our %s became %s", method, got)
				}
			}
		}
	})
}
