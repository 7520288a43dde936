// Package siplib holds what users of the SIP library must do in the same way.
// It knows nothing of calls.
package siplib

import (
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// How long it must be quiet, and how long that is waited for.
const (
	look  = time.Millisecond
	quiet = 10  // looks
	most  = 300 // looks
)

// Close closes a transport layer for good, once nothing reads from it any more.
// The library handles each request in a goroutine of its own. One that begins
// only when the listener is closed opens a socket in its place, which nobody
// would ever close; so they are given some time to begin, while no new ones come.
//
// Its own errors are not told: it closes a connection once for each of its names.
func Close(tpl *gosip.TransportLayer) {
	_ = tpl.Close()
	for calm, looks := 0, 0; calm < quiet && looks < most; looks++ {
		time.Sleep(look)
		calm++
		if tpl.Pool("udp").Size() > 0 {
			_ = tpl.Close()
			calm = 0
		}
	}
}
