package corpus

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
)

// need skips a test that wants packages which are not here.
func need(t *testing.T, p ...Package) {
	t.Helper()
	if err := Missing(p...); err != nil {
		t.Skip(err)
	}
}

func TestMissingNamesPackagesAndCommand(t *testing.T) {
	err := Missing("no-such-package", "nor-this")
	if err == nil || !strings.Contains(err.Error(), "apt-get install --no-install-recommends no-such-package nor-this") {
		t.Errorf("got %v", err)
	}
	for _, p := range All() {
		if mark[p] == "" {
			t.Errorf("nothing says how %s is known", p)
		}
	}
}

func TestFestvox(t *testing.T) {
	need(t, FestvoxRU)
	all, err := Festvox()
	if err != nil {
		t.Fatal(err)
	}
	reserved := 0
	for _, u := range all {
		if Reserved(u.ID) {
			reserved++
		}
		if len(u.Labels) < 5 || u.Text == "" {
			t.Errorf("%s: %d labels, text %q", u.ID, len(u.Labels), u.Text)
		}
	}
	if len(all) != 620 || reserved != 14 {
		t.Errorf("%d utterances, %d of them reserved; 620 and 14 are known", len(all), reserved)
	}
	pcm, err := all[0].PCM()
	if err != nil {
		t.Fatal(err)
	}
	last := all[0].Labels[len(all[0].Labels)-1].To
	if d := audio.Duration(len(pcm)); d < last-100*time.Millisecond || d > last+time.Second {
		t.Errorf("%v of sound, labels to %v", d, last)
	}
}

// TestHeldOutCutsHoldTheirWords looks at the labels: a cut of «да» must cover
// its vowel.
func TestHeldOutCutsHoldTheirWords(t *testing.T) {
	need(t, FestvoxRU)
	all, err := Festvox()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range HeldOut() {
		i := slices.IndexFunc(all, func(u Utterance) bool { return u.ID == c.Utterance })
		if i < 0 {
			t.Fatalf("no utterance %s", c.Utterance)
		}
		var phones []string
		for _, l := range all[i].Labels {
			if l.From < c.To && l.To > c.From {
				phones = append(phones, l.Phone)
			}
		}
		got := strings.Join(phones, " ")
		if want := map[string]string{"да": "d aa", "нет": "nn"}[c.Word]; !strings.Contains(got, want) {
			t.Errorf("%s in %s at %v has the phones %s", c.Word, c.Utterance, c.From, got)
		}
		pcm, err := c.PCM(0)
		if err != nil || len(pcm) != audio.Samples(c.To-c.From) || ActiveRMS(pcm) < 100 {
			t.Errorf("%v: %d samples, %v", c, len(pcm), err)
		}
	}
}

func TestWords(t *testing.T) {
	for language, want := range map[string]int{"ru": 67, "en": 64} {
		if err := Missing(Package("asterisk-core-sounds-" + language + "-wav")); err != nil {
			t.Skip(err)
		}
		w, err := Words(language)
		if err != nil {
			t.Fatal(err)
		}
		if len(w) < want {
			t.Errorf("%s: %d words, want %d", language, len(w), want)
		}
		for _, p := range w[:10] {
			if pcm, err := p.PCM(); err != nil || len(pcm) < audio.Rate/4 {
				t.Errorf("%s: %d samples, %v", p.Name, len(pcm), err)
			}
		}
	}
}

func TestTextsAndLabelsThatAreNone(t *testing.T) {
	for _, s := range []string{"", "( ru_1 )", `( ../x "a" )`, `( .. "a" )`, `ru_1 "a"`, `( ru_1 a )`, `( ru_1 "`} {
		if id, text, err := parseText(s); err == nil {
			t.Errorf("%q gave %q, %q", s, id, text)
		}
	}
	for _, s := range []string{"x 125 a", "NaN 125 a", "-1 125 a", "1e9 125 a", "2 125 a\n1 125 b"} {
		if l, err := parseLabels([]byte(s)); err == nil {
			t.Errorf("%q gave %v", s, l)
		}
	}
	l, err := parseLabels([]byte("#\n0.1 125 pau\n0.35 125 d\n"))
	if err != nil || len(l) != 2 || l[1] != (Label{"d", 100 * time.Millisecond, 350 * time.Millisecond}) {
		t.Errorf("%v, %v", l, err)
	}
}

func voice(d time.Duration) []int16 { return audio.Tone([]float64{200, 500, 900}, d, 0.1) }

