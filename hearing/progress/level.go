package progress

import (
	"math"

	"dozvon/audio"
)

const frameSamples = audio.FrameSamples

const (
	levelSilent = -57.0 // decibels of full scale: below it nothing is heard, whatever the line's noise
	toneOut     = 4.0   // decibels above the line's noise from which on tones are looked for
	echoMargin  = 6.0   // decibels above the echo that is expected: not the echo alone

	floorFrames = 8  // of a block, 160 ms
	floorBlocks = 12 // of which the lowest is the line's noise, 1.9 s
	// floorAtFirst is what the noise is held to be before two seconds of it are
	// known: a fax or a greeting may sound from the very first frame on.
	floorAtFirst = -31.0

	aboveFloor = 7.0  // decibels by which sound stands out of the line's noise
	belowPeak  = 12.5 // decibels below the loudest speech: what is weaker is somebody else
	louder     = 10.0 // decibels by which a voice stands out of what was thought to be one
)

// floor follows the noise of the line: the lowest level of the last two
// seconds, each the louder of two frames.
type floor struct {
	blocks [floorBlocks]float32
	at     uint8 // the block in progress
	filled uint8 // its frames
	begun  bool
	last   float32
	level  float32
}

// hear takes the level of a frame that may be noise.
func (f *floor) hear(db float32) {
	if !f.begun {
		f.begun, f.last = true, db
		for i := range f.blocks {
			f.blocks[i] = floorAtFirst
		}
	}
	f.blocks[f.at] = min(f.blocks[f.at], max(f.last, db)) // a single frame may be a gap
	f.last = db
	if f.filled++; f.filled == floorFrames {
		f.filled, f.at = 0, (f.at+1)%floorBlocks
		f.blocks[f.at] = 0
	}
	f.level = f.blocks[0]
	for _, b := range f.blocks[1:] {
		f.level = min(f.level, b)
	}
}

// settle takes what has sounded at db for a while for the line's noise.
func (f *floor) settle(db float32) {
	for i := range f.blocks {
		f.blocks[i] = db
	}
	f.level = db
}

// bar is the level above which a frame is sound rather than noise, by out
// decibels.
func (f *floor) bar(out float32) float32 {
	if !f.begun {
		return levelSilent
	}
	return max(f.level+out, levelSilent)
}

// loudness follows the loudest voice: the level that it holds for three frames.
type loudness struct {
	last [2]float32
	peak float32 // 0: nothing was heard
}

// hear takes the level of a frame that is no tone. It reports whether a voice
// has begun that is much louder than all before.
func (l *loudness) hear(db float32) (outshines bool) {
	if l.peak == 0 {
		l.peak, l.last = levelSilent, [2]float32{db, db}
	}
	held := min(db, l.last[0], l.last[1])
	l.last[1], l.last[0] = l.last[0], db
	if held > l.peak {
		outshines = held > l.peak+louder
		l.peak = held
	}
	return outshines
}

// bar is the level below which sound is background.
func (l *loudness) bar() float32 {
	if l.peak == 0 {
		return levelSilent
	}
	return l.peak - belowPeak
}

// levelOf is the level of a frame without its direct current, in decibels of
// full scale.
func levelOf(pcm *[frameSamples]int16) float32 {
	var sum, squares int64
	for _, v := range pcm {
		sum += int64(v)
		squares += int64(v) * int64(v)
	}
	mean := float64(sum) / frameSamples
	return decibels(float64(squares)/frameSamples - mean*mean)
}

// decibels turns a mean square of samples into decibels of full scale.
func decibels(square float64) float32 {
	return float32(10 * math.Log10(max(square, 1)/(1<<30)))
}

// powerOf is the inverse of decibels.
func powerOf(db float32) float32 {
	return float32(math.Exp2(float64(db)*(math.Log2E*math.Ln10/10)) * (1 << 30))
}
