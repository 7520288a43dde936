package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dozvon/store"
)

// hookKey is the secret that the receiver and the configuration share.
var hookKey = []byte("a key of two dozen bytes")

// receiver is a CRM with bad days. It checks signatures by the convention
// (id, timestamp and body joined by full stops, HMAC-SHA256) without any code
// of the product.
type receiver struct {
	t       *testing.T
	address string
	server  *httptest.Server
	// mood says how the nth request in all, and the nth of its id, is met.
	mood func(r request) manner

	mu    sync.Mutex
	n     int
	tries map[string]int
	body  map[string]string
	got   []event // accepted, in order, each id once
}

type request struct {
	n, try int // in all, and of this id, from 1
	event
}

type manner string

const (
	accepts manner = "accepts"
	slow    manner = "accepts slowly"
	breaks  manner = "500"
	talks   manner = "answers garbage"
	resets  manner = "resets the connection"
	moved   manner = "301"
	gone    manner = "410"
)

// newReceiver has an address, and nobody listens there before open.
func newReceiver(t *testing.T, mood func(request) manner) *receiver {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	r := &receiver{t: t, address: l.Addr().String(), mood: mood, tries: map[string]int{}, body: map[string]string{}}
	must(t, l.Close())
	return r
}

// open starts to listen, until the test ends.
func (r *receiver) open() {
	l, err := net.Listen("tcp", r.address)
	if err != nil {
		r.t.Errorf("the receiver cannot come up: %v", err)
		return
	}
	r.server = httptest.NewUnstartedServer(r)
	must(r.t, r.server.Listener.Close())
	r.server.Listener = l
	r.server.Start()
	r.t.Cleanup(r.server.Close)
}

func (r *receiver) url() string { return "http://" + r.address + "/events" }

