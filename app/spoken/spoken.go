// Package spoken shows what the whole program makes of people who answer by
// voice alone: the three shipped scenarios over real SIP and RTP on loopback,
// with the recogniser and the listener that a fresh installation has, and with
// simulated subscribers who say recorded words of real people through A-law,
// noise and loss.
//
// What must become of a person is written down by hand (rules), and never
// worked out by the code that is judged. Nothing here is tuned on.
package spoken

import (
	"context"
	"os"

	"dozvon/hearing/corpus"
	"dozvon/sip/siptest"
)

// Needs are the packages that have the recordings.
func Needs() []corpus.Package { return []corpus.Package{corpus.FestvoxRU, corpus.AsteriskRU} }

// linesAtOnce is how many people are called at once.
const linesAtOnce = 36

// run calls people and tells what became of each.
func run(ctx context.Context, all []person, seed uint64) ([]ending, error) {
	words, err := openLibrary()
	if err != nil {
		return nil, err
	}
	first := map[string]opening{}
	for _, name := range scenarioNames {
		if first[name], err = hearOpening(ctx, name, names[name]); err != nil {
			return nil, err
		}
	}
	f, err := newFar(all, words, first, seed)
	if err != nil {
		return nil, err
	}
	server, err := siptest.Start(ctx, siptest.Config{Book: f.book, Sounds: f.sounds})
	if err != nil {
		return nil, err
	}
	defer server.Close()
	dir, err := os.MkdirTemp("", "dozvon-spoken-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := perform(ctx, dir, all, server, linesAtOnce); err != nil {
		return nil, err
	}
	return readEndings(dir, all, server.Calls())
}
