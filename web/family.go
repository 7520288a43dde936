package web

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// A small registry in the Prometheus text format, version 0.0.4: counters,
// gauges and histograms with labels.

// family is all series of one name.
type family struct {
	name, help, kind string
	labels           []string
	bounds           []float64 // of a histogram's buckets, ascending
	series           sync.Map  // of label text to *series
}

func (m *Metrics) family(kind, name, help string, bounds []float64, labels []string) *family {
	f := &family{name: name, help: help, kind: kind, labels: labels, bounds: bounds}
	m.all = append(m.all, f)
	if len(labels) == 0 {
		f.at() // a series without labels is there from the start, at zero
	}
	return f
}

func (m *Metrics) counter(name, help string, labels ...string) *family {
	return m.family("counter", name, help, nil, labels)
}

func (m *Metrics) gauge(name, help string, labels ...string) *family {
	return m.family("gauge", name, help, nil, labels)
}

func (m *Metrics) histogram(name, help string, bounds []float64) *family {
	return m.family("histogram", name, help, bounds, nil)
}

// series is one line of a family, or the lines of one histogram.
type series struct {
	value   number
	buckets []atomic.Uint64 // observations per bucket, not yet summed up
	bounds  []float64
}

// number is a float64 that many may add to.
type number struct{ bits atomic.Uint64 }

func (n *number) load() float64   { return math.Float64frombits(n.bits.Load()) }
func (n *number) store(v float64) { n.bits.Store(math.Float64bits(v)) }
func (n *number) add(v float64) {
	for {
		old := n.bits.Load()
		if n.bits.CompareAndSwap(old, math.Float64bits(math.Float64frombits(old)+v)) {
			return
		}
	}
}

// at returns the series with these values of the labels.
func (f *family) at(values ...string) *series {
	key := f.text(values)
	if s, ok := f.series.Load(key); ok {
		return s.(*series)
	}
	s, _ := f.series.LoadOrStore(key, &series{buckets: make([]atomic.Uint64, len(f.bounds)+1), bounds: f.bounds})
	return s.(*series)
}

var labelEscaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// text is the labels as they are written, without braces.
func (f *family) text(values []string) string {
	var b strings.Builder
	for i, name := range f.labels {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(name + `="` + labelEscaper.Replace(strings.ToValidUTF8(values[i], "\uFFFD")) + `"`)
	}
	return b.String()
}

func (s *series) add(v float64) { s.value.add(v) }
func (s *series) set(v float64) { s.value.store(v) }

// observe counts a value of a histogram.
func (s *series) observe(v float64) {
	i, _ := slices.BinarySearch(s.bounds, v)
	s.buckets[i].Add(1)
	s.value.add(v)
}

func (f *family) write(w io.Writer) {
	var keys []string
	f.series.Range(func(k, _ any) bool {
		keys = append(keys, k.(string))
		return true
	})
	if len(keys) == 0 {
		return
	}
	slices.Sort(keys)
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", f.name, f.help, f.name, f.kind)
	for _, key := range keys {
		s, _ := f.series.Load(key)
		f.writeSeries(w, key, s.(*series))
	}
}

func (f *family) writeSeries(w io.Writer, labels string, s *series) {
	if f.kind != "histogram" {
		if labels != "" {
			labels = "{" + labels + "}"
		}
		fmt.Fprintf(w, "%s%s %s\n", f.name, labels, float(s.value.load()))
		return
	}
	total := uint64(0)
	for i := range s.buckets {
		total += s.buckets[i].Load()
		bound := "+Inf"
		if i < len(f.bounds) {
			bound = float(f.bounds[i])
		}
		fmt.Fprintf(w, "%s_bucket{le=\"%s\"} %d\n", f.name, bound, total)
	}
	fmt.Fprintf(w, "%s_sum %s\n%s_count %d\n", f.name, float(s.value.load()), f.name, total)
}

func float(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
