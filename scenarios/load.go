package scenarios

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"dozvon/internal/reason"
)

// LoadFile loads and checks a scenario file. An error is Faults if the file
// could be read: every fault with its place and what to do.
func LoadFile(name string) (*Scenario, error) {
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return nil, unreadable(name, err)
	}
	// Root's file system refuses names and links that lead out of the folder.
	s, err := load(root.FS(), filepath.Base(name), name)
	if err != nil {
		root.Close() // a scenario that loads keeps its folder open for its recordings
		return nil, err
	}
	return s, nil
}

// LoadFS loads and checks a scenario file of a file system, whose folder
// holds its recorded prompts and music.
func LoadFS(fsys fs.FS, name string) (*Scenario, error) {
	dir, err := fs.Sub(fsys, path.Dir(name))
	if err != nil {
		return nil, unreadable(name, err)
	}
	return load(dir, path.Base(name), name)
}

func load(dir fs.FS, base, shown string) (*Scenario, error) {
	f, err := dir.Open(base)
	if err != nil {
		return nil, unreadable(shown, err)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, unreadable(shown, err)
	}
	return parse(src, shown, dir)
}

// unreadable words what the system said of a file without naming its calls.
func unreadable(shown string, err error) error {
	return fmt.Errorf("the scenario %s can't be read: %w; check the path and the file's rights", shown, reason.Of(err))
}

// parse reads, defaults and checks a scenario: three steps, every fault at once.
func parse(src []byte, shown string, dir fs.FS) (*Scenario, error) {
	log := &faultLog{file: shown}
	root := parseYAML(src, log)
	if root == nil {
		return nil, log.err()
	}
	d := &decoder{log: log, sc: &Scenario{files: dir, Outcomes: map[string]List{}, Music: map[string]string{}, byName: map[string]*step{}, moments: map[string]bool{}},
		sets: map[string]bool{}, nodes: map[string]*node{}, stepNodes: map[string]*node{},
		columns: map[string]*node{}, listNodes: map[string]*node{}, musicNodes: map[string]*node{}}
	block(d, root, "a scenario", rootFields(), d.sc)
	d.defaults()
	d.check()
	if err := log.err(); err != nil {
		return nil, err
	}
	for _, t := range d.sc.speeches() {
		t.cut()
	}
	return d.sc, nil
}
