package media

// Limits of RFC 3550 A.1.
const (
	maxDropout  = 3000 // packets: a greater jump forward is a new stream
	maxMisorder = 64   // packets: a greater jump back too; also the memory for duplicates
)

// freshness is what a sequence number says about its packet.
type freshness uint8

const (
	packetNew       freshness = iota // newer than all before
	packetReordered                  // older than the newest, and not seen yet
	packetDuplicate                  // seen already, or too old to know
	packetRestart                    // the first of a stream that began anew
	packetStray                      // out of range; dropped unless the next one confirms it
)

// sequence follows the sequence numbers of one source (RFC 3550 A.1, A.3):
// what is new, what was lost. It survives the wrap of the 16 bits.
type sequence struct {
	started  bool
	ssrc     uint32
	max      uint16
	seen     uint64 // bit i: max-i has come
	bad      uint32 // the number that would confirm a restart; above 16 bits: none
	expected uint64 // since the start of this stream
	received uint64 // since the start of this stream, without duplicates
	lost     uint64 // of earlier streams
}

func (q *sequence) begin(ssrc uint32, seq uint16) {
	q.lost = q.total()
	q.started, q.ssrc, q.max, q.seen, q.bad = true, ssrc, seq, 1, 1<<16
	q.expected, q.received = 1, 1
}

// total returns the packets lost so far over all streams.
func (q *sequence) total() uint64 { return q.lost + q.expected - min(q.received, q.expected) }

// has reports whether the packet of that number has certainly come.
func (q *sequence) has(ssrc uint32, seq uint16) bool {
	back := int(int16(q.max - seq))
	return q.started && ssrc == q.ssrc && back >= 0 && back < maxMisorder && q.seen&(1<<back) != 0
}

// add takes the number of a packet that came.
func (q *sequence) add(ssrc uint32, seq uint16) freshness {
	if !q.started || ssrc != q.ssrc {
		q.begin(ssrc, seq)
		return packetRestart
	}
	ahead := int(int16(seq - q.max))
	switch {
	case ahead > 0 && ahead < maxDropout:
		q.max = seq
		q.seen = q.seen<<ahead | 1 // a shift of 64 or more leaves 1
		q.expected += uint64(ahead)
		q.received++
		q.bad = 1 << 16
		return packetNew
	case ahead <= 0 && ahead > -maxMisorder:
		bit := uint64(1) << -ahead
		if q.seen&bit != 0 {
			return packetDuplicate
		}
		q.seen |= bit
		q.received++
		return packetReordered
	case uint32(seq) == q.bad:
		q.begin(ssrc, seq)
		return packetRestart
	}
	q.bad = uint32(seq + 1)
	return packetStray
}
