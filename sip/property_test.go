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
// second INVITE but for a challenge; every answered dialog ended by a BYE of
// either side; no leg that lives for ever.
func TestWhateverHappens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := newLine(t)
		w := watcher{acked: map[string]bool{}, ended: map[string]bool{}}
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
			q := ask(rapid.SampledFrom([]string{"BYE", "INVITE", "ACK", "INFO", "UPDATE", "OPTIONS"}).Draw(rt, "ask"), seq, "application/sdp",
				rapid.SampledFrom([]string{"", sdpAt(5000), heldSDP, "junk"}).Draw(rt, "body"))
			q.fromTag = tag
			code := rapid.SampledFrom([]int{100, 180, 183, 200, 200, 302, 407, 486, 487, 503}).Draw(rt, "code")
			r := l.resp(code, tag, rapid.SampledFrom([]string{"", sdpAt(4000), "junk"}).Draw(rt, "sdp"))
			if code == 407 {
				r = challenged(r, fmt.Sprintf(`Digest realm="r", nonce="n%d", stale=true`, seq), true)
			}
			switch rapid.IntRange(0, 6).Draw(rt, "what") {
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
				for _, m := range []string{"BYE", "INFO"} {
					if l.req[m] != nil {
						do(l.to(m, rapid.SampledFrom([]int{200, 481, 100}).Draw(rt, "reply")))
					}
				}
			}
		}
		w.drain(rt, l, do)
	})
}

// watcher sees what a leg does and keeps count.
type watcher struct {
	ends, invites, drops int
	acked, ended         map[string]bool
}

func (w *watcher) see(rt *rapid.T, cmds []command) {
	for _, c := range cmds {
		switch c := c.(type) {
		case tell:
			if w.ends > 0 {
				rt.Fatalf("%s was told after Ended", c.Kind)
			}
			if c.Kind == Ended {
				w.ends++
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
			}
		}
	}
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
	if w.invites > maxAsks+1 {
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
	f.Add([]byte("BYE sip:a@b SIP/2.0\r\n" + head + "CSeq: 9 BYE\r\nReason: SIP;cause=200, Q.850;cause=16;text=\"a,b\"\r\nRequire: x\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		msg, err := gosip.ParseMessage(b)
		if err != nil {
			return
		}
		for _, s := range []state{calling, confirmed, lingering} {
			l := reach(t, s)
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
