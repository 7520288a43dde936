package web

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"dozvon/dialer"
)

var wantRows = [][]string{
	{"name", "amount", "lead_id", "external_id", "phone_e164", "list", "disposition", "attempts", "first_call_at", "last_call_at", "answers"},
	{"=1+1", `"x"`, "2", "e2", "+79007654321", "connected", "answered", "2", "2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z", `{"yes":"1"}`},
}

func TestListForms(t *testing.T) {
	s := serve(t, config(t, &fake{}))
	const path = "/api/v1/campaigns/leads/lists/connected"
	got := s.do(RoleCRM, "GET", path+"?format=csv", "")
	rows, err := csv.NewReader(strings.NewReader(got.body)).ReadAll()
	if err == nil && len(rows) == 2 && rows[1][0] == "'=1+1" { // a spreadsheet must not compute it
		rows[1][0] = "=1+1"
	} else {
		t.Errorf("the formula stands unmarked in %q", rows)
	}
	if err != nil || !reflect.DeepEqual(rows, wantRows) {
		t.Errorf("CSV %q, %v", rows, err)
	}
	if ct := got.header.Get("Content-Type"); ct != "text/csv; charset=utf-8" {
		t.Errorf("CSV as %s", ct)
	}
	if _, p, err := mime.ParseMediaType(got.header.Get("Content-Disposition")); err != nil || p["filename"] != "leads-connected.csv" {
		t.Errorf("file name %v, %v", p, err)
	}

	got = s.do(RoleCRM, "GET", path+"?format=xlsx", "")
	book, err := excelize.OpenReader(strings.NewReader(got.body))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err = book.GetRows("Sheet1")
	if err != nil || !reflect.DeepEqual(rows, wantRows) {
		t.Errorf("XLSX %q, %v", rows, err)
	}
	if formula, err := book.GetCellFormula("Sheet1", "A2"); err != nil || formula != "" {
		t.Errorf("a value became the formula %q, %v", formula, err)
	}

	var list []LeadView
	s.do(RoleCRM, "GET", path, "").into(t, 200, &list)
	if len(list) != 1 || list[0].ID != 2 || list[0].Columns["name"] != "=1+1" || list[0].List != "connected" {
		t.Errorf("JSON %+v", list)
	}
	s.do(RoleCRM, "GET", path+"?format=pdf", "").problem(t, http.StatusUnprocessableEntity)
}

// TestEmptyAndOddLists: an empty list is an empty array, and a name with any
// signs stays one segment.
func TestEmptyAndOddLists(t *testing.T) {
	f := &fake{}
	s := serve(t, config(t, f))
	if got := s.do(RoleCRM, "GET", "/api/v1/campaigns/leads/lists/none", ""); strings.TrimSpace(got.body) != "[]" {
		t.Errorf("an empty list is %q", got.body)
	}
	got := s.do(RoleCRM, "GET", "/api/v1/campaigns/leads/lists/%D0%BD%D0%B5%D1%82%22%0D%0A%2F..?format=csv", "")
	got.into(t, 200, nil)
	if calls := f.did(); calls[len(calls)-1] != "list leads нет\"\r\n/.. of \"\"" {
		t.Errorf("asked for %q", calls[len(calls)-1])
	}
	if got.header.Get("X-Evil") != "" || strings.ContainsAny(got.header.Get("Content-Disposition"), "\r\n") {
		t.Errorf("headers %v", got.header)
	}
}

// TestLongList streams many rows; one that breaks off is seen to be broken.
func TestLongList(t *testing.T) {
	f := &fake{many: 5000}
	s := serve(t, config(t, f))
	var list []LeadView
	s.do(RoleCRM, "GET", "/api/v1/campaigns/leads/lists/long", "").into(t, 200, &list)
	if len(list) != 5000 || list[4999].ID != 5000 {
		t.Errorf("%d leads", len(list))
	}
	for _, format := range []string{"json", "csv"} {
		f := &fake{many: 5000, broken: 4000}
		s := serve(t, config(t, f))
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/api/v1/campaigns/leads/lists/long?format="+format, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+secretOf(RoleCRM))
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadAll(resp.Body)
		resp.Body.Close()
		if err == nil {
			t.Errorf("%s: a list that broke off looks whole", format)
		}
		if !strings.Contains(s.log.String(), "the disk went away") {
			t.Errorf("%s: the log does not say why", format)
		}
	}
}

