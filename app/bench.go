package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"time"

	"dozvon/audio"
	"dozvon/config"
	"dozvon/dialer/loop"
	"dozvon/dialer/phonesim"
	"dozvon/scenarios"
	"dozvon/store"
)

// BenchOptions are the sizes of the benchmarks.
type BenchOptions struct {
	Calls  int           // calls at once
	Setups int           // calls of the set-up benchmark
	Rate   float64       // set-ups a second
	Rows   int           // rows of the import
	For    time.Duration // measured part of the call-second benchmark
	Out    string        // folder of CPU profiles; empty: none
}

// Figures of others, measured on a 2-core machine of the same kind: process
// pinned to one core, SIPp on the other.
const (
	asteriskCallSecond, freeswitchCallSecond = 3.6, 4.1 // ms of CPU per call-second
	asteriskSetup, freeswitchSetup           = 2.7, 6.4 // ms of CPU per set-up
	asteriskMemory, freeswitchMemory         = 190, 500 // KB per call
)

// Bench measures what a call costs, whole: store, engine, SIP, RTP, scenario.
func Bench(ctx context.Context, o BenchOptions, stdout io.Writer) error {
	if o.For == 0 {
		o.For = 15 * time.Second
	}
	dir, err := os.MkdirTemp("", "dozvon-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := pin(0); err != nil {
		fmt.Fprintf(stdout, "not pinned to one core: %v\n", err)
	}
	fmt.Fprintf(stdout, "%s, %d of this machine's processors used by dozvon\n\n", runtime.Version(), runtime.GOMAXPROCS(0))
	b := &bench{dir: dir, out: stdout, profiles: o.Out}
	if err := b.farEnd(ctx); err != nil {
		return err
	}
	defer b.stop()
	return errors.Join(b.callSeconds(ctx, o), b.setups(ctx, o), b.imports(ctx, o), b.decisions())
}

// bench holds what the benchmarks share.
type bench struct {
	dir   string
	out   io.Writer
	trunk string
	stop  func()

	profiles string // folder; empty: none are written
}

// profile writes a CPU profile until the function it returns is called.
func (b *bench) profile(name string) (func(), error) {
	if b.profiles == "" {
		return func() {}, nil
	}
	f, err := os.Create(filepath.Join(b.profiles, name+".prof"))
	if err != nil {
		return nil, fmt.Errorf("the profile cannot be written: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		f.Close()
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); f.Close() }, nil
}

// heap writes a heap profile, if profiles are wanted.
func (b *bench) heap(name string) error {
	if b.profiles == "" {
		return nil
	}
	f, err := os.Create(filepath.Join(b.profiles, name+".heap"))
	if err != nil {
		return fmt.Errorf("the profile cannot be written: %w", err)
	}
	return errors.Join(pprof.WriteHeapProfile(f), f.Close())
}

// benchTalk keeps a prompt playing and keys listened for.
const benchTalk = `
version: 1
name: bench-talk
title: Bench
language: en
purpose: service
lead: {name: {type: text}}
call: {ring: 30s, max: 10m, silent_after: 1m}
window: {days: mon-sun, hours: "00:00-24:00"}
retry: {total: 1, rules: [{on: [no_answer, busy, congestion, failed], days: [{attempts: 1}], finish: done}]}
lists: {done: Done}
dialogue:
  talk:
    - ask:
        play: tone.wav
        answers: {yes: {keys: 1, go: over}}
        wait: 1m
        nothing: over
  over: [{finish: done}]
hangup: [{finish: done}]
`

// benchSetup hangs up as soon as the person answers.
var benchSetup = strings.NewReplacer("bench-talk", "bench-setup").Replace(benchTalk[:strings.Index(benchTalk, "dialogue:")]) + `dialogue:
  over: [{finish: done}]
hangup: [{finish: done}]
`

// station prepares a campaign of n leads whose trunk is the far end.
func (b *bench) station(ctx context.Context, name, text string, n int, cps float64) (*station, func(), error) {
	dir := filepath.Join(b.dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, nil, err
	}
	var tone strings.Builder
	if err := audio.WriteWAV(&tone, 1, audio.Tone([]float64{440}, 5*time.Minute, 0.3)); err != nil {
		return nil, nil, err
	}
	var base strings.Builder
	base.WriteString("phone\n")
	for i := range n {
		fmt.Fprintf(&base, "+7999%07d\n", i+1)
	}
	file := filepath.Join(dir, "bench.yaml")
	err := errors.Join(os.WriteFile(file, []byte(text), 0o644), os.WriteFile(filepath.Join(dir, "tone.wav"), []byte(tone.String()), 0o644),
		os.WriteFile(filepath.Join(dir, "base.csv"), []byte(base.String()), 0o644))
	if err != nil {
		return nil, nil, err
	}
	sc, err := scenarios.LoadFile(file)
	if err != nil {
		return nil, nil, err
	}
	cfg := config.Default()
	cfg.SIP.Listen = "127.0.0.1:0"
	cfg.Trunks = []config.Trunk{{Name: "bench", URI: "sip:bench@" + b.trunk, Lines: n, CPS: cps, CallerID: "+74950000000"}}
	p := plan{name: sc.Name, scenario: sc, trunks: []string{"bench"}}
	return b.open(ctx, cfg, p, dir)
}

