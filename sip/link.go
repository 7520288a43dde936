package sip

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// dialTime bounds a connection with its TLS handshake, and a write to it.
const dialTime = 4 * time.Second

// path is a way that is open.
type path struct {
	way
	wire *wire // TLS: the connection
}

// trust is what the certificate of a TLS hop must satisfy.
type trust struct {
	name  string         // it must be made out to that name; sent as SNI
	roots *x509.CertPool // and signed by one of these; nil: the system's
}

// trustOf returns what the certificate of a trunk's hop must satisfy. Without
// a trunk the hop's own host and the system's authorities count. The name is
// that of the URI and never what the name server made of it (RFC 5922 section
// 4).
func trustOf(t *Trunk, hop *gosip.Uri) trust {
	name := strings.Trim(hop.Host, "[]")
	if t == nil {
		return trust{name: name}
	}
	return trust{name: firstOf(t.Server, name), roots: t.Roots}
}

// inside returns what the certificate of another hop in the same dialog must
// satisfy: the hop's own name, or the first hop's where the far end gave a
// number.
func (t trust) inside(hop *gosip.Uri, server string) trust {
	if _, number := literal(hop, "tls"); !number && server == "" {
		t.name = hop.Host
	}
	return t
}

// reach opens the first way that can be opened. rest is what may be tried
// after it. Nothing was sent to the ways passed over.
func (e *Endpoint) reach(ctx context.Context, ways []way, tr trust, large bool) (p path, rest []way, err error) {
	ctx, cancel := context.WithTimeout(ctx, max(e.conf.NoResponse, dialTime))
	defer cancel()
	each := dialTime
	if len(ways) > 1 {
		each = min(dialTime, max(time.Second, e.conf.NoResponse/time.Duration(len(ways))))
	}
	for i, w := range ways {
		one, done := context.WithTimeout(ctx, each)
		p, err = e.open(one, w, tr, large)
		done()
		if err == nil {
			return p, ways[i+1:], nil
		}
		if len(ways) > 1 {
			e.names.avoid(w, time.Now().Add(shunFor))
			e.log.Debug("sip: on to the next address", "error", err.Error())
		}
	}
	if len(ways) > 1 {
		err = fmt.Errorf("none of %d addresses can be reached; the last one: %w", len(ways), err)
	}
	return path{}, nil, err
}

// open makes sure that a request can take a way: over TCP and TLS that there
// is a connection. large: the request is too long for UDP, so TCP is tried
// first and UDP stays as the way out (RFC 3261 section 18.1.1).
func (e *Endpoint) open(ctx context.Context, w way, tr trust, large bool) (path, error) {
	switch {
	case w.transport == "tls":
		wire, err := e.wires.open(ctx, w.addr, tr)
		return path{way: w, wire: wire}, err
	case w.transport == "tcp" || large:
		err := e.dial(ctx, w.addr)
		if err == nil {
			return path{way: way{"tcp", w.addr}}, nil
		}
		if !large {
			return path{}, err
		}
		e.log.Debug("sip: a long INVITE leaves over UDP, TCP failed", "error", err.Error())
	}
	return path{way: w}, nil
}

// find resolves a hop and opens the first way to it.
func (e *Endpoint) find(ctx context.Context, hop *gosip.Uri, tr trust, large bool) (path, []way, error) {
	transport, err := uriTransport(hop)
	if err != nil {
		return path{}, nil, err
	}
	ways, err := e.names.resolve(ctx, hop, transport)
	if err != nil {
		return path{}, nil, err
	}
	return e.reach(ctx, ways, tr, large)
}

// dial makes sure that there is a TCP connection to an address.
func (e *Endpoint) dial(ctx context.Context, addr netip.AddrPort) error {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	start := time.Now()
	probe := gosip.NewRequest(gosip.OPTIONS, gosip.Uri{Scheme: "sip", Host: addr.Addr().String()})
	probe.AppendHeader(&gosip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: "TCP",
		Host: e.addr.Addr().String(), Port: int(e.addr.Port())})
	probe.SetTransport("TCP")
	e.address(probe, path{way: way{"tcp", addr}})
	conn, err := e.tpl.ClientRequestConnection(ctx, probe)
	if err != nil {
		return explainDial(addr, time.Since(start), err)
	}
	_, err = conn.TryClose()
	return err
}

func explainDial(addr netip.AddrPort, took time.Duration, err error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%s refused the TCP connection: check port and transport, and that the trunk is up", addr)
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no TCP connection to %s within %s: check the address and the firewall", addr, took.Round(100*time.Millisecond))
	}
	return fmt.Errorf("no TCP connection to %s: %w", addr, err)
}

// address sets where a request goes and what it leaves from. On UDP that is
// our socket: without Laddr, sipgo opens a new port when the address is new to
// it. On TLS it is the one connection whose certificate was checked for this
// trunk.
func (e *Endpoint) address(req *gosip.Request, to path) {
	req.SetDestination(to.addr.String())
	e.guard.meet(time.Now(), to.addr)
	switch {
	case to.wire != nil:
		req.Laddr = to.wire.local
	case to.transport == "udp":
		req.Laddr = e.from
	}
}

// post writes a request onto the UDP socket. keep: it is returned as it left.
func (e *Endpoint) post(req *gosip.Request, to netip.AddrPort, keep bool) (msg []byte, err error) {
	buf := drafts.Get().(*bytes.Buffer)
	defer drafts.Put(buf)
	buf.Reset()
	req.StringWrite(buf)
	if keep {
		msg = bytes.Clone(buf.Bytes())
	}
	_, err = e.sock.writeTo(buf.Bytes(), to)
	return msg, err
}

// drafts are buffers that requests are written into.
var drafts = sync.Pool{New: func() any { return &bytes.Buffer{} }}

// write sends a request outside any transaction over a connection: an ACK.
func (e *Endpoint) write(req *gosip.Request) error {
	ctx, cancel := context.WithTimeout(context.Background(), dialTime)
	defer cancel()
	conn, err := e.tpl.ClientRequestConnection(ctx, req)
	if err != nil {
		return err
	}
	err = conn.WriteMsg(req)
	_, closed := conn.TryClose()
	return errors.Join(err, closed)
}

func lower(transport string) string { return gosip.NetworkToLower(transport) }
