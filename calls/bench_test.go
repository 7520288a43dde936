package calls

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
	"dozvon/media"
	"dozvon/sip/siptest"
)

// farEndEnv makes this program the far end of a benchmark: people who answer
// at once, in a process of their own, so that their work is not counted.
const farEndEnv = "CALLS_TEST_FAR_END"

// beFarEnd serves people until standard input ends.
func beFarEnd() error {
	book := siptest.Book{}
	book.Default = phonesim.Profile{Kind: phonesim.Answers}
	engine, err := media.New(media.Config{IP: loopback, PortMin: 10000, PortMax: 16383, Drain: 50 * time.Millisecond})
	if err != nil {
		return err
	}
	defer engine.Close()
	far, err := siptest.Start(context.Background(), siptest.Config{Book: book, DeadAfter: -1, NoRTCP: true, Media: engine})
	if err != nil {
		return err
	}
	fmt.Println(far.URI("robot"))
	io.Copy(io.Discard, os.Stdin)
	return far.Close()
}

// startPeople starts the far end's process and returns its URI.
func startPeople(b *testing.B) string {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), farEndEnv+"=1")
	cmd.Stderr = os.Stderr
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close(); cmd.Wait() })
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		b.Fatal("the far end did not start")
	}
	return lines.Text()
}

// quickJob hangs up as soon as somebody answers.
const quickJob = `name: quick
language: en
purpose: service
lead:
  name: {type: name, example: Ann}
window: {hours: "00:00-23:59", zone: UTC}
retry:
  total: 1
  rules: [{on: [no_answer, busy, declined, unreachable, silent, congestion, abandoned, answered, failed, interrupted, invalid, machine, fax], days: [{attempts: 1}], finish: missed}]
  spent: missed
lists: {called: Called, missed: Missed}
dialogue:
  hello:
    - finish: called
`

// BenchmarkCall is a whole call: placed, answered, finished. cpu-µs/call is
// the user and system time of this process only.
func BenchmarkCall(b *testing.B) {
	const atOnce = 32
	r := newRig(b, rigOptions{scenario: quickJob, nobody: true, trunk: startPeople(b), ports: [2]int{16384, 32766}, drain: 50 * time.Millisecond})
	defer r.close()
	place := func(n int) {
		for up := 0; n > 0 || up > 0; {
			for ; n > 0 && up < atOnce; n-- {
				r.place(number)
				up++
			}
			ev := <-r.posts
			if e, over := ev.(dialer.Ended); over {
				if up--; e.Result.List != "called" {
					b.Fatalf("%+v", e.Result)
				}
			}
		}
	}
	place(100) // everything is warm
	b.ReportAllocs()
	before := cpuTime()
	b.ResetTimer()
	place(b.N)
	b.StopTimer()
	b.ReportMetric(float64((cpuTime()-before).Microseconds())/float64(b.N), "cpu-µs/call")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

// cpuTime is what this process has used so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkPrepare is what a call does before its INVITE: the lead's prompts
// and the sessions, without a network.
func BenchmarkPrepare(b *testing.B) {
	r := newRig(b, rigOptions{nobody: true, trunk: "sip:robot@127.0.0.1:9"})
	lead := dialer.Lead{ID: 1, Phone: number, Campaign: "job", Columns: map[string]string{"name": "Ann"}}
	b.ReportAllocs()
	for b.Loop() {
		c := newCall(r.caller, dialer.Attempt{ID: 1, Campaign: "job", Trunk: "far"}, lead)
		c.scenario = r.caller.cfg.Scenario("job")
		if !c.collect() {
			b.Fatal(c.result.Detail)
		}
		c.session = c.scenario.NewSession(lead)
		c.cancel(nil)
	}
}
