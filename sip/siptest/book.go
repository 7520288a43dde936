package siptest

import (
	"io"

	"dozvon/audio"
	"dozvon/dialer/phonesim"
)

// Book decides who answers which call: subscribers by number or by a seeded
// mix, and operators by name.
type Book struct {
	phonesim.Book
	// Operators are looked up before the numbers, by the user part of the
	// called URI.
	Operators map[string]phonesim.Profile
	// Laws are the codecs of profiles that want another one than the server's,
	// by profile name.
	Laws map[string]audio.Law
}

// LoadBook reads a book from YAML (see the README of this package).
func LoadBook(r io.Reader) (Book, error) { return parseBook(r) }

// pick returns the profile of the nth call to a number or an operator.
func (b *Book) pick(number string, nth int) (p phonesim.Profile, operator bool) {
	p, operator = b.Operators[number]
	if !operator {
		p = phonesim.Draw(b.Book, number, nth)
	}
	if p.Kind == "" {
		p.Kind = phonesim.Answers
	}
	return p, operator
}
