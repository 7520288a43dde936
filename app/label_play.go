package app

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"time"

	"dozvon/audio"
)

// play starts a recording anew. A player that fails is not tried again.
func (l *labeller) play(ctx context.Context, path string) {
	l.hush()
	if l.player == nil || path == "" {
		return
	}
	if path, err := filepath.Abs(path); err == nil { // never a name that looks like an option
		l.sound, err = play(ctx, l.player, path)
		l.dumb(err)
	}
}

// hush ends what is played.
func (l *labeller) hush() {
	if l.sound != nil {
		s := l.sound
		l.sound = nil
		l.dumb(s.stop())
	}
}

// listened waits for the end of what is played.
func (l *labeller) listened() {
	if l.sound != nil {
		s := l.sound
		l.sound = nil
		l.dumb(s.wait())
	}
}

// dumb gives up a player that fails.
func (l *labeller) dumb(err error) {
	if err != nil {
		l.say("%v; play the recordings yourself, or name another player with --player", err)
		l.player = nil
	}
}

// Around a moment, this much is played.
const (
	momentBefore = 4 * time.Second
	momentAfter  = time.Second
)

// playMoment plays the seconds around something that was heard.
func (l *labeller) playMoment(ctx context.Context, path string, at time.Duration) error {
	l.hush()
	if l.player == nil {
		l.say("nothing plays recordings here; listen to %s from %.0f s on", path, max(0, at-momentBefore).Seconds())
		return nil
	}
	file, err := cutMoment(path, at)
	if err != nil {
		l.say("this moment cannot be played: %v", err)
		return nil
	}
	defer os.Remove(file)
	l.play(ctx, file)
	l.listened()
	return nil
}

// cutMoment writes the seconds around a moment into a file of its own, which
// the caller removes.
func cutMoment(path string, at time.Duration) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	channels, err := audio.ReadChannels(f)
	if err != nil {
		return "", err
	}
	for i, pcm := range channels {
		from := min(max(0, samples(at-momentBefore)), len(pcm))
		channels[i] = pcm[from:max(from, min(samples(at+momentAfter), len(pcm)))]
	}
	var b bytes.Buffer
	if err := audio.WriteWAV(&b, len(channels), channels...); err != nil {
		return "", err
	}
	out, err := os.CreateTemp("", "dozvon-*.wav")
	if err != nil {
		return "", err
	}
	_, err = out.Write(b.Bytes())
	if later := out.Close(); err == nil {
		err = later
	}
	return out.Name(), err
}

func samples(d time.Duration) int { return int(d.Seconds() * audio.Rate) }
