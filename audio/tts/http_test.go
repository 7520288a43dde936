package tts

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dozvon/internal/remote"
)

const secret = "sk-s3cr3t/+key"

func env(name string) string {
	if name == "KEY" {
		return secret
	}
	return ""
}

// service starts a speech service and an engine for it.
func service(t *testing.T, answer http.HandlerFunc) *HTTP {
	t.Helper()
	srv := httptest.NewServer(answer)
	client := srv.Client()
	client.CheckRedirect = remote.Client.CheckRedirect
	t.Cleanup(srv.Close)
	return &HTTP{Label: "cloud", VoiceName: "anna", URL: srv.URL + "/speak?v={voice}&q={text}", Getenv: env, Client: client, Timeout: 5 * time.Second,
		Headers: map[string]string{"Authorization": "Bearer ${KEY}"},
		Body:    `{"text":"{text}","lang":"{lang}","key":"${KEY}"}`}
}

func TestHTTPRequest(t *testing.T) {
	text := "Скажи \"привет\",\n{lang} ${KEY} \\ & <b>"
	h := service(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var got struct{ Text, Lang, Key string }
		if err := json.Unmarshal(body, &got); err != nil {
			t.Errorf("the body is no JSON: %s", body)
		}
		if got.Text != text || got.Lang != "ru" || got.Key != secret {
			t.Errorf("%+v", got)
		}
		if r.Method != "POST" || r.Header.Get("Authorization") != "Bearer "+secret || r.URL.Query().Get("q") != text || r.URL.Query().Get("v") != "anna" {
			t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
		}
		w.Write(beep(time.Second))
	})
	wav, err := h.Speak(ctx, "ru", text)
	if err != nil || len(wav) < 8000 {
		t.Errorf("%v", err)
	}
}

func TestHTTPJSONAudio(t *testing.T) {
	wav := beep(time.Second)
	for path, answer := range map[string]string{
		"audio.content": `{"audio":{"content":"` + base64.StdEncoding.EncodeToString(wav) + `"}}`,
		"chunks.1":      `{"chunks":["", "` + base64.RawURLEncoding.EncodeToString(wav) + `"]}`,
	} {
		h := service(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, answer) })
		h.JSONPath = path
		got, err := h.Speak(ctx, "ru", "x")
		if err != nil || string(got) != string(wav) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestHTTPFaultsShowNoSecret(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		change func(*HTTP)
		want   string
	}{
		"refused": {func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "bad key "+r.Header.Get("Authorization")+strings.Repeat("x", 5000), 401)
		}, nil, "401"},
		"no wav":      {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }, nil, "no WAV"},
		"no json":     {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }, func(h *HTTP) { h.JSONPath = "a" }, "no JSON"},
		"no audio":    {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"error":"`+secret+`"}`) }, func(h *HTTP) { h.JSONPath = "a.b" }, "no audio at"},
		"index":       {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `[1]`) }, func(h *HTTP) { h.JSONPath = "5" }, "nothing at"},
		"no base64":   {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"a":"!!!"}`) }, func(h *HTTP) { h.JSONPath = "a" }, "no base64"},
		"redirect":    {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "http://127.0.0.1:1/", 302) }, nil, "302"},
		"hangs":       {func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body); <-r.Context().Done() }, func(h *HTTP) { h.Timeout = 50 * time.Millisecond }, "no answer"},
		"nobody":      {nil, func(h *HTTP) { h.URL = "http://127.0.0.1:1/?k=${KEY}" }, "no answer"},
		"bad scheme":  {nil, func(h *HTTP) { h.URL = "file:///etc/passwd?${KEY}" }, "https://"},
		"bad url":     {nil, func(h *HTTP) { h.URL = "http://[${KEY}" }, "speech engine"},
		"missing env": {nil, func(h *HTTP) { h.Body = "${GONE}" }, "no GONE"},
		"bad header":  {nil, func(h *HTTP) { h.Headers["X"] = "a\r\nb: ${KEY}" }, "invalid header"},
		"bad voice":   {nil, func(h *HTTP) { h.VoiceName = "../x" }, "may hold letters"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.answer == nil {
				c.answer = func(http.ResponseWriter, *http.Request) {}
			}
			h := service(t, c.answer)
			if c.change != nil {
				c.change(h)
			}
			_, err := h.Speak(ctx, "ru", "x")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v", err)
			}
			if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "sk-s3cr3t") || len(err.Error()) > 700 {
				t.Errorf("%s", err)
			}
		})
	}
}

func FuzzHTTPBody(f *testing.F) {
	for _, s := range []string{"x", `"`, "\\", "\x00", "\u2028", "{text}", "${KEY}", "</script>"} {
		f.Add(s)
	}
	h := &HTTP{Body: `{"t":"{text}"}`, URL: "http://127.0.0.1/?q={text}", Headers: map[string]string{"A": "{lang}"}}
	f.Fuzz(func(t *testing.T, text string) {
		x := remote.Secrets{Getenv: env}
		req, err := h.request(ctx, &x, "ru", text)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]string
		if err := json.NewDecoder(req.Body).Decode(&got); err != nil || len(got) != 1 {
			t.Fatalf("%q makes %v, %v", text, got, err)
		}
		if got["t"] != strings.ToValidUTF8(text, "\ufffd") && !strings.ContainsRune(got["t"], '\ufffd') {
			t.Fatalf("%q became %q", text, got["t"])
		}
		if req.URL.Host != "127.0.0.1" || len(req.URL.Query()) != 1 || x.Err() != nil {
			t.Fatalf("%q made %s", text, req.URL)
		}
	})
}
