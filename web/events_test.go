package web

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// runHub runs a hub until the test's end.
func runHub(t *testing.T, h *Hub) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { h.Run(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

// watchEvents opens a stream and waits for its welcome.
func watchEvents(t *testing.T, s *service, query string) (*bufio.Scanner, func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", s.URL+"/api/v1/events"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+secretOf(RoleOperator))
	resp, err := s.Client().Do(req) //nolint:bodyclose // the function that is returned closes it
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %v", resp.StatusCode, resp.Header)
	}
	lines := bufio.NewScanner(resp.Body)
	if !lines.Scan() || lines.Text() != ": welcome" {
		t.Fatalf("the stream begins with %q", lines.Text())
	}
	return lines, func() { cancel(); resp.Body.Close() }
}

// nextEvent reads up to the next message.
func nextEvent(t *testing.T, lines *bufio.Scanner) (name string, e Event) {
	t.Helper()
	for lines.Scan() {
		if n, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			name = n
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				t.Fatal(err)
			}
			return name, e
		}
	}
	t.Fatalf("the stream ended: %v", lines.Err())
	return "", e
}

func TestEventStream(t *testing.T) {
	c := config(t, &fake{})
	c.Events = NewHub()
	runHub(t, c.Events)
	s := serve(t, c)
	all, endAll := watchEvents(t, s, "")
	defer endAll()
	one, endOne := watchEvents(t, s, "?campaign=other")
	defer endOne()
	c.Events.Publish(Event{Type: "lead.finished", At: epoch, Campaign: "leads", Lead: 7, Data: map[string]string{"list": "a\nb"}})
	c.Events.Publish(Event{Type: "odd\r\ndata: x", At: epoch, Campaign: "other", Data: func() {}})
	if name, e := nextEvent(t, all); name != "lead.finished" || e.Lead != 7 || !e.At.Equal(epoch) || e.Data.(map[string]any)["list"] != "a\nb" {
		t.Errorf("%s %+v", name, e)
	}
	for _, lines := range []*bufio.Scanner{all, one} {
		if name, e := nextEvent(t, lines); name != "odddata: x" || e.Type != "unreadable" {
			t.Errorf("%q %+v", name, e)
		}
	}
}

func TestHeartbeat(t *testing.T) {
	c := config(t, &fake{})
	c.Events, c.Heartbeat = NewHub(), time.Millisecond
	runHub(t, c.Events)
	lines, end := watchEvents(t, serve(t, c), "")
	defer end()
	for lines.Scan() && lines.Text() != ": still here" {
		if lines.Text() != "" {
			t.Fatalf("unexpected %q", lines.Text())
		}
	}
	if err := lines.Err(); err != nil {
		t.Error(err)
	}
}

// TestStreamOutlivesTheReadTimeout: the limit for reading a request is no
// limit for its stream.
func TestStreamOutlivesTheReadTimeout(t *testing.T) {
	c := config(t, &fake{})
	c.Events, c.Heartbeat = NewHub(), 10*time.Millisecond
	runHub(t, c.Events)
	srv := httptest.NewUnstartedServer(New(c))
	srv.Config.ReadTimeout = 40 * time.Millisecond
	srv.Start()
	defer srv.Close()
	lines, end := watchEvents(t, &service{Server: srv, t: t}, "")
	defer end()
	beats := 0
	for beats < 15 && lines.Scan() {
		if lines.Text() == ": still here" {
			beats++
		}
	}
	if beats < 15 {
		t.Errorf("the stream ended after %d heartbeats: %v", beats, lines.Err())
	}
}

// TestStreamsRefuseOthers: partners and CRMs don't watch, they would see
// leads that are not theirs.
func TestStreamsRefuseOthers(t *testing.T) {
	s := serve(t, config(t, &fake{}))
	for _, role := range []Role{RolePartner, RoleCRM} {
		s.do(role, "GET", "/api/v1/events", "").problem(t, http.StatusForbidden)
	}
	s.do("", "GET", "/api/v1/events", "").problem(t, http.StatusUnauthorized)
}

// TestSlowClientIsDropped: it loses its stream, the quick one loses nothing.
func TestSlowClientIsDropped(t *testing.T) {
	h := NewHub()
	h.size = 4
	runHub(t, h)
	slow, leaveSlow, _ := h.watch(t.Context())
	quick, leaveQuick, _ := h.watch(t.Context())
	for i := range 10 {
		h.Publish(Event{Lead: 1, Type: "x", Data: i})
		if e := <-quick; e.Data != i {
			t.Fatalf("event %v came as number %d", e.Data, i)
		}
	}
	got := 0
	for range slow { // ends because the hub has closed it
		got++
	}
	if got != 4 {
		t.Errorf("the slow client got %d events, want the 4 that its queue holds", got)
	}
	leaveSlow()
	leaveQuick()
}

func TestHubStops(t *testing.T) {
	h := NewHub()
	stop := runHub(t, h)
	events, leave, ok := h.watch(t.Context())
	if !ok {
		t.Fatal("nobody may watch")
	}
	stop()
	if _, open := <-events; open {
		t.Error("the stream goes on without the hub")
	}
	leave()
	if _, _, ok := h.watch(t.Context()); ok {
		t.Error("watching a hub that has stopped")
	}
	c := config(t, &fake{})
	c.Events = h
	serve(t, c).do(RoleAdmin, "GET", "/api/v1/events", "").problem(t, http.StatusServiceUnavailable)
}

// TestPublishNeverBlocks: without anybody to take them, events are counted as
// lost.
func TestPublishNeverBlocks(t *testing.T) {
	h := NewHub()
	for range hubQueue + 5 {
		h.Publish(Event{})
	}
	if h.Lost() != 5 {
		t.Errorf("%d lost", h.Lost())
	}
}
