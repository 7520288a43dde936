package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"dozvon/config"
	"dozvon/crm"
	"dozvon/hearing/engines"
	"dozvon/store"
)

// transcripts find the words of recorded answers, after the call: the text
// joins the lead's answers as NAME_text, and an event tells of it.
type transcripts struct {
	service *engines.Transcriber
	db      *store.Store
	enc     *crm.Encoder

	mu    sync.Mutex
	texts map[int64]string // by delivery, from its try to its event
}

// newTranscripts is nil without a service.
func newTranscripts(cfg *config.Config, db *store.Store, enc *crm.Encoder) *transcripts {
	t := cfg.Hearing.Transcribe
	if t == nil {
		return nil
	}
	return &transcripts{db: db, enc: enc, texts: map[int64]string{}, service: &engines.Transcriber{
		URL: t.URL, Method: t.Method, Headers: t.Headers, Body: t.Body, Form: t.Form, FileField: t.FileField,
		JSONPath: t.JSONPath, Timeout: t.Timeout.Or(0),
		Getenv: func(name string) string { v, _ := cfg.Env(name); return v },
	}}
}

// Send is one try.
func (t *transcripts) Send(ctx context.Context, d crm.Delivery) crm.Answer {
	text, err := t.words(ctx, d)
	var status *engines.StatusError
	switch {
	case errors.As(err, &status) && status.Final(), errors.Is(err, os.ErrNotExist), errors.Is(err, errNoRecording):
		return crm.Answer{Verdict: crm.Never, Why: err.Error()}
	case err != nil:
		return crm.Answer{Verdict: crm.Again, Why: err.Error()}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.texts[d.ID] = text
	return crm.Answer{}
}

var errNoRecording = errors.New("this is no recorded answer")

// words finds the words and notes them with the lead.
func (t *transcripts) words(ctx context.Context, d crm.Delivery) (string, error) {
	r, err := crm.ReadRecorded(d)
	if err != nil || !filepath.IsLocal(r.File) {
		return "", fmt.Errorf("%w: %.80q", errNoRecording, r.File)
	}
	wav, err := os.ReadFile(filepath.Join(r.Folder, r.File))
	if err != nil {
		return "", fmt.Errorf("the recorded answer can't be read: %w", err)
	}
	text, err := t.service.Transcribe(ctx, r.Language, wav)
	if err != nil {
		return "", err
	}
	return text, t.db.AddAnswer(ctx, d.Lead, r.Answer+"_text", text)
}

// follow is the event that tells of the words.
func (t *transcripts) follow(now time.Time, d crm.Delivery, failure string) ([]crm.Item, error) {
	t.mu.Lock()
	text := t.texts[d.ID]
	delete(t.texts, d.ID)
	t.mu.Unlock()
	return t.enc.Transcribed(now, d, text, failure)
}
