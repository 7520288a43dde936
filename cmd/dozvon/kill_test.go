package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dozvon/sip/siptest"
)

var killSeed = flag.Uint64("kill.seed", 0, "seed of the moments at which the campaign is killed; 0: a new one")

// killScenario has all that a crash can hurt: retries by day, a promise, an
// operator, a list per answer. An interrupted call of somebody who had not
// picked up counts as not answered; whoever had is not called again.
const killScenario = `version: 1
name: ask
language: ru
purpose: service
policy: none
lead:
  name: {type: text}
call: {ring: 5s, max: 30s, silent_after: 3s}
window: {hours: "09:00-21:00", zone: Europe/Moscow}
retry:
  total: 4
  rules:
    - {on: [no_answer, silent, abandoned], days: [{attempts: 2, every: 1h}, {attempts: 1}], finish: missed}
    - {on: [busy, declined, unreachable], days: [{attempts: 2, every: 1h}], finish: missed}
  else: cut_off
  spent: missed
lists: {agreed: Agreed, refused: Refused, mute: Said nothing, missed: Missed, cut_off: Cut off}
dialogue:
  ask:
    - ask:
        play: ask.wav
        answers:
          one:   {keys: 1, go: operator}
          two:   {keys: 2, go: [{play: bye.wav}, {finish: refused}]}
          three: {keys: 3, go: [{callback: {in: 1h}}]}
        wait: 1s
        repeat: 0
        nothing: [{finish: mute}]
  operator:
    - bridge: {to: desk, ring: 3s, nobody: [{task: "Call {{name}}"}, {finish: agreed}]}
    - finish: agreed
hangup: [{finish: mute}]
`

const killBook = `
mix: {one: 27, two: 22, later: 10, busy: 12, off: 8, declines: 5, no_answer: 2, rude: 8, silent: 6}
profiles:
  one:    {ring: 200ms, steps: [{listen: 300ms}, {press: "1"}, {speak: "voice:person"}]}
  two:    {ring: 150ms, steps: [{listen: 300ms}, {press: "2"}]}
  later:  {ring: 300ms, steps: [{listen: 300ms}, {press: "3"}]}
  rude:   {ring: 200ms, steps: [{listen: 200ms}, {hangup: true}]}
  silent: {ring: 200ms}
  desk:   {ring: 100ms, steps: [{speak: "voice:operator"}, {wait: 500ms}, {hangup: true}]}
operators: {op1: desk, op2: desk, op3: {kind: rings_out}, op4: desk}
`

// killCap is the cap of calls to a lead in killScenario.
const killCap = 4

// However often and whenever the process is killed, the same command finishes
// the campaign: every lead on one list, no attempt placed twice, no person
// with a second INVITE for one attempt.
func TestKilledAtRandomMoments(t *testing.T) {
	kills, leads := 20, 300
	if testing.Short() {
		kills, leads = 5, 90
	}
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed: -kill.seed=%d", seed)
	k := newKilling(t, seed, leads)
	began := time.Now()
	runs := k.campaign(kills)
	if len(k.killed) < kills {
		t.Fatalf("the campaign was over after %d kills", len(k.killed))
	}
	calls := k.verify()
	t.Logf("%d leads, %d kills, %d runs, %d calls, %s", leads, len(k.killed), runs, calls, time.Since(began).Round(100*time.Millisecond))
}

// journal passes the far end's lines on and tells when so many have come.
type journal struct {
	file  *os.File
	lines atomic.Int64
	mark  atomic.Pointer[mark]
}

type mark struct {
	at   int64
	come chan struct{}
}

// Write takes one line; only the far end's own goroutine calls it.
func (j *journal) Write(b []byte) (int, error) {
	n, err := j.file.Write(b)
	now := j.lines.Add(1)
	if m := j.mark.Load(); m != nil && now >= m.at && j.mark.CompareAndSwap(m, nil) {
		close(m.come)
	}
	return n, err
}

// after is closed once n more lines have come.
func (j *journal) after(n int64) <-chan struct{} {
	m := &mark{j.lines.Load() + n, make(chan struct{})}
	j.mark.Store(m)
	return m.come
}

// killing is a campaign that is killed again and again.
type killing struct {
	t       *testing.T
	leads   int
	rnd     *rand.Rand
	dir     string
	journal *journal
	far     *siptest.Server
	killed  []time.Time
}

