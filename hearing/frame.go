package hearing

import "dozvon/audio"

// Frame is 20 ms of what comes from the far end, audio.Rate samples a second.
type Frame = audio.Frame
