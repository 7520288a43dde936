package web

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

func operationsOf(p *huma.PathItem) []*huma.Operation {
	var out []*huma.Operation
	for _, op := range []*huma.Operation{p.Get, p.Post, p.Put, p.Patch, p.Delete} {
		if op != nil {
			out = append(out, op)
		}
	}
	return out
}

// TestDocument reads the document as a client gets it and checks its form:
// version, ids, parameters, answers, security, references.
func TestDocument(t *testing.T) {
	s := serve(t, config(t, &fake{}))
	var doc map[string]any
	s.do("", "GET", "/openapi.json", "").into(t, 200, &doc)
	if doc["openapi"] != "3.1.0" || doc["info"].(map[string]any)["version"] != "1.2.3" {
		t.Errorf("openapi %v, info %v", doc["openapi"], doc["info"])
	}
	checkReferences(t, doc, doc)
	paths := doc["paths"].(map[string]any)
	ids := map[string]bool{}
	for path, item := range paths {
		for method, raw := range item.(map[string]any) {
			op := raw.(map[string]any)
			id, _ := op["operationId"].(string)
			if id == "" || ids[id] || op["summary"] == "" || len(op["responses"].(map[string]any)) == 0 {
				t.Errorf("%s %s is not whole: id %q", method, path, id)
			}
			ids[id] = true
			if _, ok := op["security"]; ok == public[operation(id)] {
				t.Errorf("%s: security %v", id, op["security"])
			}
			checkParameters(t, path, op)
		}
	}
	for _, r := range append(append([]route{}, routes...), streams...) {
		template := regexp.MustCompile(`/campaigns/leads|/lists/connected|/leads/1|/dnc/[+0-9]+|/endpoints/crm|/calls/7|/attempts/7|/announcements/[0-9]+`).ReplaceAllStringFunc(r.path, func(s string) string {
			return map[string]string{"/campaigns/leads": "/campaigns/{name}", "/lists/connected": "/lists/{list}", "/leads/1": "/leads/{id}",
				"/dnc/+79001234567": "/dnc/{phone}", "/endpoints/crm": "/endpoints/{name}", "/calls/7": "/calls/{attempt}",
				"/attempts/7": "/attempts/{id}", "/announcements/0123456789": "/announcements/{id}"}[s]
		})
		item, _ := paths[template].(map[string]any)
		op, _ := item[strings.ToLower(r.method)].(map[string]any)
		if op == nil || op["operationId"] != string(r.op) {
			t.Errorf("%s %s (%s) is not in the document", r.method, template, r.op)
		}
	}
	if len(ids) != len(routes)+len(streams) {
		t.Errorf("the document has %d operations, the tests know %d", len(ids), len(routes)+len(streams))
	}
}

var inPath = regexp.MustCompile(`\{(\w+)\}`)

func checkParameters(t *testing.T, path string, op map[string]any) {
	t.Helper()
	var declared []string
	list, _ := op["parameters"].([]any)
	for _, raw := range list {
		p := raw.(map[string]any)
		if p["in"] == "path" {
			if p["required"] != true {
				t.Errorf("%s: %v is in the path and not required", path, p["name"])
			}
			declared = append(declared, p["name"].(string))
		}
	}
	var used []string
	for _, m := range inPath.FindAllStringSubmatch(path, -1) {
		used = append(used, m[1])
	}
	slices.Sort(declared)
	slices.Sort(used)
	if !slices.Equal(declared, used) {
		t.Errorf("%s declares %v", path, declared)
	}
}

// checkReferences follows every $ref.
func checkReferences(t *testing.T, doc map[string]any, node any) {
	t.Helper()
	switch n := node.(type) {
	case map[string]any:
		if ref, ok := n["$ref"].(string); ok {
			var at any = doc
			for _, part := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
				m, _ := at.(map[string]any)
				at = m[part]
			}
			if at == nil {
				t.Errorf("%s leads nowhere", ref)
			}
		}
		for _, v := range n {
			checkReferences(t, doc, v)
		}
	case []any:
		for _, v := range n {
			checkReferences(t, doc, v)
		}
	}
}

// TestPushIsDescribed: the body with three forms, as JSON.
func TestPushIsDescribed(t *testing.T) {
	op := newAPI(config(t, &fake{})).huma.OpenAPI().Paths["/api/v1/campaigns/{name}/leads"].Post
	b, err := json.Marshal(op.RequestBody)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"application/json"`, `"oneOf"`, `"phone"`, `"external_id"`, `"leads"`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%s is missing in %s", want, b)
		}
	}
	if strings.Contains(string(b), "octet-stream") {
		t.Errorf("the body is described as binary: %s", b)
	}
}

func TestNoForeignPages(t *testing.T) {
	s := serve(t, config(t, &fake{}))
	for _, path := range []string{"/docs", "/schemas/LeadView.json", "/", "/api", "/api/v1/nothing"} {
		s.do(RoleAdmin, "GET", path, "").problem(t, http.StatusNotFound)
	}
	got := s.do(RoleAdmin, "PUT", "/api/v1/campaigns", "")
	got.problem(t, http.StatusMethodNotAllowed)
	if !strings.Contains(got.header.Get("Allow"), "GET") {
		t.Errorf("Allow: %q", got.header.Get("Allow"))
	}
}
