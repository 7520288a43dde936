//go:build unix

package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"dozvon/internal/reason"

	"golang.org/x/sys/unix"
)

// lock keeps a second process off a database. It lives in path+".lock", which
// holds the owner's process id and command for people; the lock itself is the
// kernel's (flock), so that it ends with its process however that dies.
type lock struct{ file *os.File }

func acquire(path string) (*lock, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, tellOpen(path, err)
	}
	for {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if errors.Is(err, unix.EWOULDBLOCK) {
		defer f.Close()
		return nil, tell(ErrInUse, nil, "the database %s is in use by %s; wait until it has finished or stop it, or choose another file for the database", path, owner(f))
	}
	if err != nil {
		f.Close()
		return nil, tell(ErrReadOnly, err, "the database %s can't be locked (%v); choose a file on a local disk", path, err)
	}
	note := fmt.Sprintf("%d %s\n", os.Getpid(), filepath.Base(os.Args[0]))
	if err = f.Truncate(0); err == nil {
		_, err = f.WriteAt([]byte(note), 0)
	}
	if err != nil {
		f.Close()
		return nil, tellOpen(path, err)
	}
	return &lock{f}, nil
}

// owner reads who holds the lock.
func owner(f *os.File) string {
	b := make([]byte, 256)
	n, _ := f.ReadAt(b, 0)
	pid, command, _ := strings.Cut(strings.TrimSpace(string(b[:n])), " ")
	if pid == "" {
		return "another process"
	}
	return fmt.Sprintf("process %s (%s)", pid, command)
}

// release gives the lock back. The file stays: to remove it would let two
// processes lock two different files of the same name.
func (l *lock) release() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}

// tellOpen words a failure of the operating system at opening.
func tellOpen(path string, err error) error {
	dir := filepath.Dir(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return tell(ErrReadOnly, err, "opening the database %s: the folder %s does not exist; create it or choose another file", path, dir)
	case errors.Is(err, os.ErrPermission), errors.Is(err, unix.EROFS):
		return tell(ErrReadOnly, err, "opening the database %s: the folder %s can't be written; check its rights or choose another file", path, dir)
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return tell(ErrDiskFull, err, "opening the database %s: no room left on the disk; free some space and run the same command again", path)
	}
	return tell(ErrReadOnly, err, "opening the database %s: %v; check the path, or choose another file", path, reason.Of(err))
}
