package sip

import (
	"context"
	"net/netip"
	"time"
)

// Endpoint owns the SIP sockets and every leg.
type Endpoint struct{}

// Listen opens the sockets and returns when they are ready for calls.
func Listen(ctx context.Context, c Config) (*Endpoint, error) { return &Endpoint{}, nil }

// Addr returns the address and port that the endpoint listens on.
func (e *Endpoint) Addr() netip.AddrPort { return netip.AddrPort{} }

// Close ends the endpoint.
func (e *Endpoint) Close() error { return nil }

// Ping asks a trunk with OPTIONS whether it works.
func (e *Endpoint) Ping(ctx context.Context, t *Trunk) error { return nil }

// Invite places a call. It never blocks; exactly one Ended event follows.
func (e *Endpoint) Invite(c Call) *Leg { return &Leg{} }

// Leg is one call.
type Leg struct{}

// HangUp ends the call.
func (l *Leg) HangUp(why string) {}

// SendInfo sends a key by SIP INFO.
func (l *Leg) SendInfo(digit byte, d time.Duration) {}
