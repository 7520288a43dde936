package app

import (
	"os"
	"slices"
	"strings"
	"testing"

	"dozvon/config"
	"dozvon/hearing/progress"
)

// The countries of the configuration reach the listener of every call; one
// whose tones nobody knows is refused, with those that are known.
func TestCountries(t *testing.T) {
	for text, want := range map[string]string{"hearing: {countries: [us, gb]}": "us gb", "{}": "", "hearing: {countries: [ru, zz]}": "error"} {
		cfg, err := config.Parse("d.yaml", []byte(text), os.LookupEnv)
		if err != nil {
			t.Fatal(err)
		}
		l, err := (&station{cfg: cfg}).listening()
		switch {
		case want != "error" && (err != nil || strings.Join(l.Countries, " ") != want):
			t.Errorf("%s: %+v, %v", text, l, err)
		case want == "error" && (ExitCode(err) != ExitInvalid || !strings.Contains(err.Error(), `"zz"`) || !strings.Contains(err.Error(), "au, br, cn, de")):
			t.Errorf("%s: %v", text, err)
		}
	}
}

// docs/configuration.md lists all countries whose tones are known.
func TestCountriesOfTheGuide(t *testing.T) {
	text, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(text), "absent: ru.\n")
	list, _, _ = strings.Cut(list, ";")
	if got := strings.Fields(strings.TrimLeft(list, " #")); !slices.Equal(got, progress.Countries()) {
		t.Errorf("the guide lists %v, known are %v", got, progress.Countries())
	}
}
