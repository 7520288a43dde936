package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dozvon/dialer"
	"dozvon/internal/testlog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var epoch = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// fake is a service behind the ports: one campaign, two leads of two partners.
type fake struct {
	mu     sync.Mutex
	pushes []PushRequest
	calls  []string
	dnc    []DNCEntry
	fault  error // what every port returns, if set
	panics bool
	checks []Check
	many   int // leads of the list "long"
	broken int // the list breaks off after that many leads
}

func exampleLeads() map[dialer.LeadID]dialer.Lead {
	return map[dialer.LeadID]dialer.Lead{
		1: {ID: 1, Campaign: "leads", ExternalID: "e1", Phone: "+79001234567", Zone: "Europe/Moscow", State: dialer.LeadWaiting,
			NextAt: epoch, Columns: map[string]string{"name": "Анна", "amount": "1,5"}, Last: dialer.NoAnswer, Attempts: 1},
		2: {ID: 2, Campaign: "leads", ExternalID: "e2", Phone: "+79007654321", State: dialer.LeadDone, List: "connected",
			Columns: map[string]string{"name": "=1+1", "amount": "\"x\""}, Last: dialer.Answered, Attempts: 2, Answers: map[string]string{"yes": "1"},
			FirstCall: epoch, LastCall: epoch.Add(time.Hour)},
	}
}

var partners = map[dialer.LeadID]string{1: "north", 2: "south"}

func (f *fake) begin(format string, args ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, fmt.Sprintf(format, args...))
	if f.panics {
		panic("a secret of the inside")
	}
	return f.fault
}

func (f *fake) did() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.calls...)
}

func (f *fake) Push(_ context.Context, r PushRequest) ([]PushResult, error) {
	if err := f.begin("push %s %d", r.Campaign, len(r.Leads)); err != nil {
		return nil, err
	}
	if r.Campaign != "leads" {
		return nil, fmt.Errorf("campaign %q: %w", r.Campaign, ErrNotFound)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pushes = append(f.pushes, r)
	var out []PushResult
	for i, l := range r.Leads {
		switch l.Phone {
		case "dup":
			out = append(out, PushResult{Status: PushDuplicate, ID: 2, Reason: "the external_id is known"})
		case "dnc":
			out = append(out, PushResult{Status: PushSuppressed, Reason: "on the do-not-call list"})
		default:
			out = append(out, PushResult{Status: PushAccepted, ID: dialer.LeadID(100 + i)})
		}
	}
	return out, nil
}

func (f *fake) Lead(_ context.Context, id dialer.LeadID) (dialer.Lead, error) {
	if err := f.begin("lead %d", id); err != nil {
		return dialer.Lead{}, err
	}
	l, ok := exampleLeads()[id]
	if !ok {
		return l, fmt.Errorf("lead %d: %w", id, ErrNotFound)
	}
	return l, nil
}

func (f *fake) Partner(_ context.Context, id dialer.LeadID) (string, error) {
	p, ok := partners[id]
	if !ok {
		return "", fmt.Errorf("lead %d: %w", id, ErrNotFound)
	}
	return p, nil
}

func (f *fake) Attempts(_ context.Context, id dialer.LeadID) ([]dialer.Attempt, error) {
	return []dialer.Attempt{{ID: 7, Lead: id, Number: 1, Phone: "+79001234567", Trunk: "main", State: dialer.AttemptEnded, Placed: epoch,
		Result: dialer.Result{Cause: dialer.Cause{SIP: 486, Q850: 17}, Disposition: dialer.Busy}}}, f.begin("attempts %d", id)
}

func (f *fake) Explain(_ context.Context, id dialer.LeadID) (Explanation, error) {
	return Explanation{Summary: "Waits until 10:00.", NextAt: epoch}, f.begin("explain %d", id)
}

func (f *fake) Campaigns(context.Context) ([]CampaignStatus, error) {
	return []CampaignStatus{{Name: "leads", State: dialer.CampaignRunning}}, f.begin("campaigns")
}

func (f *fake) Campaign(_ context.Context, name string) (CampaignStatus, error) {
	if err := f.begin("campaign %s", name); err != nil {
		return CampaignStatus{}, err
	}
	if name != "leads" {
		return CampaignStatus{}, fmt.Errorf("campaign %q: %w", name, ErrNotFound)
	}
	return CampaignStatus{Name: name, State: dialer.CampaignRunning, Lists: map[string]int{"connected": 1}}, nil
}

func (f *fake) Pause(_ context.Context, name string) error  { return f.begin("pause %s", name) }
func (f *fake) Resume(_ context.Context, name string) error { return f.begin("resume %s", name) }
func (f *fake) Drain(_ context.Context, name string) error  { return f.begin("drain %s", name) }

func (f *fake) Calls(context.Context) ([]CallUp, error) {
	return []CallUp{{Attempt: 7, Lead: 1, Campaign: "leads", Phone: "+79001234567", State: dialer.AttemptTalking, Operator: "anna"}}, f.begin("calls")
}

func (f *fake) Supervise(_ context.Context, id dialer.AttemptID, address, mode string) error {
	return f.begin("supervise %d %s %s", id, address, mode)
}

func (f *fake) SetMode(_ context.Context, id dialer.AttemptID, mode string) error {
	return f.begin("mode %d %s", id, mode)
}

func (f *fake) Leave(_ context.Context, id dialer.AttemptID) error { return f.begin("leave %d", id) }

func (f *fake) Transfer(_ context.Context, id dialer.AttemptID, address string) error {
	return f.begin("transfer %d %s", id, address)
}

func (f *fake) HangUp(_ context.Context, id dialer.AttemptID) error { return f.begin("hang up %d", id) }

func (f *fake) Lists(_ context.Context, campaign, partner string) ([]ListCount, error) {
	return []ListCount{{List: "connected", Leads: 1}}, f.begin("lists %s of %q", campaign, partner)
}

func (f *fake) List(_ context.Context, campaign, list, partner string) ([]string, iter.Seq2[dialer.Lead, error], error) {
	if err := f.begin("list %s %s of %q", campaign, list, partner); err != nil {
		return nil, nil, err
	}
	seq := func(yield func(dialer.Lead, error) bool) {
		if list == "long" {
			for i := range f.many {
				if f.broken > 0 && i == f.broken {
					yield(dialer.Lead{}, fmt.Errorf("the disk went away"))
					return
				}
				if !yield(dialer.Lead{ID: dialer.LeadID(i + 1), Phone: "+79001234567", List: "long"}, nil) {
					return
				}
			}
			return
		}
		for _, id := range []dialer.LeadID{1, 2} {
			if l := exampleLeads()[id]; l.List == list && (partner == "" || partner == partners[id]) && !yield(l, nil) {
				return
			}
		}
	}
	return []string{"name", "amount"}, seq, nil
}

func (f *fake) AddDNC(_ context.Context, phone, reason string) (DNCEntry, error) {
	if err := f.begin("dnc add"); err != nil {
		return DNCEntry{}, err
	}
	if !strings.HasPrefix(phone, "+") {
		return DNCEntry{}, fmt.Errorf("%q is no phone number; write it like +79001234567: %w", phone, ErrInvalid)
	}
	e := DNCEntry{Phone: phone, Reason: reason, AddedAt: epoch}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dnc = append(f.dnc, e)
	return e, nil
}

func (f *fake) RemoveDNC(_ context.Context, phone string) error {
	return f.begin("dnc remove %s", phone)
}

func (f *fake) ListDNC(_ context.Context, after string, limit int) ([]DNCEntry, error) {
	err := f.begin("dnc list %q %d", after, limit)
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dnc, err
}

func (f *fake) Dead(_ context.Context, after int64, limit int) ([]DeadDelivery, error) {
	return []DeadDelivery{{ID: 5, Kind: "webhook", Error: "answered 500"}}, f.begin("dead %d %d", after, limit)
}

func (f *fake) Replay(_ context.Context, ids []int64) (int, error) {
	return len(ids), f.begin("replay %v", ids)
}

func (f *fake) EndpointsOff(context.Context) ([]OffEndpoint, error) {
	return nil, f.begin("endpoints off")
}

func (f *fake) TurnOn(_ context.Context, name string) error { return f.begin("turn on %s", name) }

func (f *fake) Ready(context.Context) []Check { return f.checks }

// secrets of the tests' tokens, by role.
func secretOf(r Role) string { return "secret-of-" + string(r) + "-0123456789" }

func tokens(t testing.TB) []Token {
	t.Helper()
	var out []Token
	for _, r := range Roles() {
		partner := ""
		if r == RolePartner {
			partner = "north"
		}
		tok, err := NewToken("the-"+string(r), r, partner, secretOf(r))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, tok)
	}
	return out
}

