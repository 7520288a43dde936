package tts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"dozvon/audio"
)

// Prompt is one thing to be heard. Its fields are those of scenarios.Prompt,
// so that one converts into the other: tts.Prompt(p).
type Prompt struct {
	File     string // recorded file, relative to the scenario's folder
	Text     string // or words to speak
	Language string // of Text
}

// Config is what a Speaker speaks from.
type Config struct {
	Recorded fs.FS         // recorded files; nil: none
	Cache    *Cache        // nil: none
	Engine   Engine        // nil: none; what the cache holds is all
	Timeout  time.Duration // of one text; 0: 30 s
	Parallel int           // texts spoken at once; 0: 2
	Log      *slog.Logger  // told of a cache that can't be written; nil: nobody is
	Memory   int           // samples of clips kept in memory; 0: 16 million (half an hour)
}

// Speaker turns prompts into clips: a recorded file always wins, then what the
// cache holds for the engine's voice, then the engine, then what the cache
// holds for DefaultVoice. One goroutine owns what is in memory and what is
// under way, so that a text that several calls want is spoken once.
type Speaker struct {
	cfg  Config
	ask  chan request
	done chan result
	quit chan struct{}
	over chan struct{}
}

type request struct {
	prompt Prompt
	reply  chan result // holds one: the owner never waits for a caller
}

type result struct {
	prompt Prompt
	clip   *audio.Clip
	err    error
}

// NewSpeaker starts a Speaker; Close ends it.
func NewSpeaker(cfg Config) *Speaker {
	if cfg.Timeout == 0 {
		cfg.Timeout = 30 * time.Second
	}
	if cfg.Parallel == 0 {
		cfg.Parallel = 2
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Memory == 0 {
		cfg.Memory = 16_000_000
	}
	s := &Speaker{cfg: cfg, ask: make(chan request), done: make(chan result), quit: make(chan struct{}), over: make(chan struct{})}
	go s.own()
	return s
}

// Close stops the speaker and whatever it is speaking.
func (s *Speaker) Close() {
	close(s.quit)
	<-s.over
}

// ErrClosed says that the speaker was closed.
var ErrClosed = errors.New("tts: the speaker is closed")

// Clip returns the prompt's audio. The clip is shared.
func (s *Speaker) Clip(ctx context.Context, p Prompt) (*audio.Clip, error) {
	if p.File != "" {
		p.Text, p.Language = "", ""
	} else {
		p.Text = Normal(p.Text)
	}
	r := request{prompt: p, reply: make(chan result, 1)}
	select {
	case s.ask <- r:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.over:
		return nil, ErrClosed
	}
	select {
	case got := <-r.reply:
		return got.clip, got.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.over:
		return nil, ErrClosed
	}
}

// own is the speaker's goroutine.
func (s *Speaker) own() {
	defer close(s.over)
	ctx, stop := context.WithCancel(context.Background())
	var (
		shelf   = newShelf(s.cfg.Memory)
		waiting = map[Prompt][]request{}
		queue   []Prompt
		busy    int
	)
	start := func() {
		for busy < s.cfg.Parallel && len(queue) > 0 {
			busy++
			p := queue[0]
			queue = queue[1:]
			go func() {
				clip, err := s.make(ctx, p)
				s.done <- result{p, clip, err}
			}()
		}
	}
	for {
		select {
		case r := <-s.ask:
			if c := shelf.get(r.prompt); c != nil {
				r.reply <- result{clip: c}
				continue
			}
			if waiting[r.prompt] == nil {
				queue = append(queue, r.prompt)
			}
			waiting[r.prompt] = append(waiting[r.prompt], r)
			start()
		case d := <-s.done:
			busy--
			if d.err == nil {
				shelf.put(d.prompt, d.clip)
			}
			for _, r := range waiting[d.prompt] {
				r.reply <- d
			}
			delete(waiting, d.prompt)
			start()
		case <-s.quit:
			stop()
			for ; busy > 0; busy-- {
				<-s.done
			}
			return
		}
	}
}

// make finds or speaks one prompt.
func (s *Speaker) make(ctx context.Context, p Prompt) (*audio.Clip, error) {
	if p.File != "" {
		return s.recorded(p.File)
	}
	if p.Text == "" {
		return nil, errors.New("a prompt has neither a file nor a text; check the scenario with: dozvon scenario check")
	}
	voice := DefaultVoice
	if s.cfg.Engine != nil {
		voice = s.cfg.Engine.Voice()
	}
	if clip := s.cached(p, voice); clip != nil {
		return clip, nil
	}
	var failed error
	if s.cfg.Engine != nil {
		clip, err := s.speak(ctx, p, voice)
		if err == nil {
			return clip, nil
		}
		failed = err
	}
	if clip := s.cached(p, DefaultVoice); clip != nil {
		return clip, nil
	}
	if failed != nil {
		return nil, fmt.Errorf("the text %q can't be spoken: %w", short(p.Text), failed)
	}
	return nil, fmt.Errorf("nothing can speak the text %q: no cache holds it and no engine is set; set speech.engine (espeak-ng, festival, command or http), or record it and use play", short(p.Text))
}

func short(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}

func (s *Speaker) recorded(name string) (*audio.Clip, error) {
	if s.cfg.Recorded == nil || !fs.ValidPath(name) {
		return nil, fmt.Errorf("the recording %q is not in the scenario's folder", short(name))
	}
	f, err := s.cfg.Recorded.Open(name)
	if err != nil {
		return nil, fmt.Errorf("the recording %q can't be opened: %w; put it into the scenario's folder", short(name), err)
	}
	defer f.Close()
	clip, err := audio.ReadWAV(f)
	if err != nil {
		return nil, fmt.Errorf("the recording %q: %w", short(name), err)
	}
	return clip, nil
}

// cached looks a text up, or returns nil. What can't be read counts as none:
// it is spoken anew.
func (s *Speaker) cached(p Prompt, voice string) *audio.Clip {
	wav, err := s.cfg.Cache.Get(Key(p.Language, voice, p.Text))
	if wav == nil && err == nil {
		return nil
	}
	var clip *audio.Clip
	if err == nil {
		clip, err = audio.ReadWAV(bytes.NewReader(wav))
	}
	if err != nil {
		s.cfg.Log.Warn("speech in the cache can't be used", "err", err)
		return nil
	}
	return clip
}

// speak lets the engine speak a text and keeps it. A cache that can't be
// written is no reason for silence on a call.
func (s *Speaker) speak(ctx context.Context, p Prompt, voice string) (*audio.Clip, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	wav, err := s.cfg.Engine.Speak(ctx, p.Language, p.Text)
	if err != nil {
		return nil, err
	}
	clip, err := Polish(wav)
	if err != nil {
		return nil, fmt.Errorf("speech engine %s: %w", s.cfg.Engine.Name(), err)
	}
	if err := s.cfg.Cache.Put(Key(p.Language, voice, p.Text), ALawWAV(clip)); err != nil {
		s.cfg.Log.Warn("speech is spoken anew each time", "err", err)
	}
	return clip, nil
}
