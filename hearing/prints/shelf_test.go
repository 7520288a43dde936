package prints

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
)

func openShelf(t *testing.T, path string) *Shelf {
	t.Helper()
	s, err := OpenShelf(path, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestShipped: what comes with dozvon can be read, and says what it is.
func TestShipped(t *testing.T) {
	labels := map[string]int{}
	for _, e := range shipped() {
		labels[e.Label]++
		if e.Disposition == "" || e.Disposition != Disposition(e.Label) || !strings.HasPrefix(e.Name, "Asterisk ") || !e.Shipped {
			t.Errorf("%+v", e)
		}
		if err := e.Print.check(); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
	}
	for _, want := range []string{hearing.LabelOff, hearing.LabelInvalid, hearing.LabelBusy, hearing.LabelMachine} {
		if labels[want] < 2 {
			t.Errorf("%d announcements labelled %s", labels[want], want)
		}
	}
}

// TestLearn: what is learned is found by the next call, of this process and of
// another one, and not after it has been removed.
func TestLearn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "announcements.jsonl")
	here, there := openShelf(t, path), openShelf(t, path)
	off, busy := babble(1, 5*time.Second), babble(2, 5*time.Second)
	before := here.Library().Len()
	running := NewMatcher(there.Library())

	e, err := here.Learn(off, " OFF ", "", "a\nname\x1b[31m")
	if err != nil || e.Label != hearing.LabelOff || e.Disposition != Unreachable || e.Name != "a name [31m" {
		t.Fatalf("%+v, %v", e, err)
	}
	if _, err := here.Learn(busy, "своё-слово", "busy", ""); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Shelf{here, there, openShelf(t, path)} {
		if s.Library().Len() != before+2 {
			t.Errorf("%d announcements, want two more than %d", s.Library().Len(), before)
		}
		found := s.Library().Find(off[audio.Rate:])
		if len(found) != 1 || found[0].Entry.ID != e.ID || found[0].Entry.Disposition != Unreachable {
			t.Errorf("%+v", found)
		}
		if found := s.Library().Find(busy); len(found) != 1 || found[0].Entry.Label != "своё-слово" || found[0].Entry.Disposition != Busy {
			t.Errorf("%+v", found)
		}
	}
	if found := hear(running, off); found != nil {
		t.Errorf("a call under way has another library now: %+v", found)
	}
	if _, err := there.Remove(e.ID[:6]); err != nil {
		t.Fatal(err)
	}
	if found := here.Library().Find(off); found != nil {
		t.Errorf("found after it was removed: %+v", found)
	}
}

// TestLearnRefuses says why to whom.
func TestLearnRefuses(t *testing.T) {
	s := openShelf(t, filepath.Join(t.TempDir(), "announcements.jsonl"))
	known := babble(1, 5*time.Second)
	if _, err := s.Learn(known, "off", "", "the first"); err != nil {
		t.Fatal(err)
	}
	ring := append(audio.Tone([]float64{425}, time.Second, 0.2), make([]int16, 4*audio.Rate)...)
	hum := audio.Tone([]float64{100, 350, 700, 1500}, 6*time.Second, 0.1)
	syllable := babble(3, 300*time.Millisecond)
	for name, c := range map[string]struct {
		pcm                []int16
		label, disposition string
		want               string
	}{
		"known":        {known[audio.Rate:], "off", "", "the same label"},
		"another name": {known, "busy", "", "remove that one first"},
		"short":        {babble(5, time.Second), "off", "", "of speech"},
		"silence":      {make([]int16, 5*audio.Rate), "off", "", "silence"},
		"nothing":      {nil, "off", "", "silence"},
		"ring-back":    {bytes16(ring, 4), "off", "", "tones"},
		"hum":          {hum, "off", "", "tones"},
		"a loop":       {bytes16(syllable, 20), "off", "", "the same all the time"},
		"no label":     {known, "", "", "is no word"},
		"hostile":      {known, "off\nbusy", "", "is no word"},
		"own word":     {known, "roaming", "", "with a disposition"},
		"no such":      {known, "roaming", "answered", "no disposition"},
		"contrary":     {known, "off", "busy", "means unreachable"},
	} {
		if _, err := s.Learn(c.pcm, c.label, c.disposition, name); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		} else if errors.Is(err, ErrKnown) != (name == "known" || name == "another name") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := s.Library().Len(); n != len(shipped())+1 {
		t.Errorf("%d announcements", n)
	}
}

func bytes16(pcm []int16, times int) (out []int16) {
	for range times {
		out = append(out, pcm...)
	}
	return out
}

