// Command render speaks every sentence that the demo bases of the shipped
// scenarios need, into their prompts folders, and writes the music on hold.
// Run it from the folder scenarios (go generate does) after a change of a
// scenario or a base; festival with festvox-ru must be installed.
package main

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"dozvon/audio/tts"
	"dozvon/scenarios"
	"dozvon/scenarios/internal/demobase"
)

func main() {
	dir := flag.String("dir", "shipped", "folder of the shipped scenarios")
	again := flag.Bool("again", false, "speak everything anew")
	flag.Parse()
	music := tts.ALawWAV(holdMusic())
	for _, name := range scenarios.ShippedNames() {
		if err := render(*dir, name, music, *again); err != nil {
			fmt.Fprintln(os.Stderr, "render:", err)
			os.Exit(1)
		}
	}
}

func render(dir, name string, music []byte, again bool) error {
	prompts := filepath.Join(dir, name, "prompts")
	if err := os.MkdirAll(prompts, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(prompts, "hold.wav"), music, 0o644); err != nil {
		return err
	}
	s, err := scenarios.LoadFile(filepath.Join(dir, name, "scenario.yaml"))
	if err != nil {
		return err
	}
	leads, err := demobase.Leads(os.DirFS(dir), name, s)
	if err != nil {
		return err
	}
	cache := &tts.Cache{Dir: prompts}
	engine := tts.Festival("")
	keep := map[string]bool{"hold.wav": true}
	spoken, bytes := 0, len(music)
	for _, p := range demobase.Prompts(s, leads) {
		if p.File != "" {
			continue
		}
		key := tts.Key(p.Language, tts.DefaultVoice, p.Text)
		keep[key+".wav"] = true
		wav, err := cache.Get(key)
		if wav == nil || err != nil || again {
			if wav, err = speak(engine, p); err != nil {
				return err
			}
			if err := cache.Put(key, wav); err != nil {
				return err
			}
			spoken++
		}
		bytes += len(wav)
	}
	fmt.Printf("%s: %d prompts, %d spoken now, %d KB\n", name, len(keep)-1, spoken, bytes>>10)
	return sweep(prompts, keep)
}

func speak(engine tts.Engine, p scenarios.Prompt) ([]byte, error) {
	wav, err := engine.Speak(context.Background(), p.Language, p.Text)
	if err != nil {
		return nil, err
	}
	clip, err := tts.Polish(wav)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", p.Text, err)
	}
	return tts.ALawWAV(clip), nil
}

// sweep removes what no scenario needs any more.
func sweep(dir string, keep map[string]bool) error {
	return fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".wav") && !keep[path] {
			return os.Remove(filepath.Join(dir, path))
		}
		return err
	})
}
