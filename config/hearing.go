package config

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Hearing is what recognises spoken answers.
type Hearing struct {
	Engines      map[string][]string `yaml:"engines"`  // language → engines, the first that is in order hears; [off]: keys only; left out: embedded for ru, keys only for others
	Required     *bool               `yaml:"required"` // true (default): no start if none of a language's engines works
	Vosk         map[string]Vosk     `yaml:"vosk"`     // by language: a server has one
	Pocketsphinx Pocketsphinx        `yaml:"pocketsphinx"`
	Transcribe   *Transcribe         `yaml:"transcribe"` // words of recorded answers; nil: the recordings alone
	Countries    []string            `yaml:"countries"`  // whose tones come first where two mean different things by one; left out: ru
}

// Transcribe is a service that finds the words of recorded answers, after the
// call. {lang} is the language, {audio} the WAV file in base64.
type Transcribe struct {
	URL       string            `yaml:"url"`
	Method    string            `yaml:"method"`
	Headers   map[string]string `yaml:"headers"`
	Body      string            `yaml:"body"`       // JSON with {audio}; without body and form the WAV file itself
	Form      map[string]string `yaml:"form"`       // fields of a multipart form
	FileField string            `yaml:"file_field"` // its field with the WAV file
	JSONPath  string            `yaml:"json_path"`  // of the text; empty: the answer is the text
	Timeout   Duration          `yaml:"timeout"`
	Tries     int               `yaml:"tries"` // of one recording, before it is given up; 0: 12, over about a day
}

// Vosk is a Vosk server for one language.
type Vosk struct {
	URL         string            `yaml:"url"`         // ws:// or wss://
	CAFile      string            `yaml:"ca_file"`     // PEM; empty: the system's
	Headers     map[string]string `yaml:"headers"`     // of the handshake; ${NAME} for secrets
	Connections int               `yaml:"connections"` // that stand ready; 0: 2
	Connect     Duration          `yaml:"connect"`     // time for a connection to stand
	Reply       Duration          `yaml:"reply"`       // time for a reply
	Idle        Duration          `yaml:"idle"`        // an unused connection is replaced after that
}

// Pocketsphinx is the program for English.
type Pocketsphinx struct {
	Program string   `yaml:"program"` // default pocketsphinx_batch
	Model   string   `yaml:"model"`   // folder of the model; default: where Debian has it
	Workers int      `yaml:"workers"` // programs at once; 0: two for each processor
	Timeout Duration `yaml:"timeout"` // of one program
}

// Engines of spoken answers.
const (
	EngineEmbedded     = "embedded"
	EngineVosk         = "vosk"
	EnginePocketsphinx = "pocketsphinx"
	EngineOff          = "off"
)

var hearingEngines = []string{EngineEmbedded, EngineVosk, EnginePocketsphinx, EngineOff}

// PerLanguage returns the engines of each language: those named, and for Russian
// the one in this process where none is named.
func (h Hearing) PerLanguage() map[string][]string {
	all := map[string][]string{"ru": {EngineEmbedded}}
	maps.Copy(all, h.Engines)
	return all
}

// MustHear reports whether a language that no engine can hear stops a start.
func (h Hearing) MustHear() bool { return h.Required == nil || *h.Required }

func (k *checker) hearing(c *Config) {
	for lang, names := range c.Hearing.Engines {
		path := "$.hearing.engines." + lang
		if len(lang) != 2 || strings.ToLower(lang) != lang {
			k.fault(path, "%q is no language; write its code of two small letters, such as ru or en", lang)
		}
		if len(names) == 0 {
			k.fault(path, "no engine is named for %s; write [off] for keys only", lang)
		}
		for i, name := range names {
			at := fmt.Sprintf("%s[%d]", path, i)
			switch {
			case !slices.Contains(hearingEngines, name):
				k.fault(at, "%q is no engine of spoken answers; take embedded, vosk, pocketsphinx or off", name)
			case slices.Contains(names[:i], name):
				k.fault(at, "%s stands there twice; keep one", name)
			case name == EngineOff && len(names) > 1:
				k.fault(at, "off stands alone, or not at all")
			case name == EngineVosk && c.Hearing.Vosk[lang].URL == "":
				k.fault(at, "the engine vosk needs the address of a server for %s; add hearing.vosk.%s.url", lang, lang)
			case name == EngineEmbedded && lang != "ru":
				k.fault(at, "the embedded engine hears Russian only; take vosk for %s, or pocketsphinx for en", lang)
			case name == EnginePocketsphinx && lang != "en":
				k.fault(at, "pocketsphinx hears English only; take embedded or vosk for %s", lang)
			}
		}
	}
	for i, code := range c.Hearing.Countries {
		if len(code) != 2 || strings.ToLower(code) != code {
			k.fault(fmt.Sprintf("$.hearing.countries[%d]", i), "%q is no country; write its code of two small letters, such as ru or us", code)
		}
	}
	k.voskServers(c)
	k.transcribe(c)
	if c.Hearing.Pocketsphinx.Workers < 0 {
		k.fault("$.hearing.pocketsphinx.workers", "workers cannot be negative; leave it out for two a processor")
	}
}

func (k *checker) voskServers(c *Config) {
	for lang, v := range c.Hearing.Vosk {
		path := "$.hearing.vosk." + lang
		if v.URL == "" {
			k.fault(path, "the server for %s has no url; write one such as ws://10.0.0.5:2700", lang)
		} else if u, err := url.Parse(c.Filled(v.URL)); err != nil || u.Scheme != "ws" && u.Scheme != "wss" || u.Host == "" {
			k.fault(path+".url", "this is no address of a Vosk server; write one such as ws://10.0.0.5:2700, or wss:// for TLS")
		}
		if !slices.Contains(c.Hearing.Engines[lang], EngineVosk) {
			k.fault(path, "no language uses this server; add vosk to hearing.engines.%s", lang)
		}
		if v.Connections < 0 || v.Connections > 100 {
			k.fault(path+".connections", "%d is no number of connections that stand ready; take 1 to 100", v.Connections)
		}
	}
}

func (k *checker) transcribe(c *Config) {
	t := c.Hearing.Transcribe
	if t == nil {
		return
	}
	const path = "$.hearing.transcribe"
	if !isHTTP(c.Filled(t.URL)) {
		k.fault(path+".url", "transcribe needs the http(s) address of a service")
	}
	if t.Body != "" && (len(t.Form) > 0 || t.FileField != "") {
		k.fault(path+".body", "transcribe has both a body and a form; keep one")
	}
	if t.Body != "" && !strings.Contains(t.Body, "{audio}") {
		k.fault(path+".body", "the body has no {audio}; write it where the recording belongs, in base64")
	}
	if t.Tries < 0 {
		k.fault(path+".tries", "tries cannot be negative; leave it out for 12")
	}
}
