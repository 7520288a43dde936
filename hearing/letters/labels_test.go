package letters

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// voiceDir is where Debian's festvox-ru puts the recordings' texts and labels.
const voiceDir = "/usr/share/festival/voices/russian/msu_ru_nsh_clunits"

// leastEqual is the share of words of the recorded texts whose labels must be
// one of our pronunciations.
const leastEqual = 0.97

// TestLabels reads the 620 recorded texts of festvox-ru and compares with their
// labels. Stress comes from the marks in the texts, then from the package's own
// dictionary, as it is not what is judged here.
func TestLabels(t *testing.T) {
	texts, err := os.ReadFile(filepath.Join(voiceDir, "etc", "txt.done.data"))
	if err != nil {
		t.Skip("festvox-ru is not installed: its labels were not compared with")
	}
	dict := festvoxStress(t)
	line := regexp.MustCompile(`\( (ru_\d+) "(.*)" \)`)
	words, equal := 0, 0
	for _, m := range line.FindAllStringSubmatch(string(texts), -1) {
		phones := readLabels(t, filepath.Join(voiceDir, "lab", m[1]+".lab"))
		n, ok := compare(split(m[2]), dict, phones)
		words, equal = words+n, equal+ok
	}
	share := float64(equal) / float64(words)
	t.Logf("%d of %d words of festvox-ru as labelled: %.2f %%", equal, words, 100*share)
	if share < leastEqual || words < 5000 {
		t.Errorf("%.2f %% of %d words are as labelled; at least %.0f %% must be", 100*share, words, 100*leastEqual)
	}
}

// compare returns how many words of a text there are, and the most that can be
// found one after the other in the labels.
func compare(text []chunk, dict map[string][]int, phones []string) (words, equal int) {
	ways := make([][]word, len(text)+3)
	for i, c := range text {
		ways[i+1] = labelled(c, dict)
	}
	for _, i := range []int{0, len(text) + 1, len(text) + 2} {
		ways[i] = []word{""}
	}
	best := make([][]int, len(text)+1) // words found by the i-th word and the j-th phone; -1: never there
	for i := range best {
		best[i] = slices.Repeat([]int{-1}, len(phones)+1)
	}
	best[0][0] = 0
	for i := range text {
		ok := said(ways[i : i+4])
		for j := range phones {
			if best[i][j] < 0 {
				continue
			}
			at := j
			if phones[j] == Pause {
				at++
			}
			for k := at; k <= min(len(phones), at+18); k++ {
				best[i+1][k] = max(best[i+1][k], best[i][j])
			}
			for _, way := range ok {
				if k := at + len(way); k <= len(phones) && slices.Equal(way, phones[at:k]) {
					best[i+1][k] = max(best[i+1][k], best[i][j]+1)
				}
			}
		}
	}
	return len(text), slices.Max(best[len(text)])
}

// said returns the ways in which the second one of four words may be labelled:
// with and without pauses around it, as the labels were made from the texts and
// their pauses were put where the speaker made them.
func said(four [][]word) [][]string {
	var out [][]string
	for _, w := range four[1] {
		for _, next := range four[2] {
			for b := range 4 {
				before, after := b/2 == 1, b%2 == 1
				all := join([]word{four[0][0], w, next, four[3][0]}, []bool{before, after, false, false})
				start := len(wordSounds(four[0][0]))
				if before {
					start++
				}
				out = appendNew(out, all[start:start+len(wordSounds(w))])
			}
		}
	}
	return out
}

// labelled returns the ways to read a word of the recorded texts.
func labelled(c chunk, dict map[string][]int) []word {
	w, alien := read(c.text)
	if alien != 0 {
		return []word{""}
	}
	if w.hasStress() || c.tail {
		return respell(w)
	}
	known, ok := dict[w.plain()]
	if !ok {
		ways, _ := wordWays(c, false)
		return ways
	}
	var out []word
	for _, n := range known {
		if n == 0 {
			out = append(out, respell(w)...)
			continue
		}
		out = append(out, respell(w.stress(n-1))...)
	}
	return out
}

// festvoxStress reads the stressed syllable of each word of the dictionary; 0
// is a clitic.
func festvoxStress(t *testing.T) map[string][]int {
	t.Helper()
	f, err := os.Open(filepath.Join(voiceDir, "dict", "msu_ru_nsh_dict.scm"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string][]int{}
	lines := bufio.NewScanner(f)
	for lines.Scan() { // ("абажур" n (3))
		parts := strings.Fields(lines.Text())
		if len(parts) != 3 {
			continue
		}
		if n, err := strconv.Atoi(strings.Trim(parts[2], "()")); err == nil {
			name := strings.Trim(parts[0], `("`)
			out[name] = append(out[name], n)
		}
	}
	return out
}

// readLabels returns the phones of a label file, without the silence at its end.
func readLabels(t *testing.T, file string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if len(f) == 3 && !(f[2] == Pause && len(out) > 0 && out[len(out)-1] == Pause) {
			out = append(out, f[2])
		}
	}
	return out
}
