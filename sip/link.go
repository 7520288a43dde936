package sip

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// dialTime bounds a TCP connection and a TCP write.
const dialTime = 4 * time.Second

// link finds the address of a hop and, for TCP, opens a connection that the
// requests will use. large: the INVITE is too long for UDP, so TCP is tried
// first and UDP stays as the way out (RFC 3261 section 18.1.1).
func (e *Endpoint) link(ctx context.Context, hop *gosip.Uri, transport string, large bool) (linked, error) {
	addr, err := e.names.resolve(ctx, hop, transport)
	if err != nil {
		return linked{}, err
	}
	if transport == "tcp" || large {
		if err = e.dial(ctx, addr); err == nil {
			return linked{"tcp", addr}, nil
		}
		if !large {
			return linked{}, err
		}
		e.log.Debug("sip: a long INVITE leaves over UDP, TCP failed", "error", err.Error())
	}
	return linked{"udp", addr}, nil
}

// dial makes sure that there is a TCP connection to an address.
func (e *Endpoint) dial(ctx context.Context, addr netip.AddrPort) error {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	probe := gosip.NewRequest(gosip.OPTIONS, gosip.Uri{Scheme: "sip", Host: addr.Addr().String()})
	probe.AppendHeader(&gosip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: "TCP",
		Host: e.addr.Addr().String(), Port: int(e.addr.Port())})
	probe.SetTransport("TCP")
	e.address(probe, addr)
	conn, err := e.tpl.ClientRequestConnection(ctx, probe)
	if err != nil {
		return explainDial(addr, err)
	}
	_, err = conn.TryClose()
	return err
}

func explainDial(addr netip.AddrPort, err error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%s refused the TCP connection: check port and transport, and that the trunk is up", addr)
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no TCP connection to %s within %s: check the address and the firewall", addr, dialTime)
	}
	return fmt.Errorf("no TCP connection to %s: %w", addr, err)
}

// address sets where a request goes and, on UDP, the socket that it leaves
// from: without Laddr, sipgo opens a new port when the address is new to it.
func (e *Endpoint) address(req *gosip.Request, to netip.AddrPort) {
	req.SetDestination(to.String())
	if req.Transport() == "UDP" {
		req.Laddr = e.from
	}
}

// write sends a request outside any transaction: an ACK.
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

func lower(transport string) string { return strings.ToLower(transport) }
