package app

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/sip/siptest"
)

const asksWhy = `version: 1
name: reasons
language: ru
purpose: survey
lead: {name: {type: name, example: Анна}}
call: {ring: 5s, max: 30s, silent_after: 10s}
window: {hours: "00:00-23:59", zone: UTC}
retry:
  total: 1
  rules: [{on: [no_answer, answered, failed, silent], days: [{attempts: 1}], finish: missed}]
  spent: missed
lists: {told: Told, missed: Missed}
dialogue:
  hello:
    - play: question.wav
    - record: {max: 4s, wait: 2s, silence: 700ms, save: reason}
    - finish: told
`

const asksWhyBook = `
numbers:
  "+79990000601": [{ring: 100ms, steps: [{hush: 300ms}, {speak: words}, {wait: 9s}]}]
`

// What a person says in their own words is put into words after the call,
// though the service fails at first; they join the lead's answers, and an
// event tells of them.
func TestRecordedAnswerBecomesText(t *testing.T) {
	t.Parallel()
	var tries atomic.Int32
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if tries.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		clip, werr := audio.ReadWAV(bytes.NewReader(b))
		if err != nil || werr != nil || clip.Duration() < 500*time.Millisecond || r.URL.Path != "/ru" || r.Header.Get("Authorization") != "Bearer s3cret" {
			t.Errorf("%s with %d bytes: %v %v", r.URL, len(b), err, werr)
		}
		must(t, json.NewEncoder(w).Encode(map[string]string{"text": "слишком дорого"}))
	}))
	t.Cleanup(service.Close)
	dir := t.TempDir()
	writeTone(t, filepath.Join(dir, "question.wav"), questionHz, time.Second)
	path := filepath.Join(dir, "scenario.yaml")
	write(t, path, asksWhy)
	o := trial{
		scenario: path, titles: []string{"phone", "name"}, rows: [][]string{{"+79990000601", "Ann"}}, book: asksWhyBook,
		sounds: siptest.Sounds{"words": audio.NewClip(syllables())},
		env:    map[string]string{"STT_KEY": "s3cret"},
		config: "hearing: {transcribe: {url: \"" + service.URL + "/{lang}\", headers: {Authorization: \"Bearer ${STT_KEY}\"}, json_path: text}}\n",
	}.run(t)
	l := o.leads["+79990000601"]
	if l.List != "told" || l.Answers["reason_text"] != "слишком дорого" || !strings.HasPrefix(l.Answers["reason"], "answers"+string(filepath.Separator)) {
		t.Errorf("%+v", l)
	}
	if _, err := os.Stat(filepath.Join(o.dir, l.Answers["reason"])); err != nil {
		t.Error(err)
	}
	told := o.about("+79990000601", "answer.transcribed")
	if len(told) != 1 || told[0].Data.Transcript.Text != "слишком дорого" || told[0].Data.Transcript.Answer != "reason" || told[0].Data.Transcript.Error != "" {
		t.Errorf("%+v", told)
	}
}

// syllables are three of them, in no voice of anybody's.
func syllables() (pcm []int16) {
	for _, hz := range []float64{180, 210, 170} {
		pcm = append(pcm, audio.Tone([]float64{hz, 3 * hz, 5 * hz}, 200*time.Millisecond, 0.2)...)
		pcm = append(pcm, make([]int16, audio.Samples(90*time.Millisecond))...)
	}
	return pcm
}
