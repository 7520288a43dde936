package corpus

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// promptDirs are where the packages asterisk-core-sounds-*-wav put their
// prompts, by language: one speaker each (CC-BY-SA 3.0; the Russian ones CC-BY
// 3.0), some 570 prompts of 8 kHz.
var promptDirs = map[string]string{
	"ru": asteriskDir + "/sounds/ru_RU_f_IvrvoiceRU",
	"en": asteriskDir + "/sounds/en_US_f_Allison",
	"es": asteriskDir + "/sounds/es_MX_f_Allison",
	"fr": asteriskDir + "/sounds/fr_CA_f_June",
	"it": asteriskDir + "/sounds/it_IT_m_Carlo",
}

// Prompt is a recording of a set.
type Prompt struct {
	Name     string // "digits/7", "vm-intro"
	Language string // "ru", "en", "es", "fr", "it"
	Text     string // what is said, in small letters; empty: not written down here
	path     string
}

// PCM reads the prompt.
func (p Prompt) PCM() ([]int16, error) { return load(p.path) }

// Path returns the prompt's file.
func (p Prompt) Path() string { return p.path }

// Speech reports whether somebody speaks in the prompt: it is neither silence
// nor a beep nor a noise.
func (p Prompt) Speech() bool {
	switch p.Name {
	case "beep", "beeperr", "ascending-2tone", "descending-2tone", "tt-monkeys", "confbridge-join", "confbridge-leave":
		return false
	}
	return !strings.HasPrefix(p.Name, "silence/")
}

// Prompts lists the prompts of a language by name.
func Prompts(language string) ([]Prompt, error) {
	dir, ok := promptDirs[language]
	if !ok {
		return nil, fmt.Errorf("corpus: no prompts in language %q; there are ru, en, es, fr and it", language)
	}
	if err := Missing(Package("asterisk-core-sounds-" + language + "-wav")); err != nil {
		return nil, err
	}
	return prompts(dir, language)
}

func prompts(dir, language string) ([]Prompt, error) {
	var out []Prompt
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".wav" {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.ToSlash(rel), ".wav")
		out = append(out, Prompt{Name: name, Language: language, Text: promptTexts[language][name], path: path})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	return out, nil
}

// FindPrompt returns one prompt of a language.
func FindPrompt(language, name string) (Prompt, error) {
	if err := Missing(Package("asterisk-core-sounds-" + language + "-wav")); err != nil {
		return Prompt{}, err
	}
	path := filepath.Join(promptDirs[language], filepath.FromSlash(name)+".wav")
	if _, err := os.Stat(path); err != nil {
		return Prompt{}, fmt.Errorf("corpus: no prompt %q in %s: %w", name, language, err)
	}
	return Prompt{Name: name, Language: language, Text: promptTexts[language][name], path: path}, nil
}
