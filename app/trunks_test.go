package app

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/calls"
	"dozvon/config"
	"dozvon/media"
	"dozvon/scenarios"
	"dozvon/sip"
)

func parsed(t *testing.T, text string) *config.Config {
	t.Helper()
	cfg, err := config.Parse(filepath.Join(t.TempDir(), "d.yaml"), []byte(text), func(string) (string, bool) { return "s3cret-word", true })
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestEverySettingReachesTheTrunk(t *testing.T) {
	cfg := parsed(t, `trunks:
  - {name: bare, uri: "sip:a@10.0.0.1"}
  - name: full
    uri: sips:login@sip.example.org
    user: other
    password: ${P}
    proxy: sip:edge.example.org;transport=tls
    register: true
    register_expires: 10m
    server_name: sip.example.org
    srtp: required
    codecs: [pcmu, pcma]
    ptime: 30ms
    caller_id: "+74950000000"
    caller_ids: ["+74951111111"]
    caller_id_column: shown
    display: Bank
    rewrite: [{match: "+7", strip: 2, add: "8"}]
    assert_identity: true
    privacy: id
    diversion: "+74953333333"
    redirects: 3
    session_timer: off
    reliable: required
    cps: 7
`)
	got, err := sipTrunks(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if want := (&sip.Trunk{Name: "bare", URI: "sip:a@10.0.0.1", User: "a"}); !reflect.DeepEqual(got["bare"], want) {
		t.Errorf("%+v", got["bare"])
	}
	want := &sip.Trunk{Name: "full", URI: "sips:login@sip.example.org", User: "other", Password: "s3cret-word", CallerID: "+74950000000", Display: "Bank",
		CPS: 7, Proxy: "sip:edge.example.org;transport=tls", Server: "sip.example.org", Register: true, Expires: 10 * time.Minute,
		Rewrite: []sip.Rewrite{{Match: "+7", Strip: 2, Add: "8"}}, SRTP: media.Required, Laws: []audio.Law{audio.ULaw, audio.ALaw},
		Ptime: 30 * time.Millisecond, Assert: true, Privacy: "id", Divert: "+74953333333", Follow: 3, Timer: -1, Reliable: sip.ReliableRequired}
	if !reflect.DeepEqual(got["full"], want) {
		t.Errorf("%+v\nwant %+v", got["full"], want)
	}
	// Only Roots is left: a new field of sip.Trunk must be set here too.
	v := reflect.ValueOf(*want)
	for i := range v.NumField() {
		if v.Field(i).IsZero() && v.Type().Field(i).Name != "Roots" {
			t.Errorf("no setting reaches %s", v.Type().Field(i).Name)
		}
	}
	ids := callerIDs(cfg)["full"]
	if !reflect.DeepEqual(ids, calls.CallerIDs{Fixed: "+74950000000", Pool: []string{"+74951111111"}, Column: "shown"}) {
		t.Errorf("%+v", ids)
	}
}

func TestCertificateAuthoritiesThatAreNone(t *testing.T) {
	cfg := parsed(t, "trunks: [{uri: 'sips:a@b', ca_file: ca.pem}]\n")
	if _, err := sipTrunks(cfg); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("missing: %v", err)
	}
	if err := os.WriteFile(cfg.Path("ca.pem"), []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sipTrunks(cfg); err == nil || !strings.Contains(err.Error(), "no certificate in PEM") {
		t.Errorf("not PEM: %v", err)
	}
}

func TestHostAndPortOfAnAddress(t *testing.T) {
	for uri, want := range map[string]string{
		"sip:a@b": "b 5060", "sip:b:5070;transport=tcp": "b 5070", "sips:a@b": "b 5061", "sip:a@b;transport=TLS": "b 5061",
		"sip:a@[2001:db8::1]": "2001:db8::1 5060", "sip:a@[2001:db8::1]:5080;x": "2001:db8::1 5080",
	} {
		if h, p := hostPort(uri); h+" "+p != want {
			t.Errorf("%s: %s %s", uri, h, p)
		}
	}
}

func TestLimitsReachNumbersOfOperators(t *testing.T) {
	for address, ok := range map[string]bool{
		"+74951234567":                 true,
		"+8821612345678":               false,
		"sip:008821612345678@10.0.0.1": false, // at the trunk: dialled
		"sip:101@10.0.0.1":             true,  // an extension
		"sip:8821612345678@10.0.0.9":   true,  // a phone elsewhere
		"8821612":                      true,  // an account
	} {
		cfg := parsed(t, "trunks: [{uri: 'sip:a@10.0.0.1'}]\nlimits: {allow: ['+7']}\nphones: {8821612: {password: '${P}'}}\n"+
			"operators: {m: {addresses: ['"+address+"']}}\n")
		trunks, err := sipTrunks(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := (&station{cfg: cfg, trunks: trunks}).checkOperators(); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
	cfg := parsed(t, "trunks: [{uri: 'sip:a@b'}]\nlimits: {allow: ['+7'], deny: ['+7809']}\n")
	for text, want := range map[string]string{"8 (495) 123-45-67": "+74951234567", "+8613912345678": "", "anna": "", "8 809 123-45-67": ""} {
		got, err := transferable(cfg)(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
}

// No shipped plan is cut short by the ceilings that hold if nothing is said.
func TestShippedPlansStayUnderTheDefaultLimits(t *testing.T) {
	c := ceiling(config.Default())
	for _, name := range scenarios.ShippedNames() {
		sc, err := scenarios.LoadShipped(name)
		if err != nil {
			t.Fatal(err)
		}
		hour, day := 0, 0
		for _, r := range sc.Campaign(name).Retry.Rules {
			most := 0
			for _, d := range r.Days {
				most = max(most, d.Attempts)
				if d.Every > 0 {
					hour = max(hour, min(d.Attempts, int(time.Hour/d.Every)+1))
				}
			}
			day += most
		}
		if hour > c.NumberPerHour || day > c.NumberPerDay || day == 0 {
			t.Errorf("%s calls a number up to %d times an hour and %d a day; the limits are %d and %d", name, hour, day, c.NumberPerHour, c.NumberPerDay)
		}
	}
}
