package prints

import (
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"dozvon/audio"
)

// prompt reads a prompt of Asterisk, or skips.
func prompt(t *testing.T, name string) []int16 {
	t.Helper()
	clip, err := audio.LoadFile(filepath.Join("/usr/share/asterisk/sounds", name+".wav"))
	if err != nil {
		t.Skip("asterisk-core-sounds-ru-wav and -en-wav are not installed")
	}
	return clip.PCM()
}

// throughGSM sends pcm through the codec of a mobile, or skips.
func throughGSM(t *testing.T, pcm []int16) []int16 {
	t.Helper()
	dir := t.TempDir()
	in, coded, out := filepath.Join(dir, "in.wav"), filepath.Join(dir, "coded.gsm"), filepath.Join(dir, "out.wav")
	writeWAV(t, in, pcm)
	for _, args := range [][]string{{in, coded}, {coded, "-e", "signed", "-b", "16", out}} {
		if err := exec.CommandContext(t.Context(), "sox", args...).Run(); err != nil {
			t.Skipf("sox can't: %v", err)
		}
	}
	clip, err := audio.LoadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return clip.PCM()
}

// TestShippedAreHeard: what comes with dozvon is known on a mobile's line, in
// 2 s from its middle, as what it is; other prompts of the same voices are not.
func TestShippedAreHeard(t *testing.T) {
	lib := NewLibrary(shipped()...)
	r := rand.New(rand.NewPCG(5, 5))
	for name, want := range map[string]string{
		"ru_RU_f_IvrvoiceRU/ss-noservice": "invalid", "ru_RU_f_IvrvoiceRU/tt-allbusy": "busy", "ru_RU_f_IvrvoiceRU/vm-intro": "machine",
		"ru_RU_f_IvrvoiceRU/followme/sorry": "off", "en_US_f_Allison/ss-noservice": "invalid", "en_US_f_Allison/vm-mailboxfull": "machine",
		"ru_RU_f_IvrvoiceRU/demo-congrats": "", "ru_RU_f_IvrvoiceRU/vm-options": "", "en_US_f_Allison/conf-adminmenu": "", "en_US_f_Allison/vm-review": "",
	} {
		pcm := prompt(t, name)
		if want != "" {
			pcm = pcm[4000:][:audio.Samples(2*time.Second)]
		}
		found := hear(NewMatcher(lib), line(r, throughGSM(t, pcm), 0.5, 20, 0.02))
		if want == "" && len(found) > 0 || want != "" && (len(found) != 1 || found[0].Entry.Label != want) {
			t.Errorf("%s: found %+v, want %q", name, found, want)
		}
	}
}

// TestLearnedFromEarlyMedia: a recording of a call before its answer, ring-back
// first and through a mobile, teaches what another call hears.
func TestLearnedFromEarlyMedia(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	says := prompt(t, "ru_RU_f_IvrvoiceRU/check-number-dial-again")
	says = append(says, prompt(t, "ru_RU_f_IvrvoiceRU/pls-try-call-later")...)
	ring := append(audio.Tone([]float64{425}, time.Second, 0.1), make([]int16, 4*audio.Rate)...)
	recorded := line(r, throughGSM(t, append(bytes16(ring, 2), says...)), 0.7, 30, 0.01)
	s := openShelf(t, filepath.Join(t.TempDir(), DefaultFile))
	for _, e := range shipped() {
		if e.Name == "Asterisk ru: check-number-dial-again" {
			if _, err := s.Remove(e.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	e, err := s.Learn(recorded, "off", "", "carrier")
	if err != nil {
		t.Fatal(err)
	}
	if d := e.Print.Duration() - audio.Duration(len(says)); d < -500*time.Millisecond || d > 500*time.Millisecond {
		t.Errorf("%v learned of %v", e.Print.Duration(), audio.Duration(len(says)))
	}
	found := s.Library().Find(line(r, says[audio.Rate:], 0.2, 20, 0.02))
	if len(found) == 0 || found[0].Entry.ID != e.ID {
		t.Errorf("%+v", found)
	}
}
