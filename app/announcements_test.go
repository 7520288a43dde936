package app

import (
	"bytes"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"

	"dozvon/audio"
	"dozvon/calls"
	"dozvon/config"
	"dozvon/hearing/prints"
	"dozvon/web"
)

// turning is five seconds that turn as speech does.
func turning() []int16 {
	pcm := make([]int16, 5*audio.Rate)
	var phase float64
	for i := range pcm {
		x := float64(i) / audio.Rate
		phase += (700 + 350*math.Sin(7*x) + 250*math.Sin(3.1*x)) / audio.Rate
		pcm[i] = int16((3000 + 2900*math.Sin(19*x)) * (math.Sin(2*math.Pi*phase) + math.Sin(4*math.Pi*phase)*math.Sin(5*x)))
	}
	return pcm
}

// TestLearnOverTheAPI: the service learns from its recordings, and says which
// of its troubles are the caller's.
func TestLearnOverTheAPI(t *testing.T) {
	dir := t.TempDir()
	cfg := config.Default()
	cfg.Announcements = filepath.Join(dir, "known.jsonl")
	shelf, err := openAnnouncements(cfg, discard())
	if err != nil {
		t.Fatal(err)
	}
	s := service{station: &station{announcements: shelf, recordings: dir}}
	pcm := turning()
	write := func(name string, pcm []int16) {
		t.Helper()
		var b bytes.Buffer
		if err := audio.WriteWAV(&b, 2, pcm, nil); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, b.Bytes(), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	write(calls.EarlyRecording(7), pcm)
	write(calls.Recording(8), make([]int16, audio.Rate))
	before := shelf.Library().Len()

	a, err := s.LearnAnnouncement(t.Context(), 7, web.NewAnnouncement{Label: "off"})
	if err != nil || a.Disposition != "unreachable" || a.Name != "attempt 7, before the answer" || a.Shipped {
		t.Fatalf("%+v, %v", a, err)
	}
	list, err := s.Announcements(t.Context())
	if err != nil || len(list) != before+1 || list[0].ID != a.ID {
		t.Errorf("%d announcements, %v", len(list), err)
	}
	for name, c := range map[string]struct {
		do   func() error
		want error
	}{
		"known": {func() error {
			_, err := s.LearnAnnouncement(t.Context(), 7, web.NewAnnouncement{Label: "busy"})
			return err
		}, web.ErrConflict},
		"silence": {func() error {
			_, err := s.LearnAnnouncement(t.Context(), 8, web.NewAnnouncement{Label: "off"})
			return err
		}, web.ErrInvalid},
		"none": {func() error {
			_, err := s.LearnAnnouncement(t.Context(), 9, web.NewAnnouncement{Label: "off"})
			return err
		}, web.ErrNotFound},
		"id": {func() error { return s.RemoveAnnouncement(t.Context(), "nothing") }, web.ErrNotFound},
	} {
		if err := c.do(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if err := s.RemoveAnnouncement(t.Context(), a.ID); err != nil || shelf.Library().Len() != before {
		t.Errorf("%v, %d announcements", err, shelf.Library().Len())
	}
	// Its own trouble is nobody else's mistake.
	if err := os.WriteFile(cfg.Announcements, []byte("{\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = s.LearnAnnouncement(t.Context(), 7, web.NewAnnouncement{Label: "off"})
	if !errors.Is(err, prints.ErrDamaged) || errors.Is(err, web.ErrInvalid) || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a damaged file: %v", err)
	}
}
