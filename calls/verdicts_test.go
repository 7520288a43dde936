package calls

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/dialer/phonesim"
	"dozvon/hearing"
	"dozvon/hearing/prints"
	"dozvon/sip/siptest"
)

// library knows the announcements of the simulated network.
var library = sync.OnceValue(func() *prints.Library {
	var entries []prints.Entry
	for _, label := range phonesim.Labels() {
		clip, _ := siptest.BuiltIn(siptest.Announcing + label)
		entries = append(entries, prints.Entry{ID: label, Label: label, Disposition: prints.Disposition(label), Print: prints.Make(clip.PCM())})
	}
	return prints.NewLibrary(entries...)
})

// listens makes a rig's caller listen to every call.
func listens(c *Config) { c.Listening = &Listening{Library: library} }

// hearingRig is a rig that listens, with a person, and a hear block after job.
func hearingRig(t *testing.T, p phonesim.Profile, block string) *rig {
	t.Helper()
	text := edited(t, "ring: 5s", "ring: 15s")
	if block != "" {
		text += "hear:\n" + block + "\n"
	}
	return newRig(t, rigOptions{scenario: text, people: people(p), config: listens})
}

var (
	says    = phonesim.Step{Speak: siptest.Hello}
	sayBeep = phonesim.Step{Speak: siptest.Beep}
)

// TestWhatAnswersIsWhatItIs: the same subscribers, on the wire and at call
// level, come to the same end; and persons stay persons.
func TestWhatAnswersIsWhatItIs(t *testing.T) {
	t.Parallel()
	announces := func(label string) phonesim.Profile {
		return phonesim.Profile{Kind: phonesim.Announcement, Label: label, Ring: soon}
	}
	refuses := person(hears, presses("2"))
	melody, early := refuses, refuses
	melody.Music, melody.Ring = true, 4*time.Second
	early.Early, early.Ring = true, 2500*time.Millisecond
	for name, p := range map[string]phonesim.Profile{
		"voicemail": kind(phonesim.Voicemail), "fax": kind(phonesim.Fax), "busy tone after the answer": kind(phonesim.FalseAnswer),
		"unknown announcement": kind(phonesim.Announcement),
		"off":                  announces("off"), "invalid": announces("invalid"), "busy": announces("busy"), "voicemail before the answer": announces("machine"),
		"person": refuses, "music, then a person": melody, "ring-back, then a person": early,
		"person with a greeting": person(waits(300*time.Millisecond), says, hears, presses("2")),
		"silent person":          person(),
		"person who says no":     person(waits(300*time.Millisecond), says, phonesim.Step{Hush: 300 * time.Millisecond}, presses("2")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := virtually(t, p)
			r := hearingRig(t, p, "")
			res := r.run(number)
			if res.Disposition != want.Disposition || want.Verdict != "" && res.Verdict != want.Verdict {
				t.Fatalf("on the wire %s, %s; at call level %s, %s: %v", res.Disposition, res.Verdict, want.Disposition, want.Verdict, res.Heard)
			}
			if h, ok := res.Decided(); res.Keys != "" && (res.Verdict != dialer.VerdictHuman || !ok || h.Confidence < 0.5) {
				t.Errorf("whoever presses a key is a %s: %v", res.Verdict, res.Heard)
			}
			if len(want.Heard) == 0 {
				return
			}
			h, ok := res.Decided()
			if w := want.Heard[0]; !ok || h.Label != w.Label || h.Early != w.Early || h.Cause == "" || h.Confidence < 0.5 || h.After <= 0 || h.After > 5*time.Second {
				t.Errorf("on the wire %+v, at call level %+v", h, w)
			}
			if before := r.farCall(number, 1); h.Early && before.Answered() {
				t.Errorf("answered after all: %+v", before)
			}
		})
	}
}

