package siptest

import (
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/dialer/phonesim"
	"dozvon/hearing"
	"dozvon/hearing/progress"
)

// judge gives a sound, with lead of silence before it and three seconds behind,
// through A-law to a listener, and returns its first verdict.
func judge(t *testing.T, name string, answered bool, lead time.Duration) hearing.Verdict {
	t.Helper()
	clip, ok := BuiltIn(name)
	if !ok {
		t.Fatalf("there is no sound %q", name)
	}
	pcm := append(make([]int16, audio.Samples(lead)), clip.PCM()...)
	pcm = append(pcm, make([]int16, 3*audio.Rate)...)
	law := make([]byte, len(pcm))
	audio.Encode(audio.ALaw, law, pcm)
	audio.Decode(audio.ALaw, pcm, law)
	l := progress.New(progress.Options{})
	if answered {
		l.Answer()
	}
	for len(pcm) >= audio.FrameSamples {
		for _, v := range l.Hear(audio.Frame{PCM: pcm[:audio.FrameSamples]}) {
			return v
		}
		pcm = pcm[audio.FrameSamples:]
	}
	return hearing.Verdict{}
}

// TestSoundsAreTakenForWhatTheyAre: the listener and the simulated people
// agree on what a voice, a machine and a tone are.
func TestSoundsAreTakenForWhatTheyAre(t *testing.T) {
	type row struct {
		name     string
		answered bool
		kind     hearing.Kind
		label    string
	}
	rows := []row{
		{Hello, true, hearing.Human, ""}, {Speech, true, hearing.Machine, ""}, {Greeting, true, hearing.Machine, ""},
		{Beep, true, hearing.Machine, ""}, {FaxTone, true, hearing.Fax, ""}, {BusyTone, true, hearing.Tone, progress.Busy},
		{BusyTone, false, hearing.Tone, progress.Busy}, {Congested, false, hearing.Tone, progress.Congestion},
		{Ringback, false, hearing.Tone, progress.Ringback}, {SIT, false, hearing.Tone, progress.SIT},
		{Announced, false, hearing.Tone, progress.SIT}, {Melody, false, hearing.Unsure, progress.Music},
	}
	for _, label := range phonesim.Labels() {
		rows = append(rows, row{Announcing + label, false, hearing.Unsure, progress.Speech})
	}
	for _, r := range rows {
		for _, lead := range []time.Duration{0, 500 * time.Millisecond} {
			if lead == 0 && r.name == Melody {
				continue // music without a pause, from the first frame on, may as well be the line's noise
			}
			if v := judge(t, r.name, r.answered, lead); v.Kind != r.kind || v.Label != r.label {
				t.Errorf("%s after %v, answered %v: %+v, want %s %s", r.name, lead, r.answered, v, r.kind, r.label)
			}
		}
	}
}
