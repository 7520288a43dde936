package app

import (
	"os"
	"strings"
	"testing"

	"dozvon/config"
	"dozvon/crm"
)

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
