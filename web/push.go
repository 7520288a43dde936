package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of one pushed lead, in characters.
const (
	maxPhone      = 40
	maxExternalID = 128
	maxZone       = 64
	maxPartner    = 64
	maxColumns    = 100
	maxColumnName = 64
	maxValue      = 2000
)

// splitPush finds the leads of a push: one lead, an array of them, or an
// object with leads.
func splitPush(body []byte, limit int) ([]json.RawMessage, error) {
	const forms = `send one lead {"phone": "+7…"}, an array of leads, or {"leads": […]}`
	var leads []json.RawMessage
	switch body = bytes.TrimSpace(body); {
	case len(body) == 0:
		return nil, errors.New("the body is empty; " + forms)
	case body[0] == '[':
		if err := json.Unmarshal(body, &leads); err != nil {
			return nil, fmt.Errorf("the body is no JSON (%w); %s", err, forms)
		}
	case body[0] == '{':
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(body, &fields); err != nil {
			return nil, fmt.Errorf("the body is no JSON (%w); %s", err, forms)
		}
		many, ok := fields["leads"]
		if !ok {
			leads = []json.RawMessage{body}
			break
		}
		if len(fields) > 1 {
			return nil, errors.New(`an object with "leads" may hold nothing else; ` + forms)
		}
		if err := json.Unmarshal(many, &leads); err != nil {
			return nil, errors.New(`"leads" is no array; ` + forms)
		}
	default:
		return nil, errors.New("the body is no lead; " + forms)
	}
	if len(leads) == 0 {
		return nil, errors.New("the push holds no lead; " + forms)
	}
	if len(leads) > limit {
		return nil, tooManyError(fmt.Sprintf("the push holds %d leads, %d are taken at once; split it", len(leads), limit))
	}
	return leads, nil
}

type tooManyError string

func (e tooManyError) Error() string { return string(e) }

// readLead reads one pushed lead; reason says in words what is wrong with it.
func readLead(raw json.RawMessage) (l NewLead, reason string) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil || fields == nil {
		return l, "a lead must be a JSON object with a phone"
	}
	for _, name := range sortedKeys(fields) {
		if reason := l.set(name, fields[name]); reason != "" {
			return l, reason
		}
	}
	if l.Phone == "" {
		return l, "the lead has no phone"
	}
	return l, ""
}

// set takes one field of a lead.
func (l *NewLead) set(name string, raw json.RawMessage) (reason string) {
	switch name {
	case "phone":
		l.Phone, reason = line(name, raw, maxPhone)
	case "external_id":
		l.ExternalID, reason = line(name, raw, maxExternalID)
	case "zone":
		l.Zone, reason = line(name, raw, maxZone)
	case "partner":
		l.Partner, reason = line(name, raw, maxPartner)
	case "not_before":
		l.NotBefore, reason = moment(name, raw)
	case "columns":
		l.Columns, reason = columns(raw)
	default:
		return fmt.Sprintf("unknown field %q; values of the base belong into columns", shorten(name))
	}
	return reason
}

// scalar reads a JSON string, number or truth value as text; null is empty.
func scalar(raw json.RawMessage) (string, bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return "", false
	}
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return fmt.Sprint(v), true
	default:
		return "", false
	}
}

// line reads a short text without control characters.
func line(name string, raw json.RawMessage, limit int) (string, string) {
	s, ok := scalar(raw)
	if !ok {
		return "", name + " must be a text"
	}
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) > limit {
		return "", fmt.Sprintf("%s is longer than %d characters", name, limit)
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return "", name + " holds a control character"
	}
	return s, ""
}

func moment(name string, raw json.RawMessage) (time.Time, string) {
	s, reason := line(name, raw, 64)
	if reason != "" || s == "" {
		return time.Time{}, reason
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		return time.Time{}, name + " must be a time like 2026-03-02T10:00:00+03:00"
	}
	return t, ""
}

// columns reads the base's values of a lead.
func columns(raw json.RawMessage) (map[string]string, string) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, "columns must be an object of texts"
	}
	if len(fields) > maxColumns {
		return nil, fmt.Sprintf("the lead has %d columns, at most %d are taken", len(fields), maxColumns)
	}
	out := make(map[string]string, len(fields))
	for _, name := range sortedKeys(fields) {
		if name == "" || utf8.RuneCountInString(name) > maxColumnName || strings.ContainsFunc(name, unicode.IsControl) {
			return nil, fmt.Sprintf("the name of column %q must have 1 to %d characters and no control characters", shorten(name), maxColumnName)
		}
		value, ok := scalar(fields[name])
		switch {
		case !ok:
			return nil, fmt.Sprintf("column %q must be a text, a number or a truth value", name)
		case utf8.RuneCountInString(value) > maxValue:
			return nil, fmt.Sprintf("column %q is longer than %d characters", name, maxValue)
		case strings.ContainsFunc(value, badInValue):
			return nil, fmt.Sprintf("column %q holds a control character", name)
		}
		out[name] = value
	}
	return out, ""
}

// badInValue tells control characters from the line breaks and tabs that
// people write in comments.
func badInValue(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
}

func sortedKeys(m map[string]json.RawMessage) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// shorten makes a foreign name fit into a message.
func shorten(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
