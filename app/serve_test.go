package app_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"dozvon/app/servetest"
	"dozvon/sip/siptest"
)

// Campaigns over real calls wait far more than they compute: all run at once.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "16") // a flag of the command line still wins
	goleak.VerifyTestMain(m)
}

const pushPath = "/api/v1/campaigns/leads/leads"

type pushed struct {
	Accepted int
	Results  []struct {
		Status, Reason string
		LeadID         int64  `json:"lead_id"`
		ExternalID     string `json:"external_id"`
	}
}

// push pushes leads as one token and returns the answers.
func push(t testing.TB, s *servetest.Service, token, path, body string, header ...string) (p pushed) {
	t.Helper()
	s.Do(t, token, "POST", path, body, header...).Into(t, &p)
	return p
}

// one pushes a lead that must be accepted and returns its id.
func one(t testing.TB, s *servetest.Service, token, path, body string) int64 {
	t.Helper()
	p := push(t, s, token, path, body)
	if p.Accepted != 1 {
		t.Fatalf("%s: %+v", body, p)
	}
	return p.Results[0].LeadID
}

func lead(phone string) string {
	return fmt.Sprintf(`{"phone": %q, "columns": {"name": "Ann"}}`, phone)
}

type leadView struct {
	State, List, Disposition string
	Attempts                 int
	Answers                  map[string]string
}

// A pushed lead is dialled at once, ends on a list, and everything tells of it.
func TestPushedLeadIsCalledAndListed(t *testing.T) {
	s := servetest.Start(t, servetest.Options{})
	events := s.Watch(t)
	id := one(t, s, "crm", pushPath, `{"phone": "8 (999) 000-00-02", "external_id": "e1", "columns": {"name": "=Ann"}}`)
	if _, err := s.Far.WaitEnded(t.Context(), servetest.Yes, 1); err != nil {
		t.Fatal(err)
	}
	events.Lead(t, id, "attempt.placed")
	events.Lead(t, id, "attempt.answered")
	if ev := events.Lead(t, id, "lead.finished"); ev.Data["list"] != "yes" || ev.Campaign != "leads" {
		t.Errorf("%+v", ev)
	}
	var l leadView
	s.Get(t, "crm", fmt.Sprintf("/api/v1/leads/%d", id), &l)
	if l.State != "done" || l.List != "yes" || l.Disposition != "answered" || l.Attempts != 1 {
		t.Errorf("%+v", l)
	}
	var calls []struct{ Disposition, Keys string }
	s.Get(t, "crm", fmt.Sprintf("/api/v1/leads/%d/attempts", id), &calls)
	if len(calls) != 1 || calls[0].Disposition != "answered" || calls[0].Keys != "1" {
		t.Errorf("%+v", calls)
	}
	var lists []struct {
		List  string
		Leads int
	}
	s.Get(t, "crm", "/api/v1/campaigns/leads/lists", &lists)
	if len(lists) != 4 || lists[0].List != "yes" || lists[0].Leads != 1 || lists[1].Leads != 0 {
		t.Errorf("%+v", lists)
	}
	csv := s.Do(t, "crm", "GET", "/api/v1/campaigns/leads/lists/yes?format=csv", "")
	if rows := strings.Split(csv.Body, "\n"); !strings.HasPrefix(rows[0], "name,lead_id,external_id,phone_e164,") ||
		!strings.HasPrefix(rows[1], fmt.Sprintf("'=Ann,%d,e1,+79990000002,yes,answered,1,", id)) {
		t.Errorf("CSV: %s", csv.Body)
	}
	if xlsx := s.Do(t, "crm", "GET", "/api/v1/campaigns/leads/lists/yes?format=xlsx", ""); !strings.HasPrefix(xlsx.Body, "PK") {
		t.Errorf("XLSX: %.40q", xlsx.Body)
	}
	var list []struct {
		ID      int64
		Columns map[string]string
	}
	s.Get(t, "crm", "/api/v1/campaigns/leads/lists/yes?format=json", &list)
	if len(list) != 1 || list[0].ID != id || list[0].Columns["name"] != "=Ann" {
		t.Errorf("JSON: %+v", list)
	}
	if a := s.Do(t, "crm", "GET", "/api/v1/campaigns/none/lists", ""); a.Status != http.StatusNotFound {
		t.Errorf("lists of no campaign: %d", a.Status)
	}
}

