//go:build linux && (amd64 || arm64)

package media

import (
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// behind is the nice value of every thread that serves no wheel. The kernel
// shares a busy processor by weight: beside three other busy threads a wheel
// then still gets three quarters of it, and one with 1,000 calls needs less
// than half. It needs no privilege, and counts within this process only where
// the system groups processes by service or session, as most do.
const behind = 10

// ownThreads are the threads that wheels run on. A thread outlives its wheel
// and waits for the next one: once the other threads have given way, a new one
// would come up behind like them.
var ownThreads struct {
	mu   sync.Mutex
	tids map[int]bool
	idle []chan task
}

type task struct {
	run  func()
	done chan struct{}
}

// runOnThread runs f on a thread of its own and closes done after its end.
func runOnThread(f func(), done chan struct{}) {
	t := &ownThreads
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.idle); n > 0 {
		t.idle[n-1] <- task{f, done}
		t.idle = t.idle[:n-1]
		return
	}
	tid := make(chan int)
	go func() {
		runtime.LockOSThread()
		tid <- unix.Gettid()
		next := make(chan task, 1)
		for now := (task{f, done}); ; now = <-next {
			now.run()
			t.mu.Lock()
			t.idle = append(t.idle, next)
			t.mu.Unlock()
			close(now.done)
		}
	}()
	if t.tids == nil {
		t.tids = map[int]bool{}
	}
	t.tids[<-tid] = true
}

// giveWay puts every thread behind those of the wheels. Threads that start
// later inherit it; one that starts meanwhile is found by another look.
func giveWay() {
	t := &ownThreads
	t.mu.Lock()
	defer t.mu.Unlock()
	for changed := true; changed; {
		changed = false
		tasks, _ := os.ReadDir("/proc/self/task")
		for _, task := range tasks {
			tid, err := strconv.Atoi(task.Name())
			if err != nil || t.tids[tid] {
				continue
			}
			// The system call returns 20 less the nice value.
			if n, err := unix.Getpriority(unix.PRIO_PROCESS, tid); err == nil && 20-n < behind {
				changed = unix.Setpriority(unix.PRIO_PROCESS, tid, behind) == nil || changed
			}
		}
	}
}

// sleepThread sleeps until a moment without telling the Go scheduler: the
// thread keeps its processor (the engine has given the scheduler one more), so
// that none has to be found for it when it wakes, and the scheduler's watchdog
// has nothing to watch.
func sleepThread(until time.Time) {
	for {
		rest := time.Until(until)
		if rest <= 0 {
			return
		}
		ts := unix.NsecToTimespec(int64(rest))
		// A signal may end it early.
		_, _, _ = unix.RawSyscall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&ts)), 0, 0)
	}
}
