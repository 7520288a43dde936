// Package remote has what every client of a web service with a template needs:
// secrets that come from the environment and never show in an error, an HTTP
// client that takes them nowhere else, and a place in a JSON answer. It knows
// nothing of the services.
package remote

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// Client follows no redirects: secrets in headers must not travel to another
// host.
var Client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// Secrets puts values of the environment in place of ${NAME}, and takes them
// out of errors again.
type Secrets struct {
	Getenv  func(string) string // os.Getenv if nil
	values  []string
	missing []string
}

var envRE = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// Expand fills a template in.
func (x *Secrets) Expand(s string) string {
	get := x.Getenv
	if get == nil {
		get = os.Getenv
	}
	return envRE.ReplaceAllStringFunc(s, func(m string) string {
		name := m[2 : len(m)-1]
		v := get(name)
		if v == "" {
			x.missing = append(x.missing, name)
			return ""
		}
		x.values = append(x.values, v, url.QueryEscape(v))
		return v
	})
}

// Err says which names the environment does not have; nil: it has all.
func (x *Secrets) Err() error {
	if len(x.missing) == 0 {
		return nil
	}
	return fmt.Errorf("the environment has no %s; set it before the start", strings.Join(x.missing, ", "))
}

// Hide replaces every secret in an error's text.
func (x *Secrets) Hide(err error) error {
	s := err.Error()
	for _, secret := range x.values {
		s = strings.ReplaceAll(s, secret, "***")
	}
	if s == err.Error() {
		return err
	}
	return errors.New(s)
}

// Excerpt makes a service's own words fit for an error: one short line.
func Excerpt(b []byte) string {
	s := strings.ToValidUTF8(string(b[:min(len(b), 1000)]), "")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return s
}

// At returns the text at a place of a JSON answer, such as "audio.content" or
// "chunks.0"; what names what is looked for, in errors.
func At(body []byte, path, what string) (string, error) {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return "", fmt.Errorf("its answer is no JSON: %s", Excerpt(body))
	}
	for _, name := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(at) {
				return "", fmt.Errorf("its answer has nothing at %q", path)
			}
			v = at[i]
		default:
			v = nil
		}
	}
	s, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("its answer has no %s at %q: %s", what, path, Excerpt(body))
	}
	return s, nil
}
