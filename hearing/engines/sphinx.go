package engines

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"dozvon/hearing"
)

// SphinxConfig says where pocketsphinx and its English model are. Zero values
// are those of the Debian packages pocketsphinx and pocketsphinx-en-us.
type SphinxConfig struct {
	Program string        // pocketsphinx_batch
	Model   string        // a folder with en-us/, cmudict-en-us.dict and en-us-phone.lm.bin
	Workers int           // programs at once; two for each processor
	Timeout time.Duration // of one program; 2 s
	Log     *slog.Logger
}

// Sphinx hears English with pocketsphinx. Each utterance goes through it
// twice at the same time, in a process each: through the grammar of the
// question, and through a loop of all phones. How much better the grammar
// explains the sound than the loop does says how sure the words are. Anything
// said at all scores well in the loop, so that only the question's own words
// come near to it.
type Sphinx struct {
	cfg   SphinxConfig
	dict  *sphinxDict
	dir   string        // private; everything in it is ours
	slots chan struct{} // one for each program that may run
	spare sync.Pool     // of *said
}

// NewSphinx finds the program and its model. Close removes its folder.
func NewSphinx(c SphinxConfig) (*Sphinx, error) {
	if c.Program == "" {
		c.Program = "pocketsphinx_batch"
	}
	if c.Model == "" {
		c.Model = "/usr/share/pocketsphinx/model/en-us"
	}
	if c.Workers <= 0 {
		c.Workers = 2 * runtime.NumCPU()
	}
	if c.Timeout <= 0 {
		c.Timeout = 2 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	program, err := exec.LookPath(c.Program)
	if err != nil {
		return nil, fmt.Errorf("pocketsphinx: there is no program %q; install the package pocketsphinx, or set another engine for English", c.Program)
	}
	c.Program = program
	for _, part := range []string{"en-us/mdef", "en-us/feat.params", phoneModel} {
		if _, err := os.Stat(filepath.Join(c.Model, part)); err != nil {
			return nil, fmt.Errorf("pocketsphinx: its English model is not in %s (no %s); install the package pocketsphinx-en-us", c.Model, part)
		}
	}
	dict, err := readDict(filepath.Join(c.Model, "cmudict-en-us.dict"))
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "dozvon-hearing-")
	if err != nil {
		return nil, fmt.Errorf("pocketsphinx: there is no folder for its files: %w", err)
	}
	s := &Sphinx{cfg: c, dict: dict, dir: dir, slots: make(chan struct{}, max(c.Workers, 2))}
	s.spare.New = func() any { return &said{pcm: make([]int16, 0, maxSaid)} }
	if err := s.writeFeatures(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// writeFeatures writes the model's own settings but for the mean that it takes off
// each utterance, which is off already: those of the model win over arguments.
func (s *Sphinx) writeFeatures() error {
	text, err := os.ReadFile(filepath.Join(s.cfg.Model, "en-us/feat.params"))
	if err != nil {
		return fmt.Errorf("pocketsphinx: its model can't be read: %w", err)
	}
	var keep []string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "-cmn") {
			keep = append(keep, strings.TrimSpace(line))
		}
	}
	return put(s.features(), strings.Join(append(keep, "-cmn none"), "\n")+"\n")
}

func (s *Sphinx) features() string { return filepath.Join(s.dir, "feat.params") }

// Name is what people call the engine.
func (s *Sphinx) Name() string { return "pocketsphinx" }

// Close removes what was written for the program.
func (s *Sphinx) Close() { _ = os.RemoveAll(s.dir) } // nobody can do more about it

// Check makes sure that the program works, with a second of silence.
func (s *Sphinx) Check(ctx context.Context) error {
	g, err := s.grammar(newAnswers(hearing.Options{Language: "en", Phrases: map[string][]string{"yes": {"yes"}}}))
	if err != nil {
		return err
	}
	if _, err := s.recognise(ctx, g, make([]int16, 8000)); err != nil {
		return fmt.Errorf("%w; try it by hand, or set another engine for English", err)
	}
	return nil
}

// idle reports whether an utterance could be heard at once: only then one is
// begun that may go on, and would have to be heard again.
func (s *Sphinx) idle() bool { return len(s.slots)+2 <= cap(s.slots) }

// Knows makes sure that every word of a question is in the dictionary.
func (s *Sphinx) Knows(o hearing.Options) error {
	_, err := s.grammar(newAnswers(o))
	return err
}

// Open listens for phrases.
func (s *Sphinx) Open(_ context.Context, o hearing.Options) (hearing.Stream, error) {
	if o.Language != "en" {
		return nil, fmt.Errorf("pocketsphinx hears English only, not %q", o.Language)
	}
	a := newAnswers(o)
	if a.none() {
		return nil, errors.New("there are no words to listen for")
	}
	g, err := s.grammar(a)
	if err != nil {
		return nil, err
	}
	return newSphinxStream(s, a, g), nil
}

// grammar writes the files of a question, once for each set of phrases: their
// names come from what is in them.
func (s *Sphinx) grammar(a *answers) (base string, err error) {
	wanted, others := a.grammar()
	entries, unknown := s.dict.entries(wanted)
	if len(unknown) > 0 {
		return "", fmt.Errorf("pocketsphinx does not know the words %s; say them in other words, or add them to the dictionary in %s", strings.Join(unknown, ", "), s.cfg.Model)
	}
	for _, p := range others {
		if more, missing := s.dict.entries([]string{p}); len(missing) == 0 {
			entries, wanted = append(entries, more...), append(wanted, p)
		}
	}
	slices.Sort(entries)
	entries = slices.Compact(entries)
	base = filepath.Join(s.dir, "question-"+digest(wanted))
	if _, err := os.Stat(base + ".jsgf"); err == nil {
		return base, nil
	}
	if err := put(base+".dict", strings.Join(entries, "\n")+"\n"); err != nil {
		return "", err
	}
	return base, put(base+".jsgf", "#JSGF V1.0;\ngrammar g;\npublic <g> = "+strings.Join(wanted, " | ")+";\n")
}

// put writes a file whole or not at all.
func put(name, text string) error {
	f, err := os.CreateTemp(filepath.Dir(name), "part-*")
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("pocketsphinx: its files can't be written: %w", err)
	}
	return nil
}
