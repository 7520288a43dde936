package siptest

import (
	"fmt"
	"io/fs"
	"maps"
	"math"
	"strings"
	"sync"
	"time"

	"dozvon/audio"
	"dozvon/dialer/phonesim"
)

// Frequencies, in hertz, by which simulated people and machines are told apart
// in recordings. The voices of a person and an operator who talk on are one
// steady tone each, modulated like syllables; what a listener must take for
// speech is made by voiced and word.
const (
	VoicePersonHz   = 400.0
	VoiceOperatorHz = 600.0
	BeepHz          = 1000.0
	CEDHz           = 2100.0 // answering fax (ITU-T V.25)
	NetworkHz       = 425.0  // ring-back, busy, congestion
)

// Names that a profile can Speak without any file. A name that begins with
// "voice:" never ends: the person goes on talking while the steps after it
// are carried out, and stays talking after the last one.
const (
	VoicePerson   = "voice:person"
	VoiceOperator = "voice:operator"
	Hello         = "hello"        // 0.6 s: what a person says who picks up
	Speech        = "speech"       // 6 s of a person's speech, without a long pause
	Greeting      = "greeting"     // 6 s of a machine's speech
	Beep          = "beep"         // 0.4 s
	Announced     = "announcement" // special information tone, then 3 s of the network's speech
	SIT           = "sit"          // special information tone alone, 1 s
	FaxTone       = "ced"          // 3 s
	Ringback      = "ringback"     // 1 s of tone, 4 s of silence
	BusyTone      = "busy"         // 8 s: 0.4 s of tone, 0.4 s of silence
	Congested     = "congestion"   // 8 s: 0.2 s of tone, 0.2 s of silence
	Melody        = "melody"       // 8 s of music
	// Announcing and a label is an announcement of the network without any tone
	// before it, 6 s, the same on every call: phonesim.Labels.
	Announcing = "announcement:"
)

// BuiltIn returns a built-in sound by name.
func BuiltIn(name string) (*audio.Clip, bool) {
	c, ok := builtIn()[name]
	return c, ok
}

const endless = "voice:"

// builtIn makes the built-in sounds once for all servers.
var builtIn = sync.OnceValue(func() Sounds {
	const level = 0.3
	all := Sounds{
		VoicePerson:   audio.NewClip(talk(VoicePersonHz, 4*time.Second)),
		VoiceOperator: audio.NewClip(talk(VoiceOperatorHz, 4*time.Second)),
		Hello:         audio.NewClip(word(speakerPerson, 600*time.Millisecond)),
		Speech:        audio.NewClip(voiced(speakerPerson, 6*time.Second)),
		Greeting:      audio.NewClip(voiced(speakerMachine, 6*time.Second)),
		Beep:          audio.NewClip(audio.Tone([]float64{BeepHz}, 400*time.Millisecond, level)),
		Announced:     audio.NewClip(append(sit(), voiced(speakerNetwork, 3*time.Second)...)),
		SIT:           audio.NewClip(sit()),
		FaxTone:       audio.NewClip(audio.Tone([]float64{CEDHz}, 3*time.Second, level)),
		Ringback:      audio.NewClip(beats(time.Second, 4*time.Second, 1)),
		BusyTone:      audio.NewClip(beats(400*time.Millisecond, 400*time.Millisecond, 10)),
		Congested:     audio.NewClip(beats(200*time.Millisecond, 200*time.Millisecond, 20)),
		Melody:        audio.NewClip(melody(8 * time.Second)),
	}
	for i, label := range phonesim.Labels() {
		all[Announcing+label] = audio.NewClip(voiced(speakerNetwork+1+uint64(i), 6*time.Second))
	}
	return all
})

// beats is a tone of the network that comes and goes.
func beats(on, off time.Duration, n int) (pcm []int16) {
	for range n {
		pcm = append(pcm, audio.Tone([]float64{NetworkHz}, on, 0.15)...)
		pcm = append(pcm, make([]int16, audio.Samples(off))...)
	}
	return pcm
}

// talk is a tone that swells and falls four times a second, as syllables do,
// and never falls silent.
func talk(hz float64, d time.Duration) []int16 {
	pcm := audio.Tone([]float64{hz}, d, 0.4)
	for i, s := range pcm {
		swell := 0.65 - 0.35*math.Cos(2*math.Pi*4*float64(i)/audio.Rate)
		pcm[i] = int16(float64(s) * swell)
	}
	return pcm
}

// sit is the special information tone before an announcement (ITU-T E.180):
// three rising tones of a third of a second.
func sit() []int16 {
	var pcm []int16
	for _, hz := range []float64{950, 1400, 1800} {
		pcm = append(pcm, audio.Tone([]float64{hz}, 330*time.Millisecond, 0.3)...)
	}
	return pcm
}

// sounds finds clips by name. It is filled before the first call and never
// changed again.
type sounds struct {
	clips Sounds
	files fs.FS
}

func newSounds(own Sounds, files fs.FS) *sounds {
	s := &sounds{clips: maps.Clone(builtIn()), files: files}
	maps.Copy(s.clips, own)
	return s
}

// load makes sure that a name can be spoken.
func (s *sounds) load(name string) error {
	if s.clips[name] != nil {
		return nil
	}
	if s.files == nil {
		return fmt.Errorf("%q is no built-in sound, and no folder of audio files is set", name)
	}
	f, err := s.files.Open(name)
	if err != nil {
		return fmt.Errorf("%q is no built-in sound, and its file cannot be opened: %w", name, err)
	}
	defer func() { _ = f.Close() }()
	clip, err := audio.ReadWAV(f)
	if err != nil {
		return fmt.Errorf("audio file %q: %w", name, err)
	}
	s.clips[name] = clip
	return nil
}

// forever says whether a sound never ends.
func forever(name string) bool { return strings.HasPrefix(name, endless) }
