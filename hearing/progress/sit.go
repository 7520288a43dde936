package progress

import "fmt"

const (
	sitHz   = 50.0 // E.180 section 8
	sitEdge = 12.0 // by which a measured frequency may be outside
	sitGap  = 0.13 // seconds between the tones at most: 30 ms, and a lost packet at each edge
	// sitPlain is how near the middle between low and high a tone has no code.
	sitPlain          = 14.0
	sitLengths        = 0.15 // seconds by which both lengths together may miss a code
	sitDoubt          = 0.08
	sitLeast, sitMost = 0.2, 0.46
)

// sit looks whether the tone now, on for some time, is the third of a special
// information tone (ITU-T E.180 section 8: 950, 1400, 1800 Hz, each 330 ms),
// and what its code means.
func (b *beats) sit(now burst) (finding, bool) {
	if b.n < 2 || now.length < 0.15 || !near(now.hz, 1800) {
		return finding{}, false
	}
	x, y := &b.last[1], &b.last[0]
	if !near(x.hz, 950) || !near(y.hz, 1400) || !sitLong(x) || !sitLong(y) {
		return finding{}, false
	}
	if float32(y.start)*0.02-x.end() > sitGap || float32(now.start)*0.02-y.end() > sitGap {
		return finding{}, false
	}
	cause := fmt.Sprintf("three tones of %.0f, %.0f and %.0f Hz, the first two %.2f and %.2f s long",
		x.hz, y.hz, now.hz, x.length, y.length)
	return finding{sitMeaning(x, y), cause}, true
}

// sitMeaning reads the code: by the frequencies, which are sure, and where two
// codes share those, by which lengths they come clearly nearer to.
func sitMeaning(x, y *burst) string {
	if abs(x.hz-950) < sitPlain || abs(y.hz-1400) < sitPlain {
		return SIT
	}
	best, miss, second := SIT, float32(sitLengths), float32(1)
	for i := range sitCodes {
		c := &sitCodes[i]
		if c.high1 != (x.hz > 950) || c.high2 != (y.hz > 1400) {
			continue
		}
		if d := abs(x.length-lengthOf(c.long1)) + abs(y.length-lengthOf(c.long2)); d < miss {
			best, miss, second = c.label, d, miss
		} else {
			second = min(second, d)
		}
	}
	if second-miss < sitDoubt {
		return SIT
	}
	return best
}

func lengthOf(long bool) float32 {
	if long {
		return 0.380
	}
	return 0.274
}

func sitLong(x *burst) bool { return x.apart == 0 && x.length > sitLeast && x.length < sitMost }

func near(hz, want float32) bool { return abs(hz-want) <= sitHz+sitEdge }
