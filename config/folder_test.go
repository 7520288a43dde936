package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder writes files by their path below a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFolderOfCampaigns(t *testing.T) {
	dir := folder(t, map[string]string{
		"dozvon.yaml":           "trunks: [{name: main, uri: 'sip:a@b'}]\ncampaigns: {surveys: {scenario: lead-verification}}\n",
		"campaigns/leads.yaml":  "scenario: ../scenarios/leads.yaml\nlines: 20\ntrunks: [main]\n",
		"campaigns/cold.yaml":   "scenario: cold-base\npaused: true\n",
		"campaigns/README.text": "not a campaign",
	})
	c, err := Load(dir, env())
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Campaigns) != 3 || !c.Campaigns["cold"].Paused || c.Campaigns["leads"].Lines != 20 {
		t.Fatalf("campaigns %+v", c.Campaigns)
	}
	if got, want := c.Campaigns["leads"].Scenario, filepath.Join(dir, "scenarios", "leads.yaml"); got != want {
		t.Errorf("scenario %s, want %s", got, want)
	}
	if got := c.Campaigns["cold"].Scenario; got != "cold-base" {
		t.Errorf("the name of a shipped scenario became %s", got)
	}
}

func TestFaultsOfAFolder(t *testing.T) {
	dir := folder(t, map[string]string{
		"dozvon.yaml":           "trunks: [{name: main, uri: 'sip:a@b'}]\ncampaigns: {twice: {scenario: cold-base}}\n",
		"campaigns/twice.yaml":  "scenario: cold-base\n",
		"campaigns/empty.yaml":  "lines: 3\n",
		"campaigns/odd.yaml":    "scenario: cold-base\nline: 3\n",
		"campaigns/trunks.yaml": "scenario: cold-base\ntrunks: [other]\n",
	})
	_, err := Load(dir, env())
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != 4 {
		t.Fatalf("want four faults, got %v", err)
	}
	for _, want := range []string{"twice.yaml: the campaign twice stands", "empty.yaml", "odd.yaml:2", "trunks.yaml: the trunk other"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told in:\n%v", want, err)
		}
	}
}

func TestFolderWithoutConfiguration(t *testing.T) {
	if _, err := Load(t.TempDir(), env()); err == nil || !strings.Contains(err.Error(), mainFile) {
		t.Fatalf("got %v", err)
	}
}
