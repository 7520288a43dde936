package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"

	"dozvon/config"
	"dozvon/hearing"
	"dozvon/hearing/embedded"
	"dozvon/hearing/engines"
	"dozvon/hearing/keywords"
	"dozvon/hearing/progress"
	"dozvon/web"
)

// ears are the recognisers of spoken answers that the configuration names.
type ears struct {
	chain  *engines.Chain
	words  *embedded.Recognizer // of this process: an engine, and for the first words of every call
	closes []func()
}

// engine is a recogniser that can be tried before anybody is called.
type engine interface {
	hearing.Recognizer
	Check(context.Context) error
	Close()
}

// openEars makes the engines of every language ready and tries them. One that
// does not work is told and left out while another stands behind it; a
// language without any is an error, unless hearing.required is false: then
// only keys are heard in it.
func openEars(ctx context.Context, cfg *config.Config, plans map[string]plan, observe func(engines.Event), log *slog.Logger) (_ *ears, err error) {
	e := &ears{chain: &engines.Chain{Languages: map[string][]engines.Link{}, Observe: observe, Log: log}}
	defer func() {
		if err != nil {
			e.close()
		}
	}()
	m, err := keywords.Shipped()
	if err != nil {
		return nil, err
	}
	e.words = embedded.New(embedded.Config{Model: m, Log: log})
	e.closes = append(e.closes, e.words.Close)
	all := cfg.Hearing.PerLanguage()
	for _, lang := range slices.Sorted(maps.Keys(all)) {
		if err := e.language(ctx, cfg, lang, all[lang], plans, log); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// language opens the engines of one language.
func (e *ears) language(ctx context.Context, cfg *config.Config, lang string, names []string, plans map[string]plan, log *slog.Logger) error {
	var faults []error
	working := 0 // now; a server that is down stays in the chain all the same
	for _, name := range names {
		if name == config.EngineOff {
			continue
		}
		en, err := e.engine(cfg, lang, name, log)
		if err == nil {
			e.closes = append(e.closes, en.Close)
			err = errors.Join(en.Check(ctx), knows(en, lang, plans))
		}
		if err == nil {
			working++
		} else {
			faults = append(faults, err)
			// A server that is only down now comes back by itself.
			if _, server := en.(*engines.Vosk); !server {
				continue
			}
		}
		e.chain.Languages[lang] = append(e.chain.Languages[lang], engines.Link{Name: name, Recognizer: en})
	}
	if working == 0 && len(faults) > 0 && cfg.Hearing.MustHear() {
		return fmt.Errorf("nobody was called: no engine of spoken answers works for %s; set it right, or hearing.required to false to go on with keys only:\n%w", lang, errors.Join(faults...))
	}
	for _, err := range faults {
		log.Warn("an engine of spoken answers does not work now", "language", lang, "others", working, "error", err)
	}
	return nil
}

// engine makes one engine.
func (e *ears) engine(cfg *config.Config, lang, name string, log *slog.Logger) (engine, error) {
	switch name {
	case config.EngineEmbedded:
		return inProcess{e.words}, nil
	case config.EngineVosk:
		v, err := voskConfig(cfg, lang, log)
		if err != nil {
			return nil, err
		}
		return engines.NewVosk(v)
	case config.EnginePocketsphinx:
		p := cfg.Hearing.Pocketsphinx
		return engines.NewSphinx(engines.SphinxConfig{Program: p.Program, Model: cfg.Path(p.Model), Workers: p.Workers, Timeout: p.Timeout.Or(0), Log: log})
	}
	return nil, fmt.Errorf("the engine %s is not built in", name)
}

// inProcess is the engine in this process, which the ears close. There is nothing
// to try: its weights have been read.
type inProcess struct{ *embedded.Recognizer }

func (p inProcess) Check(context.Context) error { return nil }

func (p inProcess) Close() {}

func (p inProcess) Knows(o hearing.Options) error { return p.Recognizer.Check(o) }

func voskConfig(cfg *config.Config, lang string, log *slog.Logger) (engines.VoskConfig, error) {
	v := cfg.Hearing.Vosk[lang]
	c := engines.VoskConfig{URL: cfg.Filled(v.URL), Header: http.Header{}, Spare: v.Connections,
		Connect: v.Connect.Or(0), Reply: v.Reply.Or(0), Idle: v.Idle.Or(0), Log: log}
	for name, value := range v.Headers {
		c.Header.Set(name, cfg.Filled(value))
	}
	var err error
	c.CA, err = certificates(cfg, v.CAFile, "hearing.vosk."+lang+".ca_file")
	return c, err
}

// knows makes sure that an engine knows the words of every question in its
// language.
func knows(en engine, lang string, plans map[string]plan) error {
	dictionary, ok := en.(interface{ Knows(hearing.Options) error })
	if !ok {
		return nil
	}
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(plans)) {
		sc := plans[name].scenario
		if sc.Language != lang {
			continue
		}
		for _, l := range sc.Questions() {
			if err := dictionary.Knows(hearing.Options{Language: lang, Phrases: l.Words}); err != nil {
				faults = append(faults, fmt.Errorf("the scenario %s: %w", sc.Name, err))
			}
		}
	}
	return errors.Join(faults...)
}

// recognizer is what calls hear with; nil: keys only.
func (e *ears) recognizer() hearing.Recognizer {
	if e == nil || len(e.chain.Languages) == 0 {
		return nil
	}
	return e.chain
}

// firstWords looks at the first words of a call in a language; nil: its length
// and gaps must do.
func (e *ears) firstWords(language string) progress.First {
	f, err := e.words.First(language)
	if err != nil {
		return nil
	}
	return f
}

func (e *ears) close() {
	if e == nil {
		return
	}
	for _, f := range e.closes {
		f()
	}
}

// hears tells who counts, if anybody does.
func (s *station) hears(ev engines.Event) {
	if s.heard != nil {
		s.heard(ev)
	}
}

// countHearing feeds the metrics of recognisers.
func countHearing(m *web.Metrics) func(engines.Event) {
	return func(ev engines.Event) {
		if ev.Heard == nil {
			m.HearingFailed(ev.Engine, ev.Language, ev.Instead)
			return
		}
		m.Heard(ev.Engine, ev.Language, ev.Heard.Label != "", ev.Heard.Latency)
	}
}
