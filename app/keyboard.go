package app

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// keyboard reads single keys of a terminal. From anything else it reads
// characters, without blanks and line ends.
type keyboard struct {
	in   *bufio.Reader
	term *os.File // nil: no terminal
}

func newKeyboard(in io.Reader) *keyboard {
	k := &keyboard{in: bufio.NewReader(in)}
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		k.term = f
	}
	return k
}

// endOfInput are the keys that end a session: Ctrl-C, Ctrl-D.
const endOfInput = "\x03\x04"

// latin are the keys of a Russian keyboard by their places on a Latin one, so
// that nobody has to change over.
var latin = layout("йцукенгшщзфывапролдячсмить", "qwertyuiopasdfghjklzxcvbnm")

func layout(from, to string) map[rune]rune {
	m, keys := map[rune]rune{}, []rune(to)
	for i, r := range []rune(from) {
		m[r] = keys[i]
	}
	return m
}

// key returns the next key as a small Latin letter or a sign; io.EOF at the end
// of input.
func (k *keyboard) key() (rune, error) {
	if k.term != nil {
		state, err := term.MakeRaw(int(k.term.Fd()))
		if err != nil {
			return 0, fmt.Errorf("the terminal cannot be read key by key: %w", err)
		}
		defer func() { _ = term.Restore(int(k.term.Fd()), state) }() // a terminal that is gone needs no care
	}
	for {
		r, _, err := k.in.ReadRune()
		switch {
		case err != nil:
			return 0, err
		case strings.ContainsRune(endOfInput, r):
			return 0, io.EOF
		case unicode.IsSpace(r):
			continue
		}
		r = unicode.ToLower(r)
		if l := latin[r]; l != 0 {
			r = l
		}
		return r, nil
	}
}

// line returns the rest of a line.
func (k *keyboard) line() (string, error) {
	s, err := k.in.ReadString('\n')
	if err == io.EOF && s != "" {
		err = nil
	}
	return strings.TrimSpace(s), err
}

// printable keeps what other people and programs wrote from steering a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
}
