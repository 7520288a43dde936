package sip

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"
)

// feed is the listener that sipgo accepts TLS connections from: those that we
// opened and those of operators' phones, all with their handshake done.
type feed struct {
	addr  net.Addr
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newFeed(addr net.Addr) *feed {
	return &feed{addr: addr, conns: make(chan net.Conn), done: make(chan struct{})}
}

// give hands a connection over.
func (f *feed) give(c net.Conn) error {
	select {
	case f.conns <- c:
		return nil
	case <-f.done:
		return net.ErrClosed
	}
}

// Accept implements net.Listener.
func (f *feed) Accept() (net.Conn, error) {
	select {
	case c := <-f.conns:
		return c, nil
	case <-f.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (f *feed) Close() error {
	f.once.Do(func() { close(f.done) })
	return nil
}

// Addr implements net.Listener.
func (f *feed) Addr() net.Addr { return f.addr }

// maxHandshakes bounds the strangers whose handshake is under way.
const maxHandshakes = 64

// accept takes connections of operators' phones until the listener closes. A
// stranger who does not finish the handshake in time is dropped.
func (f *feed) accept(ln net.Listener, own *tls.Config) {
	var busy sync.WaitGroup
	defer busy.Wait()
	slots := make(chan struct{}, maxHandshakes)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for {
		plain, err := ln.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // a connection that broke before it was taken
		}
		select {
		case slots <- struct{}{}:
		default:
			_ = plain.Close()
			continue
		}
		busy.Go(func() {
			defer func() { <-slots }()
			f.shake(ctx, plain.(*guest), own)
		})
	}
}

// shake makes a guest's connection one over TLS.
func (f *feed) shake(ctx context.Context, g *guest, own *tls.Config) {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	c := tls.Server(g.Conn, own)
	g.Conn = c
	if err := c.HandshakeContext(ctx); err != nil || f.give(g) != nil {
		_ = g.Close()
	}
}

// listenTLS opens the listener for operators' phones, if there is to be one.
func (e *Endpoint) listenTLS(ctx context.Context) error {
	if e.conf.TLSPort == 0 || e.conf.Certificate == nil {
		return nil
	}
	addr := netip.AddrPortFrom(e.conf.IP, uint16(e.conf.TLSPort))
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr.String())
	if err != nil {
		return fmt.Errorf("sip: can't listen on %s for TLS: %w; is another program using the port?", addr, err)
	}
	e.tls = ln
	return nil
}

// startTLS gives sipgo its source of TLS connections.
func (e *Endpoint) startTLS() {
	e.feed = newFeed(net.TCPAddrFromAddrPort(e.addr))
	e.wires.give, e.wires.life = e.feed.give, e.life
	e.serve.Go(func() { _ = e.tpl.ServeTLS(e.feed) })
	if e.tls != nil {
		own := &tls.Config{Certificates: []tls.Certificate{*e.conf.Certificate}, MinVersion: tls.VersionTLS12}
		e.serve.Go(func() { e.feed.accept(e.guard.listen(e.tls, "tls"), own) })
	}
}

func (e *Endpoint) stopTLS() error {
	err := e.feed.Close()
	if e.tls != nil {
		err = errors.Join(err, e.tls.Close())
	}
	return err
}

// securePort is the port that our Via and Contact name over TLS.
func (e *Endpoint) securePort() int {
	if e.tls != nil {
		return e.conf.TLSPort
	}
	return int(e.addr.Port())
}

var errWireGone = errors.New("the TLS connection is gone")

// noDialer makes sipgo's own TLS dialling fail: it would verify against one
// configuration for everybody.
func noDialer(net.Addr) net.Dialer {
	return net.Dialer{Control: func(string, string, syscall.RawConn) error { return errWireGone }}
}
