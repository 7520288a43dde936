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

// behind is how much more nice every thread is that serves no wheel. The kernel
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
	base int // the nice value that wheels have: the one that the program was started with
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
	id := <-tid
	if t.tids == nil {
		t.tids, t.base = map[int]bool{}, niceOf(id)
	}
	t.tids[id] = true
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
			if last := min(t.base+behind, 19); niceOf(tid) < last {
				changed = unix.Setpriority(unix.PRIO_PROCESS, tid, last) == nil || changed
			}
		}
	}
}

// niceOf returns the nice value of a thread; of one that has just ended the
// highest there is.
func niceOf(tid int) int {
	n, err := unix.Getpriority(unix.PRIO_PROCESS, tid)
	if err != nil {
		return 19
	}
	return 20 - n // the system call returns 20 less the nice value
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
