package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Trunk is one way into the telephone network.
type Trunk struct {
	Name         string  `yaml:"name"`
	URI          string  `yaml:"uri"` // sip:user@host:port;transport=udp|tcp|tls, or sips:user@host
	User         string  `yaml:"user"`
	Password     string  `yaml:"password"` // only as ${NAME}
	PasswordFile string  `yaml:"password_file"`
	Lines        int     `yaml:"lines"`
	CPS          float64 `yaml:"cps"`

	CallerID       string   `yaml:"caller_id"`
	CallerIDs      []string `yaml:"caller_ids"`       // a pool: each person sees the same one on every call
	CallerIDColumn string   `yaml:"caller_id_column"` // of the lead; before pool and fixed number
	Display        string   `yaml:"display"`
	AssertIdentity bool     `yaml:"assert_identity"` // P-Asserted-Identity (RFC 3325)
	Privacy        string   `yaml:"privacy"`         // id | header | none (RFC 3323)
	Diversion      string   `yaml:"diversion"`       // number or URI (RFC 5806)

	Proxy           string    `yaml:"proxy"`    // outbound proxy, a SIP URI
	Register        bool      `yaml:"register"` // log in with REGISTER
	RegisterExpires Duration  `yaml:"register_expires"`
	CAFile          string    `yaml:"ca_file"`     // PEM; certificate authorities of a TLS trunk
	ServerName      string    `yaml:"server_name"` // that its certificate must have
	Health          Interval  `yaml:"health"`      // between OPTIONS; off: none
	Rewrite         []Rewrite `yaml:"rewrite"`
	Redirects       int       `yaml:"redirects"`     // 3xx answers followed at most in one call
	SessionTimer    Interval  `yaml:"session_timer"` // RFC 4028; off: none
	Reliable        string    `yaml:"reliable"`      // offered | required | off (RFC 3262)

	SRTP   string   `yaml:"srtp"`   // off | offered | required
	Codecs []string `yaml:"codecs"` // pcma | pcmu, in order of preference
	Ptime  Duration `yaml:"ptime"`  // of RTP packets, 10 to 60 ms
}

// Rewrite changes numbers of one prefix into what a trunk wants.
type Rewrite struct {
	Match string `yaml:"match"` // prefix of the E.164 number, with +; empty: every number
	Strip int    `yaml:"strip"` // characters taken off the front
	Add   string `yaml:"add"`   // put in front afterwards
}

// Interval is a Duration that may be "off".
type Interval time.Duration

// Off is the Interval that was turned off.
const Off Interval = -1

// Or returns the interval, the default if none is set, and 0 if it is off.
func (i Interval) Or(def time.Duration) time.Duration {
	switch i {
	case Off:
		return 0
	case 0:
		return def
	}
	return time.Duration(i)
}

// UnmarshalYAML reads "30s", "off" or 0, which is off too.
func (i *Interval) UnmarshalYAML(n ast.Node) error {
	text := strings.Trim(strings.TrimSpace(n.String()), `"'`)
	v, err := time.ParseDuration(text)
	switch {
	case text == "off" || text == "false" || err == nil && v == 0:
		*i = Off
	case err != nil || v < 0:
		pos := n.GetToken().Position
		return Fault{Line: pos.Line, Column: pos.Column, What: fmt.Sprintf("%q is no interval; write one like 30s or 5m, or off", text)}
	default:
		*i = Interval(v)
	}
	return nil
}

// What a trunk's settings may be.
const (
	minPtime, maxPtime = 10 * time.Millisecond, 60 * time.Millisecond
	minSession         = 90 * time.Second // RFC 4028 section 4
	minExpires         = time.Minute
	minHealth          = 2 * time.Second
	maxRedirects       = 10
)

