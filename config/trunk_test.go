package config

import (
	"errors"
	"strings"
	"testing"
	"time"
)

const full = `
sip:
  listen: 0.0.0.0:5060
  tls_listen: 0.0.0.0:5061
  certificate: /etc/dozvon/cert.pem
  private_key: /etc/dozvon/key.pem
  allow: [10.0.0.0/8, "2001:db8::1"]
trunks:
  - name: secure
    uri: sips:login@sip.example.org
    proxy: sip:edge.example.org:5061;transport=tls
    register: true
    register_expires: 10m
    ca_file: ca.pem
    server_name: sip.example.org
    srtp: required
    codecs: [pcmu, pcma]
    ptime: 30ms
    caller_id: "+74950000000"
    caller_ids: ["+74951111111", "+74952222222"]
    caller_id_column: shown
    display: Bank
    rewrite:
      - {match: "+7", strip: 2, add: "8"}
      - {strip: 1, add: "810"}
    assert_identity: true
    privacy: id
    diversion: "+74953333333"
    health: 15s
    redirects: 3
    session_timer: 10m
    reliable: required
  - {name: plain, uri: "sip:10.0.0.1", health: off, session_timer: off}
  - {name: zero, uri: "sip:10.0.0.2", health: 0}
limits: {allow: ["+7", "+375"], deny: ["+7809"], calls_per_hour: 500, per_number_per_hour: 0}
phones:
  anna: {password: "${ANNA}", srtp: required}
operators:
  managers: {addresses: [anna, "sip:boris@10.0.0.6", "+74957777777"], transfer: numbers, by: refer}
`

func TestEverySettingOfATrunk(t *testing.T) {
	c, err := Parse("d.yaml", []byte(full), env("ANNA", "s3cret-phone"))
	if err != nil {
		t.Fatal(err)
	}
	s, plain, zero := c.Trunks[0], c.Trunks[1], c.Trunks[2]
	if s.Proxy == "" || !s.Register || time.Duration(s.RegisterExpires) != 10*time.Minute || s.CAFile != "ca.pem" || s.ServerName != "sip.example.org" ||
		s.SRTP != "required" || len(s.Codecs) != 2 || time.Duration(s.Ptime) != 30*time.Millisecond || len(s.CallerIDs) != 2 || s.CallerIDColumn != "shown" ||
		len(s.Rewrite) != 2 || s.Rewrite[0] != (Rewrite{Match: "+7", Strip: 2, Add: "8"}) || !s.AssertIdentity || s.Privacy != "id" || s.Diversion == "" ||
		s.Health.Or(0) != 15*time.Second || s.Redirects != 3 || s.SessionTimer.Or(0) != 10*time.Minute || s.Reliable != "required" {
		t.Errorf("%+v", s)
	}
	if plain.Health != Off || plain.SessionTimer != Off || zero.Health != Off || zero.SessionTimer.Or(time.Minute) != time.Minute || plain.Health.Or(time.Minute) != 0 {
		t.Errorf("off: %+v %+v", plain, zero)
	}
	l := c.Limits
	if len(l.Allow) != 2 || l.Allow[0] != "+7" || l.Deny[0] != "+7809" || l.CallsPerHour != 500 || l.NumberPerHour() != 0 || l.NumberPerDay() != DefaultPerNumberDay {
		t.Errorf("limits %+v", l)
	}
	if c.Phones["anna"].Password != "s3cret-phone" || len(c.SIP.Allow) != 2 {
		t.Errorf("%+v %+v", c.Phones, c.SIP)
	}
	if d := Default().Limits; d.NumberPerHour() != DefaultPerNumberHour || d.CallsPerHour != 0 {
		t.Errorf("without a file %+v", d)
	}
}

