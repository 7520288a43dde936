package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// secureBytes is how much longer protecting makes a packet at most: a tag of
// 10 bytes, and the index of RTCP (RFC 3711 3.1, 3.4).
const secureBytes = 14

// replayWindow is how far behind the newest a packet may be and still be
// taken, once (RFC 3711 3.3.2): more than a reordering that is taken at all.
const replayWindow = 2 * maxMisorder

// maxSources is how many changes of SSRC one key may see: the state that each
// leaves behind is the far end's to choose.
const maxSources = 1024

// secureContext encrypts and decrypts the packets of a session (SRTP, RFC
// 3711). It belongs to the session's wheel, works in the buffers that it is
// given, and allocates nothing for a packet. Nil is a plain session: packets
// come back as they are.
//
// Its master keys are zeroed at the session's end; what the library derived
// from them, and what passed through SDP, is left to the garbage collector.
type secureContext struct {
	keys   Crypto
	send   *srtp.Context
	recv   []*srtp.Context // tried in order: more than one while the far end changes its key
	fresh  int             // how many of recv have the new key
	rtp    sources
	rtcp   sources
	header rtp.Header // scratch
	report rtcp.Header
}

// sources counts the changes of SSRC of authentic packets.
type sources struct {
	last    uint32
	changes int
}

func (s *sources) admits(ssrc uint32) bool { return ssrc == s.last || s.changes < maxSources }

func (s *sources) took(ssrc uint32) {
	if ssrc != s.last || s.changes == 0 {
		s.last = ssrc
		s.changes++
	}
}

var errNoSession = errors.New("media: the keys of this call can't be used; nothing is sent rather than sent in plain")

var profiles = [...]srtp.ProtectionProfile{
	AES128SHA80: srtp.ProtectionProfileAes128CmHmacSha1_80,
	AES128SHA32: srtp.ProtectionProfileAes128CmHmacSha1_32,
	AES256SHA80: srtp.ProtectionProfileAes256CmHmacSha1_80,
	AES256SHA32: srtp.ProtectionProfileAes256CmHmacSha1_32,
}

// newContext derives the session keys of one direction.
func newContext(s Suite, key *[46]byte) (*srtp.Context, error) {
	if s == 0 || int(s) >= len(profiles) {
		return nil, fmt.Errorf("media: SRTP suite %d is unknown", s)
	}
	n := s.KeyBytes()
	const salt = 14
	return srtp.CreateContext(key[:n-salt], key[n-salt:n], profiles[s],
		srtp.SRTPReplayProtection(replayWindow), srtp.SRTCPReplayProtection(replayWindow))
}

// rekey returns the context for keys, which are in force from now on; nil for
// the zero Crypto. A direction whose key stays keeps its counters. Keys that
// can't be used make a context that lets nothing through.
func (c *secureContext) rekey(keys Crypto, from uint32) *secureContext {
	if keys.Suite == 0 {
		c.close()
		return nil
	}
	if c == nil {
		c = new(secureContext)
	}
	if c.send == nil || keys.Suite != c.keys.Suite || keys.Send != c.keys.Send {
		c.send, _ = newContext(keys.Suite, &keys.Send)
	}
	if len(c.recv) == 0 || keys.Suite != c.keys.Suite || keys.Recv != c.keys.Recv {
		c.expect(keys, from)
	}
	c.keys = keys
	return c
}

// expect prepares for packets under a new key. Those under the old one are
// taken until the first under the new one comes: they are on their way. The
// rollover counter may begin anew with the key, as most ends do, or go on
// (RFC 3711 3.3.1); from is the source whose count is known.
func (c *secureContext) expect(keys Crypto, from uint32) {
	ctx, err := newContext(keys.Suite, &keys.Recv)
	if err != nil {
		c.recv = nil
		return
	}
	next := []*srtp.Context{ctx}
	if len(c.recv) > 0 {
		old := c.recv[0]
		if roc, ok := old.ROC(from); ok && roc > 0 {
			on, _ := newContext(keys.Suite, &keys.Recv)
			on.SetROC(from, roc)
			next = append(next, on)
		}
		c.fresh = len(next)
		next = append(next, old)
	}
	c.recv, c.rtp, c.rtcp = next, sources{}, sources{}
}

