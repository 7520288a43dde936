package tts

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"dozvon/audio"
)

func speaker(t *testing.T, c Config) *Speaker {
	t.Helper()
	s := NewSpeaker(c)
	t.Cleanup(s.Close)
	return s
}

var ctx = context.Background()

func TestOrderOfSources(t *testing.T) {
	short, long := beep(time.Second), beep(3*time.Second)
	text := "Привет, Анна."
	shipped := fstest.MapFS{
		Key("ru", "", text) + ".wav":            {Data: short},
		Key("ru", "", "Только здесь.") + ".wav": {Data: short},
		Key("ru", "v", "Своим.") + ".wav":       {Data: long},
	}
	v := newVoice("v")
	s := speaker(t, Config{Recorded: fstest.MapFS{"a.wav": {Data: long}}, Cache: &Cache{Dir: t.TempDir(), Layers: []fs.FS{shipped}}, Engine: v})

	c, err := s.Clip(ctx, Prompt{File: "a.wav", Text: text, Language: "ru"})
	if err != nil || c.Duration() < 3*time.Second {
		t.Fatalf("a recording does not win: %v %v", c, err)
	}
	if _, err := s.Clip(ctx, Prompt{Text: "Своим.", Language: "ru"}); err != nil || len(v.calls) != 0 {
		t.Fatalf("the cache of the engine's voice was not used: %v", err)
	}
	if _, err := s.Clip(ctx, Prompt{Text: text, Language: "ru"}); err != nil || <-v.calls != "ru "+text {
		t.Fatalf("another voice's cache was used though an engine speaks: %v", err)
	}
	v.err = errors.New("worn out")
	if _, err := s.Clip(ctx, Prompt{Text: "Только здесь.", Language: "ru"}); err != nil {
		t.Fatalf("a failing engine hides what the cache holds: %v", err)
	}
	<-v.calls
	_, err = s.Clip(ctx, Prompt{Text: "Нигде.", Language: "ru"})
	if err == nil || !strings.Contains(err.Error(), "Нигде.") || !strings.Contains(err.Error(), "worn out") {
		t.Errorf("%v", err)
	}
}

func TestNothingCanSpeakIt(t *testing.T) {
	s := speaker(t, Config{})
	_, err := s.Clip(ctx, Prompt{Text: "Ваша  заявка", Language: "ru"})
	if err == nil || !strings.Contains(err.Error(), `"Ваша заявка"`) || !strings.Contains(err.Error(), "speech.engine") {
		t.Errorf("%v", err)
	}
	if _, err := s.Clip(ctx, Prompt{}); err == nil {
		t.Error("an empty prompt gave a clip")
	}
}

// Many calls that want one text at once wait for one engine's run.
func TestSpokenOnce(t *testing.T) {
	v := newVoice("v")
	v.gate = make(chan struct{})
	dir := t.TempDir()
	s := speaker(t, Config{Engine: v, Cache: &Cache{Dir: dir}})
	const callers = 50
	clips := make(chan *audio.Clip, callers)
	asked := make(chan struct{}, callers)
	for range callers {
		go func() {
			asked <- struct{}{}
			c, err := s.Clip(ctx, Prompt{Text: "Один раз.", Language: "ru"})
			if err != nil {
				t.Error(err)
			}
			clips <- c
		}()
	}
	for range callers {
		<-asked
	}
	<-v.calls
	close(v.gate)
	first := <-clips
	for range callers - 1 {
		if c := <-clips; c != first {
			t.Fatal("another clip")
		}
	}
	if len(v.calls) != 0 {
		t.Errorf("spoken %d times", 1+len(v.calls))
	}
	// A new speaker finds it on the disk, without an engine of its own to ask.
	v2 := newVoice("v")
	if _, err := speaker(t, Config{Engine: v2, Cache: &Cache{Dir: dir}}).Clip(ctx, Prompt{Text: " Один\nраз. ", Language: "RU"}); err != nil || len(v2.calls) != 0 {
		t.Errorf("%v, asked %d times", err, len(v2.calls))
	}
}

// A caller that gives up does not take the others' clip away.
func TestCallerGivesUp(t *testing.T) {
	v := newVoice("v")
	v.gate = make(chan struct{})
	s := speaker(t, Config{Engine: v})
	impatient, stop := context.WithCancel(ctx)
	gone := make(chan error, 1)
	go func() {
		_, err := s.Clip(impatient, Prompt{Text: "Ждите.", Language: "ru"})
		gone <- err
	}()
	<-v.calls
	stop()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	close(v.gate)
	if _, err := s.Clip(ctx, Prompt{Text: "Ждите.", Language: "ru"}); err != nil {
		t.Error(err)
	}
}

func TestCloseStopsTheEngine(t *testing.T) {
	v := newVoice("v")
	v.gate = make(chan struct{})
	s := NewSpeaker(Config{Engine: v})
	got := make(chan error, 1)
	go func() {
		_, err := s.Clip(ctx, Prompt{Text: "Вечно.", Language: "ru"})
		got <- err
	}()
	<-v.calls
	s.Close()
	if err := <-got; !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
	if _, err := s.Clip(ctx, Prompt{Text: "x", Language: "ru"}); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
}

func TestRecordingsStayInTheFolder(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "secret.wav"), beep(time.Second), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "scenario")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := speaker(t, Config{Recorded: os.DirFS(dir)})
	for _, name := range []string{"../secret.wav", "/etc/passwd", "a/../../secret.wav", "missing.wav", "a\r\nb.wav", "."} {
		if c, err := s.Clip(ctx, Prompt{File: name}); err == nil || c != nil {
			t.Errorf("%q was opened", name)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	v := newVoice("v")
	s := speaker(t, Config{Engine: v, Memory: 3 * audio.Rate})
	for _, text := range []string{"раз", "два", "три", "раз"} {
		if _, err := s.Clip(ctx, Prompt{Text: text, Language: "ru"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(v.calls); n != 4 { // each clip has 1.36 s: the third puts the first out
		t.Errorf("spoken %d times", n)
	}
}

func TestDamagedCacheIsSpokenAnew(t *testing.T) {
	dir := t.TempDir()
	key := Key("ru", "v", "Заново.")
	if err := os.WriteFile(filepath.Join(dir, key+".wav"), []byte("RIFF????garbage"), 0o644); err != nil {
		t.Fatal(err)
	}
	v := newVoice("v")
	if _, err := speaker(t, Config{Engine: v, Cache: &Cache{Dir: dir}}).Clip(ctx, Prompt{Text: "Заново.", Language: "ru"}); err != nil || len(v.calls) != 1 {
		t.Errorf("%v", err)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, key+".wav")); len(b) < 8000 {
		t.Error("the damaged file still stands")
	}
}
