package media

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/pion/rtcp"

	"dozvon/audio"
)

const (
	// A report leaves every 5 s, give or take half of that at random, the
	// first one in half the time (RFC 3550 6.2, 6.3.1).
	reportPeriods = 250

	cnameBytes   = 16
	maxRoundTrip = 10 * time.Second // more is a clock gone wrong
)

// reporter is a session's side of RTCP (RFC 3550 6): it writes our reports and
// understands the far end's. It knows no socket and reads no clock.
type reporter struct {
	cname [cnameBytes]byte
	epoch time.Time // of the first period; the wall clock's steps never show
	ntp   uint64    // of epoch

	// Of our stream.
	ssrc    uint32
	first   uint16 // number of its first packet
	packets uint64 // sent in all before it
	octets  uint64
	said    uint64 // packets sent in all when the report before left

	// Of theirs.
	expected, received uint64 // at the report before
	source             uint32 // whose sender report is the last
	last               uint32 // its time, the middle of the NTP timestamp
	lastAt             time.Time
	theirs             uint32 // packets that it says were sent
}

// start prepares a reporter; the name tells nothing about who is calling
// (RFC 7022 4.2).
func (r *reporter) start(now time.Time) {
	const letters = "abcdefghijklmnopqrstuvwxyz234567"
	for i := range r.cname {
		r.cname[i] = letters[rand.IntN(len(letters))]
	}
	r.epoch, r.ntp = now, ntpTime(now)
}

// ntpTime is t as seconds since 1900 in 32.32 bits (RFC 3550 4).
func ntpTime(t time.Time) uint64 {
	const to1900 = 2208988800
	return uint64(t.Unix()+to1900)<<32 | uint64(t.Nanosecond())<<32/1e9
}

// clock is the NTP timestamp of now.
func (r *reporter) clock(now time.Time) uint64 {
	since := now.Sub(r.epoch)
	return r.ntp + uint64(since/time.Second)<<32 + uint64(since%time.Second)<<32/1e9
}

// outgoing is what a report says of the packets that were sent.
type outgoing struct {
	ssrc, ts        uint32
	seq             uint16 // of the next packet
	packets, octets uint64 // in all
}

// follow notices a stream of ours that began anew.
func (r *reporter) follow(o outgoing) {
	if r.ssrc != o.ssrc {
		r.ssrc, r.first, r.packets, r.octets = o.ssrc, o.seq, o.packets, o.octets
	}
}

// write appends a compound packet to b: a sender report, or a receiver report
// if nothing was sent since the last, the name, and with bye the end.
func (r *reporter) write(b []byte, now time.Time, o outgoing, q *sequence, jitter float64, bye bool) []byte {
	blocks := 0
	if q.started {
		blocks = 1
	}
	kind := byte(rtcp.TypeReceiverReport)
	if o.packets > r.said {
		kind = byte(rtcp.TypeSenderReport)
	}
	r.said = o.packets
	at := len(b)
	b = append(b, 2<<6|byte(blocks), kind, 0, 0)
	b = binary.BigEndian.AppendUint32(b, o.ssrc)
	if kind == byte(rtcp.TypeSenderReport) {
		b = binary.BigEndian.AppendUint64(b, r.clock(now))
		b = binary.BigEndian.AppendUint32(b, o.ts)
		b = binary.BigEndian.AppendUint32(b, uint32(o.packets-r.packets))
		b = binary.BigEndian.AppendUint32(b, uint32(o.octets-r.octets))
	}
	if blocks > 0 {
		b = r.block(b, now, q, jitter)
	}
	closePacket(b[at:])
	at = len(b)
	b = append(b, 2<<6|1, byte(rtcp.TypeSourceDescription), 0, 0)
	b = binary.BigEndian.AppendUint32(b, o.ssrc)
	b = append(b, byte(rtcp.SDESCNAME), cnameBytes)
	b = append(b, r.cname[:]...)
	b = append(b, 0, 0) // ends the list, and fills up to 32 bits
	closePacket(b[at:])
	if bye {
		at = len(b)
		b = append(b, 2<<6|1, byte(rtcp.TypeGoodbye), 0, 0)
		b = binary.BigEndian.AppendUint32(b, o.ssrc)
		closePacket(b[at:])
	}
	return b
}

// closePacket writes a packet's length into its header.
func closePacket(b []byte) { binary.BigEndian.PutUint16(b[2:], uint16(len(b)/4-1)) }

