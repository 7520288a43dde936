package crm

import (
	"testing"

	"dozvon/dialer"
)

// A recorded answer leaves for a recogniser where there is one, and comes back
// as an event: with its words, or with why there are none.
func TestTranscripts(t *testing.T) {
	save := exampleSave()
	save.Notices, save.Effects = nil, []dialer.Effect{{Kind: dialer.EffectTranscript, Name: "reason", Text: "answers/34-reason.wav", Fields: map[string]string{"language": "ru"}}}
	e := fullEncoder()
	if items := e.Encode(epoch, save); len(items) != 0 {
		t.Errorf("without a recogniser: %+v", items)
	}
	e.Transcripts, e.Recordings = true, "/var/lib/dozvon"
	items := e.Encode(epoch, save)
	if len(items) != 1 || items[0].Kind != KindTranscript || items[0].Lead != 12 || items[0].Key == "" {
		t.Fatalf("%+v", items)
	}
	d := Delivery{ID: 7, Key: items[0].Key, Lead: 12, Body: items[0].Body}
	r, err := ReadRecorded(d)
	if err != nil || r != (Recorded{Folder: "/var/lib/dozvon", File: "answers/34-reason.wav", Language: "ru", Answer: "reason"}) {
		t.Errorf("%+v %v", r, err)
	}
	for _, c := range []struct{ text, failure string }{{"слишком дорого", ""}, {"", "no answer in time"}} {
		items, err := e.Transcribed(epoch, d, c.text, c.failure)
		if err != nil || len(items) != 1 || items[0].Type != "answer.transcribed" {
			t.Fatalf("%+v %v", items, err)
		}
		got := decode(t, items[0]).Data["transcript"].(map[string]any)
		if got["text"] != c.text || got["answer"] != "reason" || got["language"] != "ru" || got["error"] != nil && got["error"] != c.failure {
			t.Errorf("%v", got)
		}
	}
	if _, err := ReadRecorded(Delivery{Body: []byte("?")}); err == nil {
		t.Error("garbage is a recorded answer")
	}
}
