package keywords

import (
	"math"

	"dozvon/hearing/keywords/net"
)

// desk is the memory of one decision: rows, what the net makes of them, the
// states of the search.
type desk struct {
	spectrum *Spectrum
	pcm      []int16
	features []float32
	rows     []float32 // of features: those in use
	work     net.Work
	scores   []float32 // a row for each 20 ms: how well each phone fits
	frames   int
	phones   int
	marks    []int32 // scores in whole numbers
	path     []int32
	route    []float32
	fits     []float32 // by way
	taken    []uint16  // by frame: the state of the best path
	back     []uint8
}

func newDesk(m *Model) *desk {
	rows := (longest+2*margin)/Hop + 2*m.reach + 2
	return &desk{
		spectrum: NewSpectrum(),
		pcm:      make([]int16, rows*Hop+Window+1),
		features: make([]float32, rows*Bands),
		scores:   make([]float32, rows/2*len(m.head.Phones)),
		marks:    make([]int32, rows/2*len(m.head.Phones)),
		route:    make([]float32, 2*maxPhones*max(m.head.Search.Least, 1)),
		phones:   len(m.head.Phones),
		path:     make([]int32, 2*maxPhones*max(m.head.Search.Least, 1)),
	}
}

// fill replaces the rows of times that were not heard (before the first
// sample, after the last) by their nearest neighbours: digital silence beside
// speech on a line is nothing the net has met.
func (w *desk) fill(reach, first, heard int) {
	total := len(w.rows) / Bands
	lo := 0
	for lo < total-1 && first+lo*Hop < 0 {
		lo++
	}
	hi := total - 1
	for hi > lo && first+hi*Hop+Window+1 > heard {
		hi--
	}
	for i := range lo {
		copy(w.rows[i*Bands:], w.rows[lo*Bands:(lo+1)*Bands])
	}
	for i := hi + 1; i < total; i++ {
		copy(w.rows[i*Bands:(i+1)*Bands], w.rows[hi*Bands:(hi+1)*Bands])
	}
}

// judge runs the net over the rows: scores become logarithms of how likely
// each phone is, less its bias.
func (w *desk) judge(m *Model) {
	out := m.net.Forward(&w.work, w.rows)
	width := m.net.Out()
	w.frames = len(out) / width
	for f := range w.frames {
		row := out[f*width : f*width+w.phones]
		top := row[0]
		for _, v := range row {
			top = max(top, v)
		}
		var sum float64
		for _, v := range row {
			sum += math.Exp(float64(v - top))
		}
		norm := top + float32(math.Log(sum))
		for p, v := range row {
			s := max(v-norm, lowestLog) - m.bias[p]
			w.scores[f*w.phones+p], w.marks[f*w.phones+p] = s, int32(s*fine)
		}
	}
}

// lowestLog bounds how impossible one frame can make a phone.
const lowestLog = -12

// priors is what is taken off each phone's logarithm: how often it was met in
// training says little of how often it is in the few words listened for.
func priors(h Head) []float32 {
	b := make([]float32, len(h.Prior))
	for i, p := range h.Prior {
		b[i] = float32(h.Search.Prior * math.Log(p+1e-4))
	}
	return b
}
