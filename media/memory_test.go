package media

import (
	"testing"
	"unsafe"

	"dozvon/audio"
)

// What each call has is no larger than a size class of Go's allocator, which
// rounds up: a few bytes more would cost hundreds a call.
func TestACallIsSmall(t *testing.T) {
	for name, is := range map[string][2]uintptr{
		"session":        {unsafe.Sizeof(Session{}), 2048},
		"ring of sound":  {unsafe.Sizeof(soundRing{}), 2304},
		"keys in a band": {unsafe.Sizeof(bandKeys{}), 416},
	} {
		if is[0] > is[1] {
			t.Errorf("%s: %d bytes, at most %d wanted", name, is[0], is[1])
		}
	}
}

// A call on which nothing is heard has no room for sound, and takes no harm.
func TestNoRoomForSoundBeforeTheFirst(t *testing.T) {
	b := newBuffer(depthAlone)
	b.setDepth(depthBridged)
	b.setDepth(depthAlone)
	b.pause([]byte{40})
	b.pause(nil)
	b.expect(t, 0, 0, 0)
	b.reset(audio.ULaw)
	b.reset(audio.ALaw)
	if b.soundRing != nil {
		t.Error("there is room for sound already")
	}
	b.arrive(0, true)
	b.expect(t, 0, 0, 1)
}
