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
	dtmfShare    = 0.50                         // of the window's energy belongs to the pair, which may be 1.5 % off
	dtmfWeighed  = 0.75                         // the same seen through a Hann window, which forgives that
	dtmfHarmonic = 20.0                         // a voice has a second harmonic, a key has none
	dtmfDrop     = 0.30                         // of the key's own strength: below it the key is up
	dtmfHits     = 4                            // windows in a row that make a key
	dtmfSteady   = 1.55                         // most by which the balance of the tones moves
	dtmfMisses   = 3                            // windows in a row that end it
)

// DTMF finds keys in sound (ITU-T Q.23, Q.24). It keeps state between calls
// of Feed: one detector serves one direction of one call. The zero value has
// heard nothing. It is small, as each call has one: what a window is made of
// while it is judged lies on the stack.
type DTMF struct {
	block  [dtmfWindow]int16
	filled int

	held, last byte    // key that is down; key of the last window
	strength   float64 // of the held key at its loudest
	hits, miss int
	balance    float64           // high tone to low tone in the last window
	ratio      [dtmfHits]float64 // the same in the last windows that held the key
}

// NewDTMF returns a detector that has heard nothing.
func NewDTMF() *DTMF {
	return &DTMF{}
}

// Feed takes the next samples and appends to found the keys that went down,
// some 25 ms after each did. It allocates nothing beyond found's growth.
func (d *DTMF) Feed(pcm []int16, found []byte) []byte {
	for _, s := range pcm {
		d.block[d.filled] = s
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
	var block [dtmfWindow]float64
	var energy float64
	for i, s := range d.block {
		v := float64(s)
		block[i] = v
		energy += v * v
	}
	if energy < 2*dtmfFloor {
		return 0, 0
	}
	var power [8]float64 // 4 low, 4 high
	dtmfTones.Powers(power[:], block[:])
	low, high := loudest(power[:4]), 4+loudest(power[4:])
	l, h := power[low], power[high]
	if l < dtmfFloor || h < dtmfFloor || l+h < dtmfShare*energy {
		return 0, 0
	}
	if !standsOut(power[:4], low) || !standsOut(power[4:], high-4) {
		return 0, 0
	}
	if !d.weigh(low, high-4) {
		return 0, 0
	}
	return dtmfKeys[low*4+high-4], l + h
}

// dtmfTones measure the tones of all keys; they belong to all detectors.
var dtmfTones = NewGoertzelBank(slices.Concat(dtmfLow[:], dtmfHigh[:])...)

// dtmfPairs measure the two tones of each key, and twice their frequencies.
var dtmfPairs = func() (b [16]*GoertzelBank) {
	for i := range b {
		b[i] = NewGoertzelBank(dtmfLow[i/4], dtmfHigh[i%4], 2*dtmfLow[i/4], 2*dtmfHigh[i%4])
	}
	return b
}()

// dtmfHannShare is the share of its energy that a tone has at its own frequency
// when seen through a Hann window: the square of the window's mean by the mean
// of its square.
const dtmfHannShare = 0.25 / 0.375

// dtmfHann is a Hann window.
var dtmfHann = func() (w [dtmfWindow]float64) {
	for i := range w {
		w[i] = 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/dtmfWindow)
	}
	return w
}()

// weigh measures the pair again, through a Hann window, notes the balance of
// its tones and reports whether they are a key's: none too weak beside the
// other, little else in the window, no second harmonics. The window keeps a
// strong tone from leaking into a weak one, which would make the balance sway
// with the phase of the tones, most for *, whose tones lie close; and tones
// that are off lose less of their share. The harmonic of the low tone says
// nothing where the high tone itself lies within the window's resolution.
func (d *DTMF) weigh(low, high int) bool {
	var block [dtmfWindow]float64
	var energy float64
	for i, s := range d.block {
		v := float64(s) * dtmfHann[i]
		block[i] = v
		energy += v * v
	}
	var p [4]float64
	dtmfPairs[low*4+high].Powers(p[:], block[:])
	d.balance = p[1] / p[0]
	return d.balance*dtmfTwist >= 1 && d.balance <= dtmfReverse &&
		p[0]+p[1] >= dtmfWeighed*dtmfHannShare*energy &&
		p[3]*dtmfHarmonic <= p[1] &&
		(math.Abs(2*dtmfLow[low]-dtmfHigh[high]) <= 150 || p[2]*dtmfHarmonic <= p[0])
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
