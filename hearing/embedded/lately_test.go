package embedded

import (
	"testing"
	"unsafe"

	"dozvon/audio"
)

// What is remembered of a call is what came last, and takes room only as it
// comes.
func TestLatelyIsWhatCameLast(t *testing.T) {
	var l lately
	if size := unsafe.Sizeof(l); size > 128 {
		t.Errorf("a call on which nothing was heard yet has %d bytes", size)
	}
	const all = 3*firstFrames + 7
	for i := range all {
		*l.frame(i) = [audio.FrameSamples]byte{0: byte(i), audio.FrameSamples - 1: byte(i >> 8)}
		pieces := 0
		for _, p := range l.pieces {
			if p != nil {
				pieces++
			}
		}
		if want := min(i/pieceFrames+1, len(l.pieces)); pieces != want {
			t.Fatalf("after %d frames there is room for %d pieces, want %d", i+1, pieces, want)
		}
		for back := range min(i+1, firstFrames) {
			if f := l.frame(i - back); f[0] != byte(i-back) || f[audio.FrameSamples-1] != byte((i-back)>>8) {
				t.Fatalf("frame %d is not there after frame %d", i-back, i)
			}
		}
	}
}
