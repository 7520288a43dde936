package progress

import (
	"math"

	"dozvon/audio"
)

const (
	frameSamples = audio.FrameSamples

	levelSilent = -57.0 // decibels of full scale: below it nothing is heard, whatever the line's noise
	aboveFloor  = 9.0   // decibels by which sound stands out of the line's noise
	toneBelow   = 5.0   // decibels below that bar at which tones are still looked for
	echoMargin  = 6.0   // decibels above the echo that is expected: not the echo alone

	floorFrames = 8  // of a block, 160 ms
	floorBlocks = 12 // of which the lowest is the line's noise, 1.9 s
	floorBias   = 1.5
)

// floor follows the noise of the line: the lowest level of the last two
// seconds, smoothed over two frames.
type floor struct {
	blocks [floorBlocks]float32
	at     uint8 // the block in progress
	filled uint8 // its frames
	last   float32
	level  float32
	begun  bool
}

// hear takes the level of a frame that may be noise.
func (f *floor) hear(db float32) {
	if !f.begun {
		f.begun, f.last = true, db
		for i := range f.blocks {
			f.blocks[i] = 0 // full scale: nothing is known
		}
	}
	smooth := max(f.last, db) // of two, the louder: a single frame may be a gap
	f.last = db
	f.blocks[f.at] = min(f.blocks[f.at], smooth)
	if f.filled++; f.filled == floorFrames {
		f.filled = 0
		f.at = (f.at + 1) % floorBlocks
		f.blocks[f.at] = 0
	}
	low := f.blocks[0]
	for _, b := range f.blocks[1:] {
		low = min(low, b)
	}
	f.level = low + floorBias
}

// bar is the level above which a frame is sound rather than noise.
func (f *floor) bar() float32 {
	if !f.begun {
		return levelSilent
	}
	return max(f.level+aboveFloor, levelSilent)
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
