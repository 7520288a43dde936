package engines

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"dozvon/hearing"
)

// VoskConfig says where a Vosk server is and how long it may take. Zero
// values have defaults.
type VoskConfig struct {
	URL     string         // ws:// or wss://
	CA      *x509.CertPool // nil: the system's
	Header  http.Header    // of the handshake, such as an authorization
	Spare   int            // connections that stand ready; 2
	Connect time.Duration  // for a connection to stand; 1.5 s
	Reply   time.Duration  // for the reply to a message; 1 s
	Idle    time.Duration  // a connection that nobody used is replaced after that; 45 s
	Log     *slog.Logger
}

func (c VoskConfig) withDefaults() VoskConfig {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	set(&c.Connect, 1500*time.Millisecond)
	set(&c.Reply, time.Second)
	set(&c.Idle, 45*time.Second)
	if c.Spare <= 0 {
		c.Spare = 2
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Vosk hears through a Vosk server. A connection serves for one utterance of
// one question; others stand ready, so that nobody waits for one.
type Vosk struct {
	cfg  VoskConfig
	host string // for people: an address may hold a secret
	pool *pool
}

// NewVosk connects in the background. Close ends it.
func NewVosk(c VoskConfig) (*Vosk, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "ws" && u.Scheme != "wss" || u.Host == "" {
		return nil, errors.New("the address of the Vosk server must be like ws://10.0.0.5:2700 or wss://asr.example.org")
	}
	v := &Vosk{cfg: c.withDefaults(), host: u.Host}
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		TLSClientConfig:        &tls.Config{RootCAs: c.CA, MinVersion: tls.VersionTLS12},
		MaxResponseHeaderBytes: 16 << 10,
		DisableKeepAlives:      true,
	}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	dial := func(ctx context.Context) (*line, error) { return dialLine(ctx, c.URL, client, c.Header) }
	v.pool = newPool(v.host, v.cfg, dial)
	return v, nil
}

// Name is what people call the engine.
func (v *Vosk) Name() string { return "vosk" }

// Open listens for phrases. It never waits: while the server is known to be
// out of order it fails at once.
func (v *Vosk) Open(_ context.Context, o hearing.Options) (hearing.Stream, error) {
	if err := v.pool.down(); err != nil {
		return nil, err
	}
	a := newAnswers(o)
	if a.none() {
		return nil, errors.New("there are no words to listen for")
	}
	return newVoskStream(v, a), nil
}

// Check makes sure that the server is there and speaks the protocol: a
// grammar, a fifth of a second of silence, the end.
func (v *Vosk) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, v.cfg.Connect+2*v.cfg.Reply)
	defer cancel()
	if err := v.pool.probe(ctx); err != nil {
		return v.problem(err)
	}
	return nil
}

func (v *Vosk) problem(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("it does not answer in time")
	}
	return fmt.Errorf("the Vosk server %s: %w; is it the WebSocket server of Vosk that listens there?", v.host, err)
}

// Close hangs up all connections that nobody uses.
func (v *Vosk) Close() { v.pool.close() }
