package engines

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dozvon/hearing/engines/vosktest"
	"dozvon/internal/testlog"
)

// eventually waits until something is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 4000 {
		if is() {
			return
		}
		<-tick.C
	}
	t.Fatalf("never: %s", what)
}

// Connections stand ready before anybody speaks, are replaced when they grow
// old, and a server that is out of order is told once, asked seldom, and used
// again once it follows the protocol.
func TestPoolOutage(t *testing.T) {
	srv := server(t, vosktest.Honest)
	var log testlog.Buffer
	v := client(t, srv, quick, func(c *VoskConfig) {
		c.Spare, c.Log = 3, slog.New(slog.NewTextHandler(&log, nil))
	})
	eventually(t, "three connections", func() bool { return srv.Opened() >= 3 })
	srv.Behave(vosktest.Garbage)
	for range 20 { // until nobody is led to the server any more
		s, err := v.Open(context.Background(), question)
		if err != nil {
			break
		}
		go speak(s, vosktest.Say("да"))
		for h := range s.Results() { // a connection from before is as honest as it was
			if h.Label != "yes" {
				t.Errorf("%+v", h)
			}
			s.Close()
		}
	}
	if v.pool.down() == nil {
		t.Fatal("a server that answers rubbish is still trusted")
	}
	before := srv.Opened()
	if _, err := v.Open(context.Background(), question); err == nil || !strings.Contains(err.Error(), "out of order") {
		t.Errorf("%v", err)
	}
	if more := srv.Opened() - before; more > 1 {
		t.Errorf("%d connections to a server that is left alone", more)
	}
	srv.Behave(vosktest.Honest)
	eventually(t, "the server is back", func() bool { return v.pool.down() == nil })
	s := open(t, v)
	go speak(s, vosktest.Say("нет"))
	if h := one(t, s); h.Label != "no" {
		t.Errorf("%+v", h)
	}
	s.Close()
	all(s)
	if strings.Count(log.String(), "out of order; people") != 1 || strings.Count(log.String(), "server is back") != 1 {
		t.Errorf("the log has %d outages and %d returns", strings.Count(log.String(), "out of order; people"), strings.Count(log.String(), "server is back"))
	}
}

func TestPoolReplacesOldLines(t *testing.T) {
	srv := server(t, vosktest.Honest)
	client(t, srv, func(c *VoskConfig) { c.Idle = 20 * time.Millisecond })
	eventually(t, "connections are replaced", func() bool { return srv.Opened() >= 8 })
}

// Nobody answers at the address: a clear error at once, without the address's
// secret.
func TestPoolNobodyThere(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := ln.Addr().String()
	ln.Close()
	v, err := NewVosk(VoskConfig{URL: "ws://user:s3cret@" + address + "/?key=s3cret"})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	err = v.Check(context.Background())
	if err == nil || !strings.Contains(err.Error(), "refused") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("%v", err)
	}
	if _, err := NewVosk(VoskConfig{URL: "http://x"}); err == nil {
		t.Error("http is taken for a WebSocket")
	}
}

// TLS with one's own certificate authority; without it the server is not
// trusted.
func TestVoskTLS(t *testing.T) {
	made := httptest.NewTLSServer(http.NotFoundHandler())
	cert, pool := made.TLS.Certificates[0], x509.NewCertPool()
	pool.AddCert(made.Certificate())
	made.Close()
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		t.Fatal(err)
	}
	srv := vosktest.Serve(ln, vosktest.Honest)
	defer srv.Close()
	secure := func(c *VoskConfig) { c.URL = strings.Replace(c.URL, "ws://", "wss://", 1) }
	if err := client(t, srv, secure, func(c *VoskConfig) { c.CA = pool }).Check(context.Background()); err != nil {
		t.Error(err)
	}
	if err := client(t, srv, secure).Check(context.Background()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("%v", err)
	}
}
