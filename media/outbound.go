package media

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/pion/rtp"

	"dozvon/audio"
)

// outbound is what a session knows about the packets it sends.
type outbound struct {
	to      target
	aimedAt netip.AddrPort // what to is made from
	ssrc    uint32
	seq     uint16
	ts      uint32 // of the frame being sent
	octets  uint64 // of payload, in all
	marker  bool   // the next packet of sound is the first after a gap
	pack    *packer
	secure  *secureContext
	keys    keySender
	sent    [frameBytes]byte // the sound of this period, for the recording
}

// begin chooses the random numbers of RFC 3550 5.1.
func (o *outbound) begin() {
	o.ssrc, o.seq, o.ts, o.marker = rand.Uint32(), firstNumber(), rand.Uint32(), true
}

// aim makes packets leave for where the far end is now known to be.
func (s *Session) aim() {
	if to := s.latch.target(); to != s.aimedAt {
		s.aimedAt = to
		s.to.set(to)
	}
}

// reachable reports whether there is an address to send to. SDP has none, or
// port 0, for a stream that is refused or held in the old way (RFC 3264 8.4).
func (s *Session) reachable() bool {
	return s.aimedAt.Port() != 0 && !s.aimedAt.Addr().IsUnspecified()
}

// transmit sends this period's packet: a key, else the bridge's sound, else
// the player's, else silence. Something is always sent, so that ways through
// NATs stay open and the far end's clock runs on.
func (s *Session) transmit(now time.Time) {
	law := s.remote.Law
	if s.keys.active() {
		s.transmitKey(now, law)
		return
	}
	ended := false
	if s.bridgeIn != nil {
		s.fromBridge(law)
	}
	switch {
	case s.bridgeIn != nil && !s.onHold:
		if s.player.told {
			s.player = player{} // its end is not for after the bridge
		}
	case s.player.active():
		ended = s.player.fill(law, s.sent[:])
	default:
		audio.FillSilence(law, s.sent[:])
	}
	s.sendSound()
	switch {
	case ended:
		s.played(now, false)
	case s.player.active() && !s.player.told && s.player.ending():
		s.player.told = true
		s.emit(Event{Kind: PlayDone, At: now, Play: s.player.id})
	}
}

// transmitKey sends this period's part of the keys that wait.
func (s *Session) transmitKey(now time.Time, law audio.Law) {
	f, last := s.keys.next(s.ts)
	if s.bridgeIn != nil {
		s.fromBridge(law) // what the other side says meanwhile is not kept for later
	}
	audio.FillSilence(law, s.sent[:])
	switch {
	case s.remote.EventType == 0:
		f.tone(law, s.sent[:])
		s.sendSound()
	case f.event:
		s.flushSound()
		s.send(rtp.Header{PayloadType: s.remote.EventType, Timestamp: f.ts, Marker: f.marker}, f.payload[:])
		s.marker = true // sound pauses for the event (RFC 3551 4.1)
	default:
		s.sendSound()
	}
	if last {
		s.emit(Event{Kind: DigitsSent, At: now})
	}
}

// send completes the header and sends a packet. One that the system refuses
// is counted and gone: the next follows in 20 ms.
func (s *Session) send(h rtp.Header, payload []byte) {
	h.Version, h.SSRC, h.SequenceNumber = 2, s.ssrc, s.seq
	s.seq++
	out := s.wheel.out[:]
	n, err := h.MarshalTo(out)
	if err == nil {
		n += copy(out[n:], payload)
		if out, err = s.secure.protectRTP(out[:n]); err == nil {
			err = s.sock.send(out, &s.to)
		}
	}
	if err != nil {
		s.count.unsent.add(1)
		return
	}
	s.count.sent.add(1)
	s.octets += uint64(len(payload))
}

// played ends what plays and says so.
func (s *Session) played(now time.Time, cut bool) {
	p := s.player
	s.player = player{}
	if !p.told {
		s.emit(Event{Kind: PlayDone, At: now, Play: p.id, Cut: cut})
	}
}

// cut stops what plays, if anything does.
func (s *Session) cut(now time.Time) {
	if s.player.active() {
		s.played(now, true)
	}
}
