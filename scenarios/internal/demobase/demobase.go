// Package demobase reads the bases of the shipped scenarios, for rendering
// their prompts and for tests. Bases of users are read by the store, which is
// far less trusting.
package demobase

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"dozvon/dialer"
	"dozvon/scenarios"
)

// Leads returns the rows of NAME/base.csv that the scenario can call.
func Leads(files fs.FS, name string, s *scenarios.Scenario) ([]dialer.Lead, error) {
	src, err := fs.ReadFile(files, name+"/base.csv")
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(string(src)))
	head, _, _ := strings.Cut(string(src), "\n")
	if strings.Contains(head, ";") {
		r.Comma = ';'
	}
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s/base.csv: %w", name, err)
	}
	var leads []dialer.Lead
	for i, row := range rows[1:] {
		l := dialer.Lead{ID: dialer.LeadID(i + 1), Columns: map[string]string{}}
		for j, title := range rows[0] {
			if title == "Телефон" {
				l.Phone = row[j]
			}
			if c := column(s, title); c != "" {
				l.Columns[c] = row[j]
			}
		}
		if s.CheckLead(l.Columns) == nil {
			leads = append(leads, l)
		}
	}
	return leads, nil
}

// column is the scenario's column that a header means.
func column(s *scenarios.Scenario, title string) string {
	for _, c := range s.Lead {
		if strings.EqualFold(c.Label, title) || strings.EqualFold(c.Name, title) || slices.Contains(c.Aliases, strings.ToLower(title)) {
			return c.Name
		}
	}
	return ""
}

// Prompts returns everything that a call to one of the leads can need to say.
func Prompts(s *scenarios.Scenario, leads []dialer.Lead) []scenarios.Prompt {
	seen := map[scenarios.Prompt]bool{}
	var out []scenarios.Prompt
	add := func(ps []scenarios.Prompt) {
		for _, p := range ps {
			if !seen[p] {
				seen[p] = true
				out = append(out, p)
			}
		}
	}
	add(s.Prompts())
	for _, l := range leads {
		add(s.PromptsFor(l))
	}
	return out
}
