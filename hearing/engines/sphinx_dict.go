package engines

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
)

// sphinxDict is the pronouncing dictionary of the model: a line for each
// word, its phones after it; further pronunciations as word(2). Loading it
// whole takes the program longer than to hear an utterance, so that it is
// given the words of the question only.
type sphinxDict struct{ text []byte }

// maxDict bounds a dictionary; the Debian one has 3 MB.
const maxDict = 32 << 20

func readDict(path string) (*sphinxDict, error) {
	info, err := os.Stat(path)
	if err != nil || info.Size() > maxDict {
		return nil, fmt.Errorf("pocketsphinx: there is no dictionary at %s; install the package pocketsphinx-en-us", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("pocketsphinx: its dictionary can't be read: %w", err)
	}
	return &sphinxDict{append([]byte("\n"), text...)}, nil
}

// entries returns the lines of all words of the phrases, and the words that
// have none.
func (d *sphinxDict) entries(phrases []string) (lines, unknown []string) {
	seen := map[string]bool{}
	for _, p := range phrases {
		for _, w := range strings.Fields(p) {
			if seen[w] {
				continue
			}
			seen[w] = true
			found := d.word(w)
			if len(found) == 0 {
				unknown = append(unknown, w)
			}
			lines = append(lines, found...)
		}
	}
	return lines, unknown
}

func (d *sphinxDict) word(w string) (lines []string) {
	for _, end := range []string{" ", "\t", "("} {
		key := []byte("\n" + w + end)
		for rest := d.text; ; {
			i := bytes.Index(rest, key)
			if i < 0 {
				break
			}
			line, _, _ := bytes.Cut(rest[i+1:], []byte("\n"))
			lines = append(lines, string(bytes.TrimSpace(line)))
			rest = rest[i+1:]
		}
	}
	return lines
}

// digest names a set of phrases.
func digest(phrases []string) string {
	sum := sha256.Sum256([]byte(strings.Join(phrases, "\n")))
	return hex.EncodeToString(sum[:12])
}
