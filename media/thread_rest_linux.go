//go:build linux && (amd64 || arm64)

package media

import (
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// dozing is how long a wheel without sessions keeps its processor of the Go
// scheduler. While calls come and go, each would else be handed back and forth,
// and threads be woken for it that find nothing to do on a machine that has no core
// more.
const dozing = time.Second

// restingThread is how the thread of a wheel waits for work.
type restingThread struct {
	ops   <-chan struct{} // receives after an operation was put
	state atomic.Uint32
}

// States of a resting thread.
const (
	threadWorks uint32 = iota
	threadCalled
	threadDozes
)

// The operations of futex(2) on a word of one process.
const (
	futexWait = 0 | 128
	futexWake = 1 | 128
)

// wake ends rest, now or when it is called next. Any goroutine may call it, after
// the operation was put.
func (r *restingThread) wake() {
	if r.state.Load() != threadCalled && r.state.Swap(threadCalled) == threadDozes {
		_, _, _ = unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&r.state)), futexWake, 1, 0, 0, 0)
	}
}

// rest returns when wake was called since it returned last. It dozes at first:
// the Go scheduler, which is not told, interrupts that by a signal when it
// collects garbage; then a loop that calls Go functions comes by.
func (r *restingThread) rest() {
	for until := time.Now().Add(dozing); ; {
		if r.state.CompareAndSwap(threadCalled, threadWorks) {
			return
		}
		left := time.Until(until)
		if left <= 0 {
			<-r.ops
			return
		}
		r.doze(left)
	}
}

// doze sleeps until wake or a signal. A wait without an end would be begun anew by
// the kernel after a signal (SA_RESTART), and the collector wait for ever.
func (r *restingThread) doze(d time.Duration) {
	if !r.state.CompareAndSwap(threadWorks, threadDozes) && r.state.Load() != threadDozes {
		return
	}
	ts := unix.NsecToTimespec(int64(d))
	_, _, _ = unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&r.state)), futexWait, uintptr(threadDozes), uintptr(unsafe.Pointer(&ts)), 0, 0)
}
