package keywords

import (
	"errors"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/hearing/corpus"
	"dozvon/hearing/phrases"
)

// question is what a scenario usually listens for: all families and fillers.
func question(t testing.TB) *Grammar {
	t.Helper()
	var words []Word
	add := func(label string, texts []string, filler bool) {
		for _, text := range texts {
			words = append(words, Word{Label: label, Text: text, Phones: spell(t, text), Filler: filler})
		}
	}
	for _, f := range phrases.Families() {
		add(string(f), phrases.Of("ru", f), false)
	}
	add("", phrases.Fillers("ru"), true)
	g, err := Compile(shipped(t), words)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestHearsYesAndNo: the shipped weights hear a person's да and нет, out of
// utterances never trained on, surely enough to act on.
func TestHearsYesAndNo(t *testing.T) {
	g := question(t)
	labels := map[string]string{"да": "yes", "нет": "no"}
	for i, c := range corpus.HeldOut() {
		pcm, err := c.PCM(0)
		var absent *corpus.AbsentError
		if errors.As(err, &absent) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		line := corpus.Channel{Noise: corpus.PinkNoise, SNR: 25, Lead: 300 * time.Millisecond, Tail: 300 * time.Millisecond}
		sound, err := line.Pass(corpus.Rand(77, c.Utterance), pcm)
		if err != nil {
			t.Fatal(err)
		}
		d := NewDecoder(g)
		d.Hear(sound.PCM)
		lead := audio.Samples(300 * time.Millisecond)
		got, ok := d.Decide(lead, lead+len(pcm))
		if !ok || got.Label != labels[c.Word] || got.Confidence < 0.5 {
			t.Errorf("cut %d, %s: %q (%s) with %.2f, second %q", i, c.Word, got.Text, got.Label, got.Confidence, got.Second)
		}
	}
}

// TestNoWordInSound: a hum and a hiss are no answer.
func TestNoWordInSound(t *testing.T) {
	g := question(t)
	r := corpus.Rand(78, "hiss")
	hiss := make([]int16, 8000)
	for i, v := range corpus.White(r, len(hiss)) {
		hiss[i] = int16(800 * v)
	}
	for name, pcm := range map[string][]int16{
		"hiss": hiss, "hum": audio.Tone([]float64{150, 300, 450}, time.Second, 0.2), "silence": make([]int16, 8000),
	} {
		d := NewDecoder(g)
		d.Hear(make([]int16, 2400))
		d.Hear(pcm)
		d.Hear(make([]int16, 2400))
		if got, _ := d.Decide(2400, 2400+len(pcm)); got.Label != "" && got.Confidence >= 0.5 {
			t.Errorf("%s was taken for %q with %.2f", name, got.Text, got.Confidence)
		}
	}
}
