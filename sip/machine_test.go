package sip

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/audio"
	"dozvon/dialer"
)

// line is a machine on a timeline: the test moves the clock.
type line struct {
	t   *testing.T
	m   *machine
	now time.Time
	got []string // what the machine did, in words
	req map[string]*gosip.Request
	ans answer // the last one
	end Event
	ev  []Event
}

func newLine(t *testing.T) *line {
	l := &line{t: t, now: time.Unix(1000, 0), req: map[string]*gosip.Request{}}
	uri := gosip.Uri{Scheme: "sip", User: "+79161234567", Host: "192.0.2.1"}
	l.m = &machine{
		plan: plan{uri: uri, route: "trunk", ring: 30 * time.Second, noResponse: 8 * time.Second, grace: 2 * time.Second,
			follow: 2, hosts: []string{"192.0.2.1"}, interval: 1800},
		timer: sessionTimer{offer: 1800},
		id:    identity{callID: "1@dozvon", tag: "our", to: uri, from: uri, contact: uri, agent: "x", host: "192.0.2.9", port: 5060, seed: "seed"},
		talk:  parley{local: netip.MustParseAddrPort("192.0.2.9:40000"), laws: []audio.Law{audio.ALaw, audio.ULaw}},
		creds: credentials{user: "u", password: "p"},
	}
	return l
}

// feed gives an event to the machine and returns what it did, in words.
func (l *line) feed(ev event) string {
	l.t.Helper()
	l.got = l.got[:0]
	for _, c := range l.m.handle(l.now, ev) {
		switch c := c.(type) {
		case connect:
			l.got = append(l.got, "connect")
		case shun:
			l.got = append(l.got, "shun "+c.d.String())
		case send:
			l.req[string(c.req.Method)] = c.req
			l.got = append(l.got, fmt.Sprintf("%s %d", c.req.Method, c.req.CSeq().SeqNo))
		case answer:
			l.ans = c
			l.got = append(l.got, fmt.Sprintf("answer %d", c.code))
		case tell:
			l.ev = append(l.ev, c.Event)
			if c.Kind == Ended {
				l.end = c.Event
				l.got = append(l.got, "ended "+string(c.Disposition))
				continue
			}
			l.got = append(l.got, c.Kind.String())
		case drop:
			l.got = append(l.got, "drop")
		}
	}
	return strings.Join(l.got, ", ")
}

// pass moves the clock and delivers the ticks that are due on the way.
func (l *line) pass(d time.Duration) string {
	l.t.Helper()
	end := l.now.Add(d)
	var all []string
	for {
		next := l.m.next()
		if next.IsZero() || next.After(end) {
			l.now = end
			return strings.Join(all, ", ")
		}
		l.now = next
		if s := l.feed(tick{}); s != "" {
			all = append(all, s)
		}
	}
}

func (l *line) want(got, want string) {
	l.t.Helper()
	if got != want {
		l.t.Errorf("in %s: did %q, want %q", l.m.state, got, want)
	}
}

// resp is a response to the last INVITE.
func (l *line) resp(code int, tag, sdp string) came {
	return came{response{code: code, reason: "Word", method: "INVITE", cseq: l.m.seq, branch: l.m.branch, tag: tag, sdp: []byte(sdp),
		contact: &gosip.Uri{Scheme: "sip", User: "far", Host: "192.0.2.2"}}}
}

// reliable is a 1xx that wants its PRACK.
func (l *line) reliable(code int, tag, sdp string, rseq uint32) came {
	r := l.resp(code, tag, sdp)
	r.rseq, r.require = rseq, "100rel"
	return r
}

// reply returns a header of our last answer.
func (l *line) reply(name string) string {
	for _, h := range l.ans.headers {
		if h.Name() == name {
			return h.Value()
		}
	}
	return ""
}

// moved is a 302 to these users of the trunk's host.
func (l *line) moved(users ...string) came {
	r := l.resp(302, "a", "")
	for _, u := range users {
		r.contacts = append(r.contacts, contact{uri: gosip.Uri{Scheme: "sip", User: u, Host: "192.0.2.1"}, q: 1})
	}
	return r
}

