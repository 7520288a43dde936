// Package endpoint finds where a person begins and ends to speak, by the level
// of what comes over that of the line. Sound is its only clock. It knows no
// words: what was said is for others.
package endpoint

import (
	"cmp"
	"math"

	"dozvon/audio"
)

// Figures of the endpointer, in frames of 20 ms and decibels.
const (
	speechOver  = 9.0   // above the floor
	speechLeast = -52.0 // below full scale: what is quieter is nobody who answers
	floorFirst  = -50.0
	startAfter  = 3   // frames of speech within an utterance's first
	longest     = 400 // frames; an utterance goes no further
	floorBlock  = 25  // frames
)

// Patience is how many frames without speech usually end an utterance: 300 ms.
const Patience = 15

// Endpointer cuts sound into utterances by its level over the floor, which
// follows the quiet parts at once and the loud ones slowly. Its time is the
// frames it gets. The zero value is ready for use.
type Endpointer struct {
	// Patience is how many frames without speech end an utterance; 0: Patience.
	Patience int

	floor   float64 // dB below full scale
	warm    bool    // the floor has been seen
	run     int     // frames of speech in a row
	block   int     // frames of the block of which least is the minimum so far
	least   float64 // dB
	before  float64 // dB, of the block before
	talking bool
	length  int // frames since the utterance began
	quiet   int // frames since its last one of speech
	voiced  int // frames of speech in it
}

// Turn is what a frame changes.
type Turn uint8

// Turns.
const (
	Nothing Turn = iota
	Began        // an utterance began Length frames ago
	Ended        // its last speech was Quiet frames ago
)

// Speaking reports whether an utterance is on.
func (e *Endpointer) Speaking() bool { return e.talking }

// Length is the number of frames since the utterance began, or of the last
// one.
func (e *Endpointer) Length() int { return e.length }

// Quiet is the number of frames since the utterance's last one of speech.
func (e *Endpointer) Quiet() int { return e.quiet }

// Voiced is the number of its frames of speech.
func (e *Endpointer) Voiced() int { return e.voiced }

// level is the power of a frame in decibels below full scale, and whether a
// person's voice may be in it at all: not what we sent ourselves, and not what
// fills a gap.
func level(f audio.Frame) (db float64, ours bool) {
	if len(f.PCM) == 0 {
		return -100, true
	}
	mean := audio.Energy(f.PCM) / float64(len(f.PCM))
	return 10 * math.Log10(mean/(32768*32768)+1e-10), f.Filled || f.Echo > 0 && mean <= float64(f.Echo)
}

// Ours reports whether no person's voice can be in a frame: it fills a gap, or
// is no louder than the echo of what we sent.
func Ours(f audio.Frame) bool {
	_, ours := level(f)
	return ours
}

// Hear takes the next 20 ms.
func (e *Endpointer) Hear(f audio.Frame) Turn {
	db, ours := level(f)
	speech := !ours && db > speechLeast && db > e.floor+speechOver
	if !ours {
		e.follow(db)
	}
	if speech {
		e.run++
	} else {
		e.run = 0
	}
	if !e.talking {
		if e.run < startAfter {
			return Nothing
		}
		e.talking, e.length, e.quiet, e.voiced = true, e.run, 0, e.run
		return Began
	}
	e.length++
	if speech {
		e.voiced++
		e.quiet = 0
	} else {
		e.quiet++
	}
	if e.quiet < cmp.Or(e.Patience, Patience) && e.length < longest {
		return Nothing
	}
	e.talking, e.run = false, 0
	return Ended
}

// follow moves the floor. A level that has not once fallen for two blocks is
// no speech, whose syllables part: it becomes the floor.
func (e *Endpointer) follow(db float64) {
	if !e.warm {
		e.floor, e.warm = math.Min(db, floorFirst), true
		e.block, e.least, e.before = 0, db, db
	}
	switch {
	case db < e.floor:
		e.floor += (db - e.floor) * 0.3
	case !e.talking:
		e.floor += math.Min((db-e.floor)*0.02, 0.1)
	}
	e.least = math.Min(e.least, db)
	if e.block++; e.block == floorBlock {
		e.floor = math.Max(e.floor, math.Min(e.before, e.least))
		e.block, e.before, e.least = 0, e.least, db
	}
	e.floor = math.Max(e.floor, -90)
}
