//go:build linux && (amd64 || arm64)

package media

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"
	"time"

	"dozvon/audio"
)

// threadsEnv makes this program the one whose threads give way: they do so
// for good, which would slow down every other test.
const threadsEnv = "MEDIA_TEST_THREADS"

// Two engines one after the other: each plays, its wheel's thread is ahead of
// all others, and the scheduler gets back what it was given.
func TestOwnThreads(t *testing.T) {
	if os.Getenv(threadsEnv) == "" {
		if niceOf(0) == 19 {
			t.Skip("the test was started with a nice value of 19, and no thread can give way to another")
		}
		cmd := exec.Command(os.Args[0], "-test.run=^TestOwnThreads$", "-test.v")
		cmd.Env = append(os.Environ(), threadsEnv+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	defer os.Exit(0) // threads of wheels never end: no leak, and no business of goleak
	base := niceOf(0)
	for range 2 {
		procs := runtime.GOMAXPROCS(0)
		if err := playOnOwnThread(base); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		if runtime.GOMAXPROCS(0) != procs {
			fmt.Printf("%d processors after the engine, %d before\n", runtime.GOMAXPROCS(0), procs)
			os.Exit(1)
		}
	}
}

func playOnOwnThread(base int) error {
	e, err := New(Config{IP: loopback, PortMin: 20000, PortMax: 59998, Wheels: 1, OwnThreads: true})
	if err != nil {
		return err
	}
	defer e.Close()
	played := make(chan Event, 1)
	s, err := e.Open(Options{Sink: func(ev Event) {
		if ev.Kind == PlayDone {
			played <- ev
		}
	}})
	if err != nil {
		return err
	}
	for range 50 { // a wheel that dozes never holds up the collector
		runtime.GC()
	}
	s.SetRemote(Remote{Addr: s.Local(), Law: audio.ALaw, PayloadType: 8})
	s.Play(PlayOptions{}, audio.NewClip(make([]int16, 800)))
	select {
	case <-played:
	case <-time.After(10 * time.Second):
		return fmt.Errorf("nothing was played")
	}
	s.Close()
	runtime.GC()
	ahead := 0
	tasks, err := os.ReadDir("/proc/self/task")
	for _, task := range tasks {
		tid, _ := strconv.Atoi(task.Name())
		if niceOf(tid) < min(base+behind, 19) {
			ahead++
		}
	}
	if ahead != 1 {
		return fmt.Errorf("%d threads are ahead, want the wheel's alone", ahead)
	}
	return err
}