// A repeat is harmless: by key, by external id, by number; and every lead gets
// its own answer.
func TestPushRepeated(t *testing.T) {
	s := servetest.Start(t, servetest.Options{})
	body := `{"leads": [{"phone": "+79991110001", "external_id": "a", "columns": {"name": "A"}},
		{"phone": "123", "external_id": "b", "columns": {"name": "B"}},
		{"phone": "+79991110003", "external_id": "c"}]}`
	first := s.Do(t, "crm", "POST", pushPath, body, "Idempotency-Key", "k1")
	again := s.Do(t, "crm", "POST", pushPath, body, "Idempotency-Key", "k1")
	if first.Body != again.Body {
		t.Errorf("the same key: first %s, then %s", first.Body, again.Body)
	}
	var p pushed
	first.Into(t, &p)
	if p.Accepted != 1 || p.Results[0].Status != "accepted" || p.Results[1].Status != "invalid" || p.Results[2].Status != "invalid" ||
		!strings.Contains(p.Results[2].Reason, "name") {
		t.Errorf("%+v", p)
	}
	if a := s.Do(t, "crm", "POST", pushPath, lead("+79991110009"), "Idempotency-Key", "k1"); a.Status != http.StatusConflict {
		t.Errorf("the key with another lead: %d %s", a.Status, a.Body)
	}
	if q := push(t, s, "crm", pushPath, body); q.Results[0].Status != "duplicate" || q.Results[0].LeadID != p.Results[0].LeadID {
		t.Errorf("the same external id: %+v", q)
	}
	if _, err := s.Far.WaitEnded(t.Context(), "+79991110001", 1); err != nil {
		t.Fatal(err)
	}
	if n := s.Far.Stats().Calls; n != 1 {
		t.Errorf("%d calls", n)
	}
	for body, want := range map[string]int{`{`: 400, `[]`: 400, `{"phone": 1}`: 200, `"x"`: 400} {
		if a := s.Do(t, "crm", "POST", pushPath, body); a.Status != want {
			t.Errorf("%s: %d %s", body, a.Status, a.Body)
		}
	}
	if a := s.Do(t, "crm", "POST", "/api/v1/campaigns/none/leads", lead("+79991110004")); a.Status != http.StatusNotFound ||
		!strings.Contains(a.Body, "there is no campaign") {
		t.Errorf("no campaign: %d %s", a.Status, a.Body)
	}
}

type campaign struct {
	Name, State, Reason string
	CallsUp             int `json:"calls_up"`
	Lines               int
	Leads               map[string]int
}

func state(t testing.TB, s *servetest.Service, name string) (c campaign) {
	t.Helper()
	s.Get(t, "crm", "/api/v1/campaigns/"+name, &c)
	return c
}

// steer asks for a step and wants that status.
func steer(t testing.TB, s *servetest.Service, name, verb string, want int) {
	t.Helper()
	if a := s.Do(t, "supervisor", "POST", "/api/v1/campaigns/"+name+"/"+verb, ""); a.Status != want {
		t.Fatalf("%s %s: %d %s", verb, name, a.Status, a.Body)
	}
}

// explain returns the summary and the checks that do not pass.
func explain(t testing.TB, s *servetest.Service, id int64) (summary string, failing []string) {
	t.Helper()
	var e struct {
		Summary string
		Reasons []struct {
			Check string
			OK    bool
		}
	}
	s.Get(t, "crm", fmt.Sprintf("/api/v1/leads/%d/explain", id), &e)
	for _, r := range e.Reasons {
		if !r.OK {
			failing = append(failing, r.Check)
		}
	}
	return e.Summary, failing
}

func TestPauseResumeDrain(t *testing.T) {
	s := servetest.Start(t, servetest.Options{})
	events := s.Watch(t)
	steer(t, s, "leads", "pause", http.StatusAccepted)
	if c := state(t, s, "leads"); c.State != "paused" || c.Reason != "user" || c.Lines != 20 {
		t.Errorf("%+v", c)
	}
	steer(t, s, "leads", "pause", http.StatusAccepted) // saying it twice is no fault
	id := one(t, s, "crm", pushPath, lead(servetest.Stays))
	if summary, failing := explain(t, s, id); fmt.Sprint(failing) != "[campaign_paused]" || !strings.Contains(summary, "paused") {
		t.Errorf("explain: %s %v", summary, failing)
	}
	if n := s.Far.Stats().Calls; n != 0 {
		t.Fatalf("%d calls of a paused campaign", n)
	}
	steer(t, s, "leads", "resume", http.StatusAccepted)
	ringing := func(c siptest.CallRecord) bool { return c.Number == servetest.Stays && !c.RingingAt.IsZero() }
	if _, err := s.Far.Wait(t.Context(), ringing); err != nil {
		t.Fatal(err)
	}
	if _, failing := explain(t, s, id); len(failing) == 0 || failing[0] != "dialing" {
		t.Errorf("explain of a lead that is being called: %v", failing)
	}
	steer(t, s, "leads", "drain", http.StatusAccepted)
	if c := state(t, s, "leads"); c.State != "draining" || c.CallsUp != 1 {
		t.Errorf("%+v", c)
	}
	steer(t, s, "leads", "resume", http.StatusConflict)
	steer(t, s, "none", "pause", http.StatusNotFound)
	if a := s.Do(t, "crm", "POST", pushPath, lead("+79991110009")); a.Status != http.StatusConflict || !strings.Contains(a.Body, "drained") {
		t.Errorf("a push to a drained campaign: %d %s", a.Status, a.Body)
	}
	events.Until(t, func(e servetest.Event) bool { return e.Type == "campaign.changed" && e.Data["state"] == "draining" })
	if a := s.Do(t, "crm", "POST", "/api/v1/campaigns/quiet/resume", ""); a.Status != http.StatusForbidden {
		t.Errorf("crm may steer: %d", a.Status)
	}
}

