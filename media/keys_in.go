package media

import (
	"encoding/binary"
	"time"

	"dozvon/audio"
)

const eventKeys = "0123456789*#ABCD" // RFC 4733 3.2, table 3

// keyReceiver finds key presses in telephone-event packets (RFC 4733). A key
// is reported with the first packet of it that comes, whichever that is, so
// lost beginnings and lost ends both leave one key.
type keyReceiver struct {
	started  bool
	ts       uint32 // of the press
	event    byte
	ended    bool
	duration uint32 // greatest seen
}

// eventSlack is how far an event may begin after the known end of the one before
// and still be its continuation: a packet's worth.
const eventSlack = audio.FrameSamples

// push takes a telephone-event packet that is no duplicate, and reports a new
// press with how long the key had been down by then. newest says that no
// packet with a higher sequence number came before.
func (k *keyReceiver) push(newest, marker bool, ts uint32, payload []byte) (digit byte, held time.Duration, ok bool) {
	if len(payload) < 4 || int(payload[0]) >= len(eventKeys) {
		return 0, 0, false // flash and other events are no keys
	}
	event, end := payload[0], payload[1]&0x80 != 0
	duration := uint32(binary.BigEndian.Uint16(payload[2:]))
	if k.started && !newest {
		return 0, 0, false // reordered: something newer of this or a later press has been heard
	}
	known := k.started && event == k.event && (ts == k.ts || !marker && !k.ended && k.continues(ts))
	if known && ts == k.ts {
		duration = max(duration, k.duration)
		end = end || k.ended
	}
	*k = keyReceiver{started: true, ts: ts, event: event, ended: end, duration: duration}
	if known {
		return 0, 0, false
	}
	return eventKeys[event], audio.Duration(int(duration)), true
}

// continues reports whether an event at ts is a further segment of the press
// that is down: a long one is split every 65,535 units (RFC 4733 2.5.1.3), and
// some senders move the timestamp with every packet.
func (k *keyReceiver) continues(ts uint32) bool {
	ahead := ts - k.ts
	return ahead <= k.duration+eventSlack || ahead >= 0xFFFF-3*eventSlack && ahead <= 0xFFFF+3*eventSlack
}
