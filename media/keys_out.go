package media

import (
	"encoding/binary"
	"strings"
	"sync"
	"time"

	"dozvon/audio"
)

// A key is down for 100 ms and up for 60 ms: twice what Q.24 asks for.
const (
	keyDown    = 5 // frames
	keyEnds    = 3 // end packets, RFC 4733 2.5.1.4
	keyPeriod  = 8 // frames from one key to the next
	keyPause   = 25
	keyVolume  = 10 // -10 dBm0
	maxPending = 256
)

// keySender turns a string of keys into frames: telephone-events if the far
// end takes them, else tones. It reads no clock: next is called every 20 ms.
type keySender struct {
	queue []byte
	frame int    // of the key at the head of the queue
	ts    uint32 // of its press
}

// add queues keys: 0-9 * # A-D, and a comma for a pause of half a second.
// Anything else is passed over.
func (k *keySender) add(digits string) {
	for _, c := range []byte(strings.ToUpper(digits)) {
		if len(k.queue) < maxPending && (c == ',' || strings.IndexByte(eventKeys, c) >= 0) {
			k.queue = append(k.queue, c)
		}
	}
}

func (k *keySender) active() bool { return len(k.queue) > 0 }

// keyFrame is what to send in one period.
type keyFrame struct {
	event   bool    // send payload under the event's timestamp; else silence
	payload [4]byte // RFC 4733 2.3
	ts      uint32
	marker  bool
	key     byte // the key, and which 20 ms of it this is: for sending as a tone
	index   int
}

// next returns the frame for the period that begins at timestamp ts, and
// whether it is the last one of the queue.
func (k *keySender) next(ts uint32) (f keyFrame, last bool) {
	key := k.queue[0]
	f.key, f.index = key, k.frame
	period := keyPeriod
	if key == ',' {
		period = keyPause
	} else {
		if k.frame == 0 {
			k.ts = ts
		}
		k.event(&f)
	}
	if k.frame++; k.frame == period {
		k.frame = 0
		k.queue = append(k.queue[:0], k.queue[1:]...)
	}
	return f, len(k.queue) == 0
}

// event fills in the packet of the current frame, if it has one: the press
// growing by 20 ms a packet, then its end three times.
func (k *keySender) event(f *keyFrame) {
	if k.frame >= keyDown-1+keyEnds {
		return
	}
	f.event, f.ts, f.marker = true, k.ts, k.frame == 0
	f.payload[0] = byte(strings.IndexByte(eventKeys, f.key))
	f.payload[1] = keyVolume
	if k.frame >= keyDown-1 {
		f.payload[1] |= 0x80
	}
	binary.BigEndian.PutUint16(f.payload[2:], uint16(min(k.frame+1, keyDown)*frameBytes))
}

// tone writes the frame as sound, for a far end that takes no events.
func (f *keyFrame) tone(law audio.Law, dst []byte) {
	i := strings.IndexByte(eventKeys, f.key)
	if i < 0 || f.index >= keyDown {
		audio.FillSilence(law, dst)
		return
	}
	copy(dst, keyTones()[i].Encoded(law)[f.index*frameBytes:])
}

// keyTones are the sixteen keys as sound, made when first needed.
var keyTones = sync.OnceValue(func() (clips [len(eventKeys)]*audio.Clip) {
	for i := range clips {
		clips[i] = audio.NewClip(audio.DigitTone(eventKeys[i], keyDown*20*time.Millisecond, 0.25))
	}
	return clips
})
