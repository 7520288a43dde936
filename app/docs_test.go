package app

import (
	"os"
	"strings"
	"testing"

	"dozvon/config"
	"dozvon/crm"
)

// A key in the address of a speech service stays out of messages.
func TestSpeechKeyStaysSecret(t *testing.T) {
	text := `speech: {engine: http, http: {url: "http://127.0.0.1:1/say?key=${KEY}", body: "{text}"}}`
	cfg, err := config.Parse("d.yaml", []byte(text), func(string) (string, bool) { return "s3cret-key", true })
	if err != nil {
		t.Fatal(err)
	}
	_, err = speechEngine(cfg).Speak(t.Context(), "ru", "да")
	if err == nil || strings.Contains(err.Error(), "s3cret-key") {
		t.Errorf("error: %v", err)
	}
}

// What docs/configuration.md shows can be sent to: its templates of texts and
// its secrets of webhooks are taken.
func TestDeliveriesOfTheGuide(t *testing.T) {
	text, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	example, _, _ := strings.Cut(rest, "```")
	cfg, err := config.Parse("docs/configuration.md", []byte(example), func(string) (string, bool) { return "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", true })
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLanes(cfg, nil, &crm.Encoder{}, discard())
	if err != nil || len(l.workers) != 2 {
		t.Fatalf("%d lanes, %v", len(l.workers), err)
	}
}
