package engines

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"dozvon/audio"
)

// The messages of a Vosk server (alphacep/vosk-server, websocket). Text from
// us: one configuration, to which no reply comes, and at the end endMessage;
// binary from us: 16 bit little endian mono samples. To each of these but the
// configuration there is exactly one reply, in order.

// endMessage asks for the final result, after which the server closes. The
// server compares it byte for byte, spaces and all.
const endMessage = `{"eof" : 1}`

// configMessage opens a recognition with a grammar. A second configuration on
// a connection would lose the grammar, so that a connection serves for one.
func configMessage(grammar []string) []byte {
	type settings struct {
		Rate    int      `json:"sample_rate"`
		Words   bool     `json:"words"`
		Phrases []string `json:"phrase_list"`
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	// Strings and numbers always encode.
	_ = e.Encode(map[string]settings{"config": {audio.Rate, true, append(grammar[:len(grammar):len(grammar)], unknown)}})
	return bytes.TrimSpace(b.Bytes())
}

// reply is one of the server's.
type reply struct {
	final bool   // the end of an utterance; else it is a guess so far
	words []word // of a final one
	end   float64
}

// unrated is the confidence of words whose server says none: enough for an
// ordinary answer, never for one that has consequences.
const unrated = 0.5

// errGarbage is behind every reply that is none.
var errGarbage = errors.New("it answered something that is no result of a recogniser")

// maxReply bounds a message of the server: an utterance of maxWords words with
// their times has some 20 KB.
const maxReply = 64 << 10

// readReply reads a reply. Whatever it holds, the words are few, short, in
// small letters and have a confidence from 0 to 1.
func readReply(b []byte) (reply, error) {
	var m struct {
		Partial *string `json:"partial"`
		Text    *string `json:"text"`
		Result  []struct {
			Word       string   `json:"word"`
			Start, End float64  //
			Conf       *float64 `json:"conf"`
		} `json:"result"`
	}
	if !utf8.Valid(b) {
		return reply{}, fmt.Errorf("%w: it is not in UTF-8", errGarbage)
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return reply{}, fmt.Errorf("%w: %s", errGarbage, excerpt(b))
	}
	switch {
	case m.Text == nil && m.Partial == nil:
		return reply{}, fmt.Errorf("%w: %s", errGarbage, excerpt(b))
	case m.Text == nil:
		return reply{}, nil
	case len(m.Result) > maxWords:
		return reply{}, fmt.Errorf("%w: %d words at once", errGarbage, len(m.Result))
	}
	r := reply{final: true}
	for _, w := range m.Result {
		conf := unrated
		if w.Conf != nil {
			conf = math.Min(math.Max(*w.Conf, 0), 1)
		}
		for _, text := range normal(w.Word) {
			r.words = append(r.words, word{text, conf, w.Start, w.End})
		}
		r.end = math.Max(r.end, w.End)
	}
	return r, r.agree(normal(*m.Text))
}

// agree takes the text's words where none have come one by one, and refuses
// a reply whose two parts say different things: neither can be believed.
func (r *reply) agree(text []string) error {
	if len(r.words) == 0 {
		for _, t := range text {
			r.words = append(r.words, word{text: t, confidence: unrated})
		}
		return nil
	}
	heard := make([]string, len(r.words))
	for i, w := range r.words {
		heard[i] = w.text
	}
	if got, want := strings.Join(heard, " "), strings.Join(text, " "); got != want {
		return fmt.Errorf("%w: its words are %.80q and its text is %.80q", errGarbage, got, want)
	}
	return nil
}

// excerpt makes a server's or a program's own words fit for a log: one short
// line.
func excerpt(b []byte) string {
	s := strings.ToValidUTF8(string(b[:min(len(b), 600)]), "")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	if r := []rune(s); len(r) > 120 {
		s = string(r[:120]) + "…"
	}
	return s
}
