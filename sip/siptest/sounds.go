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
)

// Frequencies, in hertz, by which simulated voices are told apart in
// recordings. Each voice is one steady tone, modulated like syllables.
const (
	VoicePersonHz   = 400.0
	VoiceOperatorHz = 600.0
	VoiceMachineHz  = 500.0 // greetings and announcements
	BeepHz          = 1000.0
	CEDHz           = 2100.0 // answering fax (ITU-T V.25)
	RingbackHz      = 425.0
)

// Names that a profile can Speak without any file. A name that begins with
// "voice:" never ends: the person goes on talking while the steps after it
// are carried out, and stays talking after the last one.
const (
	VoicePerson   = "voice:person"
	VoiceOperator = "voice:operator"
	Greeting      = "greeting"     // 3 s of a machine's voice
	Beep          = "beep"         // 0.4 s
	Announced     = "announcement" // special information tone, then 3 s of a machine's voice
	SIT           = "sit"          // special information tone alone, 1 s
	FaxTone       = "ced"          // 3 s
	Ringback      = "ringback"     // 1 s of tone, 4 s of silence
)

const endless = "voice:"

// builtIn makes the built-in sounds once for all servers.
var builtIn = sync.OnceValue(func() Sounds {
	const level = 0.3
	return Sounds{
		VoicePerson:   audio.NewClip(talk(VoicePersonHz, 4*time.Second)),
		VoiceOperator: audio.NewClip(talk(VoiceOperatorHz, 4*time.Second)),
		Greeting:      audio.NewClip(talk(VoiceMachineHz, 3*time.Second)),
		Beep:          audio.NewClip(audio.Tone([]float64{BeepHz}, 400*time.Millisecond, level)),
		Announced:     audio.NewClip(append(sit(), talk(VoiceMachineHz, 3*time.Second)...)),
		SIT:           audio.NewClip(sit()),
		FaxTone:       audio.NewClip(audio.Tone([]float64{CEDHz}, 3*time.Second, level)),
		Ringback: audio.NewClip(append(audio.Tone([]float64{RingbackHz}, time.Second, level/2),
			make([]int16, audio.Samples(4*time.Second))...)),
	}
})

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
