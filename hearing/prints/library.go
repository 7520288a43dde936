package prints

import "math/bits"

// Entry is a known announcement.
type Entry struct {
	ID          string // a few letters and digits that follow from the print
	Label       string // hearing.LabelOff, …, or a word of one's own
	Disposition string // what the label means for a call; see Disposition
	Name        string // for people: where it comes from
	Shipped     bool   // it came with dozvon
	Print       Print
}

// Library is a set of announcements, ready to be searched. It never changes
// and is shared by all calls; to learn is to make another one (Shelf).
type Library struct {
	entries []Entry
	start   []uint32 // start[w] is where the places of word w begin
	places  []place  // by word
}

// place is a word of an entry: the entry's number and the word's.
type place uint32

const (
	placeBits = 12
	maxWords  = 1 << placeBits // of a print: 81 s
)

func (p place) entry() int { return int(p >> placeBits) }
func (p place) word() int  { return int(p & (maxWords - 1)) }

// NewLibrary makes a library. Of prints longer than 81 s the rest is not
// searched.
func NewLibrary(entries ...Entry) *Library {
	l := &Library{entries: entries, start: make([]uint32, 1<<wordBits+1)}
	each := func(do func(word uint16, p place)) {
		for e, entry := range entries {
			for i, w := range entry.Print.words[:min(len(entry.Print.words), maxWords)] {
				if entry.Print.counts(i) {
					do(w, place(e<<placeBits|i))
				}
			}
		}
	}
	each(func(w uint16, _ place) { l.start[int(w)+1]++ })
	for i := range 1 << wordBits {
		l.start[i+1] += l.start[i]
	}
	l.places = make([]place, l.start[1<<wordBits])
	next := make([]uint32, 1<<wordBits)
	copy(next, l.start)
	each(func(w uint16, p place) { l.places[next[w]] = p; next[w]++ })
	return l
}

// Len is the number of announcements.
func (l *Library) Len() int { return len(l.entries) }

// Entries returns the announcements; they must not be changed.
func (l *Library) Entries() []Entry { return l.entries }

// of returns where the word stands in the library.
func (l *Library) of(word uint16) []place {
	return l.places[l.start[word]:l.start[int(word)+1]]
}

// apart counts the bits in which two words differ.
func apart(a, b uint16) int { return bits.OnesCount16(a ^ b) }
