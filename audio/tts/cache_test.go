package tts

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"dozvon/audio"
)

func TestKey(t *testing.T) {
	// The key is a file name that was shipped: it must never change.
	const want = "c719fa36ac4f4d0864f71b7bd576b7f2e1bebf620f313465f86c5f916c983bfb"
	got := Key("ru", "", "Привет.")
	if got != want || got != Key("RU", DefaultVoice, "  Привет. \n") {
		t.Errorf("key %s", got)
	}
	for _, other := range []string{Key("en", "", "Привет."), Key("ru", "v", "Привет."), Key("ru", "", "Привет!"), Key("ru", "x", "y z"), Key("ru", "x y", "z")} {
		if other == got {
			t.Errorf("another text has the key %s", other)
		}
	}
}

func TestCachePutsWholeFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	c := &Cache{Dir: dir}
	if b, err := c.Get("none"); b != nil || err != nil {
		t.Errorf("%v %v", b, err)
	}
	if err := c.Put("k", []byte("sound")); err != nil {
		t.Fatal(err)
	}
	if b, err := c.Get("k"); string(b) != "sound" || err != nil {
		t.Errorf("%q %v", b, err)
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".part-*"))
	if len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	part := filepath.Join(dir, ".part-1")
	if err := os.WriteFile(part, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Sweep(time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(part); err != nil {
		t.Error("a file that is being written was removed")
	}
	if err := c.Sweep(time.Now().Add(2 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(part); err == nil {
		t.Error("an old part still stands")
	}
}

func TestCacheThatCanNotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (&Cache{Dir: filepath.Join(file, "x")}).Put("k", []byte("x")); err == nil {
		t.Error("no error")
	}
	v := newVoice("v")
	if _, err := speaker(t, Config{Engine: v, Cache: &Cache{Dir: filepath.Join(file, "x")}}).Clip(ctx, Prompt{Text: "Всё равно.", Language: "ru"}); err != nil {
		t.Errorf("a cache that can't be used silences the robot: %v", err)
	}
}

func TestPolish(t *testing.T) {
	c, err := Polish(beep(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if d := c.Duration(); d < 1340*time.Millisecond || d > 1380*time.Millisecond {
		t.Errorf("lasts %s: 40 + 1000 + 40 + 280 ms expected", d)
	}
	top := 0
	for _, s := range c.PCM() {
		top = max(top, abs(s))
	}
	if top < 21000 || top > 24000 {
		t.Errorf("peak %d", top)
	}
	back, err := audio.ReadWAV(bytes.NewReader(ALawWAV(c)))
	if err != nil || back.Duration() != c.Duration() || audio.RMS(back.PCM()) < 0.95*audio.RMS(c.PCM()) {
		t.Errorf("written and read: %v %v", back, err)
	}
	if _, err := Polish(ALawWAV(audio.NewClip(make([]int16, 8000)))); err == nil {
		t.Error("silence was taken for speech")
	}
	if _, err := Polish([]byte("ID3")); err == nil {
		t.Error("an MP3 was taken for a WAV")
	}
}