// virtually is how a call to somebody ends at call level.
func virtually(t *testing.T, p phonesim.Profile) (res dialer.Result) {
	t.Helper()
	n := phonesim.NewNetwork(time.Unix(1e9, 0), phonesim.Book{Default: p})
	over := false
	n.Attach(func(ev dialer.Event) {
		if ev, ok := ev.(dialer.Ended); ok {
			over, res = true, ev.Result
		}
	})
	n.Place(dialer.Attempt{ID: 1, Phone: number}, dialer.Lead{})
	for !over {
		n.Wait(context.Background(), time.Time{}, nil)
	}
	return res
}

// TestEarlyAnnouncementEndsTheCall: with CANCEL, two seconds into it, as what
// it says; while one that nobody knows is left to the network.
func TestEarlyAnnouncementEndsTheCall(t *testing.T) {
	t.Parallel()
	r := hearingRig(t, phonesim.Profile{Kind: phonesim.Announcement, Label: "off", Ring: soon}, "")
	res := r.run(number)
	far := r.farCall(number, 1)
	if res.Disposition != dialer.Unreachable || far.CancelAt.IsZero() || far.Answered() || !far.AnsweredAt.IsZero() {
		t.Fatalf("%+v, at the far end %+v", res, far)
	}
	if took := far.CancelAt.Sub(far.EarlyAt); took < 1500*time.Millisecond || took > 3*time.Second {
		t.Errorf("given up %v after its first sound", took)
	}
	t.Logf("given up %v after the first sound: %v", far.CancelAt.Sub(far.EarlyAt), res.Heard)
}

// leaving is the block of a scenario that leaves a message of half a second.
const leaving = `  machine:
    leave: {say: "Call back.", beep: 8s, then: [{finish: gone}]}`

// voicemail greets, beeps, and records.
func voicemail(steps ...phonesim.Step) phonesim.Profile {
	return phonesim.Profile{Kind: phonesim.Voicemail, Ring: soon, Steps: steps}
}

// TestMessageAfterTheBeep: it begins within half a second of the beep's end, as
// the far end's recording has both.
func TestMessageAfterTheBeep(t *testing.T) {
	t.Parallel()
	r := hearingRig(t, voicemail(waits(6*time.Second)), leaving)
	res := r.run(number)
	r.farCall(number, 1)
	if res.List != "gone" || res.Disposition != dialer.Machine || res.Verdict != dialer.VerdictMachine {
		t.Fatalf("%+v", res)
	}
	r.close()
	heard, said := r.farRecording()
	gap := firstTone(heard, promptHz, lastTone(said, siptest.BeepHz)) - lastTone(said, siptest.BeepHz)
	t.Logf("the message begins %v after the beep's end: %v", gap, res.Heard)
	if gap < 0 || gap > 500*time.Millisecond {
		t.Errorf("the message begins %v after the beep's end", gap)
	}
	if d := audio.ToneTime(heard[audio.Samples(lastTone(said, siptest.BeepHz)):], promptHz); d < 300*time.Millisecond {
		t.Errorf("%v of half a second were left", d)
	}
}

// TestSecondBeep: a machine that beeps, says its rules and beeps again gets the
// message after the second beep, whole.
func TestSecondBeep(t *testing.T) {
	t.Parallel()
	r := hearingRig(t, voicemail(waits(700*time.Millisecond), sayBeep, waits(6*time.Second)), strings.Replace(leaving, "Call back.", "Call back, a long message.", 1))
	res := r.run(number)
	r.farCall(number, 1)
	if res.List != "gone" {
		t.Fatalf("%+v", res)
	}
	r.close()
	heard, said := r.farRecording()
	end := lastTone(said, siptest.BeepHz)
	if d := audio.ToneTime(heard[audio.Samples(end):], promptHz); d < 3700*time.Millisecond {
		t.Errorf("%v of four seconds were left after the second beep, which ended at %v: %v", d, end, res.Heard)
	}
}

