package progress

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
)

// voice is something like speech for s seconds: a gliding pitch with
// harmonics, in syllables of 180 ms.
func voice(s float64) []int16 {
	out := silent(s)
	phase := 0.0
	for i := range out {
		t := float64(i) / audio.Rate
		syllable := math.Abs(math.Sin(math.Pi * t / 0.18))
		phase += 2 * math.Pi * (130 + 25*math.Sin(2*math.Pi*t/0.7)) / audio.Rate
		var v float64
		for h := 1; h < 14; h++ {
			v += math.Sin(float64(h)*phase) / (1 + math.Abs(float64(h)*130-600)/400)
		}
		out[i] = int16(2500 * (0.15 + syllable) * v * (1 + 0.5*math.Sin(2*math.Pi*t/0.5)))
	}
	return out
}

// melody is chords of 400 ms, each of which fades.
func melody(s float64) []int16 {
	out := silent(s)
	for i := range out {
		t := float64(i) / audio.Rate
		note := 330 * math.Pow(2, float64(int(t/0.4)*5%12)/12)
		var v float64
		for _, k := range []float64{1, 1.25, 1.5, 2, 2.5, 3} {
			v += math.Sin(2*math.Pi*note*k*t) / k
		}
		out[i] = int16(5000 * v * math.Exp(-7*math.Mod(t, 0.4)))
	}
	return out
}

func hiss(s, rms float64) []int16 {
	f := make([]float64, int(s*audio.Rate))
	pink(f, rms, rand.New(rand.NewPCG(7, 7)))
	out := make([]int16, len(f))
	for i := range f {
		out[i] = int16(f[i])
	}
	return out
}

func TestTimelines(t *testing.T) {
	for _, c := range []struct {
		name  string
		early bool
		pcm   []int16
		want  string // kind[:label][!]@seconds, ! for a beep
	}{
		{"a person", false, script(silent(0.5), voice(0.55), silent(3)), "human@1.4"},
		{"a person who says more", false, script(silent(0.5), voice(1.4), silent(3)), "human@3.0"},
		{"a machine that talks", false, script(silent(0.5), voice(5)), "machine@2.9"},
		{"a greeting, a pause, a beep", false, script(silent(0.3), voice(4), silent(0.6), tone(0.4, 1000), silent(3)), "machine@2.7 machine!@5.3"},
		{"a short greeting and a late beep", false, script(silent(0.3), voice(0.9), silent(1.5), tone(0.4, 1000), silent(3)), "human@1.75 machine!@3.1"},
		{"a person who becomes a machine", false, script(silent(0.3), voice(0.5), silent(1), voice(6)), "human@1.3 machine@5.8"},
		{"nothing", false, silent(6), "silence@3.5"},
		{"steady noise", false, hiss(9, 300), "silence@3.5"},
		{"noise that begins", false, script(silent(0.6), hiss(9, 1500)), "unsure@8.0"},
		{"speech before the answer", true, script(silent(0.3), voice(5)), "unsure:speech@2.7"},
		{"a word before the answer", true, script(silent(0.3), voice(0.5), silent(4)), ""},
		{"nothing before the answer", true, silent(20), ""},
		{"music before the answer", true, melody(9), "unsure:music@2.6"},
		{"music on hold", false, script(silent(0.4), melody(1.6), silent(1), melody(6)), "unsure:music@3.1 unsure@8.0"},
		{"only a beep", false, script(silent(1), tone(0.5, 1000), silent(1.5)), "machine!@1.8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := listen(Options{}, channel{seed: 5}.through(c.pcm), !c.early)
			want := strings.Fields(c.want)
			if len(got) != len(want) {
				t.Fatalf("heard %s, want %s", timeline(got), c.want)
			}
			for i, v := range got {
				if !isNear(v, want[i]) {
					t.Errorf("heard %s, want %s", timeline(got), c.want)
				}
				if v.Cause == "" || v.Confidence <= 0 || v.Confidence > 1 || v.Early != c.early {
					t.Errorf("a verdict without its reasons: %+v", v)
				}
			}
		})
	}
}

// isNear reports whether a verdict is the one wanted, at about the time wanted.
func isNear(v hearing.Verdict, want string) bool {
	what, at, _ := strings.Cut(want, "@")
	var sec float64
	fmt.Sscan(at, &sec)
	return label(v) == what && math.Abs(v.At.Seconds()-sec) <= 0.13
}

func label(v hearing.Verdict) string {
	s := string(v.Kind)
	if v.Label != "" {
		s += ":" + v.Label
	}
	if v.Beep {
		s += "!"
	}
	return s
}

