package corpus

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
)

// Class is what answers a call, finer than a verdict.
type Class string

// Classes of calls.
const (
	Person    Class = "person"    // says a short greeting
	Business  Class = "business"  // a person who says a long one
	Voicemail Class = "voicemail" // a greeting, then a beep
	Carrier   Class = "carrier"   // an announcement of the network
	Menu      Class = "menu"      // a machine that talks on: a menu, a queue
	Tones     Class = "tone"      // ringback, busy, congestion
	SIT       Class = "sit"       // special information tones, then an announcement
	Fax       Class = "fax"
	Nothing   Class = "silence"
	Music     Class = "music" // instead of ringback
)

// Call is a call that can be rendered: what our end hears from the first
// packet on.
type Call struct {
	Name     string // unique: "test/person/ru/017"
	Half     Half
	Class    Class
	Truth    hearing.Kind // what a listener should find
	Label    string       // of a tone: "ringback", "busy", "congestion", "sit", "music"
	Source   string       // what made the sound: "espeak-ng", "festival", "recorded", "code"
	Language string       // "" where nothing is said
	Text     string       // what is said, where it is known
	// Bar says that the call belongs to what hearing.md has a bar for. Others
	// are measured and printed beside it: tones of further countries, music,
	// people who answer for a business.
	Bar   bool
	write func(*script) error
}

// Rendered is the sound of a call. The times count from its first sample.
type Rendered struct {
	Sound
	Start          time.Duration // where the first sound of the far end begins
	Said           time.Duration // end of the first utterance, or of the greeting
	BeepAt, BeepTo time.Duration // zero: no beep
	SNR            float64       // dB; 0: quiet
}

// script is a call while it is written.
type script struct {
	r                    *rand.Rand
	half                 Half
	pcm                  []int16
	said, beepAt, beepTo int
}

// usual is the active level at which scripts are written, in sample units.
const usual = 3000

// say appends what a voice says, at the usual level.
func (s *script) say(v Voice, text string) error {
	pcm, err := v.Say(text)
	if err != nil {
		return err
	}
	s.play(pcm, 0)
	return nil
}

// play appends a recording at db above the usual level.
func (s *script) play(pcm []int16, db float64) {
	gain := 0.0
	if a := ActiveRMS(pcm); a > 0 {
		gain = usual * decibels(db) / a
	}
	for _, v := range pcm {
		s.pcm = append(s.pcm, int16(min(max(float64(v)*gain, -32767), 32767)))
	}
}

// pause appends silence.
func (s *script) pause(lo, hi float64) {
	s.pcm = append(s.pcm, make([]int16, int(between(s.r, lo, hi)*audio.Rate))...)
}

// greeting ends what the far end says first.
func (s *script) greeting() { s.said = len(s.pcm) }

// pickUp is what may be heard before the first word: a click, a breath.
func (s *script) pickUp() {
	if s.r.Float64() < 0.25 {
		s.play(ints(scaled(White(s.r, audio.Rate/250), usual)), between(s.r, -6, 6))
		s.pause(0.05, 0.3)
	}
	if s.r.Float64() < 0.25 {
		s.play(ints(breath(s.r, int(between(s.r, 0.2, 0.45)*audio.Rate))), between(s.r, -32, -22))
		s.pause(0.02, 0.15)
	}
}

// beep appends the beep of an answering machine.
func (s *script) beep() {
	hz := one(s.r, 440.0, 800, 1000, 1400, 425, 950)
	if s.half == Test {
		hz = between(s.r, 380, 2150)
	}
	s.pause(0.15, 1)
	s.beepAt = len(s.pcm)
	s.play(audio.Tone([]float64{hz}, seconds(between(s.r, 0.2, 1)), 0.2), between(s.r, -6, 3))
	s.beepTo = len(s.pcm)
}

func seconds(v float64) time.Duration { return time.Duration(v * float64(time.Second)) }

// Render makes the call's sound. It is the same each time.
func (c Call) Render() (Rendered, error) {
	r := Rand(1+uint64(c.Half), c.Name)
	line := c.line(r)
	s := &script{r: r, half: c.Half}
	if err := c.write(s); err != nil {
		return Rendered{}, err
	}
	if line.Noise == BabbleNoise {
		var err error
		if line.Voices, err = crowd(c.Half); err != nil {
			return Rendered{}, err
		}
	}
	sound, err := line.Pass(r, s.pcm)
	if err != nil {
		return Rendered{}, err
	}
	out := Rendered{Sound: sound, Start: line.Lead, Said: line.Lead + audio.Duration(s.said)}
	if line.Noise != Quiet {
		out.SNR = line.SNR
	}
	if s.beepTo > 0 {
		out.BeepAt, out.BeepTo = line.Lead+audio.Duration(s.beepAt), line.Lead+audio.Duration(s.beepTo)
	}
	return out, nil
}

// line draws the line of a call. What the network makes itself comes without
// a mobile's codec and without the noise of a room.
func (c Call) line(r *rand.Rand) Channel {
	l := Channel{
		Noise: one(r, PinkNoise, PinkNoise, StreetNoise, BabbleNoise),
		SNR:   one(r, 35.0, 25, 15),
		Lead:  seconds(between(r, 0.15, 1.3)),
		Tail:  4500 * time.Millisecond,
		Loss:  one(r, 0, 0, 0, 0.01, 0.03),
		GSM:   r.Float64() < 0.15,
	}
	switch c.Class {
	case Tones, SIT, Fax, Music, Carrier:
		l.Noise, l.SNR, l.GSM = one(r, Quiet, PinkNoise), one(r, 35.0, 25), false
	case Person, Business:
		if r.Float64() < 0.08 { // who lifts the receiver and waits
			l.Lead = seconds(between(r, 1.5, 2.2))
		}
	case Nothing:
		l.Tail = 12 * time.Second
	}
	return l
}

// crowds are the voices that babble behind the calls of a half.
var crowds = map[Half]func() ([][]int16, error){
	Development: sync.OnceValues(func() ([][]int16, error) { return speakers(Development) }),
	Test:        sync.OnceValues(func() ([][]int16, error) { return speakers(Test) }),
}

func crowd(h Half) ([][]int16, error) { return crowds[h]() }

func speakers(h Half) ([][]int16, error) {
	r := Rand(uint64(h), "crowd")
	var out [][]int16
	for _, language := range []string{"ru", "en"} {
		for _, text := range phrases[h][language].menu {
			pcm, err := espeakVoice(r, h, language).Say(text)
			if err != nil {
				return nil, err
			}
			out = append(out, pcm)
		}
	}
	return out, nil
}

// Render renders calls on every processor and has hear listen to each, from
// several goroutines at once. It stops at the first error, and when ctx ends.
func Render(ctx context.Context, calls []Call, hear func(Call, Rendered) error) error {
	return Each(ctx, len(calls), func(i int) error {
		r, err := calls[i].Render()
		if err != nil {
			return err
		}
		return hear(calls[i], r)
	})
}

// Each calls do for 0 to n-1, on every processor, until one fails or ctx ends.
func Each(ctx context.Context, n int, do func(int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				if err := do(i); err != nil {
					stop(err)
				}
			}
		})
	}
	for i := 0; i < n && ctx.Err() == nil; i++ {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	wg.Wait()
	return context.Cause(ctx)
}