// TestNoBeep: after its time the message is left anyway, or the call ends.
func TestNoBeep(t *testing.T) {
	t.Parallel()
	silent := person(waits(200*time.Millisecond), phonesim.Step{Speak: siptest.Greeting}, waits(10*time.Second))
	for name, c := range map[string]struct {
		list string
		left bool
	}{"leave": {"gone", true}, "hang_up": {"", false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			block := strings.Replace(leaving, "beep: 8s", "beep: 3s, no_beep: "+name, 1)
			r := hearingRig(t, silent, block)
			res := r.run(number)
			if res.List != c.list || res.Disposition != dialer.Machine {
				t.Fatalf("%+v", res)
			}
			r.farCall(number, 1)
			r.close()
			heard, _ := r.farRecording()
			tail := heard[max(len(heard)-audio.Rate, 0):]
			if left := audio.ToneTime(tail, promptHz) > 300*time.Millisecond; left != c.left {
				t.Errorf("a message was left: %v", left)
			}
		})
	}
}

// TestPersonPicksUpDuringTheMessage: they are greeted, and choose.
func TestPersonPicksUpDuringTheMessage(t *testing.T) {
	t.Parallel()
	r := hearingRig(t, voicemail(waits(900*time.Millisecond), says, waits(2500*time.Millisecond), presses("2")),
		strings.Replace(leaving, "Call back.", "Call back, a long message.", 1))
	if res := r.run(number); res.List != "rejected" || res.Disposition != dialer.Answered || res.Verdict != dialer.VerdictHuman {
		t.Errorf("%+v", res)
	}
}

// TestGreeting: at_once the first word of the prompt leaves with the answer;
// after_word it waits for the person's first word, but not for ever.
func TestGreeting(t *testing.T) {
	t.Parallel()
	greets := person(waits(400*time.Millisecond), says, waits(4*time.Second), presses("2"))
	quiet := person(waits(6*time.Second), presses("2"))
	const afterWord = "  greet: after_word\n  wait: 2s"
	for name, c := range map[string]struct {
		who            phonesim.Profile
		block          string
		soonest, least time.Duration // from the answer to the first sound of the prompt
	}{
		"at once":                 {greets, "", 0, 400 * time.Millisecond},
		"after the word":          {greets, afterWord, 1200 * time.Millisecond, 2100 * time.Millisecond},
		"after the word, of none": {quiet, afterWord, 1900 * time.Millisecond, 2500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := hearingRig(t, c.who, c.block)
			id := r.place(number)
			res := r.result(id)
			if res.List != "rejected" || res.Disposition != dialer.Answered {
				t.Fatalf("%+v", res)
			}
			r.farCall(number, 1)
			r.close()
			heard, _ := r.farRecording()
			began := firstTone(heard, promptHz, 0)
			t.Logf("the prompt begins %v after the answer: %v", began, res.Heard)
			if began < c.soonest || began > c.least {
				t.Errorf("the prompt begins %v after the answer", began)
			}
		})
	}
}

// TestVerdictsFollowed: what the scenario says follows, for each verdict.
func TestVerdictsFollowed(t *testing.T) {
	t.Parallel()
	hum := person(waits(800*time.Millisecond), phonesim.Step{Speak: siptest.Melody})
	for name, c := range map[string]struct {
		who   phonesim.Profile
		block string
		want  dialer.Disposition
		list  string
	}{
		"machine, go on":      {voicemail(waits(8 * time.Second)), "  machine: go_on", dialer.Answered, "unclear"},
		"machine, a step":     {voicemail(waits(8 * time.Second)), "  machine: {go: [{say: \"Later.\"}, {finish: missed}]}", dialer.Machine, "missed"},
		"machine, another":    {voicemail(waits(8 * time.Second)), "  machine: {hang_up: no_answer}", dialer.NoAnswer, ""},
		"machine, not sure":   {voicemail(waits(8 * time.Second)), "  sure: 99", dialer.Answered, "unclear"},
		"fax, another":        {kind(phonesim.Fax), "  fax: {hang_up: invalid}", dialer.Invalid, ""},
		"silence":             {person(waits(9 * time.Second)), "  silence: hang_up", dialer.Silent, ""},
		"unsure":              {hum, "  after: {silence: 10s, undecided: 2s}\n  unsure: {hang_up: machine}", dialer.Machine, ""},
		"unsure, left alone":  {hum, "", dialer.Answered, "unclear"},
		"announcement, go on": {phonesim.Profile{Kind: phonesim.Announcement, Label: "busy", Ring: soon}, "  announcement: go_on", dialer.Unreachable, ""},
		"label of one's own":  {phonesim.Profile{Kind: phonesim.Announcement, Label: "off", Ring: soon}, "  announcements: {\"off\": busy}", dialer.Busy, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := hearingRig(t, c.who, c.block)
			if res := r.run(number); res.Disposition != c.want || res.List != c.list {
				t.Errorf("%s on %q, want %s on %q: %v", res.Disposition, res.List, c.want, c.list, res.Heard)
			}
		})
	}
}

