package media

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"dozvon/audio"
)

const fullScale = 32768

// atLevel scales sound to a level, in decibels below full scale, taken over
// what is not silence.
func atLevel(pcm []int16, level float64) []int16 {
	var sum float64
	n := 0
	for at := 0; at+frameBytes <= len(pcm); at += frameBytes {
		if e := audio.Energy(pcm[at : at+frameBytes]); e > frameBytes*100*100 {
			sum, n = sum+e, n+frameBytes
		}
	}
	out := append([]int16(nil), pcm...)
	audio.Gain(out, fullScale*math.Pow(10, level/20)/math.Sqrt(sum/float64(n)))
	return out
}

// hiss is noise of a level; a share of it can be low, as that of lines is.
func hiss(d time.Duration, level float64, seed uint64) []int16 {
	r := rand.New(rand.NewPCG(seed, 2))
	out := make([]int16, audio.Samples(d))
	low, rms := 0.0, fullScale*math.Pow(10, level/20)
	for i := range out {
		low = 0.8*low + 0.6*r.NormFloat64()
		out[i] = int16(rms * low)
	}
	return out
}

// detect runs a detector over what is heard while something is sent, either
// of which may be short, and returns the frames at which speech began.
func detect(heard, sent []int16) (began []int, v *voice) {
	v = new(voice)
	var frame [2][frameBytes]byte
	for i := 0; (i+1)*frameBytes <= len(heard); i++ {
		for k, pcm := range [2][]int16{heard, sent} {
			audio.FillSilence(audio.ALaw, frame[k][:])
			if at := i * frameBytes; at+frameBytes <= len(pcm) {
				audio.Encode(audio.ALaw, frame[k][:], pcm[at:])
			}
		}
		if v.step(energy(audio.ALaw, &frame[0]), energy(audio.ALaw, &frame[1]), false) == voiceBegan {
			began = append(began, i)
		}
	}
	return began, v
}

// utterances are the shipped prompts, one by one.
func utterances(t testing.TB) (out [][]int16) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(prompts, "?*[0-9a-f].wav"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d prompts: %v", len(files), err)
	}
	for _, f := range files {
		clip, err := audio.LoadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, clip.PCM())
	}
	return out
}

// onset is the first frame in which something is said, and the length of what
// is said, in frames.
func onset(pcm []int16) (first, last int) {
	first = -1
	for i := 0; (i+1)*frameBytes <= len(pcm); i++ {
		if audio.Level(pcm[i*frameBytes:][:frameBytes]) > -40 {
			if last = i; first < 0 {
				first = i
			}
		}
	}
	return first, last
}

// TestVoiceIsNoticed: nearly every utterance is noticed soon, weak and loud,
// over noise, and while a prompt plays whose echo comes back.
func TestVoiceIsNoticed(t *testing.T) {
	prompt := atLevel(speech(t, 20*time.Second), -20)
	for _, c := range []struct {
		name           string
		level, noise   float64
		echo           float64 // below the prompt; 0: nothing plays
		share, latency float64 // of the utterances noticed; of the median, in frames
	}{
		{"clean", -24, -70, 0, 0.97, 15},
		{"weak", -32, -65, 0, 0.95, 15},
		{"noisy", -24, -45, 0, 0.90, 18},
		{"over a prompt without echo", -24, -65, 60, 0.95, 18},
		{"over a prompt with an echo of -30 dB", -24, -65, 30, 0.95, 18},
		{"over a prompt with an echo of -20 dB", -20, -65, 20, 0.95, 20},
	} {
		noticed, all := 0, 0
		var late []int
		for i, u := range utterances(t) {
			lead := 2 * time.Second
			heard := append(hiss(lead, c.noise, uint64(i)), make([]int16, len(u))...)
			u = atLevel(u, c.level)
			audio.Mix(heard[audio.Samples(lead):], u)
			audio.Mix(heard[audio.Samples(lead):], hiss(audio.Duration(len(u)), c.noise, uint64(i)))
			var sent []int16
			if c.echo > 0 {
				sent = prompt
				audio.Mix(heard, echo(prompt, c.echo, 150*time.Millisecond)[:min(len(heard), len(prompt))])
			}
			first, last := onset(u)
			if last-first < 25 {
				continue // half a second
			}
			all++
			began, _ := detect(heard, sent)
			at := -1
			for _, b := range began {
				if b >= audio.Samples(lead)/frameBytes {
					at = b - audio.Samples(lead)/frameBytes - first
					break
				}
			}
			if at >= 0 {
				noticed++
				late = append(late, at)
			}
		}
		median := middle(late)
		t.Logf("%s: %d of %d utterances noticed, half of them within %d ms", c.name, noticed, all, 20*(median+1))
		if float64(noticed) < c.share*float64(all) || float64(median) > c.latency {
			t.Errorf("%s: %d of %d utterances noticed, half of them within %d ms", c.name, noticed, all, 20*(median+1))
		}
	}
}