func newKilling(t *testing.T, seed uint64, leads int) *killing {
	dir := t.TempDir()
	tone(t, dir, "ask.wav", time.Second)
	tone(t, dir, "bye.wav", 300*time.Millisecond)
	write(t, dir, "ask.yaml", killScenario, "base.csv", people(leads))
	f, err := os.Create(filepath.Join(dir, "calls.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	k := &killing{t: t, leads: leads, rnd: rand.New(rand.NewPCG(seed, 1)), dir: dir, journal: &journal{file: f}}
	k.far = farEnd(t, fmt.Sprintf("seed: %d\n%s", seed, killBook),
		siptest.Config{Journal: k.journal, DeadAfter: 2500 * time.Millisecond, MaxRing: 8 * time.Second})
	return k
}

// campaign runs the command, killing it so many times, until it ends by
// itself; it returns how many runs that took.
func (k *killing) campaign(kills int) (runs int) {
	args := campaign(k.far.URI("robot"), "--lines", "30")
	for i := 1; i <= 4; i++ {
		args = append(args, "--operator", k.far.URI("op"+strconv.Itoa(i)))
	}
	for {
		runs++
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		c, o := command(ctx, k.dir, args...)
		var now <-chan struct{}
		if len(k.killed) < kills {
			now = k.journal.after(1 + k.rnd.Int64N(300))
		}
		if err := c.Start(); err != nil {
			k.t.Fatal(err)
		}
		got, killed := k.until(c, o, now)
		if killed {
			continue
		}
		if got.code != 0 {
			k.t.Fatalf("run %d: %v", runs, got)
		}
		return runs
	}
}

// until waits for the end of a run, or for its moment to be killed.
func (k *killing) until(c *exec.Cmd, o *output, now <-chan struct{}) (got outcome, killed bool) {
	over := make(chan outcome, 1)
	go func() { over <- ended(k.t, c, o) }()
	select {
	case got = <-over:
		return got, false
	case <-now:
	}
	if err := c.Process.Kill(); err != nil {
		return <-over, false // it was over just then
	}
	got = <-over
	if got.code != -1 {
		return got, false
	}
	k.killed = append(k.killed, time.Now())
	return got, true
}

// verify compares what the files say with what the subscribers saw; it
// returns the number of calls to people.
func (k *killing) verify() int {
	if err := k.far.Close(); err != nil {
		k.t.Error(err)
	}
	entries, err := siptest.ReadJournalFile(k.journal.file.Name())
	if err != nil {
		k.t.Fatal(err)
	}
	report := siptest.Audit(entries, k.killed...)
	for _, fault := range report.Faults() {
		k.t.Error(fault)
	}
	if report.Distinct() != 1 {
		k.t.Errorf("an attempt had %d different INVITEs", report.Distinct())
	}
	calls := k.calls(report)
	k.lists()
	k.attempts(calls)
	total := 0
	for _, of := range calls {
		total += len(of)
	}
	return total
}

// calls returns the calls to each number. Nobody was called more often than
// the plan allows, or again after an answer that a kill cut off.
func (k *killing) calls(r siptest.Report) map[string][]siptest.CallRecord {
	by := map[string][]siptest.CallRecord{}
	for _, c := range r.Calls {
		if !c.Operator {
			by[c.Number] = append(by[c.Number], c)
		}
	}
	for number, calls := range by {
		if len(calls) > killCap {
			k.t.Errorf("%s was called %d times, the cap is %d", number, len(calls), killCap)
		}
		for i, c := range calls[:len(calls)-1] {
			// An answer is committed at once; the moment on its way to the
			// disk is all that a kill may take back.
			if at, cut := k.cut(c); cut && at.Sub(c.AnsweredAt) > 500*time.Millisecond {
				k.t.Errorf("%s had answered %s before a kill and was called again (call %d, %s)", number, at.Sub(c.AnsweredAt), i+2, c.CallID)
			}
		}
	}
	return by
}

// cut says whether a kill cut an answered call, and when. A far end that picks
// up after its caller was killed was not answered to anybody.
func (k *killing) cut(c siptest.CallRecord) (time.Time, bool) {
	for _, at := range k.killed {
		if c.InviteAt.Before(at) {
			return at, c.Answered() && c.AnsweredAt.Before(at) && c.ReleasedAt().After(at)
		}
	}
	return time.Time{}, false
}

// lists makes sure that every lead stands on exactly one list.
func (k *killing) lists() {
	on := map[string][]string{}
	files, err := filepath.Glob(filepath.Join(k.dir, "out", "lists", "*.csv"))
	if err != nil {
		k.t.Fatal(err)
	}
	for _, f := range files {
		for _, r := range rows(k.t, f) {
			on[r["lead_id"]] = append(on[r["lead_id"]], r["list"])
		}
	}
	all := rows(k.t, filepath.Join(k.dir, "out", "outcomes.csv"))
	if len(all) != k.leads || len(on) != k.leads {
		k.t.Errorf("%d leads in outcomes.csv, %d on lists, want %d", len(all), len(on), k.leads)
	}
	count := map[string]int{}
	for _, r := range all {
		if l := on[r["lead_id"]]; len(l) != 1 || l[0] != r["list"] || r["list"] == "" {
			k.t.Errorf("lead %s is on %q and on the lists %q", r["lead_id"], r["list"], l)
		}
		if n, err := strconv.Atoi(r["attempts"]); err != nil || n > killCap {
			k.t.Errorf("lead %s has %s attempts, the cap is %d", r["lead_id"], r["attempts"], killCap)
		}
		count[r["list"]]++
	}
	k.t.Logf("lists: %v", count)
}

// attempts makes sure that each attempt is recorded once, and that each call
// that a subscriber saw is one of them.
func (k *killing) attempts(calls map[string][]siptest.CallRecord) {
	seen := map[string]bool{}
	recorded := map[string]int{}
	interrupted := 0
	for _, r := range rows(k.t, filepath.Join(k.dir, "out", "attempts.csv")) {
		if id := r["attempt_id"]; seen[id] {
			k.t.Errorf("attempt %s is recorded twice", id)
		}
		seen[r["attempt_id"]] = true
		recorded[r["phone_e164"]]++
		if r["ended_at"] == "" {
			k.t.Errorf("attempt %s never ended", r["attempt_id"])
		}
		if r["disposition"] == "interrupted" {
			interrupted++
		}
	}
	ids := map[string]bool{}
	for number, of := range calls {
		if len(of) > recorded[number] {
			k.t.Errorf("%s saw %d calls, %d are recorded", number, len(of), recorded[number])
		}
		for _, c := range of {
			if ids[c.CallID] {
				k.t.Errorf("the call id %s was used twice", c.CallID)
			}
			ids[c.CallID] = true
			if id, _, _ := strings.Cut(c.CallID, "-"); !seen[id] {
				k.t.Errorf("the call %s belongs to no recorded attempt", c.CallID)
			}
		}
	}
	k.t.Logf("%d attempts recorded, %d of them interrupted", len(seen), interrupted)
}