// TestBreaksBeforeTheFirstByte: then there is still a proper answer.
func TestBreaksBeforeTheFirstByte(t *testing.T) {
	s := serve(t, config(t, &fake{many: 10, broken: 5}))
	for _, format := range []string{"json", "csv", "xlsx"} {
		got := s.do(RoleCRM, "GET", "/api/v1/campaigns/leads/lists/long?format="+format, "")
		if detail := got.problem(t, http.StatusInternalServerError); strings.Contains(detail, "disk") || got.header.Get("Content-Disposition") != "" {
			t.Errorf("%s: %s, %v", format, detail, got.header)
		}
	}
}

type failing struct{ after int }

func (f *failing) Write(b []byte) (int, error) {
	if f.after -= len(b); f.after < 0 {
		return 0, errors.New("the client is gone")
	}
	return len(b), nil
}

// TestClientLeaves: writing stops at once, and reading with it.
func TestClientLeaves(t *testing.T) {
	for name, write := range map[string]func(io.Writer, []string, leadSeq) error{"csv": writeCSV, "json": writeJSON} {
		read := 0
		endless := func(yield func(dialer.Lead, error) bool) {
			for yield(dialer.Lead{ID: 1, Phone: "+79001234567"}, nil) {
				if read++; read > 100_000 {
					t.Fatalf("%s: goes on without a reader", name)
				}
			}
		}
		if err := write(&failing{after: 100_000}, nil, endless); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestViews(t *testing.T) {
	s := serve(t, config(t, &fake{}))
	var l map[string]any
	s.do(RoleOperator, "GET", "/api/v1/leads/1", "").into(t, 200, &l)
	if l["phone"] != "+79001234567" || l["state"] != "waiting" || l["next_at"] != "2026-03-02T10:00:00Z" || l["disposition"] != "no_answer" ||
		!reflect.DeepEqual(l["answers"], map[string]any{}) || l["first_call_at"] != nil {
		t.Errorf("lead %v", l)
	}
	var attempts []AttemptView
	s.do(RoleOperator, "GET", "/api/v1/leads/1/attempts", "").into(t, 200, &attempts)
	if len(attempts) != 1 || attempts[0].SIP != 486 || attempts[0].Disposition != "busy" || !attempts[0].PlacedAt.Equal(epoch) {
		t.Errorf("attempts %+v", attempts)
	}
	var e Explanation
	s.do(RoleOperator, "GET", "/api/v1/leads/1/explain", "").into(t, 200, &e)
	if e.Summary == "" || e.Reasons == nil || e.CallableNow {
		t.Errorf("explanation %+v", e)
	}
	for _, id := range []string{"0", "-1", "x", "99999999999999999999"} {
		if got := s.do(RoleOperator, "GET", "/api/v1/leads/"+id, ""); got.status != http.StatusUnprocessableEntity {
			t.Errorf("lead %s: %d %s", id, got.status, got.body)
		}
	}
	s.do(RoleOperator, "GET", "/api/v1/leads/77", "").problem(t, http.StatusNotFound)
}

func TestRowsHaveNoNull(t *testing.T) {
	row := tableRow([]string{"a", "b"}, dialer.Lead{Columns: map[string]string{"b": "x"}})
	if want := []string{"", "x", "0", "", "", "", "", "0", "", "", "{}"}; !reflect.DeepEqual(row, want) {
		t.Errorf("row %q, want %q", row, want)
	}
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(viewLead(dialer.Lead{})); err != nil || strings.Contains(b.String(), "null") {
		t.Errorf("view %s, %v", b.String(), err)
	}
}
