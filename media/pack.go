package media

import (
	"slices"
	"time"

	"github.com/pion/rtp"

	"dozvon/audio"
)

// maxSound is the longest sound of a packet that we send, 60 ms.
const maxSound = 3 * frameBytes

// packer gathers periods of sound into packets of another length than 20 ms,
// or splits them. A session at 20 ms has none. It reads no clock: packets leave
// when the wheel turns to the session, those of 10 ms in pairs, those of 30 ms
// after 40 and 20 ms in turn, which adds at most 10 ms to the jitter that the
// far end sees.
type packer struct {
	size   int // bytes of a packet
	n      int // gathered
	ts     uint32
	marker bool // of the first packet to come
	law    audio.Law
	data   [maxSound + frameBytes]byte
}

// repack takes a new length of packets, or a new law. What was gathered
// leaves first.
func (s *Session) repack(ptime time.Duration, law audio.Law) {
	if p := s.pack; p != nil && p.law == law && audio.Duration(p.size) == ptime {
		return
	}
	s.flushSound()
	s.pack = nil
	if ptime != framePeriod && slices.Contains(PacketTimes[:], ptime) {
		s.pack = &packer{size: audio.Samples(ptime), law: law}
	}
}

// drop forgets what was gathered: nobody is to hear it any more.
func (p *packer) drop() {
	if p != nil {
		p.n = 0
	}
}

// sendSound sends this period's sound, in packets of the length that the far
// end wants.
func (s *Session) sendSound() {
	p := s.pack
	if p == nil {
		s.send(rtp.Header{PayloadType: s.remote.payloadType(), Timestamp: s.ts, Marker: s.marker}, s.sent[:])
		s.marker = false
		return
	}
	if s.marker {
		s.flushSound() // what came before a gap leaves as it is
	}
	if p.n == 0 {
		p.ts, p.marker = s.ts, s.marker
	}
	s.marker = false
	p.n += copy(p.data[p.n:], s.sent[:])
	for p.n >= p.size {
		s.sendPacked(p.size)
	}
}

// flushSound sends what has been gathered as a shorter packet.
func (s *Session) flushSound() {
	if s.pack != nil && s.pack.n > 0 {
		s.sendPacked(s.pack.n)
	}
}

// sendPacked sends the first n bytes of what was gathered.
func (s *Session) sendPacked(n int) {
	p := s.pack
	s.send(rtp.Header{PayloadType: s.remote.payloadType(), Timestamp: p.ts, Marker: p.marker}, p.data[:n])
	p.n = copy(p.data[:], p.data[n:p.n])
	p.ts, p.marker = p.ts+uint32(n), false
}
