package app

import (
	"fmt"
	"os"

	"dozvon/internal/reason"
)

// unreadable words what went wrong with a file that a person gave to be read;
// what says what the file is.
func unreadable(what, path string, err error) error {
	return Invalid(fmt.Errorf("%s %s can't be read: %w; check the path and the file's rights", what, path, reason.Of(err)))
}

// OutFolder makes a folder that a person named for results and sees that files
// can be written there: that is known before anybody is called.
func OutFolder(path, flag string) error {
	err := os.MkdirAll(path, 0o755)
	if err != nil {
		return fmt.Errorf("the folder %s can't be made: %w; name another one with %s", path, reason.Of(err), flag)
	}
	probe, err := os.CreateTemp(path, ".dozvon-*")
	if err == nil {
		probe.Close()
		err = os.Remove(probe.Name())
	}
	if err != nil {
		return fmt.Errorf("the folder %s can't be written: %w; check its rights, or name another one with %s", path, reason.Of(err), flag)
	}
	return nil
}
