package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"dozvon/audio"
	"dozvon/calls"
	"dozvon/config"
	"dozvon/dialer"
	"dozvon/hearing/prints"
	"dozvon/web"
)

// openAnnouncements opens the known announcements: those that came with dozvon
// and those learned.
func openAnnouncements(cfg *config.Config, log *slog.Logger) (*prints.Shelf, error) {
	s, err := prints.OpenShelf(announcementsFile(cfg), func(err error) {
		log.Warn("not every learned announcement is looked for", "error", err)
	})
	if err != nil {
		return nil, Invalid(err)
	}
	return s, nil
}

// announcementsFile is where learned announcements are kept: beside the
// configuration, or in the working folder without one.
func announcementsFile(cfg *config.Config) string {
	if cfg.Announcements == "" {
		return cfg.Path(prints.DefaultFile)
	}
	return cfg.Path(cfg.Announcements)
}

// AnnouncementOptions say where announcements are kept and recordings lie.
type AnnouncementOptions struct {
	File   string // of learned announcements; empty: as the configuration says
	Config string // empty: none
	Data   string // folder of recordings
	Env    func(string) (string, bool)
}

// Shelf opens the announcements for one command.
func (o AnnouncementOptions) Shelf() (*prints.Shelf, error) {
	cfg := config.Default()
	if o.File != "" {
		cfg.Announcements = o.File
	} else if o.Config != "" {
		var err error
		if cfg, err = config.Load(o.Config, o.Env); err != nil {
			return nil, Invalid(err)
		}
	}
	return openAnnouncements(cfg, discard())
}

// FarEnd reads a recording of an announcement. Of a stereo file the left
// channel is taken, where dozvon's recordings have the far end, unless it is
// silent.
func FarEnd(path string) ([]int16, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable("the recording", path, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, Invalid(fmt.Errorf("the recording %s is a folder; name a WAV file in it", path))
	}
	channels, err := audio.ReadChannels(f)
	if err != nil {
		return nil, Invalid(fmt.Errorf("the recording %s: %w", path, err))
	}
	if len(channels) == 2 && audio.RMS(channels[0])*100 < audio.RMS(channels[1]) {
		return channels[1], nil
	}
	return channels[0], nil
}

// AttemptSound reads what an attempt heard: before its answer, or after it if
// nothing was kept from before or answer asks for it. It returns words for
// where the sound comes from.
func AttemptSound(data string, id dialer.AttemptID, answer bool) (pcm []int16, from string, err error) {
	if !answer {
		pcm, err = FarEnd(filepath.Join(data, calls.EarlyRecording(id)))
		if !errors.Is(err, fs.ErrNotExist) {
			return pcm, fmt.Sprintf("attempt %d, before the answer", id), err
		}
	}
	pcm, err = FarEnd(filepath.Join(data, calls.Recording(id)))
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("no recording of attempt %d is kept below %s (%w); check --data; a scenario records with call: {record: true}", id, data, fs.ErrNotExist)
	}
	return pcm, fmt.Sprintf("attempt %d, after the answer", id), err
}

// Announcements returns the known announcements.
func (s service) Announcements(context.Context) ([]web.Announcement, error) {
	var out []web.Announcement
	for _, e := range s.announcements.Library().Entries() {
		out = append(out, shownAnnouncement(e))
	}
	return out, nil
}

// LearnAnnouncement makes a known announcement of what an attempt heard.
func (s service) LearnAnnouncement(_ context.Context, id dialer.AttemptID, n web.NewAnnouncement) (web.Announcement, error) {
	pcm, from, err := AttemptSound(s.recordings, id, n.Answer)
	if errors.Is(err, fs.ErrNotExist) {
		return web.Announcement{}, fmt.Errorf("%w: no recording of attempt %d is kept; a scenario records with call: {record: true}", web.ErrNotFound, id)
	}
	if err != nil {
		return web.Announcement{}, err
	}
	if n.Name != "" {
		from = n.Name
	}
	e, err := s.announcements.Learn(pcm, n.Label, n.Disposition, from)
	return shownAnnouncement(e), announcementError(err)
}

// RemoveAnnouncement forgets an announcement.
func (s service) RemoveAnnouncement(_ context.Context, id string) error {
	_, err := s.announcements.Remove(id)
	return announcementError(err)
}

func shownAnnouncement(e prints.Entry) web.Announcement {
	return web.Announcement{ID: e.ID, Label: e.Label, Disposition: dialer.Disposition(e.Disposition), Name: e.Name,
		Seconds: e.Print.Duration().Seconds(), Shipped: e.Shipped}
}

// announcementError gives the errors of a shelf the kinds that the API answers
// by. A file that can't be read or written is the service's own trouble.
func announcementError(err error) error {
	var system syscall.Errno
	switch {
	case err == nil || errors.As(err, &system) || errors.Is(err, prints.ErrDamaged):
		return err
	case errors.Is(err, prints.ErrKnown):
		return fmt.Errorf("%w: %w", web.ErrConflict, err)
	case errors.Is(err, prints.ErrUnknown):
		return fmt.Errorf("%w: %w", web.ErrNotFound, err)
	}
	return fmt.Errorf("%w: %w", web.ErrInvalid, err)
}
