package engines

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"time"

	"dozvon/internal/remote"
)

// Transcriber turns a recording into words by a web service. In URL, Headers,
// Body and Form, {lang} is the language and ${NAME} a secret from the
// environment, which no error ever shows. The recording goes as the service
// wants it: in a multipart form (Form or FileField is set), as {audio} in base64
// within Body, or else as the body itself.
type Transcriber struct {
	URL       string
	Method    string // POST if empty
	Headers   map[string]string
	Body      string            // a template of JSON with {audio}
	Form      map[string]string // further fields of a form
	FileField string            // name of the recording in a form; "file" if Form is set
	JSONPath  string            // of the text in a JSON answer; empty: the answer is the text
	Timeout   time.Duration     // 1 min
	Getenv    func(string) string
	Client    *http.Client
}

// Limits of what goes to a service and comes from it.
const (
	maxRecording  = 16 << 20
	maxTranscript = 1 << 20
	mostWords     = 20_000 // bytes of a transcript that are kept
)

// StatusError is an answer that is no success.
type StatusError struct {
	Status int
	text   string
}

func (e *StatusError) Error() string { return e.text }

// Final reports whether the same request would fail again. Credentials and
// accounts get put right by people, so that those may pass.
func (e *StatusError) Final() bool {
	switch e.Status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return e.Status/100 == 4
}

// Transcribe returns the words of a WAV file; empty if the service heard none.
// A *StatusError says what the service answered.
func (t *Transcriber) Transcribe(ctx context.Context, language string, wav []byte) (string, error) {
	if len(wav) > maxRecording {
		return "", &StatusError{http.StatusRequestEntityTooLarge, fmt.Sprintf("the recording has %d MiB, at most %d go to a service", len(wav)>>20, maxRecording>>20)}
	}
	timeout := t.Timeout
	if timeout <= 0 {
		timeout = time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	x := remote.Secrets{Getenv: t.Getenv}
	req, err := t.request(ctx, &x, language, wav)
	if err == nil {
		err = x.Err()
	}
	if err != nil {
		return "", x.Hide(err)
	}
	text, err := t.exchange(req)
	var status *StatusError
	switch {
	case errors.As(err, &status):
		return "", &StatusError{status.Status, x.Hide(err).Error()}
	case err != nil:
		return "", x.Hide(err)
	}
	return text, nil
}

func (t *Transcriber) request(ctx context.Context, x *remote.Secrets, language string, wav []byte) (*http.Request, error) {
	if !plainWord(language) {
		return nil, fmt.Errorf("%.20q is no code of a language", language)
	}
	fill := func(s string) string { return strings.ReplaceAll(x.Expand(s), "{lang}", language) }
	body, kind, err := t.body(fill, wav)
	if err != nil {
		return nil, err
	}
	method := t.Method
	if method == "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, fill(t.URL), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return nil, errors.New("its url must begin with https:// or http://")
	}
	req.Header.Set("Content-Type", kind)
	for name, value := range t.Headers {
		req.Header.Set(name, fill(value))
	}
	return req, nil
}

// body is the recording as the service wants it, and its type.
func (t *Transcriber) body(fill func(string) string, wav []byte) (body []byte, kind string, err error) {
	if t.Body != "" {
		return []byte(strings.ReplaceAll(fill(t.Body), "{audio}", base64.StdEncoding.EncodeToString(wav))), "application/json", nil
	}
	if t.FileField == "" && len(t.Form) == 0 {
		return wav, "audio/wav", nil
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(t.Form)) {
		err = errors.Join(err, w.WriteField(name, fill(t.Form[name])))
	}
	field := t.FileField
	if field == "" {
		field = "file"
	}
	part, ferr := w.CreateFormFile(field, "answer.wav")
	if ferr == nil {
		_, ferr = part.Write(wav)
	}
	err = errors.Join(err, ferr, w.Close())
	return b.Bytes(), w.FormDataContentType(), err
}

func (t *Transcriber) exchange(req *http.Request) (string, error) {
	client := t.Client
	if client == nil {
		client = remote.Client
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("no answer: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxTranscript+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("its answer broke off: %w", err)
	case resp.StatusCode/100 != 2:
		return "", &StatusError{resp.StatusCode, fmt.Sprintf("it answered %s: %s; check the url and the key", resp.Status, remote.Excerpt(body))}
	case len(body) > maxTranscript:
		return "", fmt.Errorf("it gave more than %d MiB", maxTranscript>>20)
	}
	text := string(body)
	if t.JSONPath != "" {
		if text, err = remote.At(body, t.JSONPath, "text"); err != nil {
			return "", err
		}
	}
	return cleanText(text), nil
}

// cleanText keeps a transcript on one line and within bounds.
func cleanText(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	if len(s) > mostWords {
		s = strings.ToValidUTF8(s[:mostWords], "") + "…"
	}
	return s
}

func plainWord(s string) bool {
	return s != "" && len(s) <= 16 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") == ""
}
