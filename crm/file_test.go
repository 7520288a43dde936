package crm

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFileSink(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "sent.jsonl")
	f, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, it := range fullEncoder().Encode(epoch, exampleSave()) {
		if a := f.Send(t.Context(), Delivery{Key: it.Key, Kind: it.Kind, Body: it.Body}); a.Verdict != Sent {
			t.Fatalf("answer %+v", a)
		}
	}
	lines := readLines(t, path)
	if len(lines) != 5 {
		t.Fatalf("%d lines", len(lines))
	}
	event, sms := lines[2], lines[3]
	if event["type"] != "lead.finished" || event["data"].(map[string]any)["list"] != "connected" || event["id"] == "" {
		t.Errorf("event %v", event)
	}
	if sms["phone"] != "+79001234567" || sms["text"] != "Hello" || sms["campaign"] != "verification" || sms["type"] != nil {
		t.Errorf("text %v", sms)
	}
}

func readLines(t *testing.T, path string) []map[string]any {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]any
	for _, l := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		m := map[string]any{}
		if err := json.Unmarshal([]byte(l), &m); err != nil {
			t.Fatalf("%q: %v", l, err)
		}
		out = append(out, m)
	}
	return out
}

func TestFileFaults(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenFile(dir); err == nil {
		t.Error("a folder was opened as a file")
	}
	f, err := OpenFile(filepath.Join(dir, "x"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []Delivery{{Kind: KindSMS, Body: []byte("{")}, {Kind: KindWebhook, Body: []byte("{")}} {
		if a := f.Send(t.Context(), d); a.Verdict != Never {
			t.Errorf("a broken row: %+v", a)
		}
	}
	f.Close()
	if a := f.Send(t.Context(), text("+7900", "x")); a.Verdict != Again {
		t.Errorf("a closed file: %+v", a)
	}
}

// TestFullDisk: /dev/full refuses every write.
func TestFullDisk(t *testing.T) {
	f, err := OpenFile("/dev/full")
	if err != nil {
		t.Skip("there is no /dev/full here")
	}
	defer f.Close()
	if a := f.Send(t.Context(), text("+7900", "x")); a.Verdict != Again || !strings.Contains(a.Why, "space") {
		t.Errorf("answer %+v", a)
	}
}