// What a user paused stays paused, what runs goes on, and a call that a stop
// cut is told of as interrupted.
func TestRestart(t *testing.T) {
	s := servetest.Start(t, servetest.Options{})
	steer(t, s, "leads", "pause", http.StatusAccepted)
	steer(t, s, "quiet", "resume", http.StatusAccepted)
	id := one(t, s, "crm", pushPath, lead("+79991110001"))
	up := one(t, s, "crm", "/api/v1/campaigns/quiet/leads", lead(servetest.Stays))
	if _, err := s.Far.Wait(t.Context(), func(c siptest.CallRecord) bool { return !c.RingingAt.IsZero() }); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Fatalf("stopping: %v", err)
	}
	if call, err := s.Far.WaitEnded(t.Context(), servetest.Stays, 1); err != nil || call.CancelAt.IsZero() {
		t.Fatalf("the call that rang was not cancelled: %+v, %v", call, err)
	}
	s = servetest.Start(t, servetest.Options{Dir: s.Dir, Far: s.Far})
	if c := state(t, s, "leads"); c.State != "paused" || c.Reason != "user" {
		t.Errorf("after the restart: %+v", c)
	}
	if c := state(t, s, "quiet"); c.State != "running" {
		t.Errorf("a user resumed it before the restart: %+v", c)
	}
	if n := s.Far.Stats().Calls; n != 1 {
		t.Errorf("%d calls", n)
	}
	var calls []struct{ Disposition string }
	s.Get(t, "crm", fmt.Sprintf("/api/v1/leads/%d/attempts", up), &calls)
	if len(calls) != 1 || calls[0].Disposition != "interrupted" {
		t.Errorf("the cut call: %+v", calls)
	}
	steer(t, s, "leads", "resume", http.StatusAccepted)
	if _, err := s.Far.WaitEnded(t.Context(), "+79991110001", 1); err != nil {
		t.Fatal(err)
	}
	if p := push(t, s, "crm", pushPath, lead("+79991110001")); p.Results[0].Status != "duplicate" || p.Results[0].LeadID != id {
		t.Errorf("%+v", p)
	}
}

func TestRolesOverTheWholeService(t *testing.T) {
	s := servetest.Start(t, servetest.Options{})
	steer(t, s, "leads", "pause", http.StatusAccepted)
	north := one(t, s, "north", pushPath, lead("+79991110001"))
	south := one(t, s, "south", pushPath, lead("+79991110002"))
	for _, c := range []struct {
		token string
		id    int64
		want  int
	}{{"north", north, 200}, {"north", south, 404}, {"south", south, 200}, {"south", north, 404}, {"crm", north, 200}, {"", north, 401}} {
		for _, path := range []string{"", "/attempts", "/explain"} {
			if a := s.Do(t, c.token, "GET", fmt.Sprintf("/api/v1/leads/%d%s", c.id, path), ""); a.Status != c.want {
				t.Errorf("%q reads lead %d%s: %d", c.token, c.id, path, a.Status)
			}
		}
	}
	// Another one's number is a duplicate without its id.
	if p := push(t, s, "north", pushPath, lead("+79991110002")); p.Results[0].Status != "duplicate" || p.Results[0].LeadID != 0 {
		t.Errorf("%+v", p)
	}
	if p := push(t, s, "north", pushPath, `{"phone": "+79991110005", "partner": "south", "columns": {"name": "A"}}`); p.Results[0].Status != "invalid" {
		t.Errorf("a lead in another one's name: %+v", p)
	}
	s.Do(t, "supervisor", "POST", "/api/v1/dnc", `{"phone": "+79991110001"}`).Into(t, &struct{}{})
	for token, sees := range map[string]bool{"north": true, "south": false, "crm": true} {
		a := s.Do(t, token, "GET", "/api/v1/campaigns/leads/lists", "")
		if strings.Contains(a.Body, `{"list":"suppressed","leads":1}`) != sees {
			t.Errorf("%s sees %s", token, a.Body)
		}
	}
	if a := s.Do(t, "south", "GET", "/api/v1/campaigns/leads/lists/suppressed", ""); strings.TrimSpace(a.Body) != "[]" {
		t.Errorf("south sees %s", a.Body)
	}
	for token, want := range map[string]int{"north": 403, "crm": 403, "operator": 403, "supervisor": 200, "admin": 200} {
		if a := s.Do(t, token, "GET", "/api/v1/dnc", ""); a.Status != want {
			t.Errorf("%s reads the do-not-call list: %d", token, a.Status)
		}
	}
}

