package sip

import (
	"fmt"
	"strings"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// extend fills in what a trunk asks of the dialog beyond the call itself, and
// how the caller is shown (RFC 3323, 3325, 5806).
func (l *Leg) extend(c Call) error {
	m, t := &l.m, c.Trunk
	if t == nil {
		t = &Trunk{}
	}
	m.plan.reliable = t.Reliable
	m.plan.interval = intervalOf(t.Timer)
	m.timer.offer = m.plan.interval
	if c.Trunk == nil || c.Device != nil {
		return nil
	}
	m.plan.follow, m.plan.rewrite = t.Follow, t.Rewrite
	m.plan.hosts = []string{strings.ToLower(m.plan.uri.Host)}
	for _, uri := range []string{t.URI, t.Proxy} {
		if u, err := parseURI(uri); err == nil {
			m.plan.hosts = append(m.plan.hosts, strings.ToLower(u.Host))
		}
	}
	return m.identify(t)
}

// intervalOf is the session interval of a trunk in seconds; 0: none.
func intervalOf(d time.Duration) int {
	switch {
	case d < 0:
		return 0
	case d == 0:
		return 1800
	}
	return min(max(int(d/time.Second), minInterval), maxInterval)
}

// identify puts the headers in that tell, or hide, who calls. A header that
// the call brings itself stays as it is.
func (m *machine) identify(t *Trunk) error {
	privacy, err := privacyOf(t.Privacy)
	if err != nil {
		return err
	}
	hidden := hasPriv(privacy, "id") || hasPriv(privacy, "user")
	if t.Assert || hidden { // a network that hides the caller from others must still know him
		m.add("P-Asserted-Identity", "<"+m.id.from.String()+">")
	}
	if privacy != "" {
		m.add("Privacy", privacy)
	}
	if hidden {
		m.id.from = gosip.Uri{Scheme: "sip", User: "anonymous", Host: "anonymous.invalid"}
		m.id.display = "Anonymous"
	}
	if t.Divert == "" {
		return nil
	}
	u, err := m.diverted(t.Divert)
	if err != nil {
		return err
	}
	m.add("Diversion", "<"+u.String()+">;reason=unknown;counter=1")
	return nil
}

// add puts a header into the INVITE unless the call brought its own.
func (m *machine) add(name, value string) {
	for _, h := range m.plan.headers {
		if strings.EqualFold(h.Name(), name) {
			return
		}
	}
	m.plan.headers = append(m.plan.headers, gosip.NewHeader(name, value))
}

// diverted is the number or URI that the call counts as diverted from.
func (m *machine) diverted(s string) (gosip.Uri, error) {
	if isURI(strings.TrimSpace(s)) {
		u, err := parseURI(s)
		if err != nil {
			return u, fmt.Errorf("diversion %q: %w", maskNumber(s), err)
		}
		return bare(requestURI(u)), nil
	}
	u := gosip.Uri{Scheme: m.plan.uri.Scheme, User: cleanUser(s), Host: m.plan.uri.Host}
	if u.User == "" {
		return u, fmt.Errorf("diversion %q: it has no number", maskNumber(s))
	}
	return u, nil
}

// privValues are the values of Privacy that an end may ask for (RFC 3323
// section 4.2, RFC 3325 section 9.3).
var privValues = []string{"id", "header", "user", "session", "none", "critical"}

// privacyOf cleans the value of a Privacy header: known words, between
// semicolons.
func privacyOf(value string) (string, error) {
	if strings.TrimSpace(value) == "" {
		return "", nil
	}
	var out []string
	for _, word := range strings.FieldsFunc(value, func(r rune) bool { return r == ';' || r == ',' }) {
		word = strings.ToLower(strings.TrimSpace(word))
		if !hasPriv(strings.Join(privValues, ";"), word) {
			return "", fmt.Errorf("privacy %q is unknown; use %s, several with ; between them", cleanText(word, 32), strings.Join(privValues, ", "))
		}
		out = append(out, word)
	}
	return strings.Join(out, ";"), nil
}

func hasPriv(value, word string) bool {
	for one := range strings.SplitSeq(value, ";") {
		if one == word && word != "" {
			return true
		}
	}
	return false
}
