package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

// pushed is the answer to a push.
type pushed struct {
	Accepted int
	Results  []PushAnswer
}

const pushPath = "/api/v1/campaigns/leads/leads"

func TestPushForms(t *testing.T) {
	f := &fake{}
	s := serve(t, config(t, f))
	one := `{"phone":"8 (900) 123-45-67","external_id":7,"zone":"Europe/Moscow","not_before":"2026-03-02T10:00:00+03:00","partner":"west",` +
		`"columns":{"name":"Анна","amount":1.50,"vip":true,"note":null,"comment":"a\nb"}}`
	want := NewLead{Phone: "8 (900) 123-45-67", ExternalID: "7", Zone: "Europe/Moscow", Partner: "west",
		NotBefore: time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC),
		Columns:   map[string]string{"name": "Анна", "amount": "1.50", "vip": "true", "note": "", "comment": "a\nb"}}
	for i, body := range []string{one, "[" + one + "]", `{"leads":[` + one + `]}`, " \n" + one + "\n"} {
		var got pushed
		s.do(RoleCRM, "POST", pushPath, body, "Idempotency-Key", "k1").into(t, 200, &got)
		if got.Accepted != 1 || len(got.Results) != 1 || got.Results[0] != (PushAnswer{Status: PushAccepted, LeadID: 100, ExternalID: "7"}) {
			t.Errorf("form %d: %+v", i, got)
		}
		r := f.pushes[i]
		if r.Campaign != "leads" || r.Key != "the-crm/k1" || len(r.Leads) != 1 || !r.Leads[0].NotBefore.Equal(want.NotBefore) {
			t.Fatalf("form %d: pushed on %+v", i, r)
		}
		r.Leads[0].NotBefore = want.NotBefore
		if !reflect.DeepEqual(r.Leads[0], want) {
			t.Errorf("form %d: pushed on %+v", i, r.Leads[0])
		}
	}
}

// TestPushAnswers: each lead gets its own answer in its own place, and a bad
// one does not hold up the others.
func TestPushAnswers(t *testing.T) {
	f := &fake{}
	s := serve(t, config(t, f))
	var got pushed
	s.do(RoleCRM, "POST", pushPath, `[{"phone":"1"},{"phon":"2"},{"phone":"dup"},17,{"phone":"dnc"},{},{"phone":"3"}]`).into(t, 200, &got)
	var fates []string
	for i, r := range got.Results {
		fates = append(fates, fmt.Sprint(r.Status, " ", r.LeadID))
		if r.Index != i || (r.Reason == "") != (r.Status == PushAccepted) {
			t.Errorf("answer %d: %+v", i, r)
		}
	}
	want := []string{"accepted 100", "invalid 0", "duplicate 2", "invalid 0", "suppressed 0", "invalid 0", "accepted 103"}
	if !reflect.DeepEqual(fates, want) || got.Accepted != 2 {
		t.Errorf("fates %v, want %v", fates, want)
	}
	if len(f.pushes[0].Leads) != 4 {
		t.Errorf("pushed on %+v", f.pushes[0].Leads)
	}
}

func TestInvalidLeads(t *testing.T) {
	long := strings.Repeat("я", 3000)
	many := map[string]string{}
	for i := range maxColumns + 1 {
		many[fmt.Sprint("c", i)] = "x"
	}
	manyJSON, err := json.Marshal(map[string]any{"phone": "1", "columns": many})
	if err != nil {
		t.Fatal(err)
	}
	for body, hint := range map[string]string{
		`null`: "object", `"x"`: "object", `[]`: "object", `{}`: "no phone", `{"phone":""}`: "no phone", `{"phone":null}`: "no phone", `{"phone":{}}`: "text",
		`{"phone":["1"]}`: "text", `{"phone":"1\r\n2"}`: "control", `{"phone":"` + long + `"}`: "longer", `{"phone":"1","name":"x"}`: "columns",
		`{"phone":"1","external_id":"` + long + `"}`: "longer", `{"phone":"1","not_before":"tomorrow"}`: "time like", `{"phone":"1","not_before":"9999-01-01T00:00:00Z"}`: "time like",
		`{"phone":"1","columns":[]}`: "object", `{"phone":"1","columns":{"a":{}}}`: "column", `{"phone":"1","columns":{"a":"\u0000"}}`: "control",
		`{"phone":"1","columns":{"":"x"}}`: "name of column", `{"phone":"1","columns":{"a\nb":"x"}}`: "name of column", `{"phone":"1","columns":{"a":"` + long + `"}}`: "longer",
		string(manyJSON): "columns",
	} {
		if _, reason := readLead(json.RawMessage(body)); !strings.Contains(reason, hint) {
			t.Errorf("%.80s: reason %q does not speak of %q", body, reason, hint)
		}
	}
}

