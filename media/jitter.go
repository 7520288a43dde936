package media

import "dozvon/audio"

const (
	frameBytes = audio.FrameSamples // 20 ms of G.711
	ringBytes  = 2048               // 256 ms; a power of two
	ringMask   = ringBytes - 1
	roomBytes  = ringBytes - pastBytes // 221 ms: how far ahead of the reader sound may lie
	maxPayload = 800                   // bytes of one packet, 100 ms

	// depthAlone is what is held back while only programs listen; depthBridged
	// while a person does, who notices every 20 ms.
	depthAlone   = 2 * frameBytes
	depthBridged = 0
	depthMost    = 6 * frameBytes // more than this is never kept for longer than a moment

	firstWindow = 50   // frames, 1 s: how long a surplus must last before it is cut
	lastWindow  = 1600 // frames, 32 s: the same on a line that keeps being late
	patience    = 25   // frames, 0.5 s: how long a cut waits for a pause in the speech
	moment      = 10   // frames, 200 ms: how long more than depthMost must last before it is cut

	// pauseLevel is the amplitude below which a frame may go missing unnoticed:
	// 42 dB under full scale, where line noise is and speech is not.
	pauseLevel = 256
)

// jitterBuffer puts received sound in order and gives it out 20 ms at a time.
// G.711 is a byte a sample, so it is a ring of bytes addressed by RTP
// timestamp: packets of any length, reordered and repeated ones fall into
// place by themselves, and a lost one leaves a hole that is concealed, or
// filled with comfort noise if the far end has announced a pause.
//
// Its depth follows the network. When it runs dry it waits rather than skips,
// so one late packet deepens it by as much as the packet was late; what was
// left over after every take of a window was not needed, and is cut in the
// next pause of the speech. It reads no clock: a take is 20 ms.
type jitterBuffer struct {
	law        audio.Law
	started    bool
	depth      uint32 // bytes held back at a start
	read       uint32 // timestamp of the next byte to give out
	end        uint32 // timestamp after the newest byte
	starved    uint32 // bytes given out since it ran dry, though none were there
	past       int    // bytes behind the reader that were given out, up to pastBytes
	slack      int32  // least left over after a take, in this window
	takes      int    // in this window
	window     int
	noise      comfort
	lost       concealer
	filled     bool // nothing of what was given out last had come
	*soundRing      // nil until the first sound: calls that only ring need none
}

// soundRing is the sound that has come.
type soundRing struct {
	have presence // which bytes of the ring have come
	ring [ringBytes]byte
}

// reset forgets everything; from now on sound is kept under law.
func (j *jitterBuffer) reset(law audio.Law) {
	j.law, j.started, j.window = law, false, firstWindow
	j.noise.level = 0
}

// setDepth changes how much is held back, and drops at once what is too much:
// all of it, or as much as was to spare if that is known.
func (j *jitterBuffer) setDepth(depth uint32) {
	j.depth = depth
	surplus := j.left() - frameBytes
	if j.takes >= firstWindow/2 {
		surplus = j.slack / frameBytes * frameBytes
	}
	if surplus -= int32(depth); j.started && surplus > 0 {
		j.skip(uint32(surplus))
	}
	j.restartWindow()
}

// put adds a packet's sound. newest says that no packet with a higher sequence
// number came before. It reports false for a packet that came too late.
func (j *jitterBuffer) put(ts uint32, law audio.Law, payload []byte, newest bool) bool {
	if len(payload) == 0 || len(payload) > maxPayload {
		return true
	}
	n := int32(len(payload))
	at := int32(ts - j.read)
	dry := j.left() <= 0
	switch {
	case !j.started:
		j.start(ts)
	case newest && dry && at > 0 && at+n-int32(j.starved) <= roomBytes: // a hole or a pause before this packet
		j.pass(min(uint32(at), j.starved))
	case newest && (at+n > roomBytes || int32(ts-j.end) < -roomBytes):
		j.start(ts) // the sender paused, sent a burst, or began a new count
	case at+n <= 0 || at+n > roomBytes:
		return false
	case dry && j.starved > 0: // this one was only late
		j.window = min(2*j.window, lastWindow)
	}
	j.write(ts, law, payload)
	if int32(ts+uint32(n)-j.end) > 0 {
		j.end = ts + uint32(n)
	}
	j.starved = 0
	if newest {
		j.noise.level = 0
	}
	return true
}

// pause takes a packet of comfort noise (RFC 3389): until sound comes again,
// what is missing is not lost.
func (j *jitterBuffer) pause(payload []byte) { j.noise.set(payload) }

// filling reports whether what is given out now is comfort noise.
func (j *jitterBuffer) filling() bool { return j.noise.level != 0 && j.starved > 0 }

// start begins anew at ts.
func (j *jitterBuffer) start(ts uint32) {
	if j.soundRing == nil {
		j.soundRing = new(soundRing)
	}
	j.have = presence{}
	j.started, j.read, j.end, j.starved, j.past = true, ts-j.depth, ts, 0, 0
	j.lost.stop()
	j.restartWindow()
}

