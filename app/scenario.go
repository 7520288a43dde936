package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"dozvon/audio/tts"
	"dozvon/config"
	"dozvon/scenarios"
)

// CheckScenarios reports every fault of every scenario file.
func CheckScenarios(paths []string, stdout io.Writer) error {
	var faults []error
	for _, path := range paths {
		sc, err := loadScenario(path)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		fmt.Fprintf(stdout, "%s: the scenario %s is sound (%d lists, %d prompts that are the same on every call)\n",
			path, sc.Name, len(sc.Lists), len(sc.Prompts()))
	}
	return Invalid(errors.Join(faults...))
}

// TestScenarios runs the tests that the scenario files hold.
func TestScenarios(paths []string, verbose bool, stdout io.Writer) error {
	failed, total := 0, 0
	for _, path := range paths {
		sc, err := loadScenario(path)
		if err != nil {
			return err
		}
		for _, r := range sc.RunTests() {
			total++
			word := "ok  "
			if len(r.Faults) > 0 {
				failed++
				word = "FAIL"
			}
			fmt.Fprintf(stdout, "%s %s:%d %s\n", word, path, r.Line, r.Name)
			for _, f := range r.Faults {
				fmt.Fprintf(stdout, "       %s\n", f)
			}
			if verbose || len(r.Faults) > 0 {
				for _, heard := range r.Heard {
					fmt.Fprintf(stdout, "       heard: %s\n", heard)
				}
			}
		}
	}
	switch {
	case failed > 0:
		return fmt.Errorf("%d of %d tests failed", failed, total)
	case total == 0:
		return Invalid(errors.New("the scenarios hold no tests; add a tests: block"))
	}
	fmt.Fprintf(stdout, "%d tests passed\n", total)
	return nil
}

// SayOptions say what to render where.
type SayOptions struct {
	Scenario, Out, Config string
	Engine, Voice         string
	Env                   func(string) (string, bool)
}

// SayScenario renders the prompts that are the same on every call into a
// folder, named as the speech cache names them.
func SayScenario(ctx context.Context, o SayOptions, stdout io.Writer) error {
	cfg := config.Default()
	if o.Config != "" {
		var err error
		if cfg, err = config.Load(o.Config, o.Env); err != nil {
			return Invalid(err)
		}
	}
	if err := o.check(cfg); err != nil {
		return err
	}
	if o.Engine != "" {
		cfg.Speech.Engine, cfg.Speech.Voice = o.Engine, o.Voice
	}
	sc, err := loadScenario(o.Scenario)
	if err != nil {
		return err
	}
	cfg.Speech.Cache = "" // what is rendered goes into the folder only
	v := &voice{engine: speechEngine(cfg), by: map[*scenarios.Scenario]*speech{}}
	defer v.close()
	if err := OutFolder(o.Out, "--out"); err != nil {
		return err
	}
	s := v.of(sc)
	name := tts.DefaultVoice
	if v.engine != nil {
		name = v.engine.Voice()
	}
	for _, p := range sc.Prompts() {
		if p.File != "" {
			continue
		}
		clip, err := s.speaker.Clip(ctx, tts.Prompt(p))
		if err != nil {
			return err
		}
		file := filepath.Join(o.Out, tts.Key(p.Language, name, p.Text)+".wav")
		if err := os.WriteFile(file, tts.ALawWAV(clip), 0o644); err != nil {
			return fmt.Errorf("%s cannot be written: %w", file, err)
		}
		fmt.Fprintf(stdout, "%s  %5.1fs  %s\n", filepath.Base(file), clip.Duration().Seconds(), p.Text)
	}
	return nil
}

// check refuses an engine that there is not, or that needs what only a
// configuration says.
func (o SayOptions) check(cfg *config.Config) error {
	switch o.Engine {
	case "", "none", "espeak-ng", "festival":
		return nil
	case "command", "http":
		if o.Engine == "command" && len(cfg.Speech.Command) > 0 || o.Engine == "http" && cfg.Speech.HTTP != nil {
			return nil
		}
		return Usage(fmt.Errorf("--engine %s needs its settings; give --config FILE with speech.%s", o.Engine, o.Engine))
	}
	return Usage(fmt.Errorf("--engine cannot be %q; take espeak-ng or festival, or command or http with --config", o.Engine))
}

// GraphScenario prints a picture of the dialogue as Mermaid text.
func GraphScenario(path string, stdout io.Writer) error {
	sc, err := loadScenario(path)
	if err != nil {
		return err
	}
	_, err = io.WriteString(stdout, sc.Graph())
	return err
}
