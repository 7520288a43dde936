package tts

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// DefaultVoice is the voice of prompts that no engine is named for, such as
// those that come with the program.
const DefaultVoice = "default"

// Key names a spoken text in a cache: the SHA-256, as hexadecimal digits, of
// language, voice and text, each followed by a zero byte. The text counts
// with its runs of spaces as one and without those around it, the language
// and the voice in lower case. Nothing of the engine is in it, so that
// prompts rendered elsewhere serve here.
func Key(lang, voice, text string) string {
	if voice == "" {
		voice = DefaultVoice
	}
	h := sha256.New()
	for _, s := range []string{strings.ToLower(lang), strings.ToLower(voice), Normal(text)} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Normal is a text as the cache knows it.
func Normal(text string) string { return strings.Join(strings.Fields(text), " ") }

// Cache keeps spoken texts as WAV files named KEY.wav. Dir, if set, is
// written to; Layers are read after it, in order. It may be used from any
// goroutine: files are put in place whole or not at all.
type Cache struct {
	Dir    string
	Layers []fs.FS
}

// maxCached bounds a file that is read from a cache.
const maxCached = 32 << 20

// Get returns a WAV file, or nil if no layer holds it; an error if a layer
// could not be read and no other holds it.
func (c *Cache) Get(key string) ([]byte, error) {
	if c == nil {
		return nil, nil
	}
	name := key + ".wav"
	layers := c.Layers
	if c.Dir != "" {
		layers = append([]fs.FS{os.DirFS(c.Dir)}, layers...)
	}
	var unread error
	for _, l := range layers {
		info, err := fs.Stat(l, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && (info.Size() == 0 || info.Size() > maxCached) {
			continue
		}
		var wav []byte
		if err == nil {
			wav, err = fs.ReadFile(l, name)
		}
		if err == nil {
			return wav, nil
		}
		unread = fmt.Errorf("the speech cache can't be read: %w; check speech.cache", err)
	}
	return nil, unread
}

// Put stores a WAV file in Dir; without Dir it does nothing.
func (c *Cache) Put(key string, wav []byte) error {
	if c == nil || c.Dir == "" {
		return nil
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return fmt.Errorf("the speech cache %s can't be made: %w; set speech.cache to a folder that can be written", c.Dir, err)
	}
	f, err := os.CreateTemp(c.Dir, ".part-*")
	if err != nil {
		return fmt.Errorf("the speech cache can't be written: %w", err)
	}
	_, err = f.Write(wav)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(c.Dir, key+".wav"))
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("the speech cache can't be written: %w; is the disk full?", err)
	}
	return nil
}

// Sweep removes what a crash left half written more than an hour ago.
func (c *Cache) Sweep(now time.Time) error {
	if c.Dir == "" {
		return nil
	}
	parts, err := filepath.Glob(filepath.Join(c.Dir, ".part-*"))
	for _, p := range parts {
		if info, e := os.Stat(p); e == nil && now.Sub(info.ModTime()) > time.Hour {
			err = errors.Join(err, os.Remove(p))
		}
	}
	return err
}
