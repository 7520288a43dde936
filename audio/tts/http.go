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
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
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

// noRedirects keeps secrets in headers from travelling to another host.
var noRedirects = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

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
	x := expansion{getenv: h.Getenv}
	if x.getenv == nil {
		x.getenv = os.Getenv
	}
	req, err := h.request(ctx, &x, lang, text)
	if err != nil {
		return nil, x.hide(fmt.Errorf("speech engine %s: %w", h.Name(), err))
	}
	body, err := h.exchange(req)
	if err != nil {
		return nil, x.hide(fmt.Errorf("speech engine %s: %w", h.Name(), err))
	}
	return body, nil
}

func (h *HTTP) request(ctx context.Context, x *expansion, lang, text string) (*http.Request, error) {
	address := strings.ReplaceAll(placeholders(x.expand(h.URL), lang, h.VoiceName), "{text}", url.QueryEscape(text))
	escaped, err := json.Marshal(text)
	if err != nil {
		return nil, err
	}
	body := strings.ReplaceAll(placeholders(x.expand(h.Body), lang, h.VoiceName), "{text}", string(escaped[1:len(escaped)-1]))
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
		req.Header.Set(k, placeholders(x.expand(v), lang, h.VoiceName))
	}
	return req, x.err()
}

func (h *HTTP) exchange(req *http.Request) ([]byte, error) {
	client := h.Client
	if client == nil {
		client = noRedirects
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
		return nil, fmt.Errorf("it answered %s: %s; check the url, the key and the voice", resp.Status, excerpt(body))
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
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return nil, fmt.Errorf("its answer is no JSON: %s", excerpt(body))
	}
	for _, name := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(at) {
				return nil, fmt.Errorf("its answer has nothing at %q", path)
			}
			v = at[i]
		default:
			v = nil
		}
	}
	s, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("its answer has no audio at %q: %s", path, excerpt(body))
	}
	s = strings.TrimRight(strings.NewReplacer("\n", "", "\r", "", "-", "+", "_", "/").Replace(s), "=")
	audio, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("the audio at %q is no base64", path)
	}
	return audio, nil
}

// expansion puts secrets in place, and takes them out of errors again.
type expansion struct {
	getenv  func(string) string
	secrets []string
	missing []string
}

var envRE = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

func (x *expansion) expand(s string) string {
	return envRE.ReplaceAllStringFunc(s, func(m string) string {
		name := m[2 : len(m)-1]
		v := x.getenv(name)
		if v == "" {
			x.missing = append(x.missing, name)
			return ""
		}
		x.secrets = append(x.secrets, v, url.QueryEscape(v))
		return v
	})
}

func (x *expansion) err() error {
	if len(x.missing) == 0 {
		return nil
	}
	return fmt.Errorf("the environment has no %s; set it before the start", strings.Join(x.missing, ", "))
}

// hide replaces every secret in an error's text.
func (x *expansion) hide(err error) error {
	s := err.Error()
	for _, secret := range x.secrets {
		s = strings.ReplaceAll(s, secret, "***")
	}
	if s == err.Error() {
		return err
	}
	return errors.New(s)
}
