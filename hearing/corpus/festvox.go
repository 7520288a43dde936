package corpus

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"dozvon/audio"
)

// festvoxDir holds the voice of festvox-ru with its source recordings: one
// male speaker, 620 utterances, 99.5 minutes (BSD-like licence).
const festvoxDir = festivalDir + "/russian/msu_ru_nsh_clunits"

// Label is a stretch of an utterance in which one phone is spoken. Phones have
// the names of festvox-ru; "pau" is a pause.
type Label struct {
	Phone    string
	From, To time.Duration
}

// Utterance is a sentence of the Russian speaker.
type Utterance struct {
	ID     string  // "ru_0335"
	Text   string  // as published, + before a vowel where the stress is not what the dictionary says
	Labels []Label // by time, without gaps
	dir    string
}

// PCM reads the utterance at audio.Rate.
func (u Utterance) PCM() ([]int16, error) {
	return load(filepath.Join(u.dir, "wav", u.ID+".wav"))
}

func load(path string) ([]int16, error) {
	c, err := audio.LoadFile(path)
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	return c.PCM(), nil
}

// Festvox lists the utterances of festvox-ru by ID.
func Festvox() ([]Utterance, error) {
	if err := Missing(FestvoxRU); err != nil {
		return nil, err
	}
	return FestvoxAt(festvoxDir)
}

// FestvoxAt is Festvox of a voice in another folder.
func FestvoxAt(dir string) ([]Utterance, error) {
	path := filepath.Join(dir, "etc", "txt.done.data")
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	var out []Utterance
	for n, line := range strings.Split(string(b), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		id, text, err := parseText(line)
		if err != nil {
			return nil, fmt.Errorf("corpus: %s line %d: %w", path, n+1, err)
		}
		file := filepath.Join(dir, "lab", id+".lab")
		lab, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("corpus: %w", err)
		}
		labels, err := parseLabels(lab)
		if err != nil {
			return nil, fmt.Errorf("corpus: %s: %w", file, err)
		}
		out = append(out, Utterance{ID: id, Text: text, Labels: labels, dir: dir})
	}
	return out, nil
}

// parseText reads a line of festival's list of texts: ( id "text" ).
func parseText(line string) (id, text string, err error) {
	s, open := strings.CutPrefix(strings.TrimSpace(line), "(")
	s, shut := strings.CutSuffix(s, ")")
	id, text, found := strings.Cut(strings.TrimSpace(s), " ")
	text = strings.TrimSpace(text)
	if !open || !shut || !found || len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
		return "", "", fmt.Errorf(`%.40q is not ( id "text" )`, line)
	}
	if id != filepath.Base(id) || id == ".." {
		return "", "", fmt.Errorf("%.40q is no name of an utterance", id)
	}
	return id, strings.ReplaceAll(text[1:len(text)-1], `\"`, `"`), nil
}

// parseLabels reads labels as xlabel writes them: a head that ends with #,
// then lines of the end in seconds, a colour and the phone.
func parseLabels(b []byte) ([]Label, error) {
	var out []Label
	var from time.Duration
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) != 3 {
			continue
		}
		sec, err := strconv.ParseFloat(f[0], 64)
		if err != nil || !(sec >= 0 && sec < 3600) {
			return nil, fmt.Errorf("the time %.20q is none", f[0])
		}
		to := time.Duration(sec * float64(time.Second)).Round(10 * time.Microsecond)
		if to < from {
			return nil, fmt.Errorf("the phone %q ends at %v, before it begins at %v", f[2], to, from)
		}
		out = append(out, Label{Phone: f[2], From: from, To: to})
		from = to
	}
	return out, lines.Err()
}