func config(t testing.TB, f *fake) Config {
	return Config{Leads: f, Campaigns: f, Calls: f, Lists: f, DNC: f, Deliveries: f, Announcements: f, Ready: f, Tokens: tokens(t), Version: "1.2.3"}
}

// service is a running API.
type service struct {
	*httptest.Server
	t   testing.TB
	log *testlog.Buffer
}

func serve(t testing.TB, c Config) *service {
	t.Helper()
	log := &testlog.Buffer{}
	c.Log = slog.New(slog.NewJSONHandler(log, nil))
	srv := httptest.NewServer(New(c))
	t.Cleanup(func() {
		srv.Client().CloseIdleConnections()
		srv.Close()
	})
	return &service{Server: srv, t: t, log: log}
}

// answer is a response that has been read.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request; role is empty for none.
func (s *service) do(role Role, method, path, body string, header ...string) answer {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if role != "" {
		req.Header.Set("Authorization", "Bearer "+secretOf(role))
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := s.Client().Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{resp.StatusCode, resp.Header, string(b)}
}

// into decodes an answer that must have that status.
func (a answer) into(t testing.TB, status int, v any) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	if v == nil {
		return
	}
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
}

// problem checks that an answer is a problem with that status, and returns
// its detail.
func (a answer) problem(t testing.TB, status int) string {
	t.Helper()
	var p struct {
		Status int
		Title  string
		Detail string
	}
	a.into(t, status, &p)
	if p.Status != status || p.Title == "" || p.Detail == "" || a.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("not a whole problem (%s): %s", a.header.Get("Content-Type"), a.body)
	}
	return p.Detail
}

func (f *fake) Announcements(context.Context) ([]Announcement, error) {
	return nil, f.begin("announcements")
}

func (f *fake) LearnAnnouncement(_ context.Context, id dialer.AttemptID, n NewAnnouncement) (Announcement, error) {
	if err := f.begin("learn %d %s %s %v", id, n.Label, n.Disposition, n.Answer); err != nil {
		return Announcement{}, err
	}
	if n.Label == "known" {
		return Announcement{}, fmt.Errorf("known already: %w", ErrConflict)
	}
	return Announcement{ID: "0123456789", Label: n.Label, Disposition: dialer.Unreachable, Name: n.Name, Seconds: 4.5}, nil
}

func (f *fake) RemoveAnnouncement(_ context.Context, id string) error {
	return f.begin("forget %s", id)
}
