package servetest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// Answer is what the service answered.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Do sends a request with a token (empty: without one). Headers are pairs.
func (s *Service) Do(t testing.TB, token, method, path, body string, header ...string) Answer {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+Secret(token))
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Answer{resp.StatusCode, resp.Header, string(text)}
}

// Get reads something as JSON; the status must be 200.
func (s *Service) Get(t testing.TB, token, path string, into any) {
	t.Helper()
	s.Do(t, token, "GET", path, "").Into(t, into)
}

// Into decodes an answer whose status must be 200.
func (a Answer) Into(t testing.TB, into any) {
	t.Helper()
	if a.Status != http.StatusOK {
		t.Fatalf("status %d: %s", a.Status, a.Body)
	}
	if err := json.Unmarshal([]byte(a.Body), into); err != nil {
		t.Fatalf("%v: %s", err, a.Body)
	}
}

// Event is a message of the live events.
type Event struct {
	Type     string
	Campaign string
	Lead     int64
	Data     map[string]any
}

// Events are the live events from the moment of Watch on.
type Events struct {
	c    chan Event
	seen []Event
}

// Watch opens the stream of live events; it ends with the test.
func (s *Service) Watch(t testing.TB) *Events {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, "GET", s.URL+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+Secret("operator"))
	resp, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(resp.Body)
	if !lines.Scan() || lines.Text() != ": welcome" {
		t.Fatalf("the stream begins with %q", lines.Text())
	}
	e := &Events{c: make(chan Event, 10_000)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(e.c)
		for lines.Scan() {
			var ev Event
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && json.Unmarshal([]byte(data), &ev) == nil {
				e.c <- ev
			}
		}
	}()
	t.Cleanup(func() { cancel(); resp.Body.Close(); <-done })
	return e
}

// Until returns the first event that match takes, past or to come.
func (e *Events) Until(t testing.TB, match func(Event) bool) Event {
	t.Helper()
	for _, ev := range e.seen {
		if match(ev) {
			return ev
		}
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		select {
		case ev, ok := <-e.c:
			if !ok {
				t.Fatalf("the stream ended; seen: %v", e.seen)
			}
			e.seen = append(e.seen, ev)
			if match(ev) {
				return ev
			}
		case <-late.C:
			t.Fatalf("it did not happen; seen: %v", e.seen)
		}
	}
}

// Lead waits for an event of a lead.
func (e *Events) Lead(t testing.TB, id int64, what string) Event {
	t.Helper()
	return e.Until(t, func(ev Event) bool { return ev.Lead == id && ev.Type == what })
}

// Until asks again and again until what is asked for is so.
func Until(t testing.TB, what string, so func() bool) {
	t.Helper()
	for late := time.Now().Add(patience); !so(); {
		if time.Now().After(late) {
			t.Fatalf("%s: it did not happen", what)
		}
	}
}

// Receiver is a CRM that takes webhooks and fails on demand.
type Receiver struct {
	URL    string
	status atomic.Int64
	Came   chan Hook // every request
}

// Hook is a webhook that came.
type Hook struct {
	ID, Type string
	Status   int // what it was answered
}

// NewReceiver starts a receiver that answers with that status.
func NewReceiver(t testing.TB, status int) *Receiver {
	t.Helper()
	r := &Receiver{Came: make(chan Hook, 1000)}
	r.Answer(status)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var body struct{ Type string }
		_ = json.NewDecoder(req.Body).Decode(&body) // a wrong body shows as an empty type
		status := int(r.status.Load())
		w.WriteHeader(status)
		r.Came <- Hook{req.Header.Get("Webhook-Id"), body.Type, status}
	}))
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

// Answer sets the status of later answers.
func (r *Receiver) Answer(status int) { r.status.Store(int64(status)) }

// Next returns the next webhook.
func (r *Receiver) Next(t testing.TB) Hook {
	t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case h := <-r.Came:
		return h
	case <-late.C:
		t.Fatal("no webhook came")
		return Hook{}
	}
}

// Hooks is the part of a configuration that sends every finished lead there.
func (r *Receiver) Hooks(tries int) string {
	return fmt.Sprintf("webhooks: [{url: %q, secrets: [\"${HOOK_SECRET}\"], types: [lead.finished], tries: %d}]\n", r.URL, tries)
}