// to is a response to the last request of a method.
func (l *line) to(method string, code int) came {
	l.t.Helper()
	req := l.req[method]
	if req == nil {
		l.t.Fatalf("no %s was sent", method)
	}
	branch, _ := req.Via().Params.Get("branch")
	return came{response{code: code, method: method, cseq: req.CSeq().SeqNo, branch: branch, tag: "a"}}
}

func ask(method string, cseq uint32, kind, body string) asked {
	return asked{request{ticket: int(cseq), method: method, cseq: cseq, fromTag: "a", kind: kind, body: []byte(body)}}
}

// reach brings a new machine into a state.
func reach(t *testing.T, s state) *line {
	l := newLine(t)
	type step = func() event
	start := []step{func() event { return started{} }, func() event { return connected{"udp"} }}
	rings := slices.Concat(start, []step{func() event { return l.resp(180, "a", "") }})
	up := slices.Concat(rings, []step{func() event { return l.resp(200, "a", sdpAt(4000)) }})
	down := slices.Concat(up, []step{func() event { return hangUp{"done"} }})
	steps := map[state][]step{
		calling:    start,
		proceeding: rings,
		cancelling: slices.Concat(rings, []step{func() event { return hangUp{"enough"} }}),
		confirmed:  up,
		ending:     down,
		lingering:  slices.Concat(down, []step{func() event { return l.to("BYE", 200) }}),
		gone:       slices.Concat(start, []step{func() event { return l.resp(486, "a", "") }}),
	}
	for _, f := range steps[s] {
		l.feed(f())
	}
	if l.m.state != s {
		t.Fatalf("reached %s instead of %s", l.m.state, s)
	}
	return l
}

// everyEvent is what can happen to a leg.
var everyEvent = []struct {
	name string
	make func(l *line) event
}{
	{"started", func(*line) event { return started{} }},
	{"connected", func(*line) event { return connected{"udp"} }},
	{"others", func(*line) event { return others{1} }},
	{"unlinked", func(*line) event { return unlinked{errors.New("no")} }},
	{"100", func(l *line) event { return l.resp(100, "", "") }},
	{"180", func(l *line) event { return l.resp(180, "a", "") }},
	{"183", func(l *line) event { return l.resp(183, "a", sdpAt(4000)) }},
	{"200", func(l *line) event { return l.resp(200, "a", sdpAt(4000)) }},
	{"fork", func(l *line) event { return l.resp(200, "b", sdpAt(4002)) }},
	{"486", func(l *line) event { return l.resp(486, "a", "") }},
	{"183 reliable", func(l *line) event { return l.reliable(183, "a", sdpAt(4000), 7) }},
	{"199", func(l *line) event { return l.resp(199, "a", "") }},
	{"302", func(l *line) event { return l.moved("other") }},
	{"421", func(l *line) event { r := l.resp(421, "a", ""); r.require = "100rel"; return r }},
	{"422", func(l *line) event { r := l.resp(422, "a", ""); r.minSE = 3600; return r }},
	{"transfer", func(*line) event { return transfer{"200"} }},
	{"progress", func(*line) event { return progress{180, false} }},
	{"PRACK", func(*line) event { return ask("PRACK", 7, "", "") }},
	{"lost", func(l *line) event { return lost{method: "INVITE", branch: l.m.branch, timeout: true} }},
	{"hangup", func(*line) event { return hangUp{"enough"} }},
	{"press", func(*line) event { return press{'1', time.Second} }},
	{"BYE", func(*line) event { return ask("BYE", 7, "", "") }},
	{"INFO", func(*line) event { return ask("INFO", 7, "application/dtmf", "5") }},
	{"INVITE", func(*line) event { return ask("INVITE", 7, "application/sdp", sdpAt(5000)) }},
	{"UPDATE", func(*line) event { return ask("UPDATE", 7, "", "") }},
	{"ACK", func(*line) event { return ask("ACK", 7, "", "") }},
	{"OPTIONS", func(*line) event { return ask("OPTIONS", 7, "", "") }},
	{"REFER", func(*line) event { return ask("REFER", 7, "", "") }},
	{"NOTIFY", func(*line) event { return ask("NOTIFY", 7, "", "") }},
	{"FOO", func(*line) event { return ask("FOO", 7, "", "") }},
	{"rung", func(l *line) event { return rung{l.m.branch} }},
	{"rung elsewhere", func(*line) event { return rung{"z9hG4bK-other"} }},
	{"tick", func(*line) event { return tick{} }},
}

