package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestRequestIDs(t *testing.T) {
	s := serve(t, config(t, &fake{}))
	if id := s.do("", "GET", "/healthz", "", "X-Request-Id", "abc-1.2_3").header.Get("X-Request-Id"); id != "abc-1.2_3" {
		t.Errorf("id %q", id)
	}
	seen := map[string]bool{}
	for _, bad := range []string{"", "a b", "<script>", strings.Repeat("x", 65), "я"} {
		id := s.do("", "GET", "/healthz", "", "X-Request-Id", bad).header.Get("X-Request-Id")
		if !soundID.MatchString(id) || seen[id] {
			t.Errorf("for %q the id is %q", bad, id)
		}
		seen[id] = true
	}
}

// TestPanic: a fault inside tells the caller nothing but the request's id.
func TestPanic(t *testing.T) {
	s := serve(t, config(t, &fake{panics: true}))
	got := s.do(RoleAdmin, "GET", "/api/v1/campaigns", "")
	if detail := got.problem(t, http.StatusInternalServerError); !strings.Contains(detail, got.header.Get("X-Request-Id")) {
		t.Errorf("detail %q", detail)
	}
	if strings.Contains(got.body, "inside of") || strings.Contains(got.body, "goroutine") || strings.Contains(got.body, "secret") {
		t.Errorf("the answer leaks: %s", got.body)
	}
	if log := s.log.String(); !strings.Contains(log, "a secret of the inside") || !strings.Contains(log, "fake_test.go") {
		t.Errorf("the log does not tell where: %s", log)
	}
	s.do("", "GET", "/healthz", "").into(t, 200, nil)
}

// TestLatePanic: once the status has left, the answer breaks off instead of
// looking whole.
func TestLatePanic(t *testing.T) {
	a := newAPI(config(t, &fake{}))
	a.mux.HandleFunc("GET /late", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 10_000))
		panic("too late")
	})
	srv := httptest.NewServer(a.outer(a.mux))
	defer srv.Close()
	resp, err := srv.Client().Get(srv.URL + "/late")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, err := io.ReadAll(resp.Body); err == nil || strings.Contains(string(b), "problem") || strings.Contains(string(b), "Something") {
		t.Errorf("the answer looks whole: %d bytes, %v", len(b), err)
	}
}

// TestLogs: a line per request, with the token's name and the route, without
// numbers and secrets.
func TestLogs(t *testing.T) {
	s := serve(t, config(t, &fake{}))
	s.do(RoleCRM, "POST", pushPath, `{"phone":"+79001234567","columns":{"name":"Anna Secretova"}}`).into(t, 200, nil)
	s.do(RoleAdmin, "DELETE", "/api/v1/dnc/+79001234567", "").into(t, 204, nil)
	s.do(RoleAdmin, "GET", "/no/79001234567", "").problem(t, 404)
	log := s.log.String()
	for _, want := range []string{`"token":"the-crm"`, `"route":"POST /api/v1/campaigns/{name}/leads"`, `"status":200`, `"route":"DELETE /api/v1/dnc/{phone}"`} {
		if !strings.Contains(log, want) {
			t.Errorf("%s is missing in %s", want, log)
		}
	}
	for _, never := range []string{"9001234567", "Secretova", "secret-of"} {
		if strings.Contains(log, never) {
			t.Errorf("the log holds %q: %s", never, log)
		}
	}
}

func TestReadiness(t *testing.T) {
	f := &fake{checks: []Check{{Name: "store", OK: true}}}
	s := serve(t, config(t, f))
	s.do("", "GET", "/readyz", "").into(t, 200, nil)
	f.checks = append(f.checks, Check{Name: "trunk:main", Text: "does not answer; see dozvon trunk check"})
	var out struct {
		Ready  bool
		Checks []Check
	}
	s.do("", "GET", "/readyz", "").into(t, http.StatusServiceUnavailable, &out)
	if out.Ready || len(out.Checks) != 2 || !strings.Contains(out.Checks[1].Text, "does not answer") {
		t.Errorf("%+v", out)
	}
}

func TestMaskPhone(t *testing.T) {
	for in, want := range map[string]string{"+79001234567": "+*******4567", "1234": "1234", "": "", "12345": "*2345"} {
		if got := maskPhone(in); got != want {
			t.Errorf("%s is masked as %s, want %s", in, got, want)
		}
	}
}
