package audio

import (
	"math"
	"slices"
)

// The detector looks at windows of 17 ms, one every 5.6 ms: short enough that
// a key and a pause of 40 ms each hold whole windows, long enough to tell
// neighbouring tones of the keypad apart.
const (
	dtmfWindow   = 136
	dtmfHop      = dtmfWindow / 3
	dtmfFloor    = 70.0 * 70.0 / 2 * dtmfWindow // energy of the weakest tone, some -53 dB of full scale
	dtmfTwist    = 10.0                         // 10 dB: the high tone may be weaker than the low one by this
	dtmfReverse  = 6.3                          // 8 dB: or stronger
	dtmfStandOut = 4.0                          // 6 dB: above the other tones of its group
	dtmfShare    = 0.62                         // of the window's energy belongs to the pair
	dtmfHarmonic = 20.0                         // a voice has a second harmonic, a key has none
	dtmfDrop     = 0.30                         // of the key's own strength: below it the key is up
	dtmfHits     = 4                            // windows in a row that make a key
	dtmfSteady   = 1.7                          // most by which the balance of the tones moves
	dtmfMisses   = 3                            // windows in a row that end it
)

// DTMF finds keys in sound (ITU-T Q.23, Q.24). It keeps state between calls
// of Feed: one detector serves one direction of one call. The zero value is
// not ready; use NewDTMF.
type DTMF struct {
	tones     *GoertzelBank // 4 low, 4 high
	harmonics *GoertzelBank // twice those
	block     [dtmfWindow]float64
	filled    int
	power     [8]float64
	harmonic  [8]float64

	held, last byte    // key that is down; key of the last window
	strength   float64 // of the held key at its loudest
	hits, miss int
	balance    float64           // high tone to low tone in the last window
	ratio      [dtmfHits]float64 // the same in the last windows that held the key
}

// NewDTMF returns a detector that has heard nothing.
func NewDTMF() *DTMF {
	var f, f2 [8]float64
	for i := range 4 {
		f[i], f[4+i] = dtmfLow[i], dtmfHigh[i]
		f2[i], f2[4+i] = 2*dtmfLow[i], 2*dtmfHigh[i]
	}
	return &DTMF{tones: NewGoertzelBank(f[:]...), harmonics: NewGoertzelBank(f2[:]...)}
}

// Feed takes the next samples and appends to found the keys that went down,
// some 25 ms after each did. It allocates nothing beyond found's growth.
func (d *DTMF) Feed(pcm []int16, found []byte) []byte {
	for _, s := range pcm {
		d.block[d.filled] = float64(s)
		d.filled++
		if d.filled < dtmfWindow {
			continue
		}
		if key := d.step(); key != 0 {
			found = append(found, key)
		}
		d.filled = copy(d.block[:], d.block[dtmfHop:])
	}
	return found
}

// step judges a full window and returns a key that just went down, or 0.
func (d *DTMF) step() byte {
	key, strength := d.judge()
	if d.held != 0 {
		if key == d.held && strength > dtmfDrop*d.strength {
			d.miss = 0
			d.strength = max(d.strength, strength)
			return 0
		}
		if d.miss++; d.miss < dtmfMisses {
			return 0
		}
		d.held, d.last, d.hits = 0, 0, 0
	}
	if key == 0 || key != d.last {
		d.last, d.hits, d.strength = key, 0, 0
	}
	if key == 0 {
		return 0
	}
	d.strength = max(d.strength, strength)
	d.ratio[d.hits%dtmfHits] = d.balance
	if d.hits++; d.hits < dtmfHits || !d.steady() {
		return 0
	}
	d.held, d.miss = key, 0
	return key
}

// steady reports whether the balance of the two tones kept still, as it does
// in a key, and not in a voice that passes through a key's tones.
func (d *DTMF) steady() bool {
	return slices.Max(d.ratio[:]) < dtmfSteady*slices.Min(d.ratio[:])
}

// judge names the key that the window holds, and its strength; 0 if none.
func (d *DTMF) judge() (byte, float64) {
	var energy float64
	for _, v := range d.block {
		energy += v * v
	}
	if energy < 2*dtmfFloor {
		return 0, 0
	}
	d.tones.Powers(d.power[:], d.block[:])
	low, high := loudest(d.power[:4]), 4+loudest(d.power[4:])
	l, h := d.power[low], d.power[high]
	if l < dtmfFloor || h < dtmfFloor || l > h*dtmfTwist || h > l*dtmfReverse || l+h < dtmfShare*energy {
		return 0, 0
	}
	if !standsOut(d.power[:4], low) || !standsOut(d.power[4:], high-4) {
		return 0, 0
	}
	if d.voiced(low, high) {
		return 0, 0
	}
	d.balance = h / l
	return dtmfKeys[low*4+high-4], l + h
}

// voiced reports whether the pair has second harmonics. That of the low tone
// says nothing where the high tone itself lies within the window's resolution.
func (d *DTMF) voiced(low, high int) bool {
	d.harmonics.Powers(d.harmonic[:], d.block[:])
	if d.harmonic[high]*dtmfHarmonic > d.power[high] {
		return true
	}
	return math.Abs(2*dtmfLow[low]-dtmfHigh[high-4]) > 150 && d.harmonic[low]*dtmfHarmonic > d.power[low]
}

func loudest(p []float64) int {
	best := 0
	for i, v := range p {
		if v > p[best] {
			best = i
		}
	}
	return best
}

func standsOut(p []float64, best int) bool {
	for i, v := range p {
		if i != best && v*dtmfStandOut > p[best] {
			return false
		}
	}
	return true
}
