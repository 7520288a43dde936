package audio

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// pink returns noise whose power falls by 3 dB an octave (Kellet's filter),
// at the given root mean square.
func pink(r *rand.Rand, n int, rms float64) []int16 {
	raw := make([]float64, n)
	var b [6]float64
	var sum float64
	for i := range raw {
		w := r.NormFloat64()
		b[0] = 0.99886*b[0] + w*0.0555179
		b[1] = 0.99332*b[1] + w*0.0750759
		b[2] = 0.96900*b[2] + w*0.1538520
		b[3] = 0.86650*b[3] + w*0.3104856
		b[4] = 0.55000*b[4] + w*0.5329522
		raw[i] = b[0] + b[1] + b[2] + b[3] + b[4] + b[5] + w*0.5362
		b[5] = w * 0.115926
		sum += raw[i] * raw[i]
	}
	out := make([]int16, n)
	k := rms / math.Sqrt(sum/float64(n))
	for i, v := range raw {
		out[i] = saturate(v * k)
	}
	return out
}

// dial returns digits as a keypad sends them: each tone lasts on, each pause off.
func dial(digits string, on, off time.Duration, low, high, detune float64) []int16 {
	out := make([]int16, Samples(off))
	for _, k := range []byte(digits) {
		i := strings.IndexByte(dtmfKeys, k)
		pcm := Tone([]float64{dtmfLow[i/4] * detune}, on, low)
		Mix(pcm, Tone([]float64{dtmfHigh[i%4] * detune}, on, high))
		out = append(out, pcm...)
		out = append(out, make([]int16, Samples(off))...)
	}
	return out
}

// overALaw is what remains of pcm after a trip through A-law.
func overALaw(pcm []int16) []int16 {
	b := make([]byte, len(pcm))
	Encode(ALaw, b, pcm)
	out := make([]int16, len(pcm))
	Decode(ALaw, out, b)
	return out
}

// hear feeds pcm in packets of 20 ms.
func hear(pcm []int16) string {
	d := NewDTMF()
	var found []byte
	for len(pcm) > 0 {
		n := min(len(pcm), FrameSamples)
		found = d.Feed(pcm[:n], found)
		pcm = pcm[n:]
	}
	return string(found)
}

func randomDigits(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		if i > 0 && r.IntN(3) == 0 {
			b[i] = b[i-1] // repeats are what a slow detector merges
			continue
		}
		b[i] = dtmfKeys[r.IntN(16)]
	}
	return string(b)
}

// TestDTMFBar is the bar for keys in band: no error in 1,000 digits of 50 ms
// with pauses of 50 ms, at 15 dB and above, through A-law.
func TestDTMFBar(t *testing.T) {
	for _, snr := range []float64{15, 30} {
		for _, level := range []float64{0.5, 0.02} {
			t.Run(fmt.Sprintf("%gdB level %g", snr, level), func(t *testing.T) {
				r := rand.New(rand.NewPCG(uint64(snr), uint64(level*1000)))
				digits := randomDigits(r, 1000)
				// An odd sample more than 50 ms moves each key against the windows.
				pcm := dial(digits, 50*time.Millisecond, 50*time.Millisecond+125*time.Microsecond, level, level, 1)
				rms := level * 32768 // of both tones together
				Mix(pcm, pink(r, len(pcm), rms*math.Pow(10, -snr/20)))
				if got := hear(overALaw(pcm)); got != digits {
					t.Errorf("%d errors in 1000 digits", distance(digits, got))
				}
			})
		}
	}
}

// distance is the edit distance between what was dialled and what was heard.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diag := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next := min(diag+cost, row[j]+1, row[j+1]+1)
			diag, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}

// TestDTMFTolerance holds the detector to Q.24: tones up to 1.5 % off, twist
// up to 8 dB one way and 4 dB the other, keys and pauses of 40 ms.
func TestDTMFTolerance(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	digits := randomDigits(r, 300)
	ms := time.Millisecond
	for _, c := range []struct {
		name              string
		on, off           time.Duration
		low, high, detune float64
	}{
		{"40 ms", 40 * ms, 40*ms + 125*time.Microsecond, 0.3, 0.3, 1},
		{"sharp", 50 * ms, 50 * ms, 0.3, 0.3, 1.015},
		{"flat", 50 * ms, 50 * ms, 0.3, 0.3, 0.985},
		{"twist", 50 * ms, 50 * ms, 0.3, 0.3 * 0.42, 1},
		{"sharp with twist", 50 * ms, 50*ms + 125*time.Microsecond, 0.3, 0.3 * 0.42, 1.015},
		{"flat with reverse twist", 50 * ms, 50*ms + 125*time.Microsecond, 0.3 * 0.65, 0.3, 0.985},
		{"reverse twist", 50 * ms, 50 * ms, 0.3 * 0.65, 0.3, 1},
		{"long", 900 * ms, 60 * ms, 0.3, 0.3, 1},
	} {
		pcm := dial(digits, c.on, c.off, c.low, c.high, c.detune)
		Mix(pcm, pink(r, len(pcm), 60))
		if got := hear(overALaw(pcm)); got != digits {
			t.Errorf("%s: %d errors in %d digits", c.name, distance(digits, got), len(digits))
		}
	}
}

