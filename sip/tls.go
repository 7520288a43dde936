package sip

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// wires are the TLS connections to trunks. sipgo has one TLS configuration
// for everybody and keeps its connections by address only, so it neither
// dials nor checks here: every connection is opened and verified by this file
// for the trunk that wants it, by the standard library's full check of chain,
// dates and name, and then handed to sipgo as if it had been accepted. A
// connection is shared only by those who would have verified it alike.
type wires struct {
	give func(net.Conn) error // to sipgo
	life context.Context      //nolint:containedctx // a connection outlives the call that opened it

	mu sync.Mutex
	by map[wireKey]*wire
	n  uint64
}

// wireKey tells connections apart.
type wireKey struct {
	addr netip.AddrPort
	trust
}

// wire is one connection, open or about to be.
type wire struct {
	local gosip.Addr    // by which sipgo knows it
	ready chan struct{} // closed when conn or err is there
	conn  *secured
	err   error
}

// open returns the connection to an address whose certificate satisfies tr,
// the one that is there or a new one.
func (s *wires) open(ctx context.Context, addr netip.AddrPort, tr trust) (*wire, error) {
	w, mine := s.take(wireKey{addr, tr})
	if mine {
		go s.dial(w, wireKey{addr, tr})
	}
	start := time.Now()
	select {
	case <-w.ready:
		return w, w.err
	case <-ctx.Done():
		return nil, fmt.Errorf("no TLS connection to %s within %s: check the port (TLS is usually on 5061), the transport and the firewall",
			addr, time.Since(start).Round(100*time.Millisecond))
	}
}

// take finds a wire or enters a new one, which the caller must dial.
func (s *wires) take(key wireKey) (w *wire, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.by[key]; w != nil {
		return w, false
	}
	if s.by == nil {
		s.by = map[wireKey]*wire{}
	}
	s.n++
	w = &wire{ready: make(chan struct{}), local: wireAddr(s.n)}
	s.by[key] = w
	return w, true
}

// wireAddr is a name for a connection in the form that sipgo keeps them by:
// an address of the discard prefix (RFC 6666), which no machine has. The
// connection's own local address does not serve: the kernel may use one port
// for connections to two far ends.
func wireAddr(n uint64) gosip.Addr {
	ip := make(net.IP, 16)
	ip[0] = 1
	binary.BigEndian.PutUint64(ip[8:], n)
	return gosip.Addr{IP: ip, Port: 1}
}

// dial connects, verifies and hands the connection to sipgo.
func (s *wires) dial(w *wire, key wireKey) {
	ctx, cancel := context.WithTimeout(s.life, dialTime)
	defer cancel()
	conn, err := dialTLS(ctx, key)
	if err == nil {
		w.conn = &secured{Conn: conn, local: &net.TCPAddr{IP: w.local.IP, Port: w.local.Port},
			reading: make(chan struct{}), closed: func() { s.forget(key, w) }}
		err = s.hand(ctx, w.conn)
	}
	if w.err = err; err != nil {
		s.forget(key, w) // the next call tries again
	}
	close(w.ready)
}

// hand gives a connection to sipgo and waits until it reads from it: it has
// registered the connection by then.
func (s *wires) hand(ctx context.Context, c *secured) error {
	if err := s.give(c); err != nil {
		return errors.Join(err, c.Close())
	}
	select {
	case <-c.reading:
		return nil
	case <-ctx.Done():
		return errors.Join(ctx.Err(), c.Close())
	}
}

func (s *wires) forget(key wireKey, w *wire) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by[key] == w {
		delete(s.by, key)
	}
}

// dialTLS opens a connection and checks the far end's certificate. A trunk
// given by number needs a certificate made out to that number.
func dialTLS(ctx context.Context, key wireKey) (net.Conn, error) {
	start := time.Now()
	var d net.Dialer
	plain, err := d.DialContext(ctx, "tcp", key.addr.String())
	if err != nil {
		return nil, explainDial(key.addr, time.Since(start), err)
	}
	conn := tls.Client(plain, &tls.Config{ServerName: key.name, RootCAs: key.roots, MinVersion: tls.VersionTLS12})
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = plain.Close()
		return nil, explainTLS(key.addr, key.name, err)
	}
	return conn, nil
}

// secured is a TLS connection as sipgo sees it.
type secured struct {
	net.Conn
	local   net.Addr
	reading chan struct{} // closed at the first read
	first   sync.Once
	last    sync.Once
	closed  func()
}

// LocalAddr implements net.Conn.
func (c *secured) LocalAddr() net.Addr { return c.local }

// Read implements net.Conn.
func (c *secured) Read(b []byte) (int, error) {
	c.first.Do(func() { close(c.reading) })
	n, err := c.Conn.Read(b)
	if err != nil { // forgotten before sipgo tells anybody
		c.last.Do(c.closed)
	}
	return n, err
}

// Close implements net.Conn.
func (c *secured) Close() error {
	c.last.Do(c.closed)
	return c.Conn.Close()
}
