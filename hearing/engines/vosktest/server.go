// Package vosktest is a Vosk server for tests: its messages are those of the
// real one, its ears hear tones. Each word is a tone of its own, so that a
// test says words by making sound. It is as strict with its clients as the
// real server is forgiving: what a client does against the protocol is kept.
// It can also misbehave in every way that a server may.
package vosktest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// Manner is how a server behaves.
type Manner string

// Manners.
const (
	Honest       Manner = ""
	Mute         Manner = "mute"           // takes everything, answers nothing
	Garbage      Manner = "garbage"        // answers with what is no JSON
	Other        Manner = "other"          // answers with JSON of another protocol
	Huge         Manner = "huge"           // answers with megabytes
	Latin        Manner = "latin"          // answers in another encoding
	Binary       Manner = "binary"         // answers with binary messages
	HangsUp      Manner = "hangs up"       // closes at the first sound
	Flood        Manner = "flood"          // talks unasked, without end
	Twice        Manner = "twice"          // answers everything twice
	YesMan       Manner = "yes-man"        // hears a sure да in everything
	Contradicts  Manner = "contradicts"    // its words and its text differ
	Refuses      Manner = "refuses"        // is no WebSocket server
	Silent       Manner = "silent"         // takes connections and says nothing at all
	Unrated      Manner = "unrated"        // gives text without words and confidences
	DiesOnSpeech Manner = "dies on speech" // honest with silence, gone with speech
)

// Server is a running server.
type Server struct {
	URL string // ws://127.0.0.1:port

	http   *http.Server
	ln     net.Listener
	mu     sync.Mutex
	manner Manner
	faults []string
	seen   []Config
	opened int
	done   sync.WaitGroup
	ctx    context.Context
	cancel context.CancelFunc
}

// Config is a client's configuration.
type Config struct {
	Rate    float64  `json:"sample_rate"`
	Words   bool     `json:"words"`
	Phrases []string `json:"phrase_list"`
}

// New starts a server on a free port of the loopback. Close ends it.
func New(m Manner) (*Server, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return Serve(ln, m), nil
}

// Serve starts a server on a listener, which may be one for TLS.
func Serve(ln net.Listener, m Manner) *Server {
	s := &Server{URL: "ws://" + ln.Addr().String(), ln: ln, manner: m}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	s.done.Go(func() { _ = s.http.Serve(ln) }) // ends with Close
	return s
}

// Close hangs up everybody.
func (s *Server) Close() {
	s.cancel()
	s.http.Close()
	s.done.Wait()
}

// Behave changes the manner of connections that come from now on.
func (s *Server) Behave(m Manner) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.manner = m
}

// Faults are what clients did against the protocol.
func (s *Server) Faults() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.faults...)
}

// Configs are the configurations that came.
func (s *Server) Configs() []Config {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Config(nil), s.seen...)
}

// Opened is how many connections there were.
func (s *Server) Opened() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened
}

func (s *Server) fault(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, fmt.Sprintf(format, args...))
}

// ServeHTTP takes one connection.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	m := s.manner
	s.opened++
	s.mu.Unlock()
	s.done.Add(1)
	defer s.done.Done()
	switch m {
	case Refuses:
		http.Error(w, "no such page", http.StatusNotFound)
		return
	case Silent:
		select {
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
		return
	}
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = ws.CloseNow() }() // it is given up
	c := &client{s: s, ws: ws, manner: m}
	c.serve(s.ctx)
}

// client is one connection.
type client struct {
	s      *Server
	ws     *websocket.Conn
	manner Manner
	ears   *ears
	config *Config
}

func (c *client) serve(ctx context.Context) {
	if c.manner == Flood {
		for ctx.Err() == nil && c.say(ctx, []byte(`{"partial" : ""}`)) {
		}
		return
	}
	for {
		kind, b, err := c.ws.Read(ctx)
		if err != nil {
			return
		}
		if kind == websocket.MessageText && bytes.Contains(b, []byte("config")) {
			c.configure(b)
			continue
		}
		if c.ears == nil {
			c.ears = newEars(c.config)
		}
		answer, last := c.message(kind, b)
		if !c.answer(ctx, answer) {
			return
		}
		if last {
			c.ws.Close(websocket.StatusNormalClosure, "")
			return
		}
	}
}

// configure is what the real server does: a configuration that comes after
// the first sound has no effect on it, and none is answered.
func (c *client) configure(b []byte) {
	var m struct{ Config Config }
	if err := json.Unmarshal(b, &m); err != nil {
		c.s.fault("a configuration that is no JSON: %s", b)
		return
	}
	switch {
	case c.config != nil:
		c.s.fault("a second configuration on one connection: %s", b)
	case c.ears != nil:
		c.s.fault("a configuration after sound: %s", b)
	case m.Config.Rate != 8000 || !m.Config.Words || len(m.Config.Phrases) == 0 || m.Config.Phrases[len(m.Config.Phrases)-1] != "[unk]":
		c.s.fault("an odd configuration: %s", b)
	}
	c.config = &m.Config
	c.s.mu.Lock()
	c.s.seen = append(c.s.seen, m.Config)
	c.s.mu.Unlock()
}

// message answers sound and the end.
func (c *client) message(kind websocket.MessageType, b []byte) (answer string, last bool) {
	if c.config == nil {
		c.s.fault("no configuration came first")
	}
	switch {
	case kind == websocket.MessageText && string(b) == `{"eof" : 1}`:
		return c.ears.final(), true
	case kind == websocket.MessageText:
		c.s.fault("a text that the server takes for sound: %.60s", b)
		return `{"partial" : ""}`, false
	case len(b) == 0 || len(b)%2 != 0 || len(b) > 3200:
		c.s.fault("sound of %d bytes", len(b))
	}
	return c.ears.take(b), false
}

// answer sends a reply in the client's manner; false: the connection is over.
func (c *client) answer(ctx context.Context, text string) bool {
	switch c.manner {
	case Mute:
		return true
	case Garbage:
		text = "<html>502 Bad Gateway</html>"
	case Other:
		text = `{"type": "transcript", "is_final": true, "alternatives": [{"transcript": "да"}]}`
	case Huge:
		text = `{"partial" : "` + string(bytes.Repeat([]byte("да "), 2<<20)) + `"}`
	case Latin:
		text = "{\"text\" : \"\xe4\xe0\"}" // «да» in CP1251
	case HangsUp:
		return false
	case Twice:
		if !c.say(ctx, []byte(text)) {
			return false
		}
	case YesMan:
		text = `{"result" : [{"conf" : 1.0, "end" : 0.2, "start" : 0.0, "word" : "да"}], "text" : "да"}`
	case Contradicts:
		text = `{"result" : [{"conf" : 1.0, "end" : 0.2, "start" : 0.0, "word" : "да"}], "text" : "нет"}`
	case Unrated:
		text = c.ears.plain(text)
	case DiesOnSpeech:
		if c.ears.heard() {
			return false
		}
	case Binary:
		return c.ws.Write(ctx, websocket.MessageBinary, []byte(text)) == nil
	}
	return c.say(ctx, []byte(text))
}

func (c *client) say(ctx context.Context, b []byte) bool {
	return c.ws.Write(ctx, websocket.MessageText, b) == nil
}
