package net

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
)

// Layer is a linear map of Span neighbouring rows of its input, In numbers
// each, to one row of Out numbers; the next output looks Step rows further.
// Negative results are cut to zero, but for the last layer of a net.
type Layer struct {
	Span, Step, In, Out int
	W                   []float32 // Span*In rows of Out; nil once the net is sealed
	B                   []float32 // Out
}

// Net is a chain of layers. It never changes once Ready and is shared.
type Net struct {
	Layers []Layer
	packed []Panels
}

// Ready packs the weights for the kernels; it is called after they changed.
func (n *Net) Ready() {
	if n.packed == nil {
		n.packed = make([]Panels, len(n.Layers))
	}
	for i, l := range n.Layers {
		n.packed[i].Pack(l.W, l.Span*l.In, l.Out, l.Out, 1)
	}
}

// Seal makes the net ready for good, and lets go of the weights in the form
// in which they are trained: those in panels are enough to work with.
func (n *Net) Seal() {
	n.Ready()
	for i := range n.Layers {
		n.Layers[i].W = nil
	}
}

// Bytes is the memory that the weights take.
func (n *Net) Bytes() (sum int) {
	for i, l := range n.Layers {
		sum += 4 * (len(l.W) + len(l.B) + len(n.packed[i].data))
	}
	return sum
}

// Rows returns how many rows come out of the given number of input rows.
func (n *Net) Rows(in int) int {
	for _, l := range n.Layers {
		if in < l.Span {
			return 0
		}
		in = (in-l.Span)/l.Step + 1
	}
	return in
}

// Span returns how many input rows one output row looks at, and how many
// input rows lie between two outputs.
func (n *Net) Span() (span, step int) {
	span, step = 1, 1
	for _, l := range n.Layers {
		span += (l.Span - 1) * step
		step *= l.Step
	}
	return span, step
}

// Out returns the length of an output row.
func (n *Net) Out() int { return n.Layers[len(n.Layers)-1].Out }

// Work is memory for one Forward at a time. The zero value is ready; it grows
// to the longest input met.
type Work struct{ bufs [][]float32 }

// Layer returns what layer i gave in the last Forward.
func (w *Work) Layer(i int) []float32 { return w.bufs[i] }

// Forward computes the output rows of x, rows of Layers[0].In numbers. They
// belong to w and hold until its next use.
func (n *Net) Forward(w *Work, x []float32) []float32 { return n.ForwardDrop(w, x, 0, nil) }

// ForwardDrop is Forward in training: it blanks a share of the numbers between
// layers, and makes up for it by the others (Srivastava and others 2014).
func (n *Net) ForwardDrop(w *Work, x []float32, share float64, r *rand.Rand) []float32 {
	if w.bufs == nil {
		w.bufs = make([][]float32, len(n.Layers))
	}
	rows := len(x) / n.Layers[0].In
	for i, l := range n.Layers {
		if rows < l.Span {
			return nil
		}
		rows = (rows-l.Span)/l.Step + 1
		if cap(w.bufs[i]) < rows*l.Out {
			w.bufs[i] = make([]float32, rows*l.Out)
		}
		out := w.bufs[i][:rows*l.Out]
		w.bufs[i] = out
		for r := 0; r < len(out); r += l.Out {
			copy(out[r:], l.B)
		}
		n.packed[i].Add(out, l.Out, rows, x, l.Step*l.In, 1)
		if i+1 < len(n.Layers) {
			cut(out)
			if share > 0 {
				drop(out, share, r)
			}
		}
		x = out
	}
	return x
}

func cut(x []float32) {
	for j, v := range x {
		if v < 0 {
			x[j] = 0
		}
	}
}

// drop draws 16 bits for each number.
func drop(x []float32, share float64, r *rand.Rand) {
	limit, k := uint64(share*65536), float32(1/(1-share))
	var bits uint64
	for j := range x {
		if j%4 == 0 {
			bits = r.Uint64()
		}
		if bits&0xffff < limit {
			x[j] = 0
		} else {
			x[j] *= k
		}
		bits >>= 16
	}
}

// Limits of a file that is believed.
const (
	maxLayers = 16
	maxWidth  = 1024
)

// ErrFormat is a file of weights that is none, or not one of this version.
var ErrFormat = errors.New("not a file of weights this version can read")

// Write stores the net: its layers' shapes, then weights as 16 bit integers
// with a scale for each layer, which loses nothing that can be heard.
func (n *Net) Write(w io.Writer) error {
	var b []byte
	b = append(b, byte(len(n.Layers)))
	for i, l := range n.Layers {
		for _, v := range []int{l.Span, l.Step, l.In, l.Out} {
			b = binary.LittleEndian.AppendUint16(b, uint16(v))
		}
		weights := l.W
		if weights == nil {
			weights = n.packed[i].unpack()
		}
		b = appendScaled(b, weights)
		b = appendScaled(b, l.B)
	}
	_, err := w.Write(b)
	return err
}

func appendScaled(b []byte, x []float32) []byte {
	var top float32
	for _, v := range x {
		top = max(top, float32(math.Abs(float64(v))))
	}
	scale := top / math.MaxInt16
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(scale))
	for _, v := range x {
		q := 0.0
		if scale > 0 {
			q = math.Round(float64(v / scale))
		}
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(q)))
	}
	return b
}

// Read reads what Write wrote.
func Read(r io.Reader) (*Net, error) {
	var count [1]byte
	if _, err := io.ReadFull(r, count[:]); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if count[0] == 0 || count[0] > maxLayers {
		return nil, ErrFormat
	}
	n := &Net{Layers: make([]Layer, count[0])}
	for i := range n.Layers {
		var shape [4]uint16
		if err := binary.Read(r, binary.LittleEndian, &shape); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		l := Layer{Span: int(shape[0]), Step: int(shape[1]), In: int(shape[2]), Out: int(shape[3])}
		if !l.plausible() || i > 0 && l.In != n.Layers[i-1].Out {
			return nil, ErrFormat
		}
		var err error
		if l.W, err = readScaled(r, l.Span*l.In*l.Out); err != nil {
			return nil, err
		}
		if l.B, err = readScaled(r, l.Out); err != nil {
			return nil, err
		}
		n.Layers[i] = l
	}
	n.Seal()
	return n, nil
}

func (l Layer) plausible() bool {
	return l.Span > 0 && l.Span < 64 && l.Step > 0 && l.Step < 8 &&
		l.In >= Width && l.In <= maxWidth && l.Out > 0 && l.Out <= maxWidth && l.Out%Width == 0
}

func readScaled(r io.Reader, n int) ([]float32, error) {
	var scale float32
	if err := binary.Read(r, binary.LittleEndian, &scale); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if !(scale >= 0 && scale < 1) { // NaN is neither
		return nil, ErrFormat
	}
	raw := make([]byte, 2*n)
	if _, err := io.ReadFull(r, raw); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	x := make([]float32, n)
	for i := range x {
		x[i] = scale * float32(int16(binary.LittleEndian.Uint16(raw[2*i:])))
	}
	return x, nil
}
