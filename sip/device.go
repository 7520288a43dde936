package sip

import (
	"net/netip"
	"time"
)

// Device is a phone that has registered here (RFC 3261 section 10): one
// binding of an account.
type Device struct {
	URI       string         // its Contact
	Transport string         // udp, tcp or tls: by which it registered
	Source    netip.AddrPort // from where; requests go there, over the same connection if there is one
	Agent     string         // its User-Agent, cleaned
	Until     time.Time      // when the binding ends unless refreshed
}
