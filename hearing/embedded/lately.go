package embedded

import "dozvon/audio"

// pieceFrames are the frames of a piece: 400 ms, 3,200 bytes.
const pieceFrames = 20

// lately is the last firstFrames of a call, under A-law. Its room comes piece by
// piece as it fills: most calls are never answered and need none, and of most
// others it is known who is there before it is full. Its zero value is empty.
type lately struct {
	pieces [(firstFrames + pieceFrames - 1) / pieceFrames]*[pieceFrames][audio.FrameSamples]byte
}

// frame is the room of the i-th frame, which the one firstFrames before it had.
func (l *lately) frame(i int) *[audio.FrameSamples]byte {
	i %= firstFrames
	p := &l.pieces[i/pieceFrames]
	if *p == nil {
		*p = new([pieceFrames][audio.FrameSamples]byte)
	}
	return &(*p)[i%pieceFrames]
}
