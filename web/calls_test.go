package web

import (
	"net/http"
	"slices"
	"testing"
)

func TestSteeringCalls(t *testing.T) {
	f := &fake{}
	s := serve(t, config(t, f))
	for role, phone := range map[Role]string{RoleAdmin: "+79001234567", RoleSupervisor: "+79001234567", RoleOperator: "+*******4567"} {
		var up []CallUp
		s.do(role, "GET", "/api/v1/calls", "").into(t, 200, &up)
		if len(up) != 1 || up[0].Phone != phone || up[0].Operator != "anna" {
			t.Errorf("%s sees %+v", role, up)
		}
	}
	for _, o := range []struct{ method, path, body, did string }{
		{"POST", "/7/supervise", `{"address":"sip:boss@10.0.0.9","mode":"whisper"}`, "supervise 7 sip:boss@10.0.0.9 whisper"},
		{"PATCH", "/7/supervise", `{"mode":"barge"}`, "mode 7 barge"},
		{"DELETE", "/7/supervise", "", "leave 7"},
		{"POST", "/7/transfer", `{"address":"boris"}`, "transfer 7 boris"},
		{"POST", "/7/hangup", "", "hang up 7"},
	} {
		s.do(RoleSupervisor, o.method, "/api/v1/calls"+o.path, o.body).into(t, http.StatusNoContent, nil)
		if !slices.Contains(f.did(), o.did) {
			t.Errorf("%q was not passed on: %q", o.did, f.did())
		}
	}
	before := len(f.did())
	for _, o := range []struct{ method, path, body string }{
		{"POST", "/7/supervise", `{"address":"boss","mode":"shout"}`}, {"POST", "/7/supervise", `{"mode":"listen"}`},
		{"POST", "/7/supervise", `{"address":"","mode":"listen"}`}, {"PATCH", "/7/supervise", `{}`},
		{"POST", "/0/hangup", ""}, {"POST", "/x/hangup", ""}, {"POST", "/7/transfer", `{"address":5}`},
	} {
		if got := s.do(RoleAdmin, o.method, "/api/v1/calls"+o.path, o.body); got.status < 400 || got.status >= 500 {
			t.Errorf("%s %s %s: %d %s", o.method, o.path, o.body, got.status, got.body)
		}
	}
	if did := f.did(); len(did) != before {
		t.Errorf("wrong orders were passed on: %q", did[before:])
	}
}
