package corpus

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"dozvon/audio"
)

// Cache returns the folder that keeps what synthesizers said, some tens of
// megabytes: dozvon/hearing in the user's cache folder. It may be removed at
// any time, and is filled again by the next run.
func Cache() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("corpus: no folder for what is rendered: %w", err)
	}
	return filepath.Join(dir, "dozvon", "hearing"), nil
}

// kept returns the sound of the name, which it makes when it is not there.
func kept(name string, make func() ([]int16, error)) ([]int16, error) {
	dir, err := Cache()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, name+".wav")
	if c, err := audio.LoadFile(path); err == nil {
		return c.PCM(), nil
	}
	pcm, err := make()
	if err != nil {
		return nil, err
	}
	if err := keep(dir, path, pcm); err != nil {
		return nil, err
	}
	return pcm, nil
}

// keep writes beside the file and renames: a run that is stopped, or another
// at the same time, leaves whole files only.
func keep(dir, path string, pcm []int16) error {
	var b bytes.Buffer
	if err := audio.WriteWAV(&b, 1, pcm); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("corpus: %w", err)
	}
	f, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return fmt.Errorf("corpus: %w", err)
	}
	_, err = f.Write(b.Bytes())
	if shut := f.Close(); err == nil {
		err = shut
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("corpus: %w", err)
	}
	return nil
}
