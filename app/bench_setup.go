package app

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
)

// benchSetup hangs up as soon as the person answers.
const benchSetup = benchHead + `lists: {done: Done}
dialogue:
  over: [{finish: done}]
hangup: [{finish: done}]
`

// goalSetup is what a set-up may cost at most.
const goalSetup = 500 * time.Microsecond

// setups measures calls that are answered and hung up at once, at each rate.
func (b *bench) setups(ctx context.Context, rates []int, each time.Duration) error {
	sipp, err := exec.LookPath("sipp")
	if err != nil {
		fmt.Fprintf(b.out, "\nsipp is not installed (Debian package sip-tester): no ratio to it\n")
	}
	fmt.Fprintf(b.out, "\nset-ups: CPU of a call that is answered and hung up at once, each rate for %s\n", each)
	fmt.Fprintf(b.out, "  with the store: lead fetched, attempt committed and synced, INVITE, 200, ACK, scenario, BYE, result and lead committed\n")
	fmt.Fprintf(b.out, "  %8s  %-22s  %-22s  %-22s  %s\n", "a second", "with the store", "without it", "SIPp as the caller", "ratio to SIPp")
	for _, rate := range rates {
		n := int(each.Seconds() * float64(rate))
		with, err := b.setupOf(ctx, n, rate, true)
		if err != nil {
			return fmt.Errorf("%d set-ups a second: %w", rate, err)
		}
		without, err := b.setupOf(ctx, n, rate, false)
		if err != nil {
			return fmt.Errorf("%d set-ups a second, without the store: %w", rate, err)
		}
		other, ratio := "-", "-"
		if sipp != "" {
			s, err := b.sipp(ctx, sipp, n, rate)
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil: // a fault of the other one spoils the comparison, not our figures
				other, ratio = "calls of its failed", err.Error()
			default:
				other, ratio = s.String(), fmt.Sprintf("%.2f with, %.2f without the store", with.cpu/s.cpu, without.cpu/s.cpu)
			}
		}
		mark := ' '
		if with.cpu > goalSetup.Seconds()*1000 || with.held < 0.95*float64(rate) {
			mark = '!'
		}
		fmt.Fprintf(b.out, "%c %8d  %-22s  %-22s  %-22s  %s\n", mark, rate, with, without, other, ratio)
	}
	fmt.Fprintf(b.out, "  Asterisk 22 takes %.1f ms, FreeSWITCH 1.11 %.1f ms; no call failed\n", asteriskSetup, freeswitchSetup)
	return nil
}

// setupFigures are what was found at one rate.
type setupFigures struct {
	cpu  float64 // ms a set-up
	held float64 // set-ups a second, by the moments at which the INVITEs left
}

// String is a cell of the table.
func (f setupFigures) String() string { return fmt.Sprintf("%.3f ms at %.0f/s", f.cpu, f.held) }

func figures(n int, cpu, took time.Duration) setupFigures {
	return setupFigures{cpu: cpu.Seconds() * 1000 / float64(n), held: float64(n) / took.Seconds()}
}

// leaving notes when the INVITEs left. How long the first result and the last
// one take is no matter of how many calls a second are held.
type leaving struct {
	mu sync.Mutex
	at []time.Time
}

func (l *leaving) note(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at = append(l.at, at)
}

// took is how long all would have taken at the rate at which they left between
// the first twentieth of them and the last one.
func (l *leaving) took() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.SortFunc(l.at, time.Time.Compare)
	n := len(l.at)
	from, to := n/20, n-1-n/20
	if to <= from {
		return time.Second
	}
	return l.at[to].Sub(l.at[from]) * time.Duration(n) / time.Duration(to-from)
}

// setupOf measures n calls of dozvon.
func (b *bench) setupOf(ctx context.Context, n, rate int, stored bool) (setupFigures, error) {
	name := fmt.Sprint("setup", rate)
	var memory *phonesim.Ledger
	so := stationOptions{deaf: !b.listener}
	if !stored {
		name += "-memory"
		leads := make([]dialer.Lead, n)
		for i := range leads {
			leads[i] = dialer.Lead{ID: dialer.LeadID(i + 1), Campaign: "bench", Phone: fmt.Sprintf("+7999%07d", i+1), Zone: "Europe/Moscow"}
		}
		memory = phonesim.NewLedger(leads...)
		so.ledger = memory
	}
	s, closeAll, err := b.station(ctx, name, benchSetup, n, float64(rate), so)
	if err != nil {
		return setupFigures{}, err
	}
	defer closeAll()
	endProfile, err := b.profile(name)
	if err != nil {
		return setupFigures{}, err
	}
	var sent leaving
	s.dialled = func(_ dialer.Attempt, at time.Time) { sent.note(at) }
	cpu := processCPU()
	err = s.loop.Run(ctx)
	endProfile()
	if err != nil {
		return setupFigures{}, err
	}
	f := figures(n, processCPU()-cpu, sent.took())
	if err := b.heap(name); err != nil {
		return f, err
	}
	done := 0
	if stored {
		t, err := s.db.Totals(ctx, "bench")
		if err != nil {
			return f, err
		}
		done = t.Dispositions[dialer.Answered]
	} else {
		done = memory.Lists("bench")["done"]
	}
	if done != n {
		return f, fmt.Errorf("of %d calls %d were answered and done", n, done)
	}
	return f, nil
}

// sipp has SIPp place the same calls from this core.
func (b *bench) sipp(ctx context.Context, path string, n, rate int) (setupFigures, error) {
	cmd := exec.CommandContext(ctx, path, b.far.address, "-sn", "uac", "-i", "127.0.0.1", "-r", fmt.Sprint(rate), "-m", fmt.Sprint(n), "-l", fmt.Sprint(n),
		"-d", "0", "-nostdin", "-timeout", "120s")
	cmd.Dir, cmd.Env = b.dir, append(os.Environ(), "TERM=dumb")
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return setupFigures{}, fmt.Errorf("sipp: %w", err)
	}
	return figures(n, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime(), time.Since(begin)), nil
}