func TestBadPushes(t *testing.T) {
	c := config(t, &fake{})
	c.MaxLeads, c.MaxBody = 3, 2000
	s := serve(t, c)
	for body, status := range map[string]int{
		"[": 400, "hello": 400, "17": 400, "[]": 400, `{"leads":[]}`: 400, `{"leads":7}`: 400, `{"leads":[{"phone":"1"}],"x":1}`: 400, `{"phone":"1"} {}`: 400,
		`[{},{},{},{}]`: 413, `"` + strings.Repeat("x", 3000) + `"`: 413,
	} {
		s.do(RoleCRM, "POST", pushPath, body).problem(t, status)
	}
	s.do(RoleCRM, "POST", "/api/v1/campaigns/unknown/leads", `{"phone":"1"}`).problem(t, http.StatusNotFound)
	s.do(RoleCRM, "POST", pushPath, `{"phone":"1"}`, "Idempotency-Key", strings.Repeat("k", 201)).problem(t, http.StatusUnprocessableEntity)
	if got := s.do(RoleCRM, "POST", pushPath, ""); got.status < 400 || got.status > 499 {
		t.Errorf("an empty push: %d %s", got.status, got.body)
	}
}

// TestPartners: a partner pushes and sees its own leads only.
func TestPartners(t *testing.T) {
	f := &fake{}
	s := serve(t, config(t, f))
	var got pushed
	s.do(RolePartner, "POST", pushPath, `[{"phone":"1"},{"phone":"2","partner":"north"},{"phone":"3","partner":"south"},{"phone":"dup"}]`).into(t, 200, &got)
	for _, l := range f.pushes[0].Leads {
		if l.Partner != "north" {
			t.Errorf("pushed on for partner %q", l.Partner)
		}
	}
	if got.Results[2].Status != PushInvalid {
		t.Errorf("a lead for another partner: %+v", got.Results[2])
	}
	if r := got.Results[3]; r.Status != PushDuplicate || r.LeadID != 0 {
		t.Errorf("a duplicate of another partner's lead tells its id: %+v", r)
	}
	for _, path := range []string{"", "/attempts", "/explain"} {
		s.do(RolePartner, "GET", "/api/v1/leads/1"+path, "").into(t, 200, nil)
		mine := s.do(RolePartner, "GET", "/api/v1/leads/2"+path, "").problem(t, 404)
		nobody := s.do(RolePartner, "GET", "/api/v1/leads/3"+path, "").problem(t, 404)
		if strings.Replace(mine, "2", "3", 1) != nobody {
			t.Errorf("a partner can tell a stranger's lead (%s) from none (%s)", mine, nobody)
		}
		s.do(RoleCRM, "GET", "/api/v1/leads/2"+path, "").into(t, 200, nil)
	}
	var list []LeadView
	s.do(RolePartner, "GET", "/api/v1/campaigns/leads/lists/connected", "").into(t, 200, &list)
	if len(list) != 0 {
		t.Errorf("a partner sees %+v", list)
	}
	s.do(RolePartner, "GET", "/api/v1/campaigns/leads/lists", "").into(t, 200, nil)
	if calls := f.did(); calls[len(calls)-1] != `lists leads of "north"` {
		t.Errorf("counted %s", calls[len(calls)-1])
	}
}

// FuzzPush: no body crashes; what passes is within the limits.
func FuzzPush(f *testing.F) {
	for _, s := range []string{`{"phone":"+79001234567"}`, `[{"phone":"1"}]`, `{"leads":[{"phone":"1","columns":{"a":"b"}}]}`, `[`, ``, `{"leads":null}`, `[null]`,
		`{"phone":1e400}`, `{"phone":"\ud800"}`, `{"phone":"1","phone":"2"}`, `[[[[]]]]`, "\xff", `{"columns":{"a":1E5}}`, `{"phone":"1","not_before":"0000-00-00"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		raws, err := splitPush(body, 50)
		if err != nil {
			if len(raws) != 0 {
				t.Fatal("leads with an error")
			}
			return
		}
		if len(raws) == 0 || len(raws) > 50 {
			t.Fatalf("%d leads", len(raws))
		}
		for _, raw := range raws {
			l, reason := readLead(raw)
			if reason != "" {
				continue
			}
			if l.Phone == "" || len([]rune(l.Phone)) > maxPhone || strings.ContainsAny(l.Phone+l.ExternalID+l.Zone+l.Partner, "\r\n\x00") || len(l.Columns) > maxColumns {
				t.Fatalf("%+v passed", l)
			}
			for k, v := range l.Columns {
				if k == "" || strings.ContainsAny(k, "\r\n\x00") || strings.ContainsRune(v, 0) || len([]rune(v)) > maxValue {
					t.Fatalf("column %q: %q passed", k, v)
				}
			}
		}
	})
}
