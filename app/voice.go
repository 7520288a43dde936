package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"dozvon/audio"
	"dozvon/audio/tts"
	"dozvon/config"
	"dozvon/dialer"
	"dozvon/scenarios"
	"dozvon/store"
)

// voice speaks for every campaign: each scenario has a speaker of its own, as
// its recordings are its own. It is filled before the first call and read
// from then on.
type voice struct {
	engine tts.Engine // nil: only what is recorded or cached
	cache  string
	by     map[*scenarios.Scenario]*speech
}

// speech is the voice of one scenario.
type speech struct {
	speaker *tts.Speaker
	cache   *tts.Cache
	ready   map[scenarios.Prompt]*audio.Clip // what is the same on every call
}

func newVoice(cfg *config.Config, log *slog.Logger) (*voice, error) {
	v := &voice{by: map[*scenarios.Scenario]*speech{}, cache: cfg.Path(cfg.Speech.Cache), engine: speechEngine(cfg)}
	if v.cache == "" && v.engine != nil {
		dir, err := os.UserCacheDir()
		if err != nil {
			log.Info("speech is not kept between runs; set speech.cache to a folder")
			return v, nil
		}
		v.cache = filepath.Join(dir, "dozvon", "speech")
	}
	return v, nil
}

// speechEngine is the engine that the configuration names, or nil.
func speechEngine(cfg *config.Config) tts.Engine {
	s := cfg.Speech
	switch s.Engine {
	case "espeak-ng":
		return tts.EspeakNG(s.Voice)
	case "festival":
		return tts.Festival(s.Voice)
	case "command":
		return &tts.Command{VoiceName: s.Voice, Args: s.Command, Format: tts.Format(s.Format), Rate: s.Rate, Timeout: s.Timeout.Or(0)}
	case "http":
		return &tts.HTTP{VoiceName: s.Voice, Method: s.HTTP.Method, URL: s.HTTP.URL, Headers: s.HTTP.Headers, Body: s.HTTP.Body,
			JSONPath: s.HTTP.JSONPath, Format: tts.Format(s.Format), Rate: s.Rate, Timeout: s.Timeout.Or(0),
			Getenv: func(name string) string { v, _ := cfg.Env(name); return v }}
	}
	return nil
}

// of returns the voice of a scenario, made at its first use. Recordings and
// rendered sentences of the scenario's own folder go first, then the cache,
// then what comes with the program.
func (v *voice) of(sc *scenarios.Scenario) *speech {
	if s := v.by[sc]; s != nil {
		return s
	}
	cache := &tts.Cache{Dir: v.cache}
	if own, err := fs.Sub(sc.Files(), "prompts"); err == nil {
		cache.Layers = append(cache.Layers, own)
	}
	for _, name := range scenarios.ShippedNames() {
		if layer, err := fs.Sub(scenarios.Shipped(), name+"/prompts"); err == nil {
			cache.Layers = append(cache.Layers, layer)
		}
	}
	s := &speech{cache: cache, ready: map[scenarios.Prompt]*audio.Clip{},
		speaker: tts.NewSpeaker(tts.Config{Recorded: sc.Files(), Cache: cache, Engine: v.engine})}
	v.by[sc] = s
	return s
}

// maxTold is how many prompts that cannot be said an error names.
const maxTold = 5

// prepare makes everything ready that is the same on every call, and makes
// sure that what depends on the lead can be said, before anyone is called.
func (v *voice) prepare(ctx context.Context, db *store.Store, p plan) error {
	s := v.of(p.scenario)
	var faults []error
	for _, prompt := range p.scenario.Prompts() {
		clip, err := s.speaker.Clip(ctx, tts.Prompt(prompt))
		if err != nil {
			faults = append(faults, err)
			continue
		}
		s.ready[prompt] = clip
	}
	if v.engine == nil {
		for _, text := range p.scenario.LivePrompts() {
			faults = append(faults, fmt.Errorf("the text %q is known only during a call, and no speech engine is set; set speech.engine", text))
		}
	}
	if len(faults) == 0 {
		faults = v.checkLeads(ctx, db, p, s)
	}
	if len(faults) == 0 {
		return nil
	}
	told := faults
	if len(told) > maxTold {
		told = append(told[:maxTold:maxTold], fmt.Errorf("… and %d more", len(faults)-maxTold))
	}
	return fmt.Errorf("nobody was called: the scenario %s cannot be spoken:\n%w", p.scenario.Name, errors.Join(told...))
}

// checkLeads makes sure that what depends on a lead can be said: with an
// engine the first lead's sentences prove it, without one every lead's
// sentences must be in a cache.
func (v *voice) checkLeads(ctx context.Context, db *store.Store, p plan, s *speech) (faults []error) {
	seen := map[scenarios.Prompt]bool{}
	for after := dialer.LeadID(0); ; {
		page, err := db.Leads(ctx, store.LeadQuery{Campaign: p.name, After: after, Limit: 1000})
		if err != nil {
			return append(faults, err)
		}
		for _, lead := range page {
			after = lead.ID
			if lead.State.Final() {
				continue
			}
			for _, prompt := range p.scenario.PromptsFor(lead) {
				if seen[prompt] || v.engine == nil && s.holds(prompt) {
					continue
				}
				seen[prompt] = true
				if _, err := s.speaker.Clip(ctx, tts.Prompt(prompt)); err != nil {
					faults = append(faults, err)
				}
			}
			if v.engine != nil || len(faults) > 100 {
				return faults
			}
		}
		if len(page) == 0 {
			return faults
		}
	}
}

// holds reports whether a cache has a sentence, without decoding it.
func (s *speech) holds(p scenarios.Prompt) bool {
	wav, err := s.cache.Get(tts.Key(p.Language, tts.DefaultVoice, p.Text))
	return err == nil && wav != nil
}

// Ready returns a prompt that is the same on every call.
func (v *voice) Ready(sc *scenarios.Scenario, p scenarios.Prompt) (*audio.Clip, bool) {
	s := v.by[sc]
	if s == nil {
		return nil, false
	}
	clip, ok := s.ready[p]
	return clip, ok
}

// Clip returns the audio of a prompt; it may take as long as an engine takes.
func (v *voice) Clip(ctx context.Context, sc *scenarios.Scenario, p scenarios.Prompt) (*audio.Clip, error) {
	s := v.by[sc]
	if s == nil {
		return nil, fmt.Errorf("the scenario %s was not prepared", sc.Name)
	}
	return s.speaker.Clip(ctx, tts.Prompt(p))
}

func (v *voice) close() {
	for _, s := range v.by {
		s.speaker.Close()
	}
}
