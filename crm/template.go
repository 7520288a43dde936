package crm

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// A gateway's template is text with {{phone}}, {{text}} and the like, and
// ${NAME} for values of the environment. Values are data: each is escaped for
// the place where it stands, so that none can end a JSON string, add a form
// field, move a path or start a header.

// piece is a literal, or the value of a variable with its escaping.
type piece struct {
	literal  string
	variable string
	escape   func(string) string
}

type template []piece

// values are what a template may hold.
type values map[string]string

// placeholders are the names of values, with what they are for the help.
var placeholders = []string{"phone", "phone_digits", "text", "id"}

// parseTemplate cuts a template into pieces. escapeAt gives the escaping of a
// value that follows the given text, in which the environment is filled in.
func parseTemplate(s string, env func(string) (string, bool), escapeAt func(before string) func(string) string) (template, error) {
	var t template
	before := ""
	for rest := s; rest != ""; {
		i, open, end := nextMark(rest)
		if i < 0 {
			return append(t, piece{literal: rest}), nil
		}
		t = append(t, piece{literal: rest[:i]})
		before += rest[:i]
		name, after, ok := strings.Cut(rest[i+len(open):], end)
		if !ok {
			return nil, fmt.Errorf("%q is not closed by %q", open, end)
		}
		name = strings.TrimSpace(name)
		p := piece{variable: name, escape: escapeAt(before)}
		if open == "${" {
			v, ok := env(name)
			if !ok {
				return nil, fmt.Errorf("the environment has no %s; set it before the start", name)
			}
			p = piece{literal: p.escape(v)}
		} else if !known(name) {
			return nil, fmt.Errorf("{{%s}} is not known; use {{%s}}", clean(name, 40), strings.Join(placeholders, "}}, {{"))
		}
		before += p.literal
		t, rest = append(t, p), after
	}
	return t, nil
}

// nextMark finds the first placeholder.
func nextMark(s string) (at int, open, end string) {
	a, b := strings.Index(s, "{{"), strings.Index(s, "${")
	switch {
	case a < 0 && b < 0:
		return -1, "", ""
	case b < 0 || (a >= 0 && a < b):
		return a, "{{", "}}"
	default:
		return b, "${", "}"
	}
}

func known(name string) bool {
	for _, p := range placeholders {
		if p == name {
			return true
		}
	}
	return false
}

// fill puts the values in.
func (t template) fill(v values) string {
	var b strings.Builder
	for _, p := range t {
		if p.variable == "" {
			b.WriteString(p.literal)
		} else {
			b.WriteString(p.escape(v[p.variable]))
		}
	}
	return b.String()
}

// raw leaves a value as it is.
func raw(s string) string { return s }

// jsonEscape escapes a value for the inside of a JSON string.
func jsonEscape(s string) string {
	b, err := json.Marshal(s)
	if err != nil { // strings always encode
		return ""
	}
	return string(b[1 : len(b)-1])
}

// xmlEscape escapes a value for XML text and attributes, and drops what XML
// cannot hold at all.
func xmlEscape(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;",
		"\t", "&#9;", "\n", "&#10;", "\r", "&#13;").Replace(s)
}

// headerEscape makes a value fit for one header line (RFC 9110 section 5.5).
func headerEscape(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7F {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
}

// escapeInURL gives the escaping of a value in an address by what stands
// before it: raw where the scheme and host stand, then path, then query.
func escapeInURL(before string) func(string) string {
	switch {
	case strings.ContainsAny(before, "?#"):
		return url.QueryEscape
	case hostEnded(before):
		return pathEscape
	default:
		return raw
	}
}

// pathEscape escapes a value as one segment of a path; dots are escaped too,
// so that no value is ".." to anyone.
func pathEscape(s string) string {
	return strings.ReplaceAll(url.PathEscape(s), ".", "%2E")
}

// hostEnded reports whether scheme and host lie behind.
func hostEnded(before string) bool {
	_, after, ok := strings.Cut(before, "://")
	return ok && strings.Contains(after, "/")
}

// escapeInBody gives the escaping of the values in a body of that type.
func escapeInBody(contentType string) (func(string) string, error) {
	media, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	media = strings.TrimSpace(media)
	switch {
	case media == "application/json" || strings.HasSuffix(media, "+json"):
		return jsonEscape, nil
	case media == "application/x-www-form-urlencoded":
		return url.QueryEscape, nil
	case media == "application/xml" || media == "text/xml" || strings.HasSuffix(media, "+xml"):
		return xmlEscape, nil
	case media == "text/plain":
		return raw, nil
	default:
		return nil, fmt.Errorf("the body's Content-Type is %q; set the header Content-Type to application/json, "+
			"application/x-www-form-urlencoded, text/xml or text/plain, so that values are escaped rightly", clean(contentType, 60))
	}
}