var (
	shownNumber = regexp.MustCompile(`^\+?[0-9]{3,15}$`)
	prefix      = regexp.MustCompile(`^\+[0-9]{0,15}$`)
	added       = regexp.MustCompile(`^\+?[0-9*#]{0,20}$`)
	hostName    = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$`)
)

func (k *checker) trunks(c *Config) {
	seen := map[string]bool{}
	for i := range c.Trunks {
		t := &c.Trunks[i]
		path := fmt.Sprintf("$.trunks[%d]", i)
		if seen[t.Name] {
			k.fault(path+".name", "two trunks are named %s; names must differ", t.Name)
		}
		seen[t.Name] = true
		if t.Password != "" && t.PasswordFile != "" {
			k.fault(path+".password_file", "trunk %s has both password and password_file; keep one", t.Name)
		}
		if t.Lines < 0 || t.CPS < 0 {
			k.fault(path, "lines and cps of trunk %s cannot be negative", t.Name)
		}
		k.trunkWay(path, t)
		k.trunkIdentity(path, t)
		k.trunkMedia(path, t)
		k.trunkTimes(path, t)
		k.rewrites(path, t)
	}
}

// sipURI reports whether a text begins like a SIP URI and names a transport
// that there is.
func sipURI(s string) bool {
	rest, ok := strings.CutPrefix(s, "sip:")
	if !ok {
		rest, ok = strings.CutPrefix(s, "sips:")
	}
	if _, transport, named := strings.Cut(rest, ";transport="); named {
		transport, _, _ = strings.Cut(transport, ";")
		ok = ok && slices.Contains([]string{"udp", "tcp", "tls"}, strings.ToLower(transport))
	}
	return ok && rest != "" && !strings.ContainsAny(rest, " \t\r\n<>\"")
}

// secured reports whether a URI is reached by TLS.
func secured(uri string) bool {
	return strings.HasPrefix(uri, "sips:") || strings.Contains(strings.ToLower(uri), ";transport=tls")
}

// trunkWay checks how a trunk is reached.
func (k *checker) trunkWay(path string, t *Trunk) {
	if !sipURI(t.URI) {
		k.fault(path+".uri", "trunk %s needs a uri such as sip:login@sip.example.org:5060;transport=udp (udp, tcp or tls; or sips:…)", t.Name)
	}
	if t.Proxy != "" && !sipURI(t.Proxy) {
		k.fault(path+".proxy", "%q is no SIP address of a proxy; write one such as sip:proxy.example.org:5060;transport=tcp", t.Proxy)
	}
	tls := secured(t.URI)
	if t.Proxy != "" {
		tls = secured(t.Proxy)
	}
	if t.CAFile != "" && !tls {
		k.fault(path+".ca_file", "trunk %s is not reached by TLS, which alone has certificates; write ;transport=tls into its uri, or leave ca_file out", t.Name)
	}
	if t.ServerName != "" && !tls {
		k.fault(path+".server_name", "trunk %s is not reached by TLS, which alone has certificates; write ;transport=tls into its uri, or leave server_name out", t.Name)
	}
	if t.ServerName != "" && !hostName.MatchString(t.ServerName) {
		k.fault(path+".server_name", "%q is no name of a server; write the one in its certificate, for example sip.example.org", t.ServerName)
	}
}

// trunkIdentity checks what the person called sees.
func (k *checker) trunkIdentity(path string, t *Trunk) {
	for i, id := range t.CallerIDs {
		if !shownNumber.MatchString(id) {
			k.fault(fmt.Sprintf("%s.caller_ids[%d]", path, i), "%q is no number to show; write it in quotes as \"+74951234567\"", id)
		}
		if slices.Contains(t.CallerIDs[:i], id) {
			k.fault(fmt.Sprintf("%s.caller_ids[%d]", path, i), "%s stands in the pool twice; keep one", id)
		}
	}
	if !slices.Contains([]string{"", "id", "header", "none"}, t.Privacy) {
		k.fault(path+".privacy", "%q is no privacy; take id, header or none, or leave it out", t.Privacy)
	}
	if d := t.Diversion; d != "" && !shownNumber.MatchString(d) && !sipURI(d) {
		k.fault(path+".diversion", "%q is neither a number nor a SIP address; write one such as \"+74951234567\"", d)
	}
}

// trunkMedia checks what the trunk's sound is like.
func (k *checker) trunkMedia(path string, t *Trunk) {
	if !slices.Contains(securities, t.SRTP) {
		k.fault(path+".srtp", "%q is no way to secure sound; take off, offered or required", t.SRTP)
	}
	for i, codec := range t.Codecs {
		if codec != "pcma" && codec != "pcmu" {
			k.fault(fmt.Sprintf("%s.codecs[%d]", path, i), "%q is no codec of dozvon's; take pcma (G.711 A-law) or pcmu (G.711 µ-law)", codec)
		}
		if slices.Contains(t.Codecs[:i], codec) {
			k.fault(fmt.Sprintf("%s.codecs[%d]", path, i), "%s stands there twice; keep one", codec)
		}
	}
	if p := time.Duration(t.Ptime); p != 0 && (p < minPtime || p > maxPtime || p%minPtime != 0) {
		k.fault(path+".ptime", "packets of %s are not possible; take 10ms, 20ms, 30ms, 40ms, 50ms or 60ms", p)
	}
}

// trunkTimes checks registration, health checks, timers and limits of calls.
func (k *checker) trunkTimes(path string, t *Trunk) {
	if e := time.Duration(t.RegisterExpires); e != 0 && e < minExpires {
		k.fault(path+".register_expires", "%s is too short for a registration; take at least %s", e, minExpires)
	}
	if t.RegisterExpires != 0 && !t.Register {
		k.fault(path+".register_expires", "trunk %s does not register; add register: true, or leave register_expires out", t.Name)
	}
	if h := t.Health; h > 0 && time.Duration(h) < minHealth {
		k.fault(path+".health", "%s between checks is a flood; take at least %s, or off", time.Duration(h), minHealth)
	}
	if s := t.SessionTimer; s > 0 && time.Duration(s) < minSession {
		k.fault(path+".session_timer", "%s is too short; a session timer is at least %s (RFC 4028), or off", time.Duration(s), minSession)
	}
	if !slices.Contains([]string{"", "offered", "required", "off"}, t.Reliable) {
		k.fault(path+".reliable", "%q is no word for reliable provisional responses; take offered, required or off", t.Reliable)
	}
	if t.Redirects < 0 || t.Redirects > maxRedirects {
		k.fault(path+".redirects", "redirects is the number of 3xx answers followed in one call: 0 (none) to %d", maxRedirects)
	}
}

func (k *checker) rewrites(path string, t *Trunk) {
	for i, r := range t.Rewrite {
		at := fmt.Sprintf("%s.rewrite[%d]", path, i)
		if r.Match != "" && !prefix.MatchString(r.Match) {
			k.fault(at+".match", "%q is no prefix of an international number; write one with the plus sign, in quotes, such as \"+7\"", r.Match)
		}
		if r.Strip < 0 || r.Strip > 15 {
			k.fault(at+".strip", "strip is how many characters are taken off the front: 0 to 15")
		}
		if !added.MatchString(r.Add) {
			k.fault(at+".add", "%q cannot stand in front of a number; digits, * and # can", r.Add)
		}
		if r.Match == "" && i < len(t.Rewrite)-1 {
			k.fault(at, "a rule without match is for every number, so that those after it never serve; put it last")
		}
	}
}
