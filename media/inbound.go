package media

import (
	"net/netip"
	"time"

	"github.com/pion/rtp"

	"dozvon/audio"
)

// inbound is what a session knows about the packets that come.
type inbound struct {
	remote   Remote
	ready    bool // remote has been set
	latch    latch
	sequence sequence
	jitter   jitterBuffer
	pressed  keyReceiver
	heard    bool // the first packet has come
	events   bool // a telephone-event has come
	transit  transit
}

// parseRTP reads a packet's header into h and returns its payload. Junk, and
// RTCP on the same port (RFC 5761 4), is refused. It allocates only for
// packets with more contributing sources or extensions than any before.
func parseRTP(h *rtp.Header, b []byte) (payload []byte, ok bool) {
	if len(b) < rtpHeaderBytes || b[0]>>6 != 2 || b[1] >= 192 && b[1] <= 223 {
		return nil, false
	}
	n, err := h.Unmarshal(b)
	if err != nil || n > len(b) {
		return nil, false
	}
	end := len(b)
	if h.Padding { // the last byte counts the padding, itself included
		end -= int(b[end-1])
		if end < n || b[len(b)-1] == 0 {
			return nil, false
		}
	}
	return b[n:end], true
}

// receive takes in what has come to the session's port since the last time.
func (s *Session) receive(now time.Time) {
	b := s.wheel.batch
	for range rounds {
		n := s.sock.recv(b)
		s.packets(now, n)
		if n < batchPackets {
			return
		}
	}
}

// packets takes the first n packets of the wheel's batch.
func (s *Session) packets(now time.Time, n int) {
	b := s.wheel.batch
	for i := range n {
		if s.ready && b.size[i] < packetBytes {
			s.packet(now, b.data[i][:b.size[i]], b.from[i])
		}
	}
}

// overtaking is how many packets may have been faster than the message that
// tells who sends them. More are a stream that began long ago: its old packets are
// left out, as many as a socket holds.
const (
	overtaking = 3
	backlog    = socketBuffer / packetBytes * 8 / batchPackets // batches
)

// waiting reads into the wheel's batch what has come to a session that nobody
// served, and returns how many packets of it are to be taken.
func (s *Session) waiting() int {
	n := s.sock.recv(s.wheel.batch)
	if n <= overtaking {
		return n
	}
	for range backlog {
		if n < batchPackets {
			break
		}
		n = s.sock.recv(s.wheel.batch)
	}
	return 0
}

// packet judges one packet and puts its content where it belongs.
func (s *Session) packet(now time.Time, data []byte, from netip.AddrPort) {
	if isReport(data) {
		s.muxedReport(now, data, from)
		return
	}
	if s.secure != nil {
		clear, ok := s.authentic(data, from)
		if !ok {
			return
		}
		data = clear
	}
	h := &s.wheel.header
	payload, ok := parseRTP(h, data)
	what := s.remote.contentOf(h.PayloadType)
	if !ok || what == contentUnknown {
		s.count.invalid.add(1)
		return
	}
	if s.secure == nil && !s.latch.admit(from) {
		s.count.strangers.add(1)
		return
	}
	s.aim()
	s.watch.alive(now)
	fresh := s.sequence.add(h.SSRC, h.SequenceNumber)
	if fresh == packetDuplicate {
		s.count.duplicates.add(1)
		return
	}
	if fresh == packetStray {
		s.count.invalid.add(1)
		return
	}
	if s.secure != nil && fresh != packetReordered {
		s.latch.follow(from)
		s.aim()
	}
	if fresh == packetRestart {
		s.jitter.reset(s.remote.Law)
		s.pressed = keyReceiver{}
		s.transit = transit{}
	}
	s.count.received.add(1)
	s.count.lost.set(s.sequence.total())
	if !s.heard {
		s.heard = true
		s.emit(Event{Kind: FirstPacket, At: now})
	}
	s.content(now, what, payload, fresh != packetReordered)
}

func (s *Session) content(now time.Time, what content, payload []byte, newest bool) {
	h := &s.wheel.header
	switch what {
	case contentEvent:
		s.events = true
		if digit, held, ok := s.pressed.push(newest, h.Marker, h.Timestamp, payload); ok {
			s.eventKey(now, digit, held)
		}
	case contentALaw, contentULaw:
		law := audio.ALaw
		if what == contentULaw {
			law = audio.ULaw
		}
		s.count.jitter.set(s.transit.add(now, h.Timestamp))
		if !s.jitter.put(h.Timestamp, law, payload, newest) {
			s.count.late.add(1)
		}
	case contentNoise:
		if newest {
			s.jitter.pause(payload)
		}
	}
}

// digit reports a key, and lets it cut what plays if that was asked for.
func (s *Session) digit(now time.Time, digit byte, held time.Duration) {
	s.emit(Event{Kind: Digit, At: now, Digit: digit, Duration: held})
	if s.player.opt.StopOnDigit {
		s.cut(now)
	}
}

// transit estimates the variation of the time between packets (RFC 3550
// A.8). Packets are seen when the wheel turns to the session, so steps below
// 20 ms show only on average.
type transit struct {
	known  bool
	first  time.Time
	last   int32
	jitter float64 // in samples
}

// add takes the arrival of a packet and returns the estimate in samples.
func (t *transit) add(now time.Time, ts uint32) uint64 {
	if !t.known {
		t.first = now
	}
	at := int32(uint32(audio.Samples(now.Sub(t.first))) - ts)
	if t.known {
		d := float64(at - t.last)
		t.jitter += (max(d, -d) - t.jitter) / 16
	}
	t.known, t.last = true, at
	return uint64(t.jitter)
}
