package audio

import (
	"errors"
	"io"
)

// ReadWAV skeleton.
func ReadWAV(r io.Reader) (*Clip, error) { return nil, errors.New("audio: not built yet") }

// LoadFile skeleton.
func LoadFile(path string) (*Clip, error) { return nil, errors.New("audio: not built yet") }

// WriteWAV skeleton.
func WriteWAV(w io.Writer, channels int, pcm ...[]int16) error {
	return errors.New("audio: not built yet")
}
