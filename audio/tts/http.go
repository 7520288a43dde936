package tts

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"dozvon/internal/remote"
)

// HTTP is an engine behind a web service. In URL, Headers and Body, {text},
// {lang} and {voice} are replaced (escaped for where they stand), and ${NAME}
// is a secret from the environment, which no error ever shows.
type HTTP struct {
	Label     string
	VoiceName string
	Method    string // POST if empty
	URL       string
	Headers   map[string]string
	Body      string // a template; {text} is escaped as the inside of a JSON string
	JSONPath  string // base64 audio at this place of a JSON answer, such as "audio.content" or "chunks.0"; empty: the answer is the audio
	Format    Format // of the audio; WAV if empty
	Rate      int    // samples per second of S16LE
	Timeout   time.Duration
	Getenv    func(string) string // os.Getenv if nil
	Client    *http.Client        // one that follows no redirects, if nil
}

// Name is the engine's name for people.
func (h *HTTP) Name() string {
	if h.Label != "" {
		return h.Label
	}
	if u, err := url.Parse(h.URL); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return "http"
}

// Voice tells voices of different services apart.
func (h *HTTP) Voice() string { return h.Name() + "/" + h.VoiceName }

// Speak sends one request.
func (h *HTTP) Speak(ctx context.Context, lang, text string) ([]byte, error) {
	if err := errors.Join(checkWords(h.Name(), lang, h.VoiceName), checkText(h.Name(), text)); err != nil {
		return nil, err
	}
	timeout := h.Timeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	x := remote.Secrets{Getenv: h.Getenv}
	req, err := h.request(ctx, &x, lang, text)
	if err != nil {
		return nil, x.Hide(fmt.Errorf("speech engine %s: %w", h.Name(), err))
	}
	body, err := h.exchange(req)
	if err != nil {
		return nil, x.Hide(fmt.Errorf("speech engine %s: %w", h.Name(), err))
	}
	return body, nil
}

func (h *HTTP) request(ctx context.Context, x *remote.Secrets, lang, text string) (*http.Request, error) {
	address := strings.ReplaceAll(placeholders(x.Expand(h.URL), lang, h.VoiceName), "{text}", url.QueryEscape(text))
	escaped, err := json.Marshal(text)
	if err != nil {
		return nil, err
	}
	body := strings.ReplaceAll(placeholders(x.Expand(h.Body), lang, h.VoiceName), "{text}", string(escaped[1:len(escaped)-1]))
	method := h.Method
	if method == "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return nil, errors.New("its url must begin with https:// or http://")
	}
	if h.Body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for k, v := range h.Headers {
		req.Header.Set(k, placeholders(x.Expand(v), lang, h.VoiceName))
	}
	return req, x.Err()
}

func (h *HTTP) exchange(req *http.Request) ([]byte, error) {
	client := h.Client
	if client == nil {
		client = remote.Client
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("no answer: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAudio+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("its answer broke off: %w", err)
	case resp.StatusCode/100 != 2:
		return nil, fmt.Errorf("it answered %s: %s; check the url, the key and the voice", resp.Status, remote.Excerpt(body))
	case len(body) > maxAudio:
		return nil, fmt.Errorf("it gave more than %d MiB", maxAudio>>20)
	}
	if h.JSONPath != "" {
		if body, err = audioAt(body, h.JSONPath); err != nil {
			return nil, err
		}
	}
	if h.Format == S16LE {
		return wrap(body, h.Rate)
	}
	if !bytes.HasPrefix(body, []byte("RIFF")) {
		return nil, fmt.Errorf("its answer is no WAV file (%d bytes, type %.40s); ask it for WAV, or set the format", len(body), resp.Header.Get("Content-Type"))
	}
	return body, nil
}

// audioAt takes base64 audio from a place of a JSON answer.
func audioAt(body []byte, path string) ([]byte, error) {
	s, err := remote.At(body, path, "audio")
	if err != nil {
		return nil, err
	}
	s = strings.TrimRight(strings.NewReplacer("\n", "", "\r", "", "-", "+", "_", "/").Replace(s), "=")
	audio, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("the audio at %q is no base64", path)
	}
	return audio, nil
}
