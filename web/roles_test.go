package web

import (
	"net/http"
	"strings"
	"testing"
)

// route is an operation with a sound request for it.
type route struct {
	op           operation
	method, path string
	body         string
	roles        string // initials of those who may: a s o p c; * for everybody
}

// routes repeats the contract by hand, so that a slip in the table of
// permissions fails here.
var routes = []route{
	{opPushLeads, "POST", "/api/v1/campaigns/leads/leads", `{"phone":"+79001234567"}`, "aspc"},
	{opListCampaigns, "GET", "/api/v1/campaigns", "", "asoc"},
	{opGetCampaign, "GET", "/api/v1/campaigns/leads", "", "asoc"},
	{opPause, "POST", "/api/v1/campaigns/leads/pause", "", "as"},
	{opResume, "POST", "/api/v1/campaigns/leads/resume", "", "as"},
	{opDrain, "POST", "/api/v1/campaigns/leads/drain", "", "as"},
	{opListLists, "GET", "/api/v1/campaigns/leads/lists", "", "aspc"},
	{opGetList, "GET", "/api/v1/campaigns/leads/lists/connected", "", "aspc"},
	{opGetLead, "GET", "/api/v1/leads/1", "", "asopc"},
	{opGetAttempts, "GET", "/api/v1/leads/1/attempts", "", "asopc"},
	{opExplain, "GET", "/api/v1/leads/1/explain", "", "asopc"},
	{opListDNC, "GET", "/api/v1/dnc", "", "as"},
	{opAddDNC, "POST", "/api/v1/dnc", `{"phone":"+79001234567"}`, "asoc"},
	{opRemoveDNC, "DELETE", "/api/v1/dnc/+79001234567", "", "a"},
	{opListDead, "GET", "/api/v1/deliveries/dead", "", "as"},
	{opReplay, "POST", "/api/v1/deliveries/replay", `{"ids":[5]}`, "as"},
	{opListOff, "GET", "/api/v1/endpoints/off", "", "as"},
	{opTurnOn, "POST", "/api/v1/endpoints/crm/on", "", "a"},
	{opListCalls, "GET", "/api/v1/calls", "", "aso"},
	{opHangUp, "POST", "/api/v1/calls/7/hangup", "", "as"},
	{opSupervise, "POST", "/api/v1/calls/7/supervise", `{"address":"boss","mode":"listen"}`, "as"},
	{opSetMode, "PATCH", "/api/v1/calls/7/supervise", `{"mode":"barge"}`, "as"},
	{opLeave, "DELETE", "/api/v1/calls/7/supervise", "", "as"},
	{opTransfer, "POST", "/api/v1/calls/7/transfer", `{"address":"boris"}`, "as"},
	{opListAnnouncements, "GET", "/api/v1/announcements", "", "as"},
	{opLearnAnnouncement, "POST", "/api/v1/attempts/7/announcement", `{"label":"off"}`, "as"},
	{opRemoveAnnouncement, "DELETE", "/api/v1/announcements/0123456789", "", "a"},
	{opHealth, "GET", "/healthz", "", "*"},
	{opReady, "GET", "/readyz", "", "*"},
	{opMetrics, "GET", "/metrics", "", "*"},
}

// streams are routes that don't end by themselves; their own test covers them.
var streams = []route{{opEvents, "GET", "/api/v1/events", "", "aso"}}

// TestEveryRoleAndOperation walks the whole matrix over HTTP.
func TestEveryRoleAndOperation(t *testing.T) {
	s := serve(t, config(t, &fake{}))
	for _, r := range routes {
		for _, role := range append(Roles(), "") {
			got := s.do(role, r.method, r.path, r.body)
			allowed := r.roles == "*" || role != "" && strings.Contains(r.roles, string(role[0]))
			switch {
			case allowed && (got.status < 200 || got.status > 299):
				t.Errorf("%s as %q: %d %s", r.op, role, got.status, got.body)
			case !allowed && role == "":
				got.problem(t, http.StatusUnauthorized)
				if got.header.Get("WWW-Authenticate") == "" {
					t.Errorf("%s without a token names no scheme", r.op)
				}
			case !allowed:
				if detail := got.problem(t, http.StatusForbidden); !strings.Contains(detail, string(role)) {
					t.Errorf("%s as %s: %s", r.op, role, detail)
				}
			}
		}
	}
}

// TestTableIsWhole: every operation of the program stands in the tests' table,
// is either public or has roles, and a role that is not known may do nothing.
func TestTableIsWhole(t *testing.T) {
	seen := map[operation]bool{}
	for _, r := range append(append([]route{}, routes...), streams...) {
		seen[r.op] = true
		if public[r.op] == (len(permissions[r.op]) > 0) {
			t.Errorf("%s must be either public or have roles", r.op)
		}
		for _, role := range Roles() {
			if want := strings.Contains(r.roles, string(role[0])); !public[r.op] && may(role, r.op) != want {
				t.Errorf("may(%s, %s) is %v", role, r.op, !want)
			}
		}
		if may("", r.op) || may("root", r.op) {
			t.Errorf("an unknown role may %s", r.op)
		}
	}
	for op := range permissions {
		if !seen[op] {
			t.Errorf("%s is not tested", op)
		}
	}
	for _, path := range newAPI(config(t, &fake{})).huma.OpenAPI().Paths {
		for _, op := range operationsOf(path) {
			if !seen[operation(op.OperationID)] {
				t.Errorf("%s is served and not tested", op.OperationID)
			}
		}
	}
}

func TestBadTokens(t *testing.T) {
	s := serve(t, config(t, &fake{}))
	for _, header := range []string{"", "Bearer", "Bearer ", "Basic " + secretOf(RoleAdmin), secretOf(RoleAdmin), "Bearer " + secretOf(RoleAdmin) + "x",
		"Bearer the-admin", "bearer  "} {
		s.do("", "GET", "/api/v1/campaigns", "", "Authorization", header).problem(t, http.StatusUnauthorized)
	}
	s.do("", "GET", "/api/v1/campaigns", "", "Authorization", "bearer "+secretOf(RoleAdmin)).into(t, 200, nil)
	if strings.Contains(s.log.String(), "secret-of") {
		t.Error("the log tells a secret")
	}
}

func TestNewTokenRefuses(t *testing.T) {
	const secret = "0123456789abcdef"
	for _, c := range []struct {
		name, partner, secret string
		role                  Role
	}{
		{"", "", secret, RoleAdmin}, {"a", "", secret, "root"}, {"a", "", secret, ""}, {"a", "", "short", RoleAdmin}, {"a", "", "", RoleAdmin},
		{"a", "", secret, RolePartner}, {"a", "north", secret, RoleAdmin}, {"a", "", secret + " x", RoleAdmin},
	} {
		_, err := NewToken(c.name, c.role, c.partner, c.secret)
		if err == nil {
			t.Errorf("%+v was taken", c)
		} else if c.secret != "" && strings.Contains(err.Error(), c.secret) {
			t.Errorf("the error tells the secret: %v", err)
		}
	}
}
