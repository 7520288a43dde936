package config

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestHearing(t *testing.T) {
	c, err := Parse("d.yaml", []byte(`
hearing:
  engines: {ru: [vosk], en: [pocketsphinx]}
  countries: [ru, us]
  vosk: {ru: {url: "wss://asr.example.org/${KEY}", headers: {Authorization: "Bearer ${KEY}"}, reply: 700ms}}
`), env("KEY", "s3cret"))
	if err != nil {
		t.Fatal(err)
	}
	v := c.Hearing.Vosk["ru"]
	if v.URL != "wss://asr.example.org/${KEY}" || v.Headers["Authorization"] != "Bearer ${KEY}" || v.Reply.Or(0) != 700*time.Millisecond || !c.Hearing.MustHear() || len(c.Hearing.Countries) != 2 {
		t.Errorf("%+v", c.Hearing)
	}
}

func TestHearingFaults(t *testing.T) {
	for name, c := range map[string]struct{ text, line, want string }{
		"no engine":      {"engines: {ru: [hal]}", ":2:", "no engine of spoken answers"},
		"twice":          {"engines: {en: [pocketsphinx, pocketsphinx]}", ":2:", "twice"},
		"off and on":     {"engines: {en: [pocketsphinx, off]}", ":2:", "alone"},
		"none":           {"engines: {en: []}", ":2:", "[off]"},
		"language":       {"engines: {russian: [off]}", ":2:", "two small letters"},
		"sphinx for ru":  {"engines: {ru: [pocketsphinx]}", ":2:", "English only"},
		"no server":      {"engines: {ru: [vosk]}", ":2:", "hearing.vosk.ru.url"},
		"no address":     {"engines: {ru: [vosk]}\n  vosk: {ru: {url: 'http://a'}}", ":3:", "no address of a Vosk server"},
		"unused server":  {"engines: {ru: [off]}\n  vosk: {ru: {url: 'ws://a'}}", ":3:", "no language uses"},
		"empty server":   {"engines: {ru: [vosk]}\n  vosk: {ru: {reply: 1s}}", ":3:", "has no url"},
		"connections":    {"engines: {ru: [vosk]}\n  vosk: {ru: {url: 'ws://a', connections: -1}}", ":3:", "1 to 100"},
		"workers":        {"pocketsphinx: {workers: -1}", ":2:", "negative"},
		"country":        {"countries: [ru, USA]", ":2:", "two small letters"},
		"missing secret": {"engines: {ru: [vosk]}\n  vosk: {ru: {url: 'ws://a', headers: {A: '${NOPE}'}}}", ":3:", "NOPE is not set"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("dozvon.yaml", []byte("hearing:\n  "+c.text+"\n"), env())
			var faults Faults
			if !errors.As(err, &faults) || !strings.Contains(err.Error(), "dozvon.yaml"+c.line) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
		})
	}
}
