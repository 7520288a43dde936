package calls

import (
	"os"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/dialer/phonesim"
	"dozvon/sip/siptest"
)

const soon = 80 * time.Millisecond

var (
	hears    = phonesim.Step{Listen: 200 * time.Millisecond}
	talks    = phonesim.Step{Speak: siptest.VoicePerson}
	converse = phonesim.Step{Speak: siptest.VoiceOperator}
	hangs    = phonesim.Step{HangUp: true}
)

func presses(keys string) phonesim.Step   { return phonesim.Step{Press: keys} }
func waits(d time.Duration) phonesim.Step { return phonesim.Step{Wait: d} }

// person answers soon and does that.
func person(steps ...phonesim.Step) phonesim.Profile {
	return phonesim.Profile{Name: "test", Kind: phonesim.Answers, Ring: soon, Steps: steps}
}

// wants hears a little, presses 1 and talks.
var wants = person(hears, presses("1"), talks)

func kind(k phonesim.Kind) phonesim.Profile { return phonesim.Profile{Kind: k, Ring: soon} }

func people(p phonesim.Profile) map[string]phonesim.Profile {
	return map[string]phonesim.Profile{"+79990000001": p}
}

const number = "+79990000001"

// readStereo reads the two channels of a recording.
func readStereo(t testing.TB, path string) (left, right []int16) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ch, err := audio.ReadChannels(f)
	if err != nil || len(ch) != 2 {
		t.Fatalf("%s has %d channels: %v", path, len(ch), err)
	}
	return ch[0], ch[1]
}

// tone checks whether a tone is heard.
func tone(t testing.TB, what string, pcm []int16, hz float64, want bool) {
	t.Helper()
	if audio.HasTone(pcm, hz) != want {
		t.Errorf("%s: %v Hz heard for %v of %v, want heard %v", what, hz, audio.ToneTime(pcm, hz), audio.Duration(len(pcm)), want)
	}
}
