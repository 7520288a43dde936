package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"time"

	"dozvon/config"
	"dozvon/dialer/loop"
	"dozvon/dialer/phonesim"
	"dozvon/scenarios"
	"dozvon/store"
)

// BenchOptions are the sizes of the benchmarks.
type BenchOptions struct {
	Calls []int         // calls at once, one measurement each
	For   time.Duration // how long the calls of each are measured
	Rates []int         // set-ups a second, one measurement each
	Each  time.Duration // how long each rate is held
	Rows  int           // rows of the import
	Out   string        // folder of profiles; empty: none
	// Listener has each call listened to for who answers, as campaigns have it:
	// the peers' figures, and the bare loop, are without.
	Listener bool
}

// Figures of others, measured on a 2-core machine of the same kind: process
// pinned to one core, SIPp on the other.
const (
	asteriskCallSecond, freeswitchCallSecond = 3.6, 4.1 // ms of CPU per call-second
	asteriskSetup, freeswitchSetup           = 2.7, 6.4 // ms of CPU per set-up
	asteriskMemory, freeswitchMemory         = 190, 500 // KB per call
)

// Bench runs every benchmark.
func Bench(ctx context.Context, o BenchOptions, stdout io.Writer) error {
	if o.Rows < 1 {
		return Usage(errors.New("--rows takes a number from 1 on, such as 1000000"))
	}
	return withBench(ctx, o, stdout, func(b *bench) error {
		return errors.Join(b.media(ctx, o.Calls, o.For), b.setups(ctx, o.Rates, o.Each), b.imports(ctx, o), b.decisions())
	})
}

// BenchMedia measures what calls cost that are up: against a bare loop that
// only moves the same packets, with the far end's own clock.
func BenchMedia(ctx context.Context, o BenchOptions, stdout io.Writer) error {
	return withBench(ctx, o, stdout, func(b *bench) error { return b.media(ctx, o.Calls, o.For) })
}

// check refuses sizes that measure nothing, before anything is measured. A
// benchmark that is not asked for has none.
func (o BenchOptions) check() error {
	for _, n := range o.Calls {
		if n < 1 || o.For <= 0 {
			return Usage(errors.New("--calls takes numbers from 1 on, --for a time such as 15s"))
		}
	}
	for _, n := range o.Rates {
		if n < 1 || o.Each <= 0 {
			return Usage(errors.New("--rates takes numbers from 1 on, --each a time such as 5s"))
		}
	}
	if o.Out != "" {
		return OutFolder(o.Out, "--profile")
	}
	return nil
}

// BenchSetup measures what it costs to set calls up, beside SIPp as a caller
// of the same far end.
func BenchSetup(ctx context.Context, o BenchOptions, stdout io.Writer) error {
	return withBench(ctx, o, stdout, func(b *bench) error { return b.setups(ctx, o.Rates, o.Each) })
}

// withBench pins this process to one core, starts the far end on another, and
// has do measure.
func withBench(ctx context.Context, o BenchOptions, stdout io.Writer, do func(*bench) error) error {
	if err := o.check(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "dozvon-bench-")
	if err != nil {
		return fmt.Errorf("no folder for the benchmarks' files can be made: %w; point TMPDIR at one that can be written", err)
	}
	defer os.RemoveAll(dir)
	if err := pin(0); err != nil {
		fmt.Fprintf(stdout, "not pinned to one core: %v\n", err)
	}
	fmt.Fprintf(stdout, "%s, %d of this machine's processors used by dozvon, the far end on another\n", runtime.Version(), runtime.GOMAXPROCS(0))
	enlargeHeap()
	b := &bench{dir: dir, out: stdout, profiles: o.Out, listener: o.Listener}
	if b.far, err = startFar(ctx); err != nil {
		return err
	}
	defer b.far.stop()
	return do(b)
}

// bench holds what the benchmarks share.
type bench struct {
	dir      string
	out      io.Writer
	far      *far
	profiles string // folder; empty: none are written
	listener bool
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

// station prepares a campaign of n leads whose trunk is the far end.
func (b *bench) station(ctx context.Context, name, text string, n int, cps float64, so stationOptions) (*station, func(), error) {
	dir := filepath.Join(b.dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, nil, err
	}
	var base strings.Builder
	base.WriteString("phone\n")
	for i := range n {
		fmt.Fprintf(&base, "+7999%07d\n", i+1)
	}
	file := filepath.Join(dir, "bench.yaml")
	err := errors.Join(benchSounds(dir), os.WriteFile(file, []byte(text), 0o644),
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
	cfg.Trunks = []config.Trunk{{Name: "bench", URI: "sip:bench@" + b.far.address, Lines: n, CPS: cps, CallerID: "+74950000000"}}
	p := plan{name: sc.Name, scenario: sc, trunks: []string{"bench"}}
	return b.open(ctx, cfg, p, dir, so)
}

func (b *bench) open(ctx context.Context, cfg *config.Config, p plan, dir string, so stationOptions) (*station, func(), error) {
	clock, plans, log := &loop.WallClock{}, map[string]plan{p.name: p}, discard()
	enc := newEncoder(cfg, dir, plans, log)
	db, err := openStore(ctx, cfg, filepath.Join(dir, "bench.db"), enc, clock)
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
		so.log, so.ownThreads = log, true
		s, err = newStation(ctx, cfg, db, enc, clock, plans, v, so)
	}
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return s, func() { s.close(); v.close(); db.Close() }, nil
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