func (j *jitterBuffer) restartWindow() { j.slack, j.takes = ringBytes, 0 }

// left is how much can be taken.
func (j *jitterBuffer) left() int32 { return int32(j.end - j.read) }

// write lays a packet into the ring; what was already given out is cut off.
func (j *jitterBuffer) write(ts uint32, law audio.Law, payload []byte) {
	if late := int32(j.read - ts); late > 0 {
		payload, ts = payload[late:], ts+uint32(late)
	}
	first := copyLaw(j.law, j.ring[ts&ringMask:], law, payload)
	copyLaw(j.law, j.ring[:], law, payload[first:])
	j.have.set(ts, len(payload))
}

func copyLaw(to audio.Law, dst []byte, from audio.Law, src []byte) int {
	n := min(len(dst), len(src))
	audio.Transcode(to, dst[:n], from, src[:n])
	return n
}

// take gives out the next 20 ms and reports whether there is anything to hear
// in them.
func (j *jitterBuffer) take(dst *[frameBytes]byte) bool {
	if j.filled = !j.started || j.left() < frameBytes; j.filled {
		audible := j.invent(dst[:], j.read)
		j.starved = min(j.starved+frameBytes, 1<<20)
		return audible
	}
	at := j.read & ringMask
	n := copy(dst[:], j.ring[at:])
	copy(dst[n:], j.ring[:])
	if j.lost.active() || !j.have.all(j.read, frameBytes) {
		j.mend(dst[:])
	}
	j.skip(frameBytes)
	j.trim()
	return true
}

// mend fills the holes of a frame, and blends what follows them.
func (j *jitterBuffer) mend(dst []byte) {
	j.filled = true
	for ts := j.read; len(dst) > 0; {
		n, here := j.have.run(ts, len(dst))
		if here {
			j.filled = false
			j.lost.join(j.law, dst[:n])
		} else {
			j.invent(dst[:n], ts)
			j.keep(ts, dst[:n])
		}
		dst, ts = dst[n:], ts+uint32(n)
	}
}

// invent fills in for sound that is missing from ts on, and reports whether
// there is anything to hear.
func (j *jitterBuffer) invent(dst []byte, ts uint32) bool {
	if j.noise.level != 0 {
		j.noise.fill(j.law, dst)
		j.lost.stop()
		return true
	}
	if !j.lost.active() && j.started && j.past+int(ts-j.read) >= pastBytes {
		var past [pastBytes]byte
		at := (ts - pastBytes) & ringMask
		n := copy(past[:], j.ring[at:])
		copy(past[n:], j.ring[:])
		j.lost.begin(j.law, past[:])
	}
	return j.lost.fill(j.law, dst)
}

// keep lays what was given out for a hole into the ring, for the next loss.
func (j *jitterBuffer) keep(ts uint32, b []byte) {
	n := copy(j.ring[ts&ringMask:], b)
	copy(j.ring[:], b[n:])
}

// pass moves on by n bytes of a hole for which something was given out
// already.
func (j *jitterBuffer) pass(n uint32) {
	if n <= roomBytes {
		var b [roomBytes]byte
		audio.FillSilence(j.law, b[:n])
		j.lost.again(j.law, b[:n])
		j.keep(j.read, b[:n])
	} else {
		j.past = 0
	}
	j.skip(n)
}

// skip moves on by n bytes.
func (j *jitterBuffer) skip(n uint32) {
	j.have.clear(j.read, int(min(n, ringBytes)))
	j.read += n
	j.past = min(j.past+int(min(n, pastBytes)), pastBytes)
}

// trim cuts a surplus that has lasted for a window, in a pause of the speech
// if one comes soon.
func (j *jitterBuffer) trim() {
	j.slack = min(j.slack, j.left())
	j.takes++
	surplus := (j.slack - int32(j.depth)) / frameBytes * frameBytes
	switch {
	case j.takes >= moment && j.slack > depthMost:
		j.skip(uint32(j.slack - depthMost))
		j.restartWindow()
	case j.takes < j.window:
	case surplus <= 0:
		j.restartWindow()
	case j.takes >= j.window+patience:
		j.skip(uint32(surplus))
		j.restartWindow()
	case j.pausing():
		j.skip(frameBytes)
		j.slack -= frameBytes
	}
}

// pausing reports whether nothing is said in the next frame.
func (j *jitterBuffer) pausing() bool {
	var b [frameBytes]byte
	var pcm [frameBytes]int16
	n := copy(b[:], j.ring[j.read&ringMask:])
	copy(b[n:], j.ring[:])
	audio.Decode(j.law, pcm[:], b[:])
	for _, v := range pcm {
		if v > pauseLevel || v < -pauseLevel {
			return false
		}
	}
	return j.have.all(j.read, frameBytes)
}
