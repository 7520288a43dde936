package media

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"dozvon/audio"
)

// frameOf returns n bytes that tell a frame's number.
func frameOf(i, n int) []byte {
	b := make([]byte, n)
	for k := range b {
		b[k] = byte(1 + i%200)
	}
	return b
}

// buffer is a jitter buffer under test; it begins shortly before the
// timestamps wrap.
type buffer struct {
	jitterBuffer
	base uint32
}

func newBuffer(depth uint32) *buffer {
	b := &buffer{base: 1<<32 - 1000}
	b.depth = depth
	b.reset(audio.ALaw)
	return b
}

func (b *buffer) arrive(i int, newest bool) bool {
	return b.put(b.base+uint32(i*frameBytes), audio.ALaw, frameOf(i, frameBytes), newest)
}

// out takes a frame and names it: its number, 0 for silence, -1 for a mix.
func (b *buffer) out() int {
	var f [frameBytes]byte
	b.take(&f)
	for _, c := range f {
		if c != f[0] {
			return -1
		}
	}
	if f[0] == audio.ALaw.Silence() {
		return 0
	}
	return int(f[0])
}

func (b *buffer) expect(t *testing.T, want ...int) {
	t.Helper()
	for i, w := range want {
		if got := b.out(); got != w {
			t.Fatalf("take %d: frame %d, want %d", i, got, w)
		}
	}
}

func TestJitterOrder(t *testing.T) {
	b := newBuffer(depthAlone)
	b.arrive(0, true)
	b.expect(t, 0, 0) // held back
	b.arrive(2, true)
	b.arrive(1, false)
	b.arrive(1, false)
	b.expect(t, 1, 2, 3)
}

// TestJitterLossIsConcealed: what stands for a lost frame is no silence, ends
// in time, and the frames after it are at their places.
func TestJitterLossIsConcealed(t *testing.T) {
	b := newBuffer(depthBridged)
	for i := range 10 {
		if i != 4 {
			b.arrive(i, true)
		}
		var f [frameBytes]byte
		if !b.take(&f) {
			t.Fatalf("nothing is heard at frame %d", i)
		}
		if i != 4 && f[frameBytes-1] != byte(1+i) {
			t.Errorf("frame %d ends with %d", i, f[frameBytes-1])
		}
		if i == 4 && bytes.Count(f[:], []byte{audio.ALaw.Silence()}) > frameBytes/4 {
			t.Error("the lost frame is silence")
		}
	}
}

func TestJitterLatePacketAddsDelayOnce(t *testing.T) {
	b := newBuffer(depthBridged)
	b.arrive(0, true)
	b.expect(t, 1, 0) // packet 1 is late …
	b.arrive(1, true)
	b.arrive(2, true)
	b.expect(t, 2) // … and not lost
	b.arrive(3, true)
	b.expect(t, 3)
	b.arrive(4, true)
	b.expect(t, 4)
}

func TestJitterTooLate(t *testing.T) {
	b := newBuffer(depthBridged)
	b.arrive(0, true)
	b.expect(t, 1)
	b.arrive(2, true)
	b.arrive(3, true)
	b.expect(t, 0, 3)
	if b.arrive(1, false) {
		t.Error("a packet whose time has passed was taken")
	}
	b.expect(t, 4)
}

// TestJitterPause: a sender that pauses and moves its timestamps on is heard
// at once when it speaks again.
func TestJitterPause(t *testing.T) {
	for _, pause := range []int{3, 10, 500} {
		b := newBuffer(depthBridged)
		b.arrive(0, true)
		b.expect(t, 1)
		for range pause {
			b.expect(t, 0)
		}
		b.arrive(1+pause, true)
		b.expect(t, 1+(1+pause)%200)
	}
}

func TestJitterBurstEndsInLittleDelay(t *testing.T) {
	b := newBuffer(depthBridged)
	b.arrive(0, true)
	b.expect(t, 1)
	for range 25 { // the network stalls for half a second …
		b.out()
	}
	for i := range 25 { // … and delivers all of it at once
		b.arrive(1+i, true)
	}
	for i := 26; i < 200; i++ {
		b.arrive(i, true)
		b.out()
	}
	if b.left() > frameBytes {
		t.Errorf("%d bytes of delay remain, want at most a frame", b.left())
	}
}

func TestJitterSenderStartsOver(t *testing.T) {
	b := newBuffer(depthBridged)
	b.arrive(0, true)
	b.expect(t, 1)
	b.base -= 1 << 30
	b.arrive(1, true)
	b.expect(t, 2)
}

// TestJitterPacketLengths: 10, 30 and 60 ms a packet come out whole.
func TestJitterPacketLengths(t *testing.T) {
	for _, n := range []int{80, 240, 480} {
		b := newBuffer(depthAlone)
		sent, heard, silent := 0, 0, 0
		for tick := 0; tick < 300; tick++ {
			for sent <= tick*frameBytes {
				b.put(b.base+uint32(sent), audio.ALaw, frameOf(6, n), true)
				sent += n
			}
			if b.out() == 7 {
				heard++
			} else {
				silent++
			}
		}
		if silent > 5 || heard < 295 {
			t.Errorf("%d bytes a packet: %d frames heard, %d silent", n, heard, silent)
		}
	}
}

func TestJitterOtherLaw(t *testing.T) {
	b := newBuffer(depthBridged)
	pcm := audio.Tone([]float64{400}, audio.Duration(frameBytes), 0.5)
	u := make([]byte, frameBytes)
	audio.Encode(audio.ULaw, u, pcm)
	b.put(b.base, audio.ULaw, u, true)
	var f [frameBytes]byte
	b.take(&f)
	got := make([]int16, frameBytes)
	audio.Decode(audio.ALaw, got, f[:])
	if !near(audio.RMS(got), audio.RMS(pcm), 0.05) {
		t.Errorf("level %g, want %g", audio.RMS(got), audio.RMS(pcm))
	}
}

func near(a, b, share float64) bool { return a > b*(1-share) && a < b*(1+share) }

// TestJitterProperty: whatever the network does within a second, once it is
// calm again the sound comes out gapless and in order within two seconds, but
// for one cut: on a line that was late often, a surplus is kept for longer
// than that before it goes.
func TestJitterProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBuffer(rapid.SampledFrom([]uint32{depthAlone, depthBridged}).Draw(t, "depth"))
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		loss, storm := rapid.IntRange(0, 60).Draw(t, "loss"), rapid.IntRange(1, 12).Draw(t, "storm")
		arrivals := make([][]int, 400)
		for i := range 200 {
			at := i
			if i < 50 {
				at += r.IntN(storm)
				if r.IntN(100) < loss {
					continue
				}
			}
			arrivals[at] = append(arrivals[at], i)
		}
		newest, last, cuts := -1, 0, 0
		for tick := range 200 {
			for _, i := range arrivals[tick] {
				b.arrive(i, i > newest)
				newest = max(newest, i)
			}
			got := b.out()
			if tick > 170 {
				if last > 0 && got > last+1 && got <= last+1+storm {
					cuts++
				} else if got < 1 || last > 0 && got != last%200+1 {
					t.Fatalf("tick %d: frame %d after %d", tick, got, last)
				}
				if cuts > 1 {
					t.Fatalf("tick %d: frame %d after %d: the second cut", tick, got, last)
				}
				last = got
			}
		}
	})
}
