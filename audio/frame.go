package audio

import "time"

// FrameTime is the length of a frame.
const FrameTime = 20 * time.Millisecond

// Frame is 20 ms of what comes from the far end.
type Frame struct {
	// PCM is the sound, FrameTime of it, at Rate. It belongs to the caller:
	// whoever needs it longer than the call it came with copies it.
	PCM []int16
	// Echo is the mean square of 16 bit samples that our own voice may have
	// left in PCM, as the line's echo is known so far; 0: nothing was sent.
	// What is no louder than that is nobody's word.
	Echo uint32
	// Filled says that nothing came in this period: PCM is silence, comfort
	// noise or the concealment of a loss.
	Filled bool
}
