package media

import "dozvon/audio"

const (
	frameBytes = audio.FrameSamples // 20 ms of G.711
	ringBytes  = 2048               // 256 ms; a power of two
	ringMask   = ringBytes - 1
	maxPayload = 800 // bytes of one packet, 100 ms

	// depthAlone is what is held back while only programs listen; depthBridged
	// while a person does, who notices every 20 ms.
	depthAlone   = 2 * frameBytes
	depthBridged = 0

	firstWindow = 50   // frames, 1 s: how long a surplus must last before it is cut
	lastWindow  = 1600 // frames, 32 s: the same on a line that keeps being late
)

// jitterBuffer puts received sound in order and gives it out 20 ms at a time.
// G.711 is a byte a sample, so it is a ring of bytes addressed by RTP
// timestamp: packets of any length, reordered and repeated ones fall into
// place by themselves, and a lost one leaves silence.
//
// When it runs dry it waits rather than skips, so the delay grows with the
// network's jitter; when more than needed has lain in it for a while, the
// surplus is cut. It reads no clock: a take is 20 ms.
type jitterBuffer struct {
	law     audio.Law
	started bool
	depth   uint32 // bytes held back at a start
	read    uint32 // timestamp of the next byte to give out
	end     uint32 // timestamp after the newest byte
	starved uint32 // bytes of silence given out since it ran dry
	slack   int32  // least left over after a take, in this window
	takes   int    // in this window
	window  int
	ring    [ringBytes]byte
}

// reset forgets everything; from now on sound is kept under law.
func (j *jitterBuffer) reset(law audio.Law) {
	j.law, j.started, j.window = law, false, firstWindow
}

// setDepth changes how much is held back, and drops at once what is too much.
func (j *jitterBuffer) setDepth(depth uint32) {
	j.depth = depth
	if surplus := j.left() - frameBytes - int32(depth); j.started && surplus > 0 {
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
	switch {
	case !j.started:
		j.start(ts)
	case newest && (at+n > ringBytes || int32(ts-j.end) < -ringBytes):
		j.start(ts) // the sender paused, sent a burst, or began a new count
	case at+n <= 0 || at+n > ringBytes:
		return false
	case j.left() <= 0 && at > 0: // dry, and a hole before this packet
		j.skip(min(uint32(at), j.starved))
	case j.left() <= 0 && j.starved > 0: // dry, and this one was only late
		j.window = min(2*j.window, lastWindow)
	}
	j.write(ts, law, payload)
	if int32(ts+uint32(n)-j.end) > 0 {
		j.end = ts + uint32(n)
	}
	j.starved = 0
	return true
}

// start begins anew at ts.
func (j *jitterBuffer) start(ts uint32) {
	audio.FillSilence(j.law, j.ring[:])
	j.started, j.read, j.end, j.starved = true, ts-j.depth, ts, 0
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
}

func copyLaw(to audio.Law, dst []byte, from audio.Law, src []byte) int {
	n := min(len(dst), len(src))
	audio.Transcode(to, dst[:n], from, src[:n])
	return n
}

// take gives out the next 20 ms and reports whether there was sound for them.
func (j *jitterBuffer) take(dst *[frameBytes]byte) bool {
	if !j.started || j.left() < frameBytes {
		audio.FillSilence(j.law, dst[:])
		j.starved = min(j.starved+frameBytes, 1<<20)
		return false
	}
	at := j.read & ringMask
	n := copy(dst[:], j.ring[at:])
	copy(dst[n:], j.ring[:])
	j.skip(frameBytes)
	j.trim()
	return true
}

// skip moves on by n bytes and leaves silence behind.
func (j *jitterBuffer) skip(n uint32) {
	at := j.read & ringMask
	j.read += n
	if n >= ringBytes {
		audio.FillSilence(j.law, j.ring[:])
		return
	}
	first := min(n, ringBytes-at)
	audio.FillSilence(j.law, j.ring[at:at+first])
	audio.FillSilence(j.law, j.ring[:n-first])
}

// trim cuts a surplus that has lasted for a window.
func (j *jitterBuffer) trim() {
	j.slack = min(j.slack, j.left())
	if j.takes++; j.takes < j.window {
		return
	}
	if surplus := j.slack - int32(j.depth); surplus >= frameBytes {
		j.skip(uint32(surplus) / frameBytes * frameBytes)
	}
	j.restartWindow()
}
