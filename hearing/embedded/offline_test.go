package embedded

import (
	"math/rand/v2"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
	"dozvon/hearing/corpus"
	"dozvon/hearing/keywords"
)

// TestOfflineHearsWhatAStreamHears gives the same recorded words to both.
func TestOfflineHearsWhatAStreamHears(t *testing.T) {
	if err := corpus.Missing(corpus.FestvoxRU); err != nil {
		t.Skip(err)
	}
	m, err := keywords.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	var pcm []int16
	pcm = append(pcm, line(rand.New(rand.NewPCG(1, 1)), -60, time.Second)...)
	for _, c := range corpus.HeldOut()[:6] {
		word, err := c.PCM(0)
		if err != nil {
			t.Fatal(err)
		}
		pcm = append(append(pcm, word...), line(rand.New(rand.NewPCG(1, 1)), -60, time.Second)...)
	}
	o, err := NewOffline(m, question)
	if err != nil {
		t.Fatal(err)
	}
	var off []hearing.Heard
	l := listen(t, newRecognizer(t))
	for f := range (corpus.Sound{PCM: pcm}).Frames() {
		off = append(off, o.Hear(f)...)
		l.write([]audio.Frame{f})
	}
	live := l.settle()
	if len(off) != len(live) || len(off) < 4 {
		t.Fatalf("offline heard %d answers, the stream %d", len(off), len(live))
	}
	for i := range off {
		if off[i].Label != live[i].Label || off[i].Text != live[i].Text || off[i].Engine != Name {
			t.Errorf("answer %d: %+v offline, %+v live", i, off[i], live[i])
		}
	}
}
