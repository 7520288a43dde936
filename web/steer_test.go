package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestSteering(t *testing.T) {
	f := &fake{}
	s := serve(t, config(t, f))
	for _, verb := range []string{"pause", "resume", "drain"} {
		var got CampaignStatus
		s.do(RoleSupervisor, "POST", "/api/v1/campaigns/leads/"+verb, "").into(t, http.StatusAccepted, &got)
		if got.Name != "leads" || got.Lists["connected"] != 1 || got.Calls == nil {
			t.Errorf("%s: %+v", verb, got)
		}
		if !slices.Contains(f.did(), verb+" leads") {
			t.Errorf("%s was not passed on: %v", verb, f.did())
		}
	}
	var all []CampaignStatus
	s.do(RoleOperator, "GET", "/api/v1/campaigns", "").into(t, 200, &all)
	if len(all) != 1 || all[0].State != "running" {
		t.Errorf("campaigns %+v", all)
	}
	s.do(RoleAdmin, "GET", "/api/v1/campaigns/nothing", "").problem(t, 404)
}

// TestPortErrors: what a port says becomes the right status; what is not meant
// for the caller stays in the log.
func TestPortErrors(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		told   bool
	}{
		{fmt.Errorf("campaign leads is finished already: %w", ErrConflict), 409, true},
		{fmt.Errorf("lead 5 is not known: %w", ErrNotFound), 404, true},
		{fmt.Errorf("that makes no sense; do this: %w", ErrInvalid), 422, true},
		{errors.New("dial postgres://user:hunter2@db: refused"), 500, false},
	} {
		f := &fake{fault: c.err}
		s := serve(t, config(t, f))
		for _, r := range routes {
			if r.roles == "*" {
				continue
			}
			got := s.do(RoleAdmin, r.method, r.path, r.body)
			detail := got.problem(t, c.status)
			if strings.Contains(detail, c.err.Error()) != c.told {
				t.Errorf("%s tells %q", r.op, detail)
			}
			if !c.told && (!strings.Contains(detail, got.header.Get("X-Request-Id")) || !strings.Contains(s.log.String(), "hunter2")) {
				t.Errorf("%s: %q does not lead to the log", r.op, detail)
			}
		}
	}
}

func TestDNC(t *testing.T) {
	f := &fake{}
	s := serve(t, config(t, f))
	var page []DNCEntry
	s.do(RoleAdmin, "GET", "/api/v1/dnc", "").into(t, 200, &page)
	if page == nil {
		t.Error("an empty list is null")
	}
	var e DNCEntry
	s.do(RoleCRM, "POST", "/api/v1/dnc", `{"phone":"+79001234567","reason":"asked"}`).into(t, 200, &e)
	if e.Phone != "+79001234567" || e.Reason != "asked" {
		t.Errorf("entry %+v", e)
	}
	s.do(RoleCRM, "POST", "/api/v1/dnc", `{"phone":"call me"}`).problem(t, 422)
	for _, bad := range []string{`{}`, `{"phone":""}`, `{"phone":7}`, `[`, `{"phone":"+7","x":1}`} {
		if got := s.do(RoleCRM, "POST", "/api/v1/dnc", bad); got.status < 400 || got.status >= 500 {
			t.Errorf("%s: %d %s", bad, got.status, got.body)
		}
	}
	s.do(RoleAdmin, "GET", "/api/v1/dnc?limit=1000&after=%2B79", "").into(t, 200, &page)
	s.do(RoleAdmin, "GET", "/api/v1/dnc?limit=1000&after=", "").into(t, 200, &page)
	s.do(RoleAdmin, "GET", "/api/v1/dnc?limit=1001", "").problem(t, 422)
	s.do(RoleAdmin, "DELETE", "/api/v1/dnc/%2B79001234567", "").into(t, http.StatusNoContent, nil)
	calls := f.did()
	for _, want := range []string{`dnc list "+79" 1000`, `dnc list "" 1000`, `dnc list "" 100`, "dnc remove +79001234567"} {
		if !slices.Contains(calls, want) {
			t.Errorf("%q is not in %q", want, calls)
		}
	}
	if log := s.log.String(); strings.Contains(log, "79001234567") || !strings.Contains(log, "+*******4567") {
		t.Errorf("the log does not mask numbers: %s", log)
	}
}

func TestDeliveries(t *testing.T) {
	f := &fake{}
	s := serve(t, config(t, f))
	var dead []DeadDelivery
	s.do(RoleSupervisor, "GET", "/api/v1/deliveries/dead?limit=2&after=4", "").into(t, 200, &dead)
	if len(dead) != 1 || dead[0].ID != 5 {
		t.Errorf("dead %+v", dead)
	}
	var out struct{ Replayed int }
	s.do(RoleSupervisor, "POST", "/api/v1/deliveries/replay", `{"ids":[5,6]}`).into(t, 200, &out)
	if out.Replayed != 2 {
		t.Errorf("replayed %d", out.Replayed)
	}
	for _, all := range []string{`{"ids":[]}`, `{}`, `{"ids":null}`} {
		s.do(RoleSupervisor, "POST", "/api/v1/deliveries/replay", all).into(t, 200, &out)
	}
	var off []OffEndpoint
	s.do(RoleAdmin, "GET", "/api/v1/endpoints/off", "").into(t, 200, &off)
	s.do(RoleAdmin, "POST", "/api/v1/endpoints/my%20crm/on", "").into(t, http.StatusNoContent, nil)
	if off == nil || !slices.Contains(f.did(), "turn on my crm") || !slices.Contains(f.did(), "dead 4 2") {
		t.Errorf("off %v, calls %v", off, f.did())
	}
}
