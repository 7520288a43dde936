package vosktest

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"strings"

	"dozvon/audio"
)

// Words are the words that the ears know, each with its tone in hertz.
var Words = map[string]float64{
	"да": 400, "нет": 650, "позже": 900, "оператор": 1150, "не": 1400, "интересно": 1650, "надо": 1900, "кот": 2150, "алло": 2400, "yes": 2650, "no": 2900,
}

// Say is the sound of words, each 0.3 s long with 60 ms after it, between
// silences that nobody takes for a pause within an answer.
func Say(words ...string) []int16 {
	pcm := make([]int16, audio.Rate/2)
	for _, w := range words {
		f := Words[w]
		for i := range audio.Rate * 3 / 10 {
			pcm = append(pcm, int16(8000*math.Sin(2*math.Pi*f*float64(i)/audio.Rate)))
		}
		pcm = append(pcm, make([]int16, audio.Rate*6/100)...)
	}
	return append(pcm, make([]int16, audio.Rate)...)
}

const piece = audio.FrameSamples

// ears turn sound into words.
type ears struct {
	grammar  map[string]bool // nil: everything
	rest     []int16
	frames   int // heard
	run      int // frames of the tone that is on
	tone     string
	words    []heard
	quiet    int
	anything bool
}

type heard struct {
	Conf  float64 `json:"conf"`
	End   float64 `json:"end"`
	Start float64 `json:"start"`
	Word  string  `json:"word"`
}

func newEars(c *Config) *ears {
	e := &ears{}
	if c != nil && len(c.Phrases) > 0 {
		e.grammar = map[string]bool{}
		for _, p := range c.Phrases {
			for _, w := range strings.Fields(p) {
				e.grammar[w] = true
			}
		}
	}
	return e
}

// take hears sound and answers it: a guess, or the result of an utterance
// after which half a second was silent.
func (e *ears) take(b []byte) string {
	for ; len(b) >= 2; b = b[2:] {
		e.rest = append(e.rest, int16(binary.LittleEndian.Uint16(b)))
	}
	for len(e.rest) >= piece {
		e.frame(e.rest[:piece])
		e.rest = e.rest[piece:]
	}
	if len(e.words) > 0 && e.quiet >= 25 {
		return e.final()
	}
	b, _ = json.Marshal(map[string]string{"partial": e.text()}) // strings always encode
	return string(b)
}

func (e *ears) frame(pcm []int16) {
	e.frames++
	tone := hear(pcm)
	if tone == "" {
		e.quiet++
	} else {
		e.quiet, e.anything = 0, true
	}
	if tone == e.tone {
		e.run++
		return
	}
	e.close()
	e.tone, e.run = tone, 1
}

// close ends the tone that was on: one of 100 ms or more was a word.
func (e *ears) close() {
	if e.tone == "" || e.run < 5 {
		return
	}
	w := e.tone
	if e.grammar != nil && !e.grammar[w] {
		w = "[unk]"
	}
	end := float64(e.frames-1) * 0.02
	e.words = append(e.words, heard{Conf: 0.95, Start: end - float64(e.run)*0.02, End: end, Word: w})
}

func (e *ears) text() string {
	words := make([]string, len(e.words))
	for i, w := range e.words {
		words[i] = w.Word
	}
	return strings.Join(words, " ")
}

func (e *ears) heard() bool { return e.anything }

// final ends the utterance.
func (e *ears) final() string {
	e.close()
	e.tone, e.run = "", 0
	m := map[string]any{"text": e.text()}
	if len(e.words) > 0 {
		m["result"] = slices.Clone(e.words)
	}
	e.words = nil
	b, _ := json.Marshal(m) // numbers and strings always encode
	return string(b)
}

// plain leaves the words of a result out.
func (e *ears) plain(text string) string {
	var m map[string]any
	if json.Unmarshal([]byte(text), &m) == nil {
		delete(m, "result")
	}
	b, _ := json.Marshal(m) // as above
	return string(b)
}

// hear tells which word's tone a frame is; "" if none.
func hear(pcm []int16) string {
	total := audio.Energy(pcm)
	if total < float64(len(pcm))*300*300 {
		return ""
	}
	best, most := "", 0.0
	for w, f := range Words {
		var re, im float64
		for i, s := range pcm {
			a := 2 * math.Pi * f * float64(i) / audio.Rate
			re += float64(s) * math.Cos(a)
			im += float64(s) * math.Sin(a)
		}
		if p := re*re + im*im; p > most {
			best, most = w, p
		}
	}
	if most < total*float64(len(pcm))/4 {
		return ""
	}
	return best
}