// TestEveryStateMeetsEveryEvent walks the whole table: what a leg does and
// where it goes for each event in each state.
func TestEveryStateMeetsEveryEvent(t *testing.T) {
	// state → event → what it does → state after. An event that is not
	// listed does nothing.
	const nobody = "answer 481"
	strangers := map[string]string{"BYE": nobody, "INFO": nobody, "INVITE": nobody, "UPDATE": nobody, "OPTIONS": nobody, "REFER": nobody, "NOTIFY": nobody, "FOO": nobody, "PRACK": nobody}
	early := map[string]string{"BYE": "answer 200", "INFO": "answer 200", "INVITE": "answer 491", "UPDATE": "answer 200",
		"OPTIONS": "answer 200", "REFER": "answer 603", "NOTIFY": nobody, "PRACK": nobody, "FOO": "answer 501", "transfer": "transfer"}
	table := map[state][]map[string]string{
		waiting: {strangers, {"started": "connect", "connected": "INVITE 1 → calling", "unlinked": "ended failed, drop → gone", "hangup": "ended failed, drop → gone", "transfer": "transfer"}},
		calling: {early, {"100": "trying → proceeding", "180": "ringing → proceeding", "183": "early → proceeding",
			"200": "ACK 1, answered → confirmed", "fork": "ACK 1, answered → confirmed", "486": "ended busy, drop → gone",
			"lost": "ended failed, drop → gone", "hangup": " → cancelling", "183 reliable": "PRACK 2, early → proceeding", "199": " → proceeding",
			"302": "INVITE 2", "421": "INVITE 2", "422": "INVITE 2", "rung": "ringing → proceeding"}},
		proceeding: {early, {"183": "early", "200": "ACK 1, answered → confirmed", "fork": "ACK 1, answered → confirmed",
			"486": "ended busy, drop → gone", "lost": "ended congestion, drop → gone", "hangup": "CANCEL 1 → cancelling",
			"183 reliable": "PRACK 2, early", "302": "INVITE 2 → calling", "421": "ended failed, drop → gone", "422": "ended failed, drop → gone"}},
		cancelling: {early, {"200": "ACK 1, BYE 2 → ending", "fork": "ACK 1, BYE 2 → ending",
			"486": "ended no_answer, drop → gone", "lost": "ended no_answer, drop → gone",
			"302": "ended no_answer, drop → gone", "421": "ended no_answer, drop → gone", "422": "ended no_answer, drop → gone"}},
		confirmed: {{"200": "ACK 1", "fork": "ACK 1, BYE 2", "hangup": "BYE 2 → ending", "press": "INFO 2",
			"BYE": "answer 200, ended answered → lingering", "INFO": "answer 200, digit", "INVITE": "answer 200, reoffered",
			"UPDATE": "answer 200", "OPTIONS": "answer 200", "REFER": "answer 603", "NOTIFY": nobody, "PRACK": nobody, "FOO": "answer 501",
			"transfer": "REFER 2"}},
		ending: {{"200": "ACK 1", "fork": "ACK 1, BYE 2", "BYE": "answer 200", "INFO": "answer 200", "INVITE": "answer 481",
			"UPDATE": "answer 481", "OPTIONS": "answer 200", "REFER": "answer 603", "NOTIFY": nobody, "PRACK": nobody, "FOO": "answer 501",
			"transfer": "transfer"}},
		lingering: {strangers, {"200": "ACK 1", "fork": "ACK 1, BYE 2"}},
		gone:      {strangers},
	}
	for s := waiting; s <= gone; s++ {
		for _, e := range everyEvent {
			want := ""
			for _, m := range table[s] {
				if w, ok := m[e.name]; ok {
					want = w
				}
			}
			did, after, moved := strings.Cut(want, " → ")
			if !moved {
				after = s.String()
			}
			l := reach(t, s)
			if got := l.feed(e.make(l)); got != strings.TrimSpace(did) || l.m.state.String() != after {
				t.Errorf("%s + %s: did %q and went to %s, want %q and %s", s, e.name, got, l.m.state, did, after)
			}
		}
	}
}