func TestDTMFRejects(t *testing.T) {
	ms := time.Millisecond
	for name, pcm := range map[string][]int16{
		"silence":        make([]int16, Rate),
		"single tone":    Tone([]float64{697}, 500*ms, 0.5),
		"dial tone":      Tone([]float64{350, 440}, 500*ms, 0.4),
		"ring-back":      Tone([]float64{425}, 500*ms, 0.5),
		"two low tones":  Tone([]float64{697, 941}, 500*ms, 0.4),
		"too weak":       DigitTone('5', 500*ms, 0.0005),
		"too short":      dial("1234567890", 12*ms, 88*ms, 0.3, 0.3, 1),
		"with harmonics": Tone([]float64{770, 1540, 1336, 2672}, 500*ms, 0.2),
		"noise":          pink(rand.New(rand.NewPCG(3, 4)), 60*Rate, 3000),
	} {
		if got := hear(pcm); got != "" {
			t.Errorf("%s: heard %q", name, got)
		}
	}
}

// TestDTMFShortDip: a tone interrupted for 5 ms is one key.
func TestDTMFShortDip(t *testing.T) {
	pcm := DigitTone('7', 200*time.Millisecond, 0.3)
	clear(pcm[800:840])
	if got := hear(pcm); got != "7" {
		t.Errorf("heard %q, want one 7", got)
	}
}

func TestDTMFFeedAllocatesNothing(t *testing.T) {
	d := NewDTMF()
	pcm := DigitTone('7', 200*time.Millisecond, 0.3)
	found := make([]byte, 0, 64)
	if n := testing.AllocsPerRun(50, func() { found = d.Feed(pcm[:FrameSamples], found[:0]) }); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

// speechFiles are recordings of a person: 99 minutes in 620 files of the
// Debian package festvox-ru.
func speechFiles() []string {
	files, _ := filepath.Glob("/usr/share/festival/voices/russian/msu_ru_nsh_clunits/wav/*.wav")
	return files
}

// talkOff returns how many keys were heard in the speech of the files.
func talkOff(tb testing.TB, files []string) (keys int, speech time.Duration) {
	for _, path := range files {
		c, err := LoadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		speech += c.Duration()
		if got := hear(overALaw(c.PCM())); got != "" {
			tb.Errorf("%s: heard %q in speech", filepath.Base(path), got)
			keys += len(got)
		}
	}
	return keys, speech
}

// TestDTMFTalkOff looks for keys in speech: there are none. It takes the files
// that simpler detectors stumbled over and one in twenty of the others; the
// benchmark takes them all.
func TestDTMFTalkOff(t *testing.T) {
	files := speechFiles()
	if len(files) == 0 {
		t.Skip("no recordings of speech: install festvox-ru")
	}
	var some []string
	for i, f := range files {
		hard := slices.ContainsFunc([]string{"0270", "0744", "0797", "0799"}, func(s string) bool { return strings.Contains(f, s) })
		if hard || i%60 == 0 {
			some = append(some, f)
		}
	}
	_, speech := talkOff(t, some)
	t.Logf("%v of speech", speech.Round(time.Second))
}

func BenchmarkDTMFTalkOff(b *testing.B) {
	files := speechFiles()
	if len(files) == 0 {
		b.Skip("no recordings of speech: install festvox-ru")
	}
	for b.Loop() {
		keys, speech := talkOff(b, files)
		b.ReportMetric(float64(keys), "false-keys")
		b.ReportMetric(speech.Minutes(), "speech-min")
	}
}

func BenchmarkDTMFSecond(b *testing.B) {
	d := NewDTMF()
	pcm := pink(rand.New(rand.NewPCG(3, 4)), Rate, 3000)
	var found []byte
	b.ReportAllocs()
	for b.Loop() {
		found = d.Feed(pcm, found[:0])
	}
}