// A number on the do-not-call list is not called, in whatever form it comes,
// and may be called again once it is off.
func TestDoNotCall(t *testing.T) {
	s := servetest.Start(t, servetest.Options{})
	steer(t, s, "leads", "pause", http.StatusAccepted)
	id := one(t, s, "crm", pushPath, lead("+79991110001"))
	s.Do(t, "operator", "POST", "/api/v1/dnc", `{"phone": "8 999 111-00-01", "reason": "asked"}`).Into(t, &struct{}{})
	var l leadView
	s.Get(t, "crm", fmt.Sprintf("/api/v1/leads/%d", id), &l)
	if l.State != "suppressed" || l.List != "suppressed" {
		t.Errorf("%+v", l)
	}
	if summary, _ := explain(t, s, id); !strings.Contains(summary, "do-not-call") {
		t.Errorf("explain: %s", summary)
	}
	if p := push(t, s, "crm", pushPath, `{"phone": "+7 999 111 00 01", "external_id": "x", "columns": {"name": "A"}}`); p.Results[0].Status != "suppressed" {
		t.Errorf("%+v", p)
	}
	steer(t, s, "leads", "resume", http.StatusAccepted)
	one(t, s, "crm", pushPath, lead("+79991110002"))
	if _, err := s.Far.WaitEnded(t.Context(), "+79991110002", 1); err != nil {
		t.Fatal(err)
	}
	if n := s.Far.Stats().Calls; n != 1 {
		t.Errorf("%d calls", n)
	}
	if a := s.Do(t, "operator", "POST", "/api/v1/dnc", `{"phone": "12"}`); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("no number: %d %s", a.Status, a.Body)
	}
	for _, want := range []int{http.StatusNoContent, http.StatusNotFound} {
		if a := s.Do(t, "admin", "DELETE", "/api/v1/dnc/8(999)111-00-01", ""); a.Status != want {
			t.Errorf("removing: %d %s, want %d", a.Status, a.Body, want)
		}
	}
	one(t, s, "crm", pushPath, `{"phone": "+79991110001", "external_id": "x", "columns": {"name": "A"}}`)
}

func TestHealthReadyMetrics(t *testing.T) {
	far := servetest.Network(t)
	s := servetest.Start(t, servetest.Options{Far: far})
	events := s.Watch(t)
	id := one(t, s, "crm", pushPath, lead("+79991110001"))
	events.Lead(t, id, "lead.finished")
	if a := s.Do(t, "", "GET", "/healthz", ""); a.Status != 200 || !strings.Contains(a.Body, `"version":"test"`) {
		t.Errorf("healthz %d %s", a.Status, a.Body)
	}
	var ready struct {
		Ready  bool
		Checks []struct {
			Name string
			OK   bool
		}
	}
	s.Get(t, "", "/readyz", &ready)
	if !ready.Ready || len(ready.Checks) != 2 || ready.Checks[1].Name != "trunk:main" {
		t.Errorf("%+v", ready)
	}
	text := s.Do(t, "", "GET", "/metrics", "").Body
	for _, want := range []string{
		`dozvon_calls_placed_total{campaign="leads",trunk="main"} 1`,
		`dozvon_calls_ended_total{campaign="leads",disposition="busy"} 1`,
		`dozvon_leads_pushed_total{campaign="leads",status="accepted"} 1`,
		"dozvon_push_to_invite_seconds_count 1",
		`dozvon_build_info{version="test"} 1`,
		"dozvon_event_streams 1",
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
	if strings.Contains(text, "+7999") {
		t.Error("a number stands in the metrics")
	}
	var doc struct{ Paths map[string]any }
	if err := json.Unmarshal([]byte(s.Do(t, "", "GET", "/openapi.json", "").Body), &doc); err != nil || doc.Paths[pushPath] != nil || len(doc.Paths) < 10 {
		t.Errorf("openapi: %d paths, %v", len(doc.Paths), err)
	}
}
