package siptest

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/dialer/phonesim"
	"dozvon/media"
)

const wholeBook = `# subscribers
numbers: {"+79990000001": [no_answer, later, yes], +79990000002: picky}
seed: 7
law: pcmu
operator_law: pcma
srtp: required
mix:
  yes: 40
  no_answer: 60
profiles:
  picky:
    ring: 500ms
    early: true
    law: pcma
    behind: melody
    loss: 0.02
    burst: 4
    steps: [{listen: 1s}, {press: "1"}, {wait: 3s}, {hangup: true}]
  slow: {like: operator, ring: 4s}
operators: {op1: operator, op2: {kind: rings_out}, op3: slow}
`

func TestLoadBook(t *testing.T) {
	b, err := LoadBook(strings.NewReader(wholeBook))
	if err != nil {
		t.Fatal(err)
	}
	if b.Seed != 7 || b.Law != audio.ULaw || b.OperatorLaw != audio.ALaw || b.SRTP != media.Required || len(b.Mix) != 2 {
		t.Fatalf("seed, laws or mix: %+v", b)
	}
	for nth, want := range map[int]string{1: "no_answer", 2: "later", 3: "yes", 9: "yes"} {
		if p, op := b.pick("+79990000001", nth); p.Name != want || op {
			t.Errorf("call %d meets %q, want %q", nth, p.Name, want)
		}
	}
	picky, _ := b.pick("+79990000002", 1)
	want := phonesim.Profile{Name: "picky", Kind: phonesim.Answers, Ring: 500 * time.Millisecond, Early: true, Behind: Melody, Loss: 0.02, Burst: 4,
		Steps: []phonesim.Step{{Listen: time.Second}, {Press: "1"}, {Wait: 3 * time.Second}, {HangUp: true}}}
	if !reflect.DeepEqual(picky, want) {
		t.Errorf("picky is %+v", picky)
	}
	if law := b.law(picky, false); law != audio.ALaw {
		t.Errorf("picky's law is %v", law)
	}
	slow, op := b.pick("op3", 1)
	if !op || slow.Ring != 4*time.Second || len(slow.Steps) == 0 || slow.Name != "slow" {
		t.Errorf("op3 is %+v, operator %v", slow, op)
	}
	if p, op := b.pick("op2", 1); !op || p.Kind != phonesim.RingsOut {
		t.Errorf("op2 is %+v", p)
	}
}

func TestUnlistedNumberWithoutMixIsUnknown(t *testing.T) {
	b, err := LoadBook(strings.NewReader("numbers: {\"1\": yes}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := b.pick("2", 1); p.Kind != phonesim.Unknown {
		t.Fatalf("an unlisted number is %q", p.Kind)
	}
}

// TestBookFaults: every fault is found in one pass, each at its place.
func TestBookFaults(t *testing.T) {
	const text = `seed: x
mix: {yes: many, nobody: 1}
colour: red
profiles:
  a: {kind: answer, rings: 1s}
  b: {ring: soon, steps: [{press: "x"}, {listen: 1s, press: "1"}, {dance: 1s}]}
  c: {code: 99, early: perhaps, law: opus}
  c: {steps: 5}
numbers: {"1": [], "2": [nobody], "3": 7}
operators: [op1]
srtp: perhaps
`
	_, err := LoadBook(strings.NewReader(text))
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("error is %v", err)
	}
	want := []struct {
		line, column int
		words        string
	}{
		{1, 7, "seed"}, {2, 12, "weight of \"yes\""}, {2, 18, "no profile \"nobody\""}, {3, 1, "unknown section \"colour\""},
		{5, 13, "kind \"answer\""}, {5, 21, "unknown field \"rings\""}, {6, 13, "\"soon\" is no duration"},
		{6, 35, "keys are"}, {6, 0, "exactly one thing"}, {6, 0, "unknown step \"dance\""},
		{7, 13, "300 to 699"}, {7, 24, "neither true nor false"}, {7, 38, "pcma or pcmu"},
		{8, 3, "stands twice"}, {8, 14, "steps are a list"},
		{9, 16, "number 1 has no profile"}, {9, 0, "no profile \"nobody\""}, {9, 0, "no profile \"7\""},
		{10, 12, "operators: a mapping"}, {11, 7, "srtp is off, offered or required"},
	}
	for _, w := range want {
		found := false
		for _, f := range faults {
			found = found || strings.Contains(f.What, w.words) && f.Line == w.line && (w.column == 0 || f.Column == w.column)
		}
		if !found {
			t.Errorf("no fault about %s at %d:%d", w.words, w.line, w.column)
		}
	}
	if len(faults) != len(want) {
		t.Errorf("%d faults, want %d", len(faults), len(want))
	}
	if t.Failed() {
		t.Log("\n" + err.Error())
	}
}

func TestBrokenYAMLNamesItsPlace(t *testing.T) {
	_, err := LoadBook(strings.NewReader("seed: 1\nmix: {yes: 1\n"))
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Line == 0 {
		t.Fatalf("error is %#v", err)
	}
}

func TestLoadBookFileSpeaksFilesBesideIt(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "people.yaml")
	text := "profiles: {p: {steps: [{speak: hello.wav}]}}\nnumbers: {\"1\": p}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := LoadBookFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.check(newSounds(nil, b.Files)); err == nil || !strings.Contains(err.Error(), "hello.wav") {
		t.Fatalf("a missing file is reported as %v", err)
	}
	f, err := os.Create(filepath.Join(dir, "hello.wav"))
	if err != nil {
		t.Fatal(err)
	}
	if err := audio.WriteWAV(f, 1, audio.Tone([]float64{300}, time.Second, 0.3)); err != nil {
		t.Fatal(err)
	}
	f.Close()
	s := newSounds(nil, b.Files)
	if err := b.check(s); err != nil {
		t.Fatal(err)
	}
	if d := s.clips["hello.wav"].Duration(); d != time.Second {
		t.Fatalf("the file lasts %v", d)
	}
	if _, err := LoadBookFile(filepath.Join(dir, "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("a missing book is reported as %v", err)
	}
}

// TestShippedBooks loads the subscribers of every shipped scenario.
func TestShippedBooks(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("..", "..", "scenarios", "shipped", "*", "subscribers.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) < 3 {
		t.Errorf("%d books are shipped, want 3 or more", len(paths))
	}
	for _, path := range paths {
		b, err := LoadBookFile(path)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if err := b.check(newSounds(nil, b.Files)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestBuiltInProfilesAreSound(t *testing.T) {
	s := newSounds(nil, nil)
	for _, name := range ProfileNames() {
		p, ok := Profile(name)
		if !ok || p.Name != name {
			t.Errorf("profile %q is %+v", name, p)
		}
		for _, what := range checkProfile(p, s) {
			t.Errorf("profile %q: %s", name, what)
		}
	}
	b := DefaultBook(3)
	if err := b.check(s); err != nil {
		t.Error(err)
	}
}

func FuzzLoadBook(f *testing.F) {
	f.Add(wholeBook)
	f.Add("a: &x [1]\nb: *x\n")
	f.Add("? [a]\n: - - {}\n---\n")
	f.Add("numbers: {1: {steps: [{press: }]}}")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := LoadBook(strings.NewReader(text))
		if err == nil {
			if err := b.check(newSounds(nil, nil)); err != nil && !strings.Contains(err.Error(), "no built-in sound") {
				t.Fatalf("the reader passed what the check refuses: %v", err)
			}
		}
	})
}
