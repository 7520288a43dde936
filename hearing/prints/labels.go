package prints

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"dozvon/hearing"
)

// Dispositions that a label may stand for: dialer's words.
const (
	Unreachable = "unreachable"
	Invalid     = "invalid"
	Busy        = "busy"
	Machine     = "machine"
)

// meanings says what the labels of every library mean for a call. Labels of
// one's own bring their meaning along (Entry.Disposition).
var meanings = map[string]string{
	hearing.LabelOff:     Unreachable,
	hearing.LabelInvalid: Invalid,
	hearing.LabelBusy:    Busy,
	hearing.LabelMachine: Machine,
}

// Disposition returns what a label means for a call, empty for a label of
// one's own.
func Disposition(label string) string { return meanings[label] }

// maxLabel bounds a label, in bytes.
const maxLabel = 32

// Classify checks a label and a disposition given by a person and returns
// both as they are kept. One of the common labels needs no disposition; any
// other word does.
func Classify(label, disposition string) (string, string, error) {
	clean := cleanLabel(label)
	disposition = strings.ToLower(strings.TrimSpace(disposition))
	known := slices.Sorted(maps.Keys(meanings))
	switch {
	case clean == "":
		return "", "", fmt.Errorf("the label %q is no word; take one of %s, or a word of your own of letters, digits and - with a disposition", cut(label, maxLabel), strings.Join(known, ", "))
	case disposition == "" && meanings[clean] == "":
		return "", "", fmt.Errorf("the label %s is a word of your own: say what it means for the call with a disposition, one of %s", clean, words())
	case disposition == "":
		disposition = meanings[clean]
	case meanings[clean] != "" && meanings[clean] != disposition:
		return "", "", fmt.Errorf("the label %s means %s, not %s; take another label", clean, meanings[clean], cut(disposition, maxLabel))
	case !slices.Contains(slices.Collect(maps.Values(meanings)), disposition):
		return "", "", fmt.Errorf("%q is no disposition of an announcement; take one of %s", cut(disposition, maxLabel), words())
	}
	return clean, disposition, nil
}

func words() string { return strings.Join(slices.Sorted(maps.Values(meanings)), ", ") }

// cleanLabel keeps small letters, digits and -; a label with anything else but
// capitals and spaces around is none.
func cleanLabel(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) > maxLabel {
		return ""
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_' {
			return ""
		}
	}
	return s
}

// cut shortens s to at most n bytes, at the edge of a letter.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}
