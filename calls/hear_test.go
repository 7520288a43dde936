package calls

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/dialer/phonesim"
	"dozvon/hearing"
	"dozvon/sip/siptest"
)

// toneRecognizer takes a second of somebody's voice, by its loudness, for a word.
type toneRecognizer struct {
	label      string
	confidence float64
	fault      error

	mu     sync.Mutex
	opened []hearing.Options
	closed int
}

func (r *toneRecognizer) Open(_ context.Context, o hearing.Options) (hearing.Stream, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.opened = append(r.opened, o)
	if r.fault != nil {
		return nil, r.fault
	}
	return &toneHearing{r: r, results: make(chan hearing.Heard, 1)}, nil
}

type toneHearing struct {
	r       *toneRecognizer
	results chan hearing.Heard
	mu      sync.Mutex // frames come on a wheel, Close from the call
	loud    time.Duration
	over    bool
}

func (h *toneHearing) Write(frame hearing.Frame) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over || audio.RMS(frame.PCM) < 500 {
		return
	}
	if h.loud += 20 * time.Millisecond; h.loud == time.Second {
		h.results <- hearing.Heard{Label: h.r.label, Confidence: h.r.confidence, Engine: "tone"}
	}
}

func (h *toneHearing) Results() <-chan hearing.Heard { return h.results }

func (h *toneHearing) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.over {
		h.over = true
		close(h.results)
	}
	h.r.mu.Lock()
	defer h.r.mu.Unlock()
	h.r.closed++
}

// speaker answers and talks on.
var speaker = person(hears, phonesim.Step{Speak: siptest.VoicePerson})

func TestSpokenAnswers(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		r     *toneRecognizer
		list  string
		words []string
	}{
		{"no, surely", &toneRecognizer{label: "no", confidence: 0.9}, "rejected", []string{"no"}},
		{"no, perhaps", &toneRecognizer{label: "no", confidence: 0.2}, "unclear", []string{"no"}},
		{"something else", &toneRecognizer{confidence: 0.9}, "unclear", nil},
		{"the recogniser is gone", &toneRecognizer{fault: errors.New("no server")}, "unclear", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := edited(t, "no: {keys: 2, go: reject}", "no: {keys: 2, words: [no, never], family: none, sure: 70, go: reject}")
			rig := newRig(t, rigOptions{scenario: text, people: people(speaker), recognizer: c.r})
			res := rig.run(number)
			if res.List != c.list || !slices.Equal(res.Words, c.words) || res.Disposition != dialer.Answered {
				t.Errorf("list %q, words %v, disposition %s; want %q, %v", res.List, res.Words, res.Disposition, c.list, c.words)
			}
			checkSaid(t, res, c.r, c.list == "rejected")
			c.r.mu.Lock()
			defer c.r.mu.Unlock()
			if len(c.r.opened) == 0 || !slices.Equal(c.r.opened[0].Phrases["no"], []string{"no", "never"}) || c.r.opened[0].Language != "en" {
				t.Errorf("opened with %+v", c.r.opened)
			}
			if c.r.fault == nil && c.r.closed != len(c.r.opened) {
				t.Errorf("%d of %d were closed", c.r.closed, len(c.r.opened))
			}
		})
	}
}

// checkSaid looks that what was heard of the first question stands in the result.
func checkSaid(t *testing.T, res dialer.Result, r *toneRecognizer, taken bool) {
	t.Helper()
	if r.fault != nil {
		if len(res.Said) > 0 {
			t.Errorf("said %v without a recogniser", res.Said)
		}
		return
	}
	if len(res.Said) == 0 {
		t.Fatal("nothing is kept of what was said")
	}
	got := res.Said[0]
	if got.After < time.Second || got.After > 20*time.Second {
		t.Errorf("said %s after the answer", got.After)
	}
	got.After = 0
	if want := (dialer.Said{Question: "choice", Label: r.label, Confidence: r.confidence, Engine: "tone", Taken: taken}); got != want {
		t.Errorf("said %+v, want %+v", got, want)
	}
}

func TestSaidIsBounded(t *testing.T) {
	got := saidOf("q", hearing.Heard{Text: strings.Repeat("ы", 1000), Confidence: math.NaN()})
	if got.Confidence != 0 || len([]rune(got.Text)) != maxSaidText {
		t.Errorf("%+v", got)
	}
	if saidOf("q", hearing.Heard{Confidence: math.Inf(1)}).Confidence != 1 {
		t.Error("more than sure")
	}
	c := &call{cfg: &Config{Now: time.Now}}
	for i := range maxSaid {
		if c.keep(got) != i {
			t.Fatal("not kept")
		}
	}
	if c.keep(got) != -1 || len(c.result.Said) != maxSaid {
		t.Error("more is kept than there is room for")
	}
}

// eagerRecognizer hears the same word twice a second, whatever is said.
type eagerRecognizer struct{ label string }

func (r eagerRecognizer) Open(context.Context, hearing.Options) (hearing.Stream, error) {
	return &eagerHearing{label: r.label, results: make(chan hearing.Heard, 100)}, nil
}

type eagerHearing struct {
	label   string
	results chan hearing.Heard
	mu      sync.Mutex // frames come on a wheel, Close from the call
	frames  int
	over    bool
}

func (h *eagerHearing) Write(hearing.Frame) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.frames++; !h.over && h.frames%25 == 0 {
		h.results <- hearing.Heard{Label: h.label, Confidence: 1, Engine: "eager"}
	}
}

func (h *eagerHearing) Results() <-chan hearing.Heard { return h.results }

func (h *eagerHearing) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.over {
		h.over = true
		close(h.results)
	}
}

// A yes counts once its question has been on for a while, not while the robot
// still greets; a no counts at once.
func TestYesWaitsForItsQuestion(t *testing.T) {
	t.Parallel()
	text := edited(t, "Hello {{name}}.", "A long hello, {{name}}.", "Please press a key.", "A long question.",
		"yes: {keys: 1, go: connect}", "yes: {keys: 1, words: [yes], go: reject}\n          other: {keys: 3, go: connect}", "no: {keys: 2, go: reject}", "no: {keys: 2, words: [no], go: reject}")
	for label, c := range map[string]struct{ from, to time.Duration }{"yes": {4700 * time.Millisecond, 7 * time.Second}, "no": {0, 2 * time.Second}} {
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, rigOptions{scenario: text, people: people(person()), recognizer: eagerRecognizer{label}})
			res := rig.run(number)
			i := slices.IndexFunc(res.Said, func(s dialer.Said) bool { return s.Taken })
			if res.List != "rejected" || i < 0 {
				t.Fatalf("list %q, said %+v", res.List, res.Said)
			}
			if at := res.Said[i].After; at < c.from || at > c.to {
				t.Errorf("%q was taken %v after the answer, want %v to %v", label, at, c.from, c.to)
			}
		})
	}
}