// ServeHTTP takes one request in its mood.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // the sender has gone
	}
	q := r.note(req, body)
	switch m := r.mood(q); m {
	case slow:
		select {
		case <-time.After(400 * time.Millisecond):
		case <-req.Context().Done():
			return
		}
		fallthrough
	case accepts:
		r.accept(q)
		w.WriteHeader(http.StatusNoContent)
	case talks, resets:
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			r.t.Error(err)
			return
		}
		if m == talks {
			_, _ = conn.Write([]byte("\x00\xffgarbage, not HTTP\r\n\r\n"))
		} else {
			_ = conn.(*net.TCPConn).SetLinger(0)
		}
		_ = conn.Close()
	case moved:
		http.Redirect(w, req, "/elsewhere", http.StatusMovedPermanently)
	case gone:
		w.WriteHeader(http.StatusGone)
	default:
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// note checks a request and counts it.
func (r *receiver) note(req *http.Request, body []byte) request {
	id, at := req.Header.Get("webhook-id"), req.Header.Get("webhook-timestamp")
	mac := hmac.New(sha256.New, hookKey)
	fmt.Fprintf(mac, "%s.%s.%s", id, at, body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if got := req.Header.Get("webhook-signature"); id == "" || !slices.Contains(strings.Fields(got), want) {
		r.t.Errorf("event %q has the signature %q, want %q", id, got, want)
	}
	if s, err := strconv.ParseInt(at, 10, 64); err != nil || time.Since(time.Unix(s, 0)).Abs() > time.Minute {
		r.t.Errorf("event %q has the timestamp %q", id, at)
	}
	q := request{}
	if err := json.Unmarshal(body, &q.event); err != nil {
		r.t.Errorf("event %q: %v", id, err)
	}
	q.ID = id
	r.mu.Lock()
	defer r.mu.Unlock()
	if before, seen := r.body[id]; seen && before != string(body) {
		r.t.Errorf("event %q changed between tries:\n%s\n%s", id, before, body)
	}
	r.n++
	r.tries[id]++
	r.body[id] = string(body)
	q.n, q.try = r.n, r.tries[id]
	return q
}

func (r *receiver) accept(q request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.ContainsFunc(r.got, func(e event) bool { return e.ID == q.ID }) {
		r.got = append(r.got, q.event)
	}
}

// accepted returns what was taken so far.
func (r *receiver) accepted() []event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// complete holds what was taken against the events that left: nothing lost,
// nothing made up, and each lead's events in order.
func (r *receiver) complete(all []event) {
	r.t.Helper()
	want, got := byLead(all), byLead(r.accepted())
	if len(all) < 20 || len(want) < 8 {
		r.t.Errorf("only %d events of %d leads", len(all), len(want))
	}
	for lead := range want {
		if !slices.Equal(got[lead], want[lead]) {
			r.t.Errorf("lead %d: received %q, want %q", lead, got[lead], want[lead])
		}
	}
	if n := len(r.accepted()); n != len(all) {
		r.t.Errorf("%d events received of %d", n, len(all))
	}
}

// byLead lists the ids of each lead's events in their order.
func byLead(events []event) map[int64][]string {
	ids := map[int64][]string{}
	for _, e := range events {
		if e.Data.Lead.ID != 0 {
			ids[e.Data.Lead.ID] = append(ids[e.Data.Lead.ID], e.ID)
		}
	}
	return ids
}

// hooks is a campaign with several events per lead.
const hooks = `
version: 1
name: hooks
language: en
purpose: service
policy: none
lead: {name: {type: name, required: true, label: Name}}
call: {ring: 30s}
retry:
  rules: [{on: [no_answer, busy, unreachable], days: [{attempts: 2, every: 10m}], finish: missed, then: [{task: "Call {{name}} back"}]}]
lists: {"yes": "Yes", missed: Missed}
dialogue:
  hello:
    - ask: {play: question.wav, answers: {good: {keys: 1, go: [{sms: {name: thanks, text: "Thank you, {{name}}"}}, {task: "Visit {{name}}"}, {finish: "yes"}]}}, nothing: [{finish: missed}], save: choice}
hangup: [{finish: missed}]
`

// hooked is the campaign with a receiver and, as a witness, a file of all events.
func hooked(t *testing.T, r *receiver, settings string) trial {
	dir := t.TempDir()
	writeTone(t, filepath.Join(dir, "question.wav"), questionHz, time.Second)
	write(t, filepath.Join(dir, "scenario.yaml"), hooks)
	tr := trial{
		scenario: filepath.Join(dir, "scenario.yaml"), titles: []string{"phone", "name"}, dir: t.TempDir(),
		config: fmt.Sprintf("webhooks:\n  - {url: %q, secrets: [\"${HOOK}\"]%s}\n  - {file: events.jsonl}\n", r.url(), settings),
		env:    map[string]string{"HOOK": "whsec_" + base64.StdEncoding.EncodeToString(hookKey)},
		book:   people + "numbers:\n",
	}
	for i, does := range []string{"nods", "nods", "nods", "busy", "busy", "off", "off", "[busy, nods]", "[off, nods]"} {
		phone := fmt.Sprintf("+7999000060%d", i)
		tr.rows = append(tr.rows, []string{phone, "Ann"})
		tr.book += fmt.Sprintf("  %q: %s\n", phone, does)
	}
	return tr
}

// outboxOf reads how a database's deliveries stand.
func outboxOf(t *testing.T, tr trial) (st store.OutboxStats, off map[string]store.Off) {
	t.Helper()
	must(t, withStore(t.Context(), filepath.Join(tr.dir, "campaign.db"), func(db *store.Store) (err error) {
		if st, err = db.OutboxStats(t.Context()); err != nil {
			return err
		}
		off, err = db.EndpointsOff(t.Context())
		return err
	}))
	return st, off
}

func (tr trial) replay(ctx context.Context, config bool, ids ...int64) (int, error) {
	o := ReplayOptions{DB: filepath.Join(tr.dir, "campaign.db"), IDs: ids, Env: func(name string) (string, bool) { return tr.env[name], true }}
	if config {
		o.Config = filepath.Join(tr.dir, "dozvon.yaml")
	}
	return ReplayDeliveries(ctx, o)
}

// A receiver that is ill in every way but gets well: all is delivered before
// the run ends.
func TestWebhookReceiverWithBadDays(t *testing.T) {
	t.Parallel()
	moods := []manner{breaks, talks, resets, slow, moved, accepts}
	r := newReceiver(t, func(q request) manner {
		if q.try > 1 {
			return accepts
		}
		return moods[q.n%len(moods)]
	})
	r.open()
	o := hooked(t, r, "").run(t)
	r.complete(o.events)
	if r.n <= len(o.events) {
		t.Errorf("%d requests for %d events: nothing was tried again", r.n, len(o.events))
	}
}

// A receiver that stays down all the time: the run ends in its time, and a
// later run delivers everything.
func TestWebhookReceiverDownToTheEnd(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, func(request) manner { return accepts })
	tr := hooked(t, r, "")
	began := time.Now()
	o := tr.run(t)
	if took := time.Since(began); took > flushWait+flushGrace+15*time.Second {
		t.Errorf("the run took %s", took)
	}
	if st, off := outboxOf(t, tr); st.Pending+st.Waiting != len(o.events) || st.Dead != 0 || len(off) > 0 {
		t.Errorf("%d events, and the outbox has %+v, off %v", len(o.events), st, off)
	}
	r.open()
	again := tr.run(t)
	r.complete(o.events)
	if len(again.far) > 0 || len(again.events) != len(o.events) {
		t.Errorf("the later run made %d calls and %d events more", len(again.far), len(again.events)-len(o.events))
	}
}