func timeline(all []hearing.Verdict) string {
	var s []string
	for _, v := range all {
		s = append(s, fmt.Sprintf("%s@%.1f (%s)", label(v), v.At.Seconds(), v.Cause))
	}
	return strings.Join(s, ", ")
}

// TestEcho: our own prompt, heard back, is nobody's word.
func TestEcho(t *testing.T) {
	frames := channel{seed: 2, gain: -12}.through(script(silent(0.2), voice(6)))
	for i := range frames {
		frames[i].Echo = uint32(audio.RMS(frames[i].PCM)*audio.RMS(frames[i].PCM)) + 1
	}
	for _, v := range listen(Options{}, frames, true) {
		if v.Kind == hearing.Human || v.Kind == hearing.Machine {
			t.Errorf("the echo was taken for %s: %s", v.Kind, v.Cause)
		}
	}
}

// TestLostPackets: a word with holes is a person's all the same, and a far end
// that sends nothing any more is silent.
func TestLostPackets(t *testing.T) {
	frames := channel{seed: 8, loss: 0.1}.through(script(silent(0.4), voice(0.6)))
	for range 60 {
		frames = append(frames, hearing.Frame{PCM: frames[0].PCM, Filled: true})
	}
	got := listen(Options{}, frames, true)
	if len(got) != 1 || got[0].Kind != hearing.Human {
		t.Errorf("heard %s", timeline(got))
	}
}

func TestKnownAndHint(t *testing.T) {
	l := New(Options{})
	quiet := hearing.Frame{PCM: make([]int16, frameSamples)}
	l.Known(hearing.LabelOff, 0.97)
	if got := l.Hear(quiet); len(got) != 1 || got[0].Kind != hearing.Announcement || got[0].Label != hearing.LabelOff || !got[0].Early {
		t.Errorf("a known announcement: %+v", got)
	}
	l.Answer()
	l.Hint("алло слушаю вас")
	if got := l.Hear(quiet); len(got) != 0 {
		t.Errorf("a person's words decide nothing: %+v", got)
	}
	l.Hint("вы можете Оставить Сообщение после")
	if got := l.Hear(quiet); len(got) != 1 || got[0].Kind != hearing.Machine {
		t.Errorf("a machine's words: %+v", got)
	}
	l.Hint("вы можете оставить сообщение после сигнала")
	if got := l.Hear(quiet); len(got) != 0 {
		t.Errorf("the same words twice: %+v", got)
	}
}

func TestAnswerBeginsAnew(t *testing.T) {
	l := New(Options{})
	for _, f := range (channel{}).through(repeat(2, tone(1, 425), silent(2))) {
		l.Hear(f)
	}
	l.Answer()
	var got []hearing.Verdict
	for _, f := range (channel{}).through(script(silent(0.3), voice(0.5), silent(1))) {
		got = append(got, l.Hear(f)...)
	}
	if len(got) != 1 || got[0].Kind != hearing.Human || got[0].At > 2*time.Second {
		t.Errorf("after the answer: %s", timeline(got))
	}
}

func FuzzListener(f *testing.F) {
	f.Add([]byte{0, 0, 1, 2, 3, 255, 254}, uint64(1))
	f.Add([]byte{7, 7, 7, 7, 200, 100, 3, 9, 17, 33, 65, 129}, uint64(9))
	f.Add([]byte("\x10\x20\x30\x40\x50\x60\x70\x80\x90\xa0\xb0\xc0\xd0\xe0\xf0\xff"), uint64(1<<40))
	f.Fuzz(func(t *testing.T, script []byte, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		l := New(Options{})
		pcm := make([]int16, frameSamples)
		n := 0
		for _, c := range script[:min(len(script), 400)] {
			switch c & 7 {
			case 0:
				l.Answer()
			case 1:
				l.Known(string(script), float64(c))
			case 2:
				l.Hint(string(script))
			case 3, 4:
				copy(pcm, audio.Tone([]float64{float64(c) * 15}, audio.FrameTime, r.Float64()))
			default:
				for i := range pcm {
					pcm[i] = int16(r.Uint32()) >> (c >> 4)
				}
			}
			for range 1 + int(c>>5) {
				fr := hearing.Frame{PCM: pcm[:frameSamples-int(c&8)], Filled: c&16 != 0, Echo: r.Uint32() * uint32(c>>7)}
				for _, v := range l.Hear(fr) {
					n++
					if v.Confidence < 0 || v.Confidence > 1 || v.Kind == "" || v.At < 0 {
						t.Errorf("an impossible verdict: %+v", v)
					}
				}
			}
		}
		if n > maxVerdicts {
			t.Errorf("%d verdicts", n)
		}
	})
}
