package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const good = `
sip: {listen: "127.0.0.1:5060"}
trunks:
  - name: main
    uri: sip:login@sip.example.org:5060;transport=udp
    password: ${SIP_PASSWORD}
    lines: 30
    cps: 5
operators:
  managers: {addresses: ["sip:anna@10.0.0.5"], wrap_up: 20s}
speech: {engine: espeak-ng, voice: ru}
webhooks: [{url: "https://crm.example.org/hook", secrets: ["${HOOK_SECRET}"]}]
serve: {tokens: [{name: crm, role: crm, token: "${CRM_TOKEN}"}]}
`

func env(pairs ...string) func(string) (string, bool) {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(k string) (string, bool) { v, ok := m[k]; return v, ok }
}

func TestParseFillsSecretsAndDefaults(t *testing.T) {
	c, err := Parse("dozvon.yaml", []byte(good), env("SIP_PASSWORD", "pass", "HOOK_SECRET", "whsec_x", "CRM_TOKEN", "0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	tr := c.Trunks[0]
	if tr.Password != "pass" || tr.Lines != 30 || tr.CPS != 5 {
		t.Errorf("trunk %+v", tr)
	}
	if got := c.Operators["managers"].WrapUp.Or(0); got != 20*time.Second {
		t.Errorf("wrap-up %v", got)
	}
	if c.Numbers.Region != "RU" || c.Serve.Listen != "127.0.0.1:8080" || c.Webhooks[0].Secrets[0] != "whsec_x" {
		t.Errorf("defaults or secrets are missing: %+v", c)
	}
	if s, err := tr.Secret(c); err != nil || s != "pass" {
		t.Errorf("Secret: %q, %v", s, err)
	}
}

// Every fault is told at once, each with its line.
func TestFaults(t *testing.T) {
	cases := map[string]struct {
		text string
		want []string // "line: words"
	}{
		"unknown field":     {"sip:\n  lisen: 1\n", []string{":2:", "lisen"}},
		"broken yaml":       {"trunks: [\n", []string{"dozvon.yaml:"}},
		"secret in clear":   {"trunks:\n  - uri: sip:a@b\n    password: hunter2\n", []string{":3:", "secret stands in clear"}},
		"missing variable":  {"trunks:\n  - uri: sip:a@b\n    password: ${NOPE}\n", []string{":3:", "NOPE is not set"}},
		"two at once":       {"sip:\n  listen: here\nmedia:\n  ports: 1-2\n", []string{":2:", "no address", ":4:", "range of ports"}},
		"bad duration":      {"media:\n  dead_after: soon\n", []string{"no duration"}},
		"no such trunk":     {"campaigns:\n  a: {scenario: x.yaml, trunks: [b]}\n", []string{":2:", "names the trunk b"}},
		"operator":          {"operators:\n  m:\n    addresses: [anna]\n", []string{":3:", "no SIP address"}},
		"same trunk twice":  {"trunks:\n  - {name: a, uri: sip:x@y}\n  - {name: a, uri: sip:x@z}\n", []string{":3:", "two trunks"}},
		"role":              {"serve:\n  tokens:\n    - {name: x, role: king, token: \"${T}\"}\n", []string{":3:", "no role"}},
		"tries":             {"webhooks:\n  - {url: 'http://a', tries: -1}\nsms: {tries: -2}\n", []string{":2:", ":3:", "tries cannot be negative"}},
		"engine":            {"speech: {engine: hal}\n", []string{":1:", "no speech engine"}},
		"engine without it": {"speech: {engine: http}\n", []string{"speech.http.url"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("dozvon.yaml", []byte(c.text), env("T", "0123456789abcdef"))
			var faults Faults
			if !errors.As(err, &faults) {
				t.Fatalf("want faults, got %v", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not told in:\n%v", w, err)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("the message repeats a secret")
			}
		})
	}
}

func TestLoadMissingFile(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "none.yaml"), env())
	if err == nil || !strings.Contains(err.Error(), "--config") {
		t.Fatalf("got %v", err)
	}
}

// What is sent elsewhere keeps its ${NAME}: the sender escapes the value and
// keeps it out of its messages. That the variable is there is checked all the same.
func TestTemplatesKeepTheirVariables(t *testing.T) {
	const text = `
speech: {engine: http, http: {url: "https://${HOST}/say?key=${KEY}", body: "${KEY}"}}
sms: {url: "${GATEWAY}", headers: {Authorization: "Bearer ${KEY}"}}
`
	c, err := Parse("d.yaml", []byte(text), env("HOST", "tts.example.org", "KEY", "s3cret", "GATEWAY", "https://sms.example.org"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Speech.HTTP.URL != "https://${HOST}/say?key=${KEY}" || c.Speech.HTTP.Body != "${KEY}" || c.SMS.URL != "${GATEWAY}" || c.SMS.Headers["Authorization"] != "Bearer ${KEY}" {
		t.Errorf("%+v %+v", c.Speech.HTTP, c.SMS)
	}
	if v, ok := c.Env("KEY"); !ok || v != "s3cret" {
		t.Errorf("Env: %q %v", v, ok)
	}
	for _, names := range [][]string{{"HOST", "a", "GATEWAY", "https://b"}, {"HOST", "a", "KEY", "k", "GATEWAY", "b"}} {
		if _, err := Parse("d.yaml", []byte(text), env(names...)); err == nil {
			t.Errorf("%v: accepted", names)
		}
	}
}

func TestPasswordFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pw"), []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Parse(filepath.Join(dir, "d.yaml"), []byte("trunks: [{uri: 'sip:a@b', password_file: pw}]\n"), env())
	if err != nil {
		t.Fatal(err)
	}
	if s, err := c.Trunks[0].Secret(c); err != nil || s != "s3cret" {
		t.Fatalf("%q, %v", s, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(good)
	f.Add("trunks: [{name: *a}]\n")
	f.Add("a: &a [*a]\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse("f.yaml", []byte(text), env())
		if err == nil && c == nil {
			t.Fatal("neither a configuration nor a fault")
		}
	})
}