// 410 turns the endpoint off: nothing more is sent there, everything is kept,
// a later run leaves it off, and a replay turns it on.
func TestWebhookGone(t *testing.T) {
	t.Parallel()
	var back sync.Map
	r := newReceiver(t, func(q request) manner {
		if _, on := back.Load("back"); q.n > 3 && !on {
			return gone
		}
		return accepts
	})
	r.open()
	tr := hooked(t, r, "")
	o := tr.run(t)
	st, off := outboxOf(t, tr)
	if why, is := off[r.url()]; !is || !strings.Contains(why.Why, "410") {
		t.Errorf("endpoints off: %v", off)
	}
	kept := len(o.events) - len(r.accepted())
	if st.Pending+st.Waiting != kept || st.Dead != 0 || kept == 0 {
		t.Errorf("%d of %d events were not accepted, and the outbox has %+v", kept, len(o.events), st)
	}
	before := r.n
	tr.run(t)
	if r.n != before {
		t.Errorf("%d requests to an endpoint that is off", r.n-before)
	}
	back.Store("back", true)
	if n, err := tr.replay(t.Context(), true); err != nil || n != kept {
		t.Errorf("replayed %d of %d, %v", n, kept, err)
	}
	r.complete(o.events)
	if st, off := outboxOf(t, tr); st.Pending+st.Waiting+st.Dead != 0 || len(off) > 0 {
		t.Errorf("after the replay: %+v, off %v", st, off)
	}
}

// What a receiver never takes becomes a dead letter after its tries, does not
// hold up other leads, is listed, and can be sent again.
func TestWebhookDeadLetters(t *testing.T) {
	t.Parallel()
	var well sync.Map
	const bad = "+79990000600"
	r := newReceiver(t, func(q request) manner {
		if _, ok := well.Load("well"); q.Data.Lead.Phone == bad && !ok {
			return breaks
		}
		return accepts
	})
	r.open()
	tr := hooked(t, r, ", tries: 2")
	o := tr.run(t)
	dead, err := DeadDeliveries(t.Context(), filepath.Join(tr.dir, "campaign.db"))
	must(t, err)
	var ids []string
	for _, d := range dead {
		ids = append(ids, d.Key)
		if d.Attempts != 2 || !strings.Contains(d.LastError, "500") || d.Endpoint != r.url() {
			t.Errorf("dead: %+v", d)
		}
	}
	lost := o.events[slices.IndexFunc(o.events, func(e event) bool { return e.Data.Lead.Phone == bad })].Data.Lead.ID
	if want := byLead(o.events)[lost]; !slices.Equal(ids, want) || len(r.accepted()) != len(o.events)-len(want) {
		t.Errorf("dead are %q, want %q; %d of %d events accepted", ids, want, len(r.accepted()), len(o.events))
	}
	well.Store("well", true)
	if n, err := tr.replay(t.Context(), false, dead[0].ID); err != nil || n != 1 {
		t.Errorf("replayed %d, %v", n, err)
	}
	tr.run(t) // sends what was made pending
	if n := len(r.accepted()); n != len(o.events)-len(dead)+1 {
		t.Errorf("%d events accepted after one replay of %d", n, len(dead))
	}
	if n, err := tr.replay(t.Context(), true); err != nil || n != len(dead)-1 {
		t.Errorf("replayed %d of %d, %v", n, len(dead)-1, err)
	}
	r.complete(o.events)
}