// TestWatcherIsCheap: what listens to every call allocates nothing while it
// listens, and says what a second of it costs.
func TestWatcherAllocatesNothing(t *testing.T) {
	w := newTestWatcher(t)
	frames := speechFrames(t)
	i := 0
	if n := testing.AllocsPerRun(1000, func() {
		w.hear(frames[i%len(frames)])
		i++
	}); n > 0.02 { // a verdict now and then is worded
		t.Errorf("%v allocations a frame", n)
	}
}

func BenchmarkWatcher(b *testing.B) {
	w := newTestWatcher(b)
	frames := speechFrames(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		w.hear(frames[i%len(frames)])
		i++
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)*50, "µs/call-second")
}

func newTestWatcher(t testing.TB) *watcher {
	c := &call{cfg: &Config{Listening: &Listening{}}, scenario: mustLoad(t, "")}
	return newWatcher(c.earOptions(), library(), func(verdictHeard) {})
}

func speechFrames(t testing.TB) (frames []hearing.Frame) {
	clip, ok := siptest.BuiltIn(siptest.Speech)
	if !ok {
		t.Fatal("no speech")
	}
	for pcm := clip.PCM(); len(pcm) >= audio.FrameSamples; pcm = pcm[audio.FrameSamples:] {
		frames = append(frames, hearing.Frame{PCM: pcm[:audio.FrameSamples]})
	}
	return frames
}

// farRecording reads what the far end of a rig's only call heard and said,
// from its answer on. The rig must be closed.
func (r *rig) farRecording() (heard, said []int16) {
	r.t.Helper()
	files, err := filepath.Glob(filepath.Join(r.farDir, "*.wav"))
	if err != nil || len(files) != 1 {
		r.t.Fatalf("%d recordings of the far end: %v", len(files), err)
	}
	return readStereo(r.t, files[0])
}

// firstTone is when a tone is heard first from a moment on, to 20 ms; a minute
// if it never is.
func firstTone(pcm []int16, hz float64, from time.Duration) time.Duration {
	for at := from; audio.Samples(at+40*time.Millisecond) <= len(pcm); at += 10 * time.Millisecond {
		if isTone(pcm, hz, at) {
			return at
		}
	}
	return time.Minute
}

// lastTone is when a tone was heard last, to 20 ms; 0 if it never was.
func lastTone(pcm []int16, hz float64) time.Duration {
	for at := audio.Duration(len(pcm)) - 40*time.Millisecond; at > 0; at -= 10 * time.Millisecond {
		if isTone(pcm, hz, at) {
			return at + 20*time.Millisecond
		}
	}
	return 0
}

func isTone(pcm []int16, hz float64, at time.Duration) bool {
	part := pcm[audio.Samples(at):][:audio.FrameSamples]
	block := make([]float64, len(part))
	for i, v := range part {
		block[i] = float64(v)
	}
	var power [1]float64
	audio.NewGoertzelBank(hz).Powers(power[:], block)
	energy := audio.Energy(part)
	return energy > 300*300*float64(len(part)) && power[0] > 0.8*energy
}