// Every fault of a trunk and of what goes with it is told at its line, with
// what to do.
func TestFaultsOfTrunks(t *testing.T) {
	for _, c := range []struct{ setting, want string }{
		{"uri: 'tel:7'", "needs a uri"},
		{"uri: 'sip:a@b;transport=sctp'", "udp, tcp or tls"},
		{"proxy: edge", "SIP address of a proxy"},
		{"ca_file: ca.pem", "not reached by TLS"},
		{"server_name: a.b", "not reached by TLS"},
		{"uri: 'sips:a@b'\n    server_name: 'a b'", "name of a server"},
		{"caller_ids: ['+7495x']", "number to show"},
		{"caller_ids: ['+74951', '+74951']", "twice"},
		{"privacy: full", "take id, header or none"},
		{"diversion: nobody", "neither a number nor"},
		{"srtp: maybe", "off, offered or required"},
		{"codecs: [opus]", "pcma"},
		{"codecs: [pcma, pcma]", "twice"},
		{"ptime: 25ms", "10ms, 20ms"},
		{"ptime: 80ms", "10ms, 20ms"},
		{"register: true\n    register_expires: 5s", "too short"},
		{"register_expires: 5m", "does not register"},
		{"health: 100ms", "flood"},
		{"health: often", "no interval"},
		{"session_timer: 30s", "RFC 4028"},
		{"reliable: always", "offered, required or off"},
		{"redirects: 11", "0 (none) to 10"},
		{"rewrite: [{match: '8'}]", "plus sign"},
		{"rewrite: [{strip: -1}]", "0 to 15"},
		{"rewrite: [{add: 'a@b'}]", "digits"},
		{"rewrite: [{add: '8'}, {match: '+7'}]", "put it last"},
	} {
		text := "trunks:\n  - uri: sip:a@b\n    " + c.setting + "\n"
		if strings.HasPrefix(c.setting, "uri") {
			text = "trunks:\n  - name: x\n    " + c.setting + "\n"
		}
		_, err := Parse("d.yaml", []byte(text), env())
		var faults Faults
		if !errors.As(err, &faults) || len(faults) != 1 || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.setting, err, c.want)
		} else if faults[0].Line < 3 || faults[0].Column < 5 {
			t.Errorf("%s: told at %d:%d", c.setting, faults[0].Line, faults[0].Column)
		}
	}
}

func TestFaultsAroundTrunks(t *testing.T) {
	for text, want := range map[string]string{
		"limits: {allow: [Russia]}":                                                "1:18: \"Russia\" is no prefix",
		"limits: {allow: [+7]}":                                                    "in quotes",
		"limits: {deny: ['8809']}":                                                 "prefix of an international number",
		"limits: {calls_per_hour: -1}":                                             "cannot be negative",
		"operators: {g: {addresses: [\"sip:a@b\"], srtp: always}}":                 "off, offered or required",
		"limits: {per_operator_per_hour: -1}":                                      "cannot be negative",
		"limits: {per_number_per_day: -1}":                                         "cannot be negative",
		"phones: {'a b': {password: '${P}'}}":                                      "no name of an account",
		"phones: {anna: {password: '${SHORT}'}}":                                   "shorter than 8",
		"phones: {anna: {password: hunter2hunter2}}":                               "secret stands in clear",
		"operators: {m: {addresses: [anna]}}\nphones: {boris: {password: '${P}'}}": "no account in phones",
		"sip: {tls_listen: here}":                                                  "no address",
		"sip: {tls_listen: '0.0.0.0:5061'}":                                        "two PEM files",
		"sip: {certificate: a, private_key: b}":                                    "only with sip.tls_listen",
		"sip: {listen: '0.0.0.0:5060', tls_listen: '0.0.0.0:5060', certificate: a, private_key: b}":  "take another",
		"sip: {listen: '10.0.0.1:5060', tls_listen: '0.0.0.0:5061', certificate: a, private_key: b}": "must be that of sip.listen",
		"sip: {allow: [office]}":                                     "no network",
		"operators: {m: {addresses: ['sip:a@b'], transfer: anyone}}": "colleagues, numbers or off",
		"operators: {m: {addresses: ['sip:a@b'], by: fax}}":          "bridge or refer",
		"phones: {anna: {password: '${P}', srtp: maybe}}":            "off, offered or required",
		"operators: {m: {addresses: ['+7x']}}":                       "no SIP address",
	} {
		_, err := Parse("d.yaml", []byte(text+"\n"), env("P", "long-enough", "SHORT", "short"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Error("the message repeats a secret")
		}
	}
}
