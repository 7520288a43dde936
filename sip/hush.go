package sip

import (
	"log/slog"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// sipgo keeps some settings in package variables that must be set before its
// first use:
//
//   - Its logger would print whole messages, with numbers and credentials. It
//     is silenced; what matters is logged here, masked.
//   - Timer M (RFC 6026) keeps about 7 KiB a call for 32 s only to recognise
//     repeated 2xx. Legs do that themselves, with their own linger time, so
//     the transaction may go at once; what comes later reaches the leg as an
//     unmatched response.
//   - Its limit on UDP messages would make a long INVITE an error. RFC 3261
//     section 18.1.1 asks for TCP above 1300 bytes, and for UDP if TCP fails;
//     see Endpoint.link. The limit is lifted so that UDP can be the last word.
func init() {
	gosip.SetDefaultLogger(slog.New(slog.DiscardHandler))
	gosip.Timer_M = time.Millisecond
	gosip.UDPMTUSize = 65507 + 200
}