func middle(v []int) int {
	if len(v) == 0 {
		return math.MaxInt32
	}
	v = append([]int(nil), v...)
	for i := range v {
		for k := i; k > 0 && v[k] < v[k-1]; k-- {
			v[k], v[k-1] = v[k-1], v[k]
		}
	}
	return v[len(v)/2]
}

// echo is sound that comes back weaker and later, and through the filter of a
// line.
func echo(pcm []int16, down float64, after time.Duration) []int16 {
	out := make([]int16, audio.Samples(after)+len(pcm))
	gain, low := math.Pow(10, -down/20), 0.0
	for i, v := range pcm {
		low = 0.3*low + 0.7*float64(v)
		out[audio.Samples(after)+i] = int16(gain * low)
	}
	return out[:len(pcm)]
}

// TestVoiceFalseAlarms: what is no speech is not taken for it.
func TestVoiceFalseAlarms(t *testing.T) {
	const long = 60 * time.Second
	r := rand.New(rand.NewPCG(8, 8))
	clicks := hiss(long, -65, 1)
	for range 120 { // two a second, each of 1 to 30 ms
		at, n := r.IntN(len(clicks)-400), 8+r.IntN(232)
		for i := range n {
			clicks[at+i] = int16(12000 * (r.Float64() - 0.5))
		}
	}
	ring := make([]int16, 0, audio.Samples(long))
	for len(ring) < audio.Samples(long) { // 425 Hz, 1 s on and 4 s off
		ring = append(ring, audio.Tone([]float64{425}, time.Second, 0.15)...)
		ring = append(ring, make([]int16, audio.Samples(4*time.Second))...)
	}
	var keys []int16
	for i := range 120 {
		keys = append(keys, audio.DigitTone(eventKeys[i%16], 300*time.Millisecond, 0.2)...)
		keys = append(keys, make([]int16, audio.Samples(200*time.Millisecond))...)
	}
	steps := append(append(hiss(20*time.Second, -65, 3), hiss(20*time.Second, -35, 4)...), hiss(20*time.Second, -50, 5)...)
	for _, c := range []struct {
		name string
		pcm  []int16
		most int // in a minute
	}{
		{"noise of -60 dB", hiss(long, -60, 1), 0},
		{"noise of -40 dB", hiss(long, -40, 2), 0},
		{"noise that comes and goes by 30 dB", steps, 1},
		{"clicks", clicks, 0},
		{"ring-back tone", ring, 0},
		{"keys", keys, 0},
	} {
		began, _ := detect(c.pcm, nil)
		t.Logf("%s: %d false alarms a minute", c.name, len(began))
		if len(began) > c.most {
			t.Errorf("%s: %d false alarms a minute, at %v", c.name, len(began), began)
		}
	}
	music, err := audio.LoadFile(filepath.Join(prompts, "hold.wav"))
	if err != nil {
		t.Fatal(err)
	}
	var minute []int16
	for len(minute) < audio.Samples(long) {
		minute = append(minute, music.PCM()...)
	}
	began, _ := detect(minute, nil)
	t.Logf("the shipped music, heard: %d false alarms a minute (music is not told from speech)", len(began))
}