func TestChannelSetsLevelAndNoise(t *testing.T) {
	for _, noise := range []Noise{PinkNoise, WhiteNoise, BabbleNoise, StreetNoise} {
		c := Channel{Level: -20, Noise: noise, SNR: 15, Lead: 5 * time.Second, Voices: [][]int16{audio.Tone([]float64{310, 740}, time.Second, 0.1)}}
		s, err := c.Pass(Rand(1, "noise"), voice(2*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if got := audio.Duration(len(s.PCM)); got != 7*time.Second {
			t.Fatalf("%v of sound", got)
		}
		behind, both := audio.Level(s.PCM[:5*audio.Rate]), audio.Level(s.PCM[5*audio.Rate:])
		if math.Abs(behind+35) > 1.5 || math.Abs(both+20) > 0.7 {
			t.Errorf("noise %d: %.1f dB before the voice, want -35; %.1f with it, want -20", noise, behind, both)
		}
	}
}

func TestChannelIsSeeded(t *testing.T) {
	c := Channel{Noise: PinkNoise, SNR: 10, Loss: 0.1}
	a, _ := c.Pass(Rand(1, "x"), voice(time.Second))
	b, _ := c.Pass(Rand(1, "x"), voice(time.Second))
	other, _ := c.Pass(Rand(1, "y"), voice(time.Second))
	if !slices.Equal(a.PCM, b.PCM) || !slices.Equal(a.Filled, b.Filled) {
		t.Error("the same seed and name gave another sound")
	}
	if slices.Equal(a.PCM, other.PCM) {
		t.Error("another name gave the same sound")
	}
}

func TestLossIsConcealedAndSaid(t *testing.T) {
	c := Channel{Level: -20, Loss: 0.2}
	s, err := c.Pass(Rand(3, "loss"), voice(20*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	lost, i := 0, 0
	for f := range s.Frames() {
		if f.Filled {
			lost++
			if i > 0 && math.Abs(audio.RMS(f.PCM)/audio.RMS(s.PCM[(i-1)*audio.FrameSamples:][:audio.FrameSamples])-0.5) > 0.02 {
				t.Errorf("frame %d is not half of the one before", i)
			}
		}
		i++
	}
	if i != 1000 || lost < 160 || lost > 240 {
		t.Errorf("%d of %d packets lost, asked for a fifth", lost, i)
	}
}

func TestPinkFallsThreeDecibelsAnOctave(t *testing.T) {
	x := ints(scaled(Pink(Rand(1, "pink"), 5*audio.Rate), 3000))
	bank := audio.NewGoertzelBank(250, 260, 500, 520, 1000, 1040, 2000, 2080)
	var sum, p [8]float64
	for block := floats(x); len(block) >= 400; block = block[400:] {
		bank.Powers(p[:], block[:400])
		for i := range sum {
			sum[i] += p[i]
		}
	}
	for i := 2; i < 8; i += 2 {
		fall := 10 * math.Log10((sum[i-2]+sum[i-1])/(sum[i]+sum[i+1]))
		if fall < 2 || fall > 4 {
			t.Errorf("%.1f dB in octave %d, want 3", fall, i/2)
		}
	}
}

func TestGSMKeepsSpeechAndLength(t *testing.T) {
	need(t, Sox)
	in := voice(time.Second + 7*time.Millisecond)
	s, err := Channel{Level: -20, GSM: true}.Pass(Rand(1, "gsm"), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.PCM) != len(in) || math.Abs(audio.Level(s.PCM)+20) > 2 {
		t.Errorf("%d samples at %.1f dB, want %d at -20", len(s.PCM), audio.Level(s.PCM), len(in))
	}
}

func FuzzFestvoxText(f *testing.F) {
	f.Add(`( ru_0001 "Корреспондент" )`, []byte("#\n0.1 125 pau\n"))
	f.Add(`( .. "`, []byte("1e300 1 a\n"))
	f.Fuzz(func(t *testing.T, line string, lab []byte) {
		if id, _, err := parseText(line); err == nil && strings.ContainsAny(id, "/\x00") && id != "\x00" {
			t.Skip()
		}
		labels, err := parseLabels(lab)
		if err != nil {
			return
		}
		for i, l := range labels {
			if l.To < l.From || i > 0 && l.From != labels[i-1].To {
				t.Errorf("labels %v", labels)
			}
		}
	})
}