// TestTrim: ring-back and silence around an announcement are not learned.
func TestTrim(t *testing.T) {
	words := babble(4, 4*time.Second)
	for name, tone := range map[string][]float64{"Europe": {425}, "America": {440, 480}, "Britain": {400, 450}} {
		ring := append(audio.Tone(tone, time.Second, 0.2), make([]int16, 3*audio.Rate)...)
		pcm := append(bytes16(ring, 3), words...)
		pcm = append(pcm, make([]int16, audio.Rate)...)
		pcm = append(pcm, ring...)
		got, err := Trim(pcm)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := audio.Duration(len(got)); d < 3500*time.Millisecond || d > 4500*time.Millisecond {
			t.Errorf("%s: %v remain of 4 s", name, d)
		}
	}
	if got, err := Trim(bytes16(words, 20)); err != nil || len(got) != audio.Samples(longest) {
		t.Errorf("%d samples, %v", len(got), err)
	}
}

// TestShippedCanBeRemoved: it is left out from then on, by name and for good.
func TestShippedCanBeRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "announcements.jsonl")
	s := openShelf(t, path)
	first := shipped()[0]
	if _, err := s.Remove(first.ID); err != nil {
		t.Fatal(err)
	}
	if n := openShelf(t, path).Library().Len(); n != len(shipped())-1 {
		t.Errorf("%d announcements, want one less than %d", n, len(shipped()))
	}
	for _, id := range []string{first.ID, "", "zz"} {
		if _, err := s.Remove(id); err == nil {
			t.Errorf("%q was removed", id)
		}
	}
}

// TestFaultyFile: at the start a fault is an error with its line; later it is
// told, the other lines count, and nothing is written over it.
func TestFaultyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "announcements.jsonl")
	good, err := Line(babble(1, 4*time.Second), "off", "", "good")
	if err != nil {
		t.Fatal(err)
	}
	var told []error
	s, err := OpenShelf(path, func(err error) { told = append(told, err) })
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append([]byte("{\"label\":\n"), good...), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if n := s.Library().Len(); n != len(shipped())+1 {
			t.Errorf("%d announcements", n)
		}
	}
	if len(told) != 1 || !strings.Contains(told[0].Error(), "line 1") {
		t.Errorf("told %v", told)
	}
	if _, err := s.Learn(babble(2, 4*time.Second), "off", "", ""); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("learning: %v", err)
	}
	if _, err := OpenShelf(path, nil); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("opening: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	good, err := Line(babble(1, 3*time.Second), "своё", "busy", "good")
	if err != nil {
		f.Fatal(err)
	}
	sound := babble(1, 3*time.Second)[:2*audio.Rate]
	f.Add(good)
	f.Add([]byte(`{"without":"0123456789"}` + "\n\n{}"))
	f.Add([]byte(`{"label":"off","recipe":1,"words":"AAAA","counts":"/w=="}`))
	f.Add(bytes.Repeat([]byte("x"), maxLine+1))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, _ := read(bytes.NewReader(text))
		lib := NewLibrary(c.entries...)
		lib.Find(sound)
		var again []byte
		for _, e := range c.entries {
			if cleanLabel(e.Label) != e.Label || cleanName(e.Name) != e.Name || e.Disposition == "" {
				t.Fatalf("%+v is not clean", e)
			}
			again = append(again, e.line()...)
		}
		back, err := read(bytes.NewReader(again))
		if err != nil || len(back.entries) != len(c.entries) {
			t.Fatalf("%d of %d come back, %v", len(back.entries), len(c.entries), err)
		}
	})
}

func FuzzTrim(f *testing.F) {
	var small bytes.Buffer
	if err := audio.WriteWAV(&small, 1, babble(1, 3*time.Second)); err != nil {
		f.Fatal(err)
	}
	f.Add(small.Bytes()[:2000])
	f.Add([]byte("RIFF\xff\xff\xff\xffWAVE"))
	f.Fuzz(func(t *testing.T, wav []byte) {
		clip, err := audio.ReadWAV(bytes.NewReader(wav))
		if err != nil {
			clip = audio.NewClip(int16s(wav)) // still a sound
		}
		e, pcm, err := newEntry(clip.PCM(), "off", "", "fuzz")
		if err == nil && (len(pcm) > clip.Len() || len(e.Print.words) < span || len(e.Print.words) > maxWords) {
			t.Fatalf("%d samples of %d, %d words", len(pcm), clip.Len(), len(e.Print.words))
		}
	})
}

func int16s(b []byte) []int16 {
	out := make([]int16, len(b)/2)
	for i := range out {
		out[i] = int16(b[2*i]) | int16(b[2*i+1])<<8
	}
	return out
}

func writeWAV(t *testing.T, path string, pcm []int16) {
	t.Helper()
	var b bytes.Buffer
	if err := audio.WriteWAV(&b, 1, pcm); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
