package embedded

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"dozvon/hearing"
	"dozvon/hearing/keywords"
	"dozvon/hearing/phrases"
)

// Name is the engine's name in results.
const Name = "embedded"

// Config says how the recogniser works.
type Config struct {
	Model   *keywords.Model // of Russian
	Workers int             // searches at once; 0: as many as there are processors
	Log     *slog.Logger    // told once of phrases that can't be listened for; may be nil
}

// Recognizer hears words without any server.
type Recognizer struct {
	cfg     Config
	jobs    chan *utterance
	spare   sync.Pool // of *utterance
	workers sync.WaitGroup
	stop    chan struct{}

	mu       sync.Mutex
	grammars map[string]*keywords.Grammar // by question; never changed once made
}

// mostGrammars bounds how many questions are kept ready: those of some dozens
// of scenarios. Beyond it all are made anew.
const mostGrammars = 256

// waiting is how many utterances may wait for a worker.
const waiting = 256

// New starts the workers. Close ends them.
func New(c Config) *Recognizer {
	if c.Workers <= 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	r := idle(c)
	for range c.Workers {
		r.workers.Go(r.work)
	}
	return r
}

// idle is a recogniser without workers.
func idle(c Config) *Recognizer {
	r := &Recognizer{cfg: c, jobs: make(chan *utterance, waiting), stop: make(chan struct{}), grammars: map[string]*keywords.Grammar{}}
	r.spare.New = func() any { return &utterance{} }
	return r
}

// Close ends the workers. Streams that are open hear nothing more.
func (r *Recognizer) Close() {
	close(r.stop)
	r.workers.Wait()
}

// Open starts to hear a person. It fails if none of the phrases can be
// listened for; if only some can't, the others are.
func (r *Recognizer) Open(_ context.Context, o hearing.Options) (hearing.Stream, error) {
	g, err := r.grammar(o)
	if err != nil {
		return nil, err
	}
	s := r.stream(g, o)
	go s.deliver()
	return s, nil
}

func (r *Recognizer) stream(g *keywords.Grammar, o hearing.Options) *stream {
	s := &stream{r: r, grammar: g, sure: maps.Clone(o.Sure), decided: make(chan decided, 4), results: make(chan hearing.Heard), done: make(chan struct{})}
	s.ends.Patience = finalAfter
	return s
}

// Check reports what of a question can't be listened for.
func (r *Recognizer) Check(o hearing.Options) error {
	words, err := phrases.Compile(o)
	if err != nil {
		return err
	}
	_, err = compile(r.cfg.Model, words)
	return err
}

// grammar returns the words of a question, made ready.
func (r *Recognizer) grammar(o hearing.Options) (*keywords.Grammar, error) {
	key := keyOf(o)
	r.mu.Lock()
	g := r.grammars[key]
	r.mu.Unlock()
	if g != nil {
		return g, nil
	}
	words, bad := phrases.Compile(o)
	if !slices.ContainsFunc(words, func(w phrases.Word) bool { return !w.Filler }) {
		if bad == nil {
			bad = fmt.Errorf("the question has no phrases")
		}
		return nil, bad
	}
	if bad != nil && r.cfg.Log != nil {
		r.cfg.Log.Warn("some phrases are not listened for", "error", bad)
	}
	g, err := compile(r.cfg.Model, words)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.grammars) >= mostGrammars {
		clear(r.grammars)
	}
	r.grammars[key] = g
	return g, nil
}

func compile(m *keywords.Model, words []phrases.Word) (*keywords.Grammar, error) {
	list := make([]keywords.Word, len(words))
	for i, w := range words {
		list[i] = keywords.Word(w)
	}
	return keywords.Compile(m, list)
}

// keyOf tells questions apart.
func keyOf(o hearing.Options) string {
	var b strings.Builder
	b.WriteString(o.Language)
	for _, label := range slices.Sorted(maps.Keys(o.Phrases)) {
		b.WriteString("\x00\x01" + label)
		for _, p := range o.Phrases[label] {
			b.WriteString("\x00\x02" + p)
		}
	}
	return b.String()
}