// block appends what is known of the far end's packets (RFC 3550 6.4.1).
func (r *reporter) block(b []byte, now time.Time, q *sequence, jitter float64) []byte {
	expected, received := q.expected-min(r.expected, q.expected), q.received-min(r.received, q.received)
	r.expected, r.received = q.expected, q.received
	fraction := uint64(0)
	if expected > received {
		fraction = min((expected-received)<<8/expected, 255)
	}
	lost := min(max(int64(q.expected)-int64(q.received), -1<<23), 1<<23-1)
	first := q.max - uint16(q.expected) + 1
	b = binary.BigEndian.AppendUint32(b, q.ssrc)
	b = binary.BigEndian.AppendUint32(b, uint32(fraction)<<24|uint32(lost)&0xFFFFFF)
	b = binary.BigEndian.AppendUint32(b, uint32(first)+uint32(q.expected)-1)
	b = binary.BigEndian.AppendUint32(b, uint32(jitter))
	if r.lastAt.IsZero() || r.source != q.ssrc {
		return append(b, 0, 0, 0, 0, 0, 0, 0, 0)
	}
	b = binary.BigEndian.AppendUint32(b, r.last)
	return binary.BigEndian.AppendUint32(b, uint32(min(now.Sub(r.lastAt)*65536/time.Second, math.MaxUint32)))
}

// farReport is what the far end said.
type farReport struct {
	known     bool // there was a word about our packets
	loss      float64
	jitter    time.Duration
	roundTrip time.Duration // 0: not told
	silent    bool          // it says that it has sent nothing since its last report
}

// scratch is room for parsing.
type reportScratch struct {
	header rtcp.Header
	sender rtcp.SenderReport
	reader rtcp.ReceiverReport
}

// read understands a compound packet that came at a moment. It reports false
// for what is none.
func (r *reporter) read(b []byte, at time.Time, sent uint64, w *reportScratch) (f farReport, ok bool) {
	for first := true; len(b) > 0; first = false {
		if w.header.Unmarshal(b) != nil {
			return f, false
		}
		n := 4 * (int(w.header.Length) + 1)
		if n > len(b) {
			return f, false
		}
		switch w.header.Type {
		case rtcp.TypeSenderReport:
			w.sender.Reports = w.sender.Reports[:0]
			if w.sender.Unmarshal(b[:n]) != nil {
				return f, false
			}
			f.silent = f.silent || r.sender(&w.sender, at)
			r.judge(&f, w.sender.Reports, at, sent)
		case rtcp.TypeReceiverReport:
			w.reader.Reports = w.reader.Reports[:0]
			if w.reader.Unmarshal(b[:n]) != nil {
				return f, false
			}
			f.silent = true
			r.judge(&f, w.reader.Reports, at, sent)
		default:
			if first { // RFC 3550 A.2: a compound begins with a report
				return f, false
			}
		}
		b = b[n:]
	}
	return f, true
}

// sender keeps what our next report has to say of theirs. It reports whether
// they have sent nothing since the last.
func (r *reporter) sender(s *rtcp.SenderReport, at time.Time) (silent bool) {
	silent = r.source == s.SSRC && !r.lastAt.IsZero() && r.theirs == s.PacketCount
	r.source, r.last, r.lastAt, r.theirs = s.SSRC, uint32(s.NTPTime>>16), at, s.PacketCount
	return silent
}

// judge takes the block about our own stream.
func (r *reporter) judge(f *farReport, blocks []rtcp.ReceptionReport, at time.Time, sent uint64) {
	for i := range blocks {
		b := &blocks[i]
		if b.SSRC != r.ssrc {
			continue
		}
		f.known = true
		f.loss = float64(b.FractionLost) / 256
		lost := int32(b.TotalLost<<8) >> 8 // 24 bits, signed
		if expected := uint64(b.LastSequenceNumber-uint32(r.first)) + 1; expected <= sent-r.packets && lost <= int32(min(expected, 1<<23-1)) {
			f.loss = max(float64(lost), 0) / float64(expected)
		}
		f.jitter = audio.Duration(int(min(b.Jitter, audio.Rate)))
		if b.LastSenderReport == 0 {
			continue
		}
		units := int32(uint32(r.clock(at)>>16) - b.LastSenderReport - b.Delay) // RFC 3550 6.4.1
		if d := time.Duration(units) * time.Second / 65536; d <= maxRoundTrip && d > -20*time.Millisecond {
			f.roundTrip = max(d, time.Microsecond)
		}
	}
}

// reportPath is where RTCP goes and comes from.
type reportPath struct {
	sock    *socket // on the port above the sound's; nil: none
	tried   bool
	opensAt int64          // the period in which the port is opened; 0: it was
	mux     bool           // on the sound's port (RFC 5761)
	from    netip.AddrPort // whose reports are taken at sock, once one has come
	to      target
	aimedAt netip.AddrPort
}
