package crm

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func readAll(t *testing.T, r *http.Request) []byte {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Errorf("reading a request: %v", err)
	}
	return b
}

// receiver is a CRM that misbehaves for a while. It checks every signature
// and notes, per lead, what it accepted.
type receiver struct {
	t        *testing.T
	clock    Clock
	mu       sync.Mutex
	bad      int // requests that are still to be treated badly
	requests int
	accepted map[string][]string // lead → keys
	ids      map[string][]string // id → webhook ids of its tries
	treat    func(w http.ResponseWriter, r *http.Request)
}

func (rc *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := readAll(rc.t, r)
	// The clock may have jumped ahead since this try began; its age is tested elsewhere.
	stamp, err := strconv.ParseInt(r.Header.Get("Webhook-Timestamp"), 10, 64)
	if err != nil || time.Unix(stamp, 0).Before(epoch) || time.Unix(stamp, 0).After(rc.clock.Now()) {
		rc.t.Errorf("timestamp %q", r.Header.Get("Webhook-Timestamp"))
	}
	if err := verify(secretA, r.Header, body, time.Unix(stamp, 0)); err != nil {
		rc.t.Errorf("signature: %v", err)
	}
	var e struct{ Key string }
	if err := json.Unmarshal(body, &e); err != nil {
		rc.t.Errorf("body: %v", err)
	}
	rc.mu.Lock()
	rc.requests++
	treat := rc.bad > 0
	rc.bad--
	rc.ids[e.Key] = append(rc.ids[e.Key], r.Header.Get("Webhook-Id"))
	if !treat {
		lead, _, _ := strings.Cut(e.Key, "_")
		rc.accepted[lead] = append(rc.accepted[lead], e.Key)
	}
	rc.mu.Unlock()
	if treat {
		rc.treat(w, r)
	}
}

// hijack breaks HTTP off and lets a function speak on the connection.
func hijack(speak func(net.Conn)) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		speak(conn)
		conn.Close()
	}
}

// TestHostileReceivers: whatever a receiver does, nothing is lost, the order
// per lead is kept, ids are stable, signatures fit.
func TestHostileReceivers(t *testing.T) {
	for name, treat := range map[string]func(http.ResponseWriter, *http.Request){
		"500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"503 with Retry-After": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(503)
		},
		"404":           func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no such page", 404) },
		"redirect":      func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"slow":          func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"garbage":       hijack(func(c net.Conn) { io.WriteString(c, "\x00\xff not HTTP at all\r\n\r\n") }),
		"reset":         hijack(func(c net.Conn) { c.(*net.TCPConn).SetLinger(0) }),
		"closes":        hijack(func(net.Conn) {}),
		"endless head":  hijack(func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\n"+strings.Repeat("X: y\r\n", 50_000)) }),
		"status 999":    hijack(func(c net.Conn) { io.WriteString(c, "HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n") }),
		"broken length": hijack(func(c net.Conn) { io.WriteString(c, "HTTP/1.1 500 No\r\nContent-Length: 999\r\n\r\nshort") }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newJumpClock()
			rc := &receiver{t: t, clock: clock, bad: 12, treat: treat, accepted: map[string][]string{}, ids: map[string][]string{}}
			srv := httptest.NewServer(rc)
			t.Cleanup(srv.Close)
			out := newMemory(events(4, 3)...)
			deliver(t, srv.URL, clock, out)
			checkReceived(t, rc, out, 4, 3)
		})
	}
}