func (b *bench) open(ctx context.Context, cfg *config.Config, p plan, dir string) (*station, func(), error) {
	clock, plans, log := &loop.WallClock{}, map[string]plan{p.name: p}, discard()
	enc := newEncoder(cfg, dir, plans, log)
	db, err := openStore(ctx, filepath.Join(dir, "bench.db"), enc, clock)
	if err != nil {
		return nil, nil, err
	}
	o := RunOptions{Base: filepath.Join(dir, "base.csv"), Out: dir, Region: "RU"}
	if err := importBase(ctx, db, p, o, clock.Now(), newSayer(io.Discard, "none")); err != nil {
		db.Close()
		return nil, nil, err
	}
	v, err := newVoice(cfg, log)
	if err == nil {
		err = v.prepare(ctx, db, p)
	}
	var s *station
	if err == nil {
		s, err = newStation(ctx, cfg, db, enc, clock, plans, v, stationOptions{log: log})
	}
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return s, func() { s.close(); v.close(); db.Close() }, nil
}

// callSeconds measures calls that are up: a prompt plays, keys are listened for.
func (b *bench) callSeconds(ctx context.Context, o BenchOptions) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, closeAll, err := b.station(ctx, "talk", benchTalk, o.Calls, 200)
	if err != nil {
		return err
	}
	defer closeAll()
	debug.FreeOSMemory()
	before := residentKB()
	full := make(chan struct{})
	s.observe = append(s.observe, untilTalking(o.Calls, full))
	ended := make(chan error, 1)
	go func() { ended <- s.loop.Run(ctx) }()
	select {
	case <-full:
	case err := <-ended:
		return fmt.Errorf("the calls ended before all of them were up: %w", err)
	case <-time.After(time.Minute):
		return errors.New("not all calls came up within a minute")
	}
	endProfile, err := b.profile("call-second")
	if err != nil {
		return err
	}
	cpu, begin := processCPU(), time.Now()
	time.Sleep(o.For)
	endProfile()
	spent, took := processCPU()-cpu, time.Since(begin)
	debug.FreeOSMemory()
	after := residentKB()
	if err := b.heap("calls"); err != nil {
		return err
	}
	lateness := s.media.Stats().Lateness
	cancel()
	<-ended
	each := spent.Seconds() * 1000 / (took.Seconds() * float64(o.Calls))
	memory := float64(after-before) / float64(o.Calls)
	fmt.Fprintf(b.out, "CPU per call-second   %6.2f ms   ratio %.2f to Asterisk 22 (%.1f ms), %.2f to FreeSWITCH 1.11 (%.1f ms)\n",
		each, each/asteriskCallSecond, asteriskCallSecond, each/freeswitchCallSecond, freeswitchCallSecond)
	fmt.Fprintf(b.out, "  %d calls at once for %s, each playing a prompt and listening for keys; user and system time of this process\n", o.Calls, took.Round(time.Second))
	fmt.Fprintf(b.out, "  packets that left later than 5 ms: %.2f%%, the latest %s\n", lateness.Over(5*time.Millisecond)*100, lateness.Max.Round(time.Millisecond/10))
	fmt.Fprintf(b.out, "memory per call       %6.0f KB   ratio %.2f to Asterisk (%d KB), %.2f to FreeSWITCH (%d KB)\n",
		memory, memory/asteriskMemory, asteriskMemory, memory/freeswitchMemory, freeswitchMemory)
	fmt.Fprintf(b.out, "  resident memory with %d calls less that without, after a collection\n", o.Calls)
	return nil
}

// untilTalking closes full when n attempts have reached talking.
func untilTalking(n int, full chan struct{}) func(loop.Report) {
	talking := 0
	return func(r loop.Report) {
		for _, a := range r.Progress {
			if a.State == "talking" {
				if talking++; talking == n {
					close(full)
				}
			}
		}
	}
}

// setups measures whole calls: committed, dialled, answered, hung up, saved.
func (b *bench) setups(ctx context.Context, o BenchOptions) error {
	s, closeAll, err := b.station(ctx, "setup", benchSetup, o.Setups, o.Rate)
	if err != nil {
		return err
	}
	defer closeAll()
	endProfile, err := b.profile("setup")
	if err != nil {
		return err
	}
	cpu, begin := processCPU(), time.Now()
	err = s.loop.Run(ctx)
	endProfile()
	if err != nil {
		return err
	}
	spent, took := processCPU()-cpu, time.Since(begin)
	t, err := s.db.Totals(ctx, "bench-setup")
	if err != nil {
		return err
	}
	if t.Dispositions["answered"] != o.Setups {
		return fmt.Errorf("of %d calls only %d were answered: %v", o.Setups, t.Dispositions["answered"], t.Dispositions)
	}
	each := spent.Seconds() * 1000 / float64(o.Setups)
	fmt.Fprintf(b.out, "CPU per call set-up   %6.2f ms   ratio %.2f to Asterisk (%.1f ms), %.2f to FreeSWITCH (%.1f ms)\n",
		each, each/asteriskSetup, asteriskSetup, each/freeswitchSetup, freeswitchSetup)
	fmt.Fprintf(b.out, "  %d calls at %.0f a second: lead fetched, attempt committed, INVITE, 200, ACK, scenario, BYE, result and lead committed\n",
		o.Setups, float64(o.Setups)/took.Seconds())
	return nil
}

func (b *bench) imports(ctx context.Context, o BenchOptions) error {
	m, err := store.MeasureImport(ctx, b.dir, o.Rows)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "import               %7.0f rows/s   %d rows in %s, peak memory %d MB (%d MB before)\n",
		m.RowsPerSec, m.Rows, m.Elapsed.Round(time.Second/10), m.PeakRSS>>20, m.BaseRSS>>20)
	return nil
}

func (b *bench) decisions() error {
	n, took := phonesim.MeasureDecisions(25_000)
	fmt.Fprintf(b.out, "engine decisions     %7.0f /s   %d decisions of a five-day campaign of 25,000 contacts on virtual time, in %s\n",
		float64(n)/took.Seconds(), n, took.Round(time.Millisecond))
	return nil
}
