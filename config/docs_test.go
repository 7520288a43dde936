package config

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// Every example of docs/configuration.md is a whole configuration.
func TestExamplesOfTheGuide(t *testing.T) {
	text, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(text), "```yaml\n")[1:]
	if len(blocks) < 6 {
		t.Fatalf("docs/configuration.md has %d examples in yaml", len(blocks))
	}
	known := func(string) (string, bool) { return "0123456789abcdef", true }
	for i, block := range blocks {
		example, _, closed := strings.Cut(block, "```")
		if !closed {
			t.Fatalf("example %d has no end", i+1)
		}
		if _, err := Parse("docs/configuration.md", []byte(example), known); err != nil {
			t.Errorf("example %d:\n%v", i+1, err)
		}
	}
}

// The guide shows every setting there is.
func TestGuideShowsEverySetting(t *testing.T) {
	text, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range []any{SIP{}, Trunk{}, Rewrite{}, Limits{}, Phone{}, Group{}, Hearing{}, Vosk{}, Pocketsphinx{}, Transcribe{}} {
		typ := reflect.TypeOf(of)
		for i := range typ.NumField() {
			if name := typ.Field(i).Tag.Get("yaml"); !strings.Contains(string(text), name+":") && name != "user_agent" {
				t.Errorf("%s of %s is not in docs/configuration.md", name, typ.Name())
			}
		}
	}
}
