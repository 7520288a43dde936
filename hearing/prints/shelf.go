package prints

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"dozvon/internal/reason"
)

// DefaultFile is where what was learned is kept, unless somebody chooses
// another place.
const DefaultFile = "announcements.jsonl"

// Shelf holds the library of the moment: what came with dozvon and what the
// file of learned announcements adds to it. It may be used by any goroutine;
// several processes may share the file: a change by one counts for the next
// call of all.
type Shelf struct {
	path string
	warn func(error)
	held atomic.Pointer[held]
	load sync.Mutex // one reads the file, others meanwhile go on with what is held
}

// held is a library and the state of the file it was made from.
type held struct {
	library *Library
	learned contents
	size    int64
	changed time.Time
}

// OpenShelf opens the file of learned announcements; one that isn't there is
// as good as an empty one. warn, which may be nil, is told later of changes
// that can't be read: the library stays as it was, but for the lines that can.
func OpenShelf(path string, warn func(error)) (*Shelf, error) {
	if warn == nil {
		warn = func(error) {}
	}
	s := &Shelf{path: path, warn: warn}
	h, err := s.read()
	if err != nil {
		return nil, err
	}
	s.held.Store(h)
	return s, nil
}

// Library returns the library as the file is now. It looks at the file's time
// and size, and reads it when they have changed.
func (s *Shelf) Library() *Library {
	h := s.held.Load()
	size, changed := s.stamp()
	if size == h.size && changed.Equal(h.changed) || !s.load.TryLock() {
		return h.library
	}
	defer s.load.Unlock()
	fresh, err := s.read()
	if err != nil {
		s.warn(err)
		if fresh == nil { // tried again when the file changes again
			fresh = &held{library: h.library, learned: h.learned, size: size, changed: changed}
		}
	}
	s.held.Store(fresh)
	return fresh.library
}

func (s *Shelf) stamp() (int64, time.Time) {
	info, err := os.Stat(s.path)
	if err != nil {
		return -1, time.Time{}
	}
	return info.Size(), info.ModTime()
}

// read reads the file. With faults in single lines there are both a result and
// an error.
func (s *Shelf) read() (*held, error) {
	h := &held{}
	h.size, h.changed = s.stamp() // before the file is read: a change meanwhile is seen next time
	text, err := os.ReadFile(s.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the learned announcements in %s can't be read: %w; repair or remove the file, or name another one", s.path, reason.Of(err))
	}
	h.learned, err = read(bytes.NewReader(text))
	if err != nil {
		err = fmt.Errorf("the learned announcements in %s: %w: %w", s.path, ErrDamaged, err)
	}
	h.library = NewLibrary(h.learned.all()...)
	return h, err
}

// all is what is searched: what was learned goes first.
func (c contents) all() []Entry {
	out := slices.Clone(c.entries)
	for _, e := range shipped() {
		if !slices.Contains(c.without, e.ID) {
			out = append(out, e)
		}
	}
	return out
}

// ErrKnown is of an announcement that the library has already.
var ErrKnown = errors.New("known already")

// ErrUnknown is of an ID that no announcement has.
var ErrUnknown = errors.New("no such announcement")

// ErrDamaged is of a file that can't be read as it should.
var ErrDamaged = errors.New("the file is damaged")

// Learn adds an announcement out of pcm (audio.Rate samples a second). label
// and disposition are as a person gave them (Classify), name says where it
// comes from. The error says why the sound is no good; it is ErrKnown if the
// library has it already, under this label or another.
func (s *Shelf) Learn(pcm []int16, label, disposition, name string) (Entry, error) {
	e, pcm, err := newEntry(pcm, label, disposition, name)
	if err != nil {
		return e, err
	}
	err = s.change(func(c *contents, l *Library) error {
		if known := l.nearest(pcm); known != nil {
			return alike(known.Entry, e)
		}
		c.entries = append(c.entries, e)
		return nil
	})
	return e, err
}

// newEntry makes an entry of a recording, and returns what of it is meant.
func newEntry(pcm []int16, label, disposition, name string) (e Entry, _ []int16, err error) {
	if e.Label, e.Disposition, err = Classify(label, disposition); err != nil {
		return e, nil, err
	}
	if pcm, err = Trim(pcm); err != nil {
		return e, nil, err
	}
	e.Name, e.Print = cleanName(name), Make(pcm)
	e.ID = e.Print.id()
	return e, pcm, e.Print.check()
}

// Line is the line of a library's file for an announcement.
func Line(pcm []int16, label, disposition, name string) ([]byte, error) {
	e, _, err := newEntry(pcm, label, disposition, name)
	if err != nil {
		return nil, err
	}
	return e.line(), nil
}

func alike(known *Entry, e Entry) error {
	if known.Label == e.Label {
		return fmt.Errorf("%w: it is %s %q with the same label %s; nothing was added", ErrKnown, known.ID, known.Name, known.Label)
	}
	return fmt.Errorf("%w, with another label: it is nearly the same as %s %q, labelled %s; if %s is right, remove that one first", ErrKnown, known.ID, known.Name, known.Label, e.Label)
}

// Remove takes an announcement out of the library; one that came with dozvon
// is left out from now on. The name of its ID may be cut short if it stays
// clear which one is meant.
func (s *Shelf) Remove(id string) (e Entry, err error) {
	err = s.change(func(c *contents, l *Library) error {
		var found []Entry
		for _, known := range l.entries {
			if id != "" && strings.HasPrefix(known.ID, strings.ToLower(id)) {
				found = append(found, known)
			}
		}
		switch {
		case len(found) == 0:
			return fmt.Errorf("%w: none has the ID %q; list them to see which there are", ErrUnknown, cut(id, maxLabel))
		case len(found) > 1:
			return fmt.Errorf("the ID %q begins %d announcements; write more of it", id, len(found))
		}
		e = found[0]
		c.entries = slices.DeleteFunc(c.entries, func(known Entry) bool { return known.ID == e.ID })
		if e.Shipped {
			c.without = append(c.without, e.ID)
		}
		return nil
	})
	return e, err
}

// change reads the file, has do change what it says, and writes it anew.
// Lines that could not be read stop it: they would be lost.
func (s *Shelf) change(do func(*contents, *Library) error) error {
	s.load.Lock()
	defer s.load.Unlock()
	h, err := s.read()
	if err != nil {
		return err
	}
	if err := do(&h.learned, h.library); err != nil {
		return err
	}
	if len(h.learned.entries) > maxEntries {
		return fmt.Errorf("there are %d announcements already; remove some first", maxEntries)
	}
	if err := s.write(h.learned); err != nil {
		return fmt.Errorf("the announcements in %s can't be written: %w; check the folder's rights, or name another file", s.path, reason.Of(err))
	}
	h.library = NewLibrary(h.learned.all()...)
	h.size, h.changed = s.stamp()
	s.held.Store(h)
	return nil
}

// write puts a new file in the place of the old one, whole or not at all.
func (s *Shelf) write(c contents) error {
	f, err := os.CreateTemp(filepath.Dir(s.path), ".announcements-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // it is gone when all went well
	var text []byte
	for _, e := range c.entries {
		text = append(text, e.line()...)
	}
	for _, id := range c.without {
		text = append(text, row{Without: id}.line()...)
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), s.path)
}