func deliver(t *testing.T, url string, clock Clock, out *memory) {
	t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	transport.MaxResponseHeaderBytes = maxResponse
	hookSender, err := NewWebhook(WebhookConfig{URL: url, Secrets: []string{secretA}, Clock: clock, Transport: transport, Timeout: 150 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	// Plenty of tries: on a busy machine a sound request may time out too.
	start(t, WorkerConfig{Lane: hook, Outbox: out, Switches: out, Sender: hookSender, Clock: clock, Parallel: 4, Retry: Retry{Tries: 100}})
	out.wait(t, "all are sent", ended)
}

func checkReceived(t *testing.T, rc *receiver, out *memory, leads, n int) {
	t.Helper()
	for _, d := range out.all() {
		if d.State != StateSent {
			t.Errorf("%s is %s: %s", d.Key, d.State, d.LastError)
		}
	}
	rc.mu.Lock()
	defer rc.mu.Unlock()
	for l := 1; l <= leads; l++ {
		var want []string
		for i := range n {
			want = append(want, eventKey(l, i))
		}
		if got := dedupe(rc.accepted[fmt.Sprint("l", l)]); !reflect.DeepEqual(got, want) {
			t.Errorf("lead %d: accepted %v, want %v", l, got, want)
		}
	}
	for key, ids := range rc.ids {
		for _, id := range ids {
			if id != key {
				t.Errorf("tries of %s came with ids %v", key, ids)
			}
		}
	}
	if rc.requests < leads*n+1 {
		t.Errorf("only %d requests came: the receiver was never bad", rc.requests)
	}
}

// dedupe drops repeats that follow each other: at least once is the promise.
func dedupe(keys []string) []string {
	var out []string
	for _, k := range keys {
		if len(out) == 0 || out[len(out)-1] != k {
			out = append(out, k)
		}
	}
	return out
}

// TestReceiverIsDown: nobody listens at first.
func TestReceiverIsDown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	clock := newJumpClock()
	rc := &receiver{t: t, clock: clock, accepted: map[string][]string{}, ids: map[string][]string{}}
	out := newMemory(events(2, 2)...)
	sender, err := NewWebhook(WebhookConfig{URL: "http://" + address, Secrets: []string{secretA}, Clock: clock,
		Transport: &http.Transport{DisableKeepAlives: true}})
	if err != nil {
		t.Fatal(err)
	}
	w := start(t, WorkerConfig{Lane: hook, Outbox: out, Sender: sender, Clock: clock, Retry: Retry{Tries: 1_000_000}})
	out.wait(t, "a try has failed", func(rows []Delivery) bool { return rows[0].Attempts > 2 })
	if l, err = net.Listen("tcp", address); err != nil {
		t.Skipf("somebody took the port meanwhile: %v", err)
	}
	srv := &http.Server{Handler: rc}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	w.Poke()
	out.wait(t, "all are sent", ended)
	rc.requests++ // the failed tries never reached it
	checkReceived(t, rc, out, 2, 2)
}

func TestGoneOverHTTP(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }))
	t.Cleanup(srv.Close)
	out := newMemory(events(1, 1)...)
	sender, err := NewWebhook(WebhookConfig{URL: srv.URL, Transport: &http.Transport{DisableKeepAlives: true}})
	if err != nil {
		t.Fatal(err)
	}
	start(t, WorkerConfig{Lane: hook, Outbox: out, Switches: out, Sender: sender, Clock: newJumpClock()})
	out.wait(t, "the endpoint is off", func([]Delivery) bool {
		off, _ := out.EndpointsOff(t.Context())
		return off["crm"] != ""
	})
}

func TestEndpointGuard(t *testing.T) {
	for _, bad := range []string{"", "crm.example.org/hook", "ftp://crm.example.org", "file:///etc/passwd", "http://",
		"https://user:hunter2@crm.example.org/", "http://[::1", "javascript:alert(1)", "http://a b/"} {
		_, err := NewWebhook(WebhookConfig{URL: bad})
		if err == nil {
			t.Errorf("%q was taken as an endpoint", bad)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error tells a password: %v", err)
		}
	}
	if _, err := NewWebhook(WebhookConfig{URL: "https://crm.example.org", Secrets: []string{"plain"}}); err == nil {
		t.Error("a secret without whsec_ was taken")
	}
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		status           int
		webhook, gateway Verdict
	}{
		{200, Sent, Sent}, {204, Sent, Sent}, {299, Sent, Sent}, {301, Again, Again}, {304, Again, Again},
		{400, Again, Never}, {401, Again, Again}, {402, Again, Again}, {404, Again, Never}, {408, Again, Again},
		{410, Gone, Never}, {422, Again, Never}, {429, Again, Again}, {500, Again, Again}, {503, Again, Again}, {999, Again, Again},
	} {
		if got := judgeWebhook(c.status); got != c.webhook {
			t.Errorf("a webhook's %d is %d, want %d", c.status, got, c.webhook)
		}
		if got := judgeGateway(c.status); got != c.gateway {
			t.Errorf("a gateway's %d is %d, want %d", c.status, got, c.gateway)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for _, c := range []struct {
		status int
		value  string
		want   time.Duration
	}{
		{503, "120", 2 * time.Minute}, {429, " 7 ", 7 * time.Second}, {500, "120", 0}, {503, "", 0}, {503, "-5", 0},
		{503, "soon", 0}, {503, "999999999", maxRetryAfter}, {503, "99999999999999999999", 0},
		{429, epoch.Add(90 * time.Second).Format(http.TimeFormat), 90 * time.Second},
		{429, epoch.Add(-time.Hour).Format(http.TimeFormat), 0},
		{429, epoch.Add(1000 * time.Hour).Format(http.TimeFormat), maxRetryAfter},
	} {
		if got := retryAfter(c.status, http.Header{"Retry-After": {c.value}}, epoch); got != c.want {
			t.Errorf("Retry-After %q of a %d: %v, want %v", c.value, c.status, got, c.want)
		}
	}
}

// TestErrorsAreClean: what a receiver says reaches people cleaned and short,
// without the address.
func TestErrorsAreClean(t *testing.T) {
	if got := clean("a\x00b\x1b[31m\r\nc\xff\u202ed", 100); got != "a b [31m c d" {
		t.Errorf("cleaned to %q", got)
	}
	if got := clean(strings.Repeat("я", 500), 10); got != strings.Repeat("я", 10)+"…" {
		t.Errorf("cut to %q", got)
	}
	if got := maskNumbers("to +79001234567, code 123456, 12345678"); got != "to +*******4567, code 123456, ****5678" {
		t.Errorf("masked to %q", got)
	}
	sender, err := NewWebhook(WebhookConfig{URL: "http://127.0.0.1:1/?key=hunter2"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if a := sender.Send(ctx, Delivery{}); a.Verdict != Again || strings.Contains(a.Why, "hunter2") {
		t.Errorf("answer %+v", a)
	}
}