// rolled reports whether the packets that ssrc has sent wrapped their number,
// so that the far end could not know with which rollover counter a new key
// begins.
func (c *secureContext) rolled(ssrc uint32) bool {
	if c == nil || c.send == nil {
		return false
	}
	roc, _ := c.send.ROC(ssrc)
	return roc > 0
}

// protectRTP encrypts a packet in place; b needs room for secureBytes more.
func (c *secureContext) protectRTP(b []byte) ([]byte, error) {
	switch {
	case c == nil:
		return b, nil
	case c.send == nil:
		return nil, errNoSession
	}
	return c.send.EncryptRTP(b, b, &c.header)
}

// unprotectRTP authenticates and decrypts a packet in place. It reports false
// for one that is not the far end's, or was there before.
func (c *secureContext) unprotectRTP(b []byte) ([]byte, bool) {
	if c == nil {
		return b, true
	}
	if len(b) < rtpHeaderBytes {
		return nil, false
	}
	ssrc := binary.BigEndian.Uint32(b[8:])
	if !c.rtp.admits(ssrc) {
		return nil, false
	}
	for i, ctx := range c.recv {
		out, err := ctx.DecryptRTP(b, b, &c.header)
		if err != nil {
			continue
		}
		if len(c.recv) > 1 && i < c.fresh {
			c.recv, c.fresh = []*srtp.Context{ctx}, 0
		}
		c.rtp.took(ssrc)
		return out, true
	}
	return nil, false
}

// protectRTCP encrypts a compound packet in place; b needs room for
// secureBytes more.
func (c *secureContext) protectRTCP(b []byte) ([]byte, error) {
	switch {
	case c == nil:
		return b, nil
	case c.send == nil:
		return nil, errNoSession
	}
	return c.send.EncryptRTCP(b, b, &c.report)
}

// unprotectRTCP authenticates and decrypts a compound packet in place.
func (c *secureContext) unprotectRTCP(b []byte) ([]byte, bool) {
	if c == nil {
		return b, true
	}
	const ssrcEnd = 8
	if len(b) < ssrcEnd {
		return nil, false
	}
	ssrc := binary.BigEndian.Uint32(b[4:])
	if !c.rtcp.admits(ssrc) {
		return nil, false
	}
	for _, ctx := range c.recv {
		if out, err := ctx.DecryptRTCP(b, b, &c.report); err == nil {
			c.rtcp.took(ssrc)
			return out, true
		}
	}
	return nil, false
}

// close forgets the keys.
func (c *secureContext) close() {
	if c != nil {
		*c = secureContext{}
	}
}

// secureWith puts keys in force. A stream whose packet numbers have wrapped
// goes on as a new one, which every end counts from zero.
func (s *Session) secureWith(keys Crypto) {
	if s.secure.rolled(s.ssrc) && keys.Suite != 0 && (keys.Send != s.secure.keys.Send || keys.Suite != s.secure.keys.Suite) {
		s.ssrc, s.seq = rand.Uint32(), firstNumber()
	}
	s.secure = s.secure.rekey(keys, s.sequence.ssrc)
}

// firstNumber returns a random first packet number. It is in the lower half,
// so that a loss around it can't be taken for a wrap (RFC 3711 3.3.1).
func firstNumber() uint16 { return uint16(rand.Uint32() & 0x7FFF) }

// authentic decrypts a packet of an encrypted call in place, and counts one
// that is not the far end's. What comes from where the far end can't be is not
// worth the work.
func (s *Session) authentic(data []byte, from netip.AddrPort) ([]byte, bool) {
	if !s.latch.possible(from) {
		s.count.strangers.add(1)
		return nil, false
	}
	if len(data) >= rtpHeaderBytes && s.sequence.has(binary.BigEndian.Uint32(data[8:]), binary.BigEndian.Uint16(data[2:])) {
		s.count.duplicates.add(1)
		return nil, false
	}
	out, ok := s.secure.unprotectRTP(data)
	if !ok {
		s.count.invalid.add(1)
	}
	return out, ok
}
