package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Config is a whole configuration file. Every field may be absent.
type Config struct {
	SIP       SIP                 `yaml:"sip"`
	Media     Media               `yaml:"media"`
	Trunks    []Trunk             `yaml:"trunks"`
	Operators map[string]Group    `yaml:"operators"`
	Phones    map[string]Phone    `yaml:"phones"` // by account
	Limits    Limits              `yaml:"limits"`
	Speech    Speech              `yaml:"speech"`
	Hearing   Hearing             `yaml:"hearing"`
	SMS       SMS                 `yaml:"sms"`
	Webhooks  []Webhook           `yaml:"webhooks"`
	Numbers   Numbers             `yaml:"numbers"`
	Serve     Serve               `yaml:"serve"`
	Campaigns map[string]Campaign `yaml:"campaigns"`
	Log       Log                 `yaml:"log"`

	Announcements string `yaml:"announcements"` // file of learned announcements; default announcements.jsonl

	dir    string                      // folder of the file, for relative paths
	getenv func(string) (string, bool) // nil: the process's environment
}

// SIP is where dozvon's own SIP socket stands.
type SIP struct {
	Listen    string `yaml:"listen"`     // IP:port; port 0 takes a free one
	UserAgent string `yaml:"user_agent"` // default "dozvon"

	TLSListen   string   `yaml:"tls_listen"`  // IP:port; empty: no calls come in by TLS
	Certificate string   `yaml:"certificate"` // PEM file, with the chain
	PrivateKey  string   `yaml:"private_key"` // PEM file
	Allow       []string `yaml:"allow"`       // networks of phones that register here; trunks are known anyway
}

// Media is where RTP stands.
type Media struct {
	IP        string   `yaml:"ip"`         // address put into SDP; default: the one of sip.listen
	Ports     string   `yaml:"ports"`      // "from-to"
	DeadAfter Duration `yaml:"dead_after"` // a call without RTP for that long ends as silent
}

// Group is a group of operators: SIP addresses, accounts of phones that
// register here, or numbers that are called through the trunk.
type Group struct {
	Addresses []string `yaml:"addresses"`
	WrapUp    Duration `yaml:"wrap_up"`
	By        string   `yaml:"by"`       // bridge (default): dozvon joins both calls | refer: the trunk is asked to connect the person (REFER)
	SRTP      string   `yaml:"srtp"`     // off (default) | offered | required: of operators at a sip: address that no trunk leads to
	Transfer  string   `yaml:"transfer"` // colleagues (default) | numbers | off: to whom they may hand a call over
}

// Speech is how text becomes audio.
type Speech struct {
	Engine  string      `yaml:"engine"`  // none | espeak-ng | festival | command | http
	Voice   string      `yaml:"voice"`   // the engine's name of a voice
	Cache   string      `yaml:"cache"`   // folder of rendered prompts
	Command []string    `yaml:"command"` // argument list; text on standard input
	Format  string      `yaml:"format"`  // wav | s16le
	Rate    int         `yaml:"rate"`    // of raw output
	Timeout Duration    `yaml:"timeout"`
	HTTP    *SpeechHTTP `yaml:"http"`
}

// SpeechHTTP is a speech service.
type SpeechHTTP struct {
	Method   string            `yaml:"method"`
	URL      string            `yaml:"url"`
	Headers  map[string]string `yaml:"headers"`
	Body     string            `yaml:"body"`
	JSONPath string            `yaml:"json_path"` // base64 audio at this path; empty: the body is the audio
}

// SMS is an HTTP gateway or a file.
type SMS struct {
	File        string            `yaml:"file"` // JSON lines instead of sending
	Method      string            `yaml:"method"`
	URL         string            `yaml:"url"`
	Headers     map[string]string `yaml:"headers"`
	Body        string            `yaml:"body"`
	SuccessPath string            `yaml:"success_path"` // optional JSON field that must equal success_value
	SuccessIs   string            `yaml:"success_value"`
	Tries       int               `yaml:"tries"` // of one text, before it is given up; 0: 12, over about a day
}

// Webhook is one endpoint of a CRM, or a file of events.
type Webhook struct {
	URL     string   `yaml:"url"`
	File    string   `yaml:"file"` // JSON lines instead of an endpoint
	Secrets []string `yaml:"secrets"`
	Types   []string `yaml:"types"` // empty: every type
	Tries   int      `yaml:"tries"` // of one event, before it is given up; 0: 12, over about a day
}

// Name is what the endpoint is called in the outbox.
func (w Webhook) Name() string {
	if w.File != "" {
		return "file:" + w.File
	}
	return w.URL
}

// Numbers is how phone numbers are read.
type Numbers struct {
	Region string `yaml:"region"` // default RU
}

// Serve is the service's own part.
type Serve struct {
	Listen string  `yaml:"listen"`
	Tokens []Token `yaml:"tokens"`
}

// Token lets a caller of the API in.
type Token struct {
	Name    string `yaml:"name"`
	Role    string `yaml:"role"`
	Token   string `yaml:"token"` // only as ${NAME}
	Partner string `yaml:"partner"`
}

// Campaign is a campaign of the service.
type Campaign struct {
	Scenario string   `yaml:"scenario"`
	Lines    int      `yaml:"lines"`
	Trunks   []string `yaml:"trunks"`
	Paused   bool     `yaml:"paused"`
}

// Log is what goes to the log.
type Log struct {
	Level string `yaml:"level"` // debug | info | warn | error
}

// Duration is a time.Duration written as "30s" or "2h".
type Duration time.Duration

// Or returns d, or the default if d is zero.
func (d Duration) Or(def time.Duration) time.Duration {
	if d == 0 {
		return def
	}
	return time.Duration(d)
}

// UnmarshalYAML reads "1h30m".
func (d *Duration) UnmarshalYAML(n ast.Node) error {
	text := n.String()
	v, err := time.ParseDuration(strings.Trim(strings.TrimSpace(text), `"'`))
	if err != nil || v < 0 {
		pos := n.GetToken().Position
		return Fault{Line: pos.Line, Column: pos.Column, What: fmt.Sprintf("%q is no duration; write one like 30s, 5m or 2h", text)}
	}
	*d = Duration(v)
	return nil
}
