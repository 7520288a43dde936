package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestAnnouncements(t *testing.T) {
	f := &fake{}
	s := serve(t, config(t, f))
	var list []Announcement
	s.do(RoleSupervisor, "GET", "/api/v1/announcements", "").into(t, 200, &list)
	if list == nil {
		t.Error("an empty list is null")
	}
	var a Announcement
	s.do(RoleSupervisor, "POST", "/api/v1/attempts/7/announcement", `{"label":"roaming","disposition":"unreachable","answer":true}`).into(t, 200, &a)
	if a.Label != "roaming" || a.ID == "" {
		t.Errorf("%+v", a)
	}
	s.do(RoleAdmin, "POST", "/api/v1/attempts/7/announcement", `{"label":"known"}`).problem(t, 409)
	for _, bad := range []string{`{}`, `{"label":""}`, `{"label":"off","disposition":"answered"}`, `{"label":7}`, `{"label":"` + strings.Repeat("x", 33) + `"}`} {
		s.do(RoleAdmin, "POST", "/api/v1/attempts/7/announcement", bad).problem(t, 422)
	}
	s.do(RoleAdmin, "POST", "/api/v1/attempts/0/announcement", `{"label":"off"}`).problem(t, 422)
	s.do(RoleAdmin, "DELETE", "/api/v1/announcements/0123456789", "").into(t, http.StatusNoContent, nil)
	for _, want := range []string{"learn 7 roaming unreachable true", "forget 0123456789"} {
		if !slices.Contains(f.did(), want) {
			t.Errorf("%q is not in %q", want, f.did())
		}
	}
	if log := s.log.String(); !strings.Contains(log, "an announcement was learned") {
		t.Errorf("the log does not tell: %s", log)
	}
}
