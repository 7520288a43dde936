package prints

import (
	"time"

	"dozvon/audio"
	"dozvon/hearing"
)

const (
	// span is how many words must agree: with the frames that the first of
	// them depends on they are less than 2 s.
	span = 85
	// enough is how many of them must stand for sound.
	enough = 50
	// Near is the share of bits that may differ, and evenly the one within each
	// third of the span: sounds that have some words in common are near in part.
	// Both were chosen on sentences and prompts of other voices than those that
	// the benchmark judges (docs/decisions/013-prints.md).
	Near   = 0.29
	evenly = 0.36

	hopeless = 0.40 // of what was heard so far: no reason to follow
	glance   = 9    // words apart of the first look at a place
	tooFar   = 21   // bits of the first 48: others are 24 away on average
	ahead    = 16   // sounded words that a first judgement needs
	maxTrack = 16
	maxLook  = 24 // places looked at per word
	flips    = 3  // least certain bits, tried both ways
)

// Match is an announcement that was known again.
type Match struct {
	Entry      *Entry
	Distance   float64       // share of the bits that differ, over the last 2 s
	Confidence float64       // 0..1
	At         time.Duration // on the matcher's time, from its first frame
}

// Matcher listens to one call for the announcements of a library. It is some
// 3 KB and allocates nothing while it listens.
type Matcher struct {
	library *Library
	ear     listener
	frames  int // heard so far
	past    [128]uint16
	tracks  [maxTrack]track
	n       int // tracks in use
	told    int // 1 + the entry that was last found
	toldAt  int // after how many frames
}

// track follows an announcement that may be the one which is heard.
type track struct {
	entry, word int32 // the word of it that is heard now
	wrong, of   int32 // bits that differ, words that count, within span
}

// NewMatcher returns a matcher that has heard nothing. What the library learns
// later is for later calls.
func NewMatcher(l *Library) *Matcher { return &Matcher{library: l} }

// Hear takes the next 20 ms and reports an announcement when 2 s of it have
// been heard. The same one is not reported twice in a row, and another one 2 s
// later at the soonest: of two that are much alike the nearer is named.
func (m *Matcher) Hear(f hearing.Frame) (Match, bool) {
	if len(f.PCM) < audio.FrameSamples || m.library.Len() == 0 {
		return Match{}, false
	}
	word, ok := m.ear.hear((*[audio.FrameSamples]int16)(f.PCM))
	m.past[m.frames&127] = word
	m.frames++
	m.follow(word)
	if ok && m.frames%3 == 0 { // a word is much like those beside it
		m.seek(word)
	}
	return m.judge()
}

// follow moves every track on by a word, and drops those that lead nowhere.
func (m *Matcher) follow(word uint16) {
	kept := 0
	for i := range m.n {
		t := m.tracks[i]
		p := &m.library.entries[t.entry].Print
		t.word++
		if int(t.word) >= len(p.words) {
			continue
		}
		if p.counts(int(t.word)) {
			t.wrong += int32(apart(word, p.words[t.word]))
			t.of++
		}
		if gone := int(t.word) - span; gone >= 0 && m.frames > span && p.counts(gone) {
			t.wrong -= int32(apart(m.past[(m.frames-1-span)&127], p.words[gone]))
			t.of--
		}
		if t.share() < hopeless {
			m.tracks[kept] = t
			kept++
		}
	}
	m.n = kept
}

func (t *track) share() float64 { return float64(t.wrong) / float64(max(t.of, 1)*wordBits) }

// seek looks the word up, and its neighbours in the bits that were decided
// least clearly, and begins to follow what the words before agree with.
func (m *Matcher) seek(word uint16) {
	var mask [flips]uint16
	m.ear.doubtful(&mask)
	for variant := range 1 << flips {
		w := word
		for i, bit := range mask {
			if variant>>i&1 != 0 {
				w ^= bit
			}
		}
		places := m.library.of(w)
		if len(places) > maxLook { // a common word: another part of its places each time
			from := m.frames * maxLook % len(places)
			places = places[from:min(from+maxLook, len(places))]
		}
		for _, p := range places {
			if m.glance(p) {
				m.begin(p)
			}
		}
	}
}

// glance compares a few words before the place, far apart as neighbours are
// much alike: nine places in ten are nothing.
func (m *Matcher) glance(at place) bool {
	p := &m.library.entries[at.entry()].Print
	w, wrong, of := at.word(), 0, 0
	for back := glance; back <= span && back <= w && back < m.frames; back += glance {
		wrong += apart(m.past[(m.frames-1-back)&127], p.words[w-back])
		of += wordBits
		if back == 3*glance && wrong > tooFar {
			return false
		}
	}
	return of >= 2*wordBits && float64(wrong) < hopeless*float64(of)
}

// begin follows a place, unless it is followed already or the words before it
// are too many bits away.
func (m *Matcher) begin(at place) {
	t := track{entry: int32(at.entry()), word: int32(at.word())}
	for i := range m.n {
		if m.tracks[i].entry == t.entry && m.tracks[i].word == t.word {
			return
		}
	}
	p := &m.library.entries[t.entry].Print
	for back := 0; back < span && back <= at.word() && back < m.frames; back++ {
		if i := at.word() - back; p.counts(i) {
			t.wrong += int32(apart(m.past[(m.frames-1-back)&127], p.words[i]))
			t.of++
		}
	}
	if t.of < ahead || t.share() >= hopeless {
		return
	}
	if m.n < maxTrack {
		m.tracks[m.n] = t
		m.n++
		return
	}
	worst := 0
	for i := range m.tracks {
		if m.tracks[i].share() > m.tracks[worst].share() {
			worst = i
		}
	}
	if t.share() < m.tracks[worst].share() {
		m.tracks[worst] = t
	}
}

// even reports whether a track is near in every third of the span.
func (m *Matcher) even(t *track) bool {
	p := &m.library.entries[t.entry].Print
	for part := range 3 {
		wrong, of := 0, 0
		for back := part * span / 3; back < (part+1)*span/3; back++ {
			if i := int(t.word) - back; p.counts(i) {
				wrong += apart(m.past[(m.frames-1-back)&127], p.words[i])
				of += wordBits
			}
		}
		if of >= span/12*wordBits && float64(wrong) > evenly*float64(of) {
			return false
		}
	}
	return true
}

// judge reports the nearest of the tracks that are near over a whole span.
func (m *Matcher) judge() (Match, bool) {
	best, distance := -1, Near
	for i := range m.n {
		t := &m.tracks[i]
		if t.of >= enough && t.word >= span-1 && m.frames >= span && t.share() < distance && m.even(t) {
			best, distance = int(t.entry), t.share()
		}
	}
	if best < 0 || m.told == best+1 || m.told > 0 && m.frames-m.toldAt < span {
		return Match{}, false
	}
	m.told, m.toldAt = best+1, m.frames
	off := distance / Near
	return Match{Entry: &m.library.entries[best], Distance: distance, Confidence: 1 - off*off*off*off/2,
		At: time.Duration(m.frames) * audio.FrameTime}, true
}
