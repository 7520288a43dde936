package audio

import (
	"math"
	"sync"
)

// The low-pass filter of the resampler: a sinc in a Kaiser window. With these
// figures the pass band is flat to 3.4 kHz, and what lies above 4 kHz, which
// would come back as a false lower tone, is some 75 dB down.
const (
	filterCutoff    = 3700.0 // hertz, middle of the transition
	filterHalfWidth = 40     // samples at Rate on either side
	filterBeta      = 7.6    // of the Kaiser window
)

// resampler converts a stream at one rate, not below Rate, to Rate. It is a
// polyphase filter: every output sample falls on one of few positions between
// two input samples, and each position has its own set of coefficients, made
// when first met.
type resampler struct {
	up, down int // output samples per input samples, reduced
	half     int // input samples on either side of an output
	kernels  [][]float32
	window   []float32 // the last input samples; its first is number start
	start    int
	count    int // output samples made
	read     int // input samples taken
}

func newResampler(rate int) *resampler {
	g := gcd(rate, Rate)
	r := &resampler{up: Rate / g, down: rate / g}
	if r.down == 1 {
		return r
	}
	r.half = (filterHalfWidth*rate + Rate - 1) / Rate
	r.kernels = make([][]float32, r.up)
	r.start = -r.half
	r.window = make([]float32, r.half, 8*r.half+8192)
	return r
}

// push takes input samples and appends the outputs that they complete.
func (r *resampler) push(out []int16, in []float32) []int16 {
	if r.down == 1 {
		for _, v := range in {
			out = append(out, saturate(float64(v)))
		}
		return out
	}
	r.window = append(r.window, in...)
	r.read += len(in)
	return r.drain(out)
}

// flush appends the outputs still owed at the end of the input, as if silence
// followed.
func (r *resampler) flush(out []int16) []int16 {
	if r.down == 1 {
		return out
	}
	total := (r.read*r.up + r.down - 1) / r.down
	r.window = append(r.window, make([]float32, 2*r.half+2)...)
	for r.count < total {
		out = append(out, r.next())
	}
	return out
}

func (r *resampler) drain(out []int16) []int16 {
	for r.count*r.down/r.up+r.half+1 < r.start+len(r.window) {
		out = append(out, r.next())
	}
	if drop := r.count*r.down/r.up - r.half - r.start; drop > 4096 {
		n := copy(r.window, r.window[drop:])
		r.window = r.window[:n]
		r.start += drop
	}
	return out
}

// next computes one output sample.
func (r *resampler) next() int16 {
	at := r.count * r.down
	centre, phase := at/r.up, at%r.up
	r.count++
	k := r.kernel(phase)
	w := r.window[centre-r.half+1-r.start:]
	w = w[:len(k)]
	var sum float32
	for i, c := range k {
		sum += c * w[i]
	}
	return saturate(float64(sum))
}

// kernel returns the coefficients for outputs that lie phase/up of an input
// sample after an input sample; the first applies to the sample half-1 before.
func (r *resampler) kernel(phase int) []float32 {
	if k := r.kernels[phase]; k != nil {
		return k
	}
	frac := float64(phase) / float64(r.up)
	step := float64(r.up) / float64(r.down) // input sample in output samples
	k := make([]float32, 2*r.half)
	var sum float64
	for i := range k {
		x := (float64(i-r.half+1) - frac) * step
		v := sinc(2*filterCutoff/Rate*x) * kaiser(x/filterHalfWidth)
		k[i] = float32(v)
		sum += v
	}
	for i := range k { // unity gain at 0 Hz in every phase
		k[i] = float32(float64(k[i]) / sum)
	}
	r.kernels[phase] = k
	return k
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

const kaiserSteps = 4096

// kaiserTable is the Kaiser window from its middle to its edge.
var kaiserTable = sync.OnceValue(func() *[kaiserSteps + 2]float64 {
	t := new([kaiserSteps + 2]float64)
	for i := range kaiserSteps + 1 {
		x := float64(i) / kaiserSteps
		t[i] = bessel0(filterBeta*math.Sqrt(1-x*x)) / bessel0(filterBeta)
	}
	return t
})

// kaiser is the Kaiser window at x from -1 to 1, 0 outside.
func kaiser(x float64) float64 {
	at := math.Abs(x) * kaiserSteps
	if at >= kaiserSteps {
		return 0
	}
	t, i := kaiserTable(), int(at)
	return t[i] + (t[i+1]-t[i])*(at-float64(i))
}

// bessel0 is the modified Bessel function of the first kind and order 0.
func bessel0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-12; k++ {
		term *= (x / 2 / k) * (x / 2 / k)
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
