package app

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// pinned names the environment variable that says to which core a process has
// been pinned already.
const pinned = "DOZVON_CORE"

// Pin starts this program anew on one core, unless it is there already: the
// runtime then counts one processor, and every thread inherits it.
func Pin(core int) error { return pin(core) }

func pin(core int) error {
	if os.Getenv(pinned) == strconv.Itoa(core) {
		return nil
	}
	var set unix.CPUSet
	set.Set(core)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.Setenv(pinned, strconv.Itoa(core)); err != nil {
		return err
	}
	return syscall.Exec(self, os.Args, os.Environ())
}

// processCPU is the user and system time of this process so far.
func processCPU() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// residentKB is the resident memory of this process.
func residentKB() int {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.Atoi(fields[1])
	return pages * os.Getpagesize() / 1024
}
