package keywords

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"dozvon/hearing/keywords/net"
)

// Model is a trained network with what is needed to search by it. It never
// changes and is shared by all calls.
type Model struct {
	head  Head
	net   *net.Net
	index map[string]int
	reach int       // rows that the net looks at before and after the one it judges
	bias  []float32 // by phone: taken off its logarithm
	desks sync.Pool // of *desk: memory for a decision, as many as are made at once
}

// Head is what a file of weights says of itself.
type Head struct {
	Source string    // what it was trained on
	Phones []string  // names of the net's outputs
	Prior  []float64 // share of each among the frames trained on
	Search Search
}

const magic = "dozvon phones 1\n"

// maxHead is the size of a head that is believed.
const maxHead = 64 << 10

//go:embed russian.phones
var russian []byte

// Shipped returns the Russian model that is part of the program.
var Shipped = sync.OnceValues(func() (*Model, error) { return Load(bytes.NewReader(russian)) })

// Load reads a model that cmd/phonemodel wrote.
func Load(r io.Reader) (*Model, error) {
	start := make([]byte, len(magic)+4)
	if _, err := io.ReadFull(r, start); err != nil || string(start[:len(magic)]) != magic {
		return nil, net.ErrFormat
	}
	size := binary.LittleEndian.Uint32(start[len(magic):])
	if size > maxHead {
		return nil, net.ErrFormat
	}
	raw := make([]byte, size)
	if _, err := io.ReadFull(r, raw); err != nil {
		return nil, fmt.Errorf("%w: %w", net.ErrFormat, err)
	}
	var h Head
	if err := json.Unmarshal(raw, &h); err != nil {
		return nil, fmt.Errorf("%w: %w", net.ErrFormat, err)
	}
	n, err := net.Read(r)
	if err != nil {
		return nil, err
	}
	return NewModel(h, n)
}

// NewModel joins a head and a net.
func NewModel(h Head, n *net.Net) (*Model, error) {
	span, step := n.Span()
	if len(h.Phones) == 0 || len(h.Phones) > n.Out() || len(h.Prior) != len(h.Phones) || n.Layers[0].In != Bands || step != 2 || span > maxSpan {
		return nil, net.ErrFormat
	}
	m := &Model{head: h, net: n, index: map[string]int{}, reach: span / 2}
	for i, p := range h.Phones {
		m.index[p] = i
	}
	if _, ok := m.index[Pause]; !ok {
		return nil, fmt.Errorf("%w: no phone %q", net.ErrFormat, Pause)
	}
	m.bias = priors(h)
	m.desks.New = func() any { return newDesk(m) }
	return m, nil
}

// Save writes the model as Load reads it.
func (m *Model) Save(w io.Writer) error {
	raw, err := json.Marshal(m.head)
	if err != nil {
		return err
	}
	b := binary.LittleEndian.AppendUint32([]byte(magic), uint32(len(raw)))
	if _, err := w.Write(append(b, raw...)); err != nil {
		return err
	}
	return m.net.Write(w)
}

// Pause is the phone of silence. Inside a word's phones it is a pause that may
// be made.
const Pause = "pau"

// Phones returns the names of the phones the model knows.
func (m *Model) Phones() []string { return append([]string(nil), m.head.Phones...) }

// Knows reports whether the model has a phone of that name.
func (m *Model) Knows(phone string) bool { _, ok := m.index[phone]; return ok }

// maxSpan is how many rows a net may look at: 0.6 s.
const maxSpan = 60

// Search returns the figures of the search.
func (m *Model) Search() Search { return m.head.Search }

// Tuned returns the model with other figures of the search.
func (m *Model) Tuned(s Search) *Model {
	h := m.head
	h.Search = s
	t, err := NewModel(h, m.net)
	if err != nil {
		panic(err) // the same head made m
	}
	return t
}
