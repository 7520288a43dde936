package app

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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

// benchBook answers every call at once and stays on the line.
const benchBook = "mix: {there: 1}\nprofiles:\n  there: {kind: answers, steps: [{wait: 10m}]}\n"

// farEnd starts simulated subscribers as a process of their own on another core.
func (b *bench) farEnd(ctx context.Context) error {
	book := filepath.Join(b.dir, "book.yaml")
	if err := os.WriteFile(book, []byte(benchBook), 0o644); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self, "subscribers", "--listen", "127.0.0.1:0", "--book", book, "--quiet", "--core", "1")
	cmd.Env = append(os.Environ(), pinned+"=")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("the far end did not start: %w", err)
	}
	b.stop = func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.stop()
		return fmt.Errorf("the far end did not start: %w", err)
	}
	go func() { // what it says at its end is not needed
		buf := make([]byte, 4096)
		for {
			if _, err := out.Read(buf); err != nil {
				return
			}
		}
	}()
	b.trunk = strings.TrimSuffix(strings.Fields(line)[3], ";")
	return nil
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
