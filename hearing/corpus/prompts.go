package corpus

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// promptSet is where a package puts its prompts.
type promptSet struct {
	pack Package
	dir  string
	kind string // of file: ".wav" or ".gsm"
}

// promptSets are the prompts of asterisk-core-sounds-*-wav by language: one
// speaker each (CC-BY-SA 3.0; the Russian ones CC-BY 3.0), some 570 prompts of 8
// kHz; and, by language and speaker, the older asterisk-prompt-*.
var promptSets = map[string]promptSet{
	"ru":         {AsteriskRU, asteriskDir + "/sounds/ru_RU_f_IvrvoiceRU", ".wav"},
	"en":         {AsteriskEN, asteriskDir + "/sounds/en_US_f_Allison", ".wav"},
	"es":         {AsteriskES, asteriskDir + "/sounds/es_MX_f_Allison", ".wav"},
	"fr":         {AsteriskFR, asteriskDir + "/sounds/fr_CA_f_June", ".wav"},
	"it":         {AsteriskIT, asteriskDir + "/sounds/it_IT_m_Carlo", ".wav"},
	"fr-armelle": {PromptFR, asteriskDir + "/sounds/fr", ".gsm"},
	"it-menardi": {PromptIT, asteriskDir + "/sounds/it_IT_f_Menardi", ".wav"},
	"es-co":      {PromptES, asteriskDir + "/sounds/es", ".gsm"},
}

// Prompt is a recording of a set.
type Prompt struct {
	Name     string // "digits/7", "vm-intro"
	Language string // or set, as Prompts knows them: "ru", "en", "es", "fr", "it", "fr-armelle"
	Text     string // what is said, in small letters; empty: not written down here
	path     string
}

// PCM reads the prompt.
func (p Prompt) PCM() ([]int16, error) {
	if filepath.Ext(p.path) == ".gsm" {
		return kept("prompt-"+p.Language+"-"+strings.ReplaceAll(p.Name, "/", "-"), func() ([]int16, error) { return loadGSM(p.path) })
	}
	return load(p.path)
}

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

// Prompts lists the prompts of a language, or of another set, by name.
func Prompts(language string) ([]Prompt, error) {
	set, ok := promptSets[language]
	if !ok {
		return nil, fmt.Errorf("corpus: no prompts in language %q; there are ru, en, es, fr, it, fr-armelle, it-menardi and es-co", language)
	}
	if err := Missing(set.pack); err != nil {
		return nil, err
	}
	return prompts(set, language)
}

func prompts(set promptSet, language string) ([]Prompt, error) {
	var out []Prompt
	err := filepath.WalkDir(set.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != set.kind {
			return err
		}
		rel, err := filepath.Rel(set.dir, path)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.ToSlash(rel), set.kind)
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
	set := promptSets[language]
	if err := Missing(set.pack); err != nil {
		return Prompt{}, err
	}
	path := filepath.Join(set.dir, filepath.FromSlash(name)+set.kind)
	if _, err := os.Stat(path); err != nil {
		return Prompt{}, fmt.Errorf("corpus: no prompt %q in %s: %w", name, language, err)
	}
	return Prompt{Name: name, Language: language, Text: promptTexts[language][name], path: path}, nil
}