// TestOwnEchoIsNotVoice: our own prompt coming back never stops itself.
func TestOwnEchoIsNotVoice(t *testing.T) {
	for _, level := range []float64{-14, -20, -26} {
		sent := atLevel(speech(t, 40*time.Second), level)
		for _, down := range []float64{20, 25, 30, 45} {
			for _, after := range []time.Duration{20, 120, 300} {
				heard := echo(sent, down, after*time.Millisecond)
				audio.Mix(heard, hiss(audio.Duration(len(heard)), -65, 1))
				if began, v := detect(heard, sent); len(began) > 0 {
					t.Errorf("a prompt of %g dB, its echo %g dB down after %d ms: taken for speech at %v (the line's echo is held to be %.0f dB)",
						level, down, after, began, 10*math.Log10(float64(v.echo)/65536))
				}
			}
		}
	}
}

// TestBargeInByVoice: speech stops a prompt; keys, noise and its echo don't;
// the end is told.
func TestBargeInByVoice(t *testing.T) {
	l := newLab(t)
	a, b, ea, _ := l.pair(audio.ALaw, 101, Options{Voice: true})
	a.Play(PlayOptions{StopOnVoice: true}, audio.NewClip(atLevel(speech(t, 20*time.Second), -20)))
	b.Play(PlayOptions{}, audio.NewClip(hiss(2*time.Second, -50, 1)))
	l.run(2 * time.Second)
	b.SendDigits("12")
	l.run(time.Second)
	if n := len(ea.of(PlayDone)) + len(ea.of(SpeechBegan)); n != 0 {
		t.Fatalf("%v", *ea)
	}
	said := atLevel(utterances(t)[0], -22)
	first, last := onset(said)
	b.Play(PlayOptions{}, audio.NewClip(said))
	began := l.now
	l.run(audio.Duration(len(said)) + 600*time.Millisecond)
	done, start, end := ea.of(PlayDone), ea.of(SpeechBegan), ea.of(SpeechEnded)
	if len(done) != 1 || !done[0].Cut || len(start) == 0 || len(end) != len(start) {
		t.Fatalf("%v", *ea)
	}
	late := start[0].At.Sub(began) - time.Duration(first)*framePeriod
	t.Logf("%v after the first sound; from %v to %v, level %.1f dB", late, start[0].At.Sub(began), end[len(end)-1].At.Sub(began), start[0].Level)
	if late > 400*time.Millisecond || start[0].At != done[0].At {
		t.Errorf("%v after the first sound", late)
	}
	if d := end[len(end)-1].At.Sub(began) - time.Duration(last)*framePeriod; d < 300*time.Millisecond || d > 700*time.Millisecond {
		t.Errorf("the end is told %v after it", d)
	}
	if start[0].Level > -10 || start[0].Level < -40 {
		t.Errorf("level %.1f dB", start[0].Level)
	}
}

// TestVoiceInAnnouncedPause: comfort noise is silence, however loud.
func TestVoiceInAnnouncedPause(t *testing.T) {
	l := newLab(t)
	s, ev := l.open(Options{Voice: true})
	f := newFar(t, s)
	s.SetRemote(f.remote())
	for i := range 20 {
		f.sound(0xD5)
		l.turn()
		f.quiet(byte(30 + i%2*30))
		f.h.Timestamp += 19 * frameBytes
		l.run(400 * time.Millisecond)
	}
	if n := len(ev.of(SpeechBegan)); n != 0 {
		t.Errorf("%d times speech in comfort noise", n)
	}
}

func BenchmarkVoiceFrame(b *testing.B) {
	var v voice
	var f, g [frameBytes]byte
	audio.Encode(audio.ALaw, f[:], speech(b, time.Second)[4000:])
	b.ReportAllocs()
	for b.Loop() {
		v.step(energy(audio.ALaw, &f), energy(audio.ALaw, &g), false)
	}
}
