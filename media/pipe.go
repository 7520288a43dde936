package media

import (
	"sync/atomic"

	"dozvon/audio"
)

const (
	pipeFrames = 8
	pipeWindow = 50 // frames, 1 s: how long a backlog must last before it is cut
	pipeKeep   = 1  // frames of backlog left alone: two wheels in step may swap their order
)

// pipe carries sound from one session of a bridge to the other: one writer
// (the wheel of the one), one reader (the wheel of the other), no lock.
type pipe struct {
	written atomic.Uint32 // frames put; the writer's
	taken   atomic.Uint32 // frames taken; the reader's
	frames  [pipeFrames]struct {
		law  audio.Law
		data [frameBytes]byte
	}

	// The reader's own.
	least uint32 // least backlog after a take in this window
	takes int
}

// put adds a frame. A full pipe (its reader is gone, or stalls) drops it.
func (p *pipe) put(law audio.Law, frame *[frameBytes]byte) {
	w := p.written.Load()
	if w-p.taken.Load() >= pipeFrames {
		return
	}
	slot := &p.frames[w%pipeFrames]
	slot.law, slot.data = law, *frame
	p.written.Store(w + 1)
}

// empty reports whether there is nothing to take; the reader's.
func (p *pipe) empty() bool { return p.written.Load() == p.taken.Load() }

// take gives out the next frame under law, or reports that there is none.
func (p *pipe) take(law audio.Law, dst []byte) bool {
	if p.empty() {
		p.least = 0
		return false
	}
	slot := &p.frames[p.taken.Load()%pipeFrames]
	audio.Transcode(law, dst, slot.law, slot.data[:])
	p.took()
	return true
}

// decode is take for adding up.
func (p *pipe) decode(dst []int16) bool {
	if p.empty() {
		p.least = 0
		return false
	}
	slot := &p.frames[p.taken.Load()%pipeFrames]
	audio.Decode(slot.law, dst, slot.data[:])
	p.took()
	return true
}

// took gives the frame that was read back to the writer.
func (p *pipe) took() {
	t := p.taken.Load()
	p.taken.Store(t + 1 + p.surplus(p.written.Load()-t-1))
}

// surplus returns how many frames to drop because they only delay the rest.
func (p *pipe) surplus(backlog uint32) uint32 {
	if p.takes == 0 {
		p.least = backlog
	}
	p.least = min(p.least, backlog)
	if p.takes++; p.takes < pipeWindow {
		return 0
	}
	p.takes = 0
	return max(p.least, pipeKeep) - pipeKeep
}