// TestEndedComesOnceFromEverywhere: whatever the state, hanging up and then
// hearing nothing more ends the leg for its user within the grace, once, and
// altogether within 64*T1 and a little.
func TestEndedComesOnceFromEverywhere(t *testing.T) {
	for s := waiting; s <= gone; s++ {
		l := reach(t, s)
		l.feed(hangUp{"enough"})
		l.pass(2 * time.Second)
		if l.end.Kind != Ended {
			t.Errorf("%s: not ended within the grace", s)
		}
		l.pass(40 * time.Second)
		if l.m.state == ending { // the transaction's own end
			b, _ := l.req["BYE"].Via().Params.Get("branch")
			l.feed(lost{method: "BYE", branch: b, timeout: true})
		}
		if l.m.state == cancelling {
			l.feed(lost{method: "INVITE", branch: l.m.branch, timeout: true})
		}
		l.pass(40 * time.Second)
		if l.m.state != gone || !l.m.next().IsZero() {
			t.Errorf("%s: still %s", s, l.m.state)
		}
		n := 0
		for _, e := range l.ev {
			if e.Kind == Ended {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: ended %d times", s, n)
		}
	}
}

func TestRingTimeOut(t *testing.T) {
	l := reach(t, proceeding)
	l.want(l.pass(29*time.Second), "")
	l.want(l.pass(time.Second), "CANCEL 1")
	l.want(l.feed(l.to("CANCEL", 200)), "")
	l.want(l.feed(l.resp(487, "a", "")), "ended no_answer, drop")
	if c := l.end.Cause; c.SIP != 487 || !c.Local || c.Failed != dialer.TrunkOK {
		t.Errorf("cause %+v", c)
	}
}

// A CANCEL that nobody answers: the user waits for the grace, the leg for
// 64*T1 (RFC 3261 section 9.1).
func TestCancelWithoutAnyAnswer(t *testing.T) {
	l := reach(t, proceeding)
	l.feed(hangUp{"enough"})
	l.want(l.pass(2*time.Second), "ended no_answer")
	l.want(l.pass(29*time.Second), "")
	l.want(l.pass(time.Second), "drop")
}

// Fault and rule: CANCEL may not be sent before a provisional response (RFC
// 3261 section 9.1). The wish is remembered, and the user does not wait.
func TestCancelWantedBeforeAnyProvisional(t *testing.T) {
	l := reach(t, calling)
	l.want(l.feed(hangUp{"enough"}), "")
	l.want(l.pass(2*time.Second), "ended failed")
	l.want(l.pass(5*time.Second), "")
	l.want(l.feed(l.resp(180, "a", "")), "CANCEL 1")
	l.want(l.feed(l.resp(180, "a", "")), "")
	l.want(l.feed(l.resp(200, "a", sdpAt(4000))), "ACK 1, BYE 2")
	l.want(l.feed(l.to("BYE", 200)), "")
	l.want(l.feed(l.resp(200, "a", sdpAt(4000))), "ACK 1")
	l.want(l.pass(33*time.Second), "drop")
}

func TestSilentTrunk(t *testing.T) {
	l := reach(t, calling)
	l.want(l.pass(7*time.Second), "")
	l.want(l.pass(time.Second), "ended failed")
	if c := l.end.Cause; c.Failed != dialer.TrunkUnreachable || l.end.Err == nil {
		t.Errorf("cause %+v, err %v", c, l.end.Err)
	}
	// It comes alive after all: nobody may be left ringing.
	l.want(l.feed(l.resp(100, "", "")), "CANCEL 1")
	l.want(l.feed(l.resp(487, "a", "")), "drop")
}

func TestRingShorterThanSilence(t *testing.T) {
	l := newLine(t)
	l.m.plan.ring = 3 * time.Second
	l.feed(connected{"udp"})
	l.want(l.pass(5*time.Second), "ended failed")
	if l.end.Cause.Failed != dialer.TrunkUnreachable {
		t.Errorf("cause %+v", l.end.Cause)
	}
}

func TestResponsesInAnyOrder(t *testing.T) {
	l := reach(t, calling)
	l.want(l.feed(l.resp(183, "a", sdpAt(4000))), "early")
	l.want(l.feed(l.resp(180, "a", "")), "")
	l.want(l.feed(l.resp(100, "", "")), "")
	l.want(l.feed(l.resp(183, "b", sdpAt(4004))), "early") // another branch of a fork
	l.want(l.feed(l.resp(183, "b", sdpAt(4004))), "")
	l.want(l.feed(l.resp(200, "a", sdpAt(4000))), "ACK 1, answered")
	l.want(l.feed(l.resp(180, "a", "")), "")
	l.want(l.feed(l.resp(183, "a", sdpAt(4008))), "")
}

// A BYE may overtake the 200 that it follows.
func TestByeOvertakesTheAnswer(t *testing.T) {
	l := reach(t, proceeding)
	l.want(l.feed(ask("BYE", 1, "", "")), "answer 200")
	l.want(l.feed(l.resp(200, "a", sdpAt(4000))), "ACK 1, ended answered")
	if l.m.state != lingering {
		t.Errorf("state %s", l.m.state)
	}
}

func TestAnswerWithoutSDP(t *testing.T) {
	l := reach(t, calling)
	l.feed(l.resp(183, "a", sdpAt(4000)))
	l.want(l.feed(l.resp(200, "a", "")), "ACK 1, answered")
	if p := l.ev[len(l.ev)-1].Remote; p.Addr.Port() != 4000 || !p.Watch {
		t.Errorf("remote %+v", p)
	}
	l = reach(t, calling)
	l.want(l.feed(l.resp(200, "a", "")), "ACK 1, BYE 2, ended failed")
	if l.end.Err == nil || l.end.Cause.Failed != dialer.TrunkOK {
		t.Errorf("%+v", l.end)
	}
}

func TestRoutes(t *testing.T) {
	lr := gosip.Uri{Scheme: "sip", Host: "p1", UriParams: gosip.HeaderParams{{K: "lr"}}}
	near := gosip.Uri{Scheme: "sip", Host: "p2", UriParams: gosip.HeaderParams{{K: "lr"}}}
	strict := gosip.Uri{Scheme: "sip", Host: "old"}
	for _, c := range []struct {
		name      string
		record    []gosip.Uri
		uri       string
		route     []string
		nextHopIs string
	}{
		{"none", nil, "sip:far@192.0.2.2", nil, "192.0.2.2"},
		{"loose", []gosip.Uri{lr, near}, "sip:far@192.0.2.2", []string{"<sip:p2;lr>", "<sip:p1;lr>"}, "p2"},
		{"strict", []gosip.Uri{lr, strict}, "sip:old", []string{"<sip:p1;lr>", "<sip:far@192.0.2.2>"}, "old"},
	} {
		l := reach(t, calling)
		a := l.resp(200, "a", sdpAt(4000))
		a.routes = c.record
		l.feed(l.resp(180, "a", "")) // without Record-Route: only the 200's counts
		l.feed(a)
		l.feed(hangUp{})
		for _, method := range []string{"ACK", "BYE"} {
			req := l.req[method]
			var route []string
			for _, h := range req.GetHeaders("Route") {
				route = append(route, h.Value())
			}
			if req.Recipient.String() != c.uri || fmt.Sprint(route) != fmt.Sprint(c.route) {
				t.Errorf("%s %s: %s with routes %v", c.name, method, req.Recipient.String(), route)
			}
		}
		if _, _, hop := l.m.dlg.hops(); hop.Host != c.nextHopIs {
			t.Errorf("%s: next hop %s", c.name, hop.Host)
		}
	}
}
