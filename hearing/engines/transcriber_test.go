package engines

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const sttKey = "stt-s3cr3t/+key"

var wav = []byte("RIFF a recording")

func keyOf(name string) string {
	if name == "KEY" {
		return sttKey
	}
	return ""
}

// stt starts a transcription service and a client for it.
func stt(t *testing.T, answer http.HandlerFunc) *Transcriber {
	t.Helper()
	srv := httptest.NewServer(answer)
	t.Cleanup(srv.Close)
	transport := &http.Transport{DisableKeepAlives: true}
	return &Transcriber{URL: srv.URL + "/{lang}?k=${KEY}", Headers: map[string]string{"Authorization": "Bearer ${KEY}"}, Getenv: keyOf, Timeout: 5 * time.Second,
		Client: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// The recording arrives whole, in each of the ways that services want it.
func TestTranscriberWays(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Transcriber)
		got    func(*http.Request) string
	}{
		"the file itself": {func(*Transcriber) {}, func(r *http.Request) string {
			b, _ := io.ReadAll(r.Body)
			return r.Header.Get("Content-Type") + " " + string(b)
		}},
		"a form": {func(s *Transcriber) {
			s.Form, s.FileField = map[string]string{"language": "{lang}", "key": "${KEY}"}, "audio"
		}, func(r *http.Request) string {
			f, _, err := r.FormFile("audio")
			if err != nil || r.FormValue("language") != "ru" || r.FormValue("key") != sttKey {
				return fmt.Sprint("a wrong form: ", err)
			}
			b, _ := io.ReadAll(f)
			return "audio/wav " + string(b)
		}},
		"JSON": {func(s *Transcriber) { s.Body = `{"audio": "{audio}", "lang": "{lang}"}` }, func(r *http.Request) string {
			var m struct{ Audio, Lang string }
			if json.NewDecoder(r.Body).Decode(&m) != nil || m.Lang != "ru" {
				return "wrong JSON"
			}
			b, _ := base64.StdEncoding.DecodeString(m.Audio)
			return "audio/wav " + string(b)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := stt(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != "POST" || r.URL.Path != "/ru" || r.URL.Query().Get("k") == "" || r.Header.Get("Authorization") != "Bearer "+sttKey {
					t.Errorf("%s %s", r.Method, r.URL)
				}
				if got := c.got(r); got != "audio/wav "+string(wav) {
					t.Errorf("%q arrived", got)
				}
				io.WriteString(w, `{"results": [{"text": " Слишком\nдорого "}]}`)
			})
			s.URL = strings.Replace(s.URL, "k=${KEY}", "k=1", 1)
			s.JSONPath = "results.0.text"
			c.change(s)
			if text, err := s.Transcribe(context.Background(), "ru", wav); err != nil || text != "Слишком дорого" {
				t.Errorf("%q %v", text, err)
			}
		})
	}
}

// What goes wrong says whether to try again, and shows no secret.
func TestTranscriberFaults(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		change func(*Transcriber)
		want   string
		final  bool
	}{
		"refused": {func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "no audio for "+r.Header.Get("Authorization"), http.StatusBadRequest)
		}, nil, "400", true},
		"no money":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusPaymentRequired) }, nil, "402", false},
		"unwell":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, nil, "502", false},
		"elsewhere":  {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "http://127.0.0.1:1/", 302) }, nil, "302", false},
		"no JSON":    {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }, func(s *Transcriber) { s.JSONPath = "text" }, "no JSON", false},
		"no text":    {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"error": "`+sttKey+`"}`) }, func(s *Transcriber) { s.JSONPath = "text" }, "no text at", false},
		"huge":       {func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 3<<20)) }, nil, "more than 1 MiB", false},
		"hangs":      {func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body); <-r.Context().Done() }, func(s *Transcriber) { s.Timeout = 50 * time.Millisecond }, "no answer", false},
		"nobody":     {nil, func(s *Transcriber) { s.URL = "http://127.0.0.1:1/?k=${KEY}" }, "no answer", false},
		"no secret":  {nil, func(s *Transcriber) { s.URL += "${GONE}" }, "no GONE", false},
		"bad scheme": {nil, func(s *Transcriber) { s.URL = "file:///${KEY}" }, "https://", false},
	} {
		t.Run(name, func(t *testing.T) {
			if c.answer == nil {
				c.answer = func(http.ResponseWriter, *http.Request) {}
			}
			s := stt(t, c.answer)
			if c.change != nil {
				c.change(s)
			}
			text, err := s.Transcribe(context.Background(), "ru", wav)
			var status *StatusError
			if text != "" || err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cr3t") || len(err.Error()) > 500 {
				t.Fatalf("%q %v", text, err)
			}
			if got := errors.As(err, &status) && status.Final(); got != c.final {
				t.Errorf("final: %t", got)
			}
		})
	}
	if _, err := stt(t, func(http.ResponseWriter, *http.Request) {}).Transcribe(context.Background(), "../x", wav); err == nil {
		t.Error("a language that is none")
	}
}
