package app

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"dozvon/audio"
	"dozvon/dialer/loop"
	"dozvon/internal/benchwire"
	"dozvon/media"
)

// benchTalk keeps a prompt playing and listens for keys and for a voice, which
// the far end's steady tone is not; a key then plays prompts one after the other.
const benchTalk = benchHead + `lists: {done: Done, unheard: Key not heard}
dialogue:
  talk:
    - ask:
        play: tone.wav
        barge: voice
        answers: {yes: {keys: 1, go: prompts}}
        wait: 1m
        nothing: unheard
  unheard: [{finish: unheard}]
  prompts:
    - play: a.wav
    - play: b.wav
    - goto: second
  second:
    - play: a.wav
    - goto: third
  third:
    - play: b.wav
    - finish: done
hangup: [{finish: unheard}]
`

// benchChanges is how often one prompt follows another in benchTalk: once in
// the same step, and twice in the next one, which the scenario decides when it
// hears that the prompt before has ended.
const benchChanges = 3

// benchHead is what the scenarios of the benchmarks share.
const benchHead = `
version: 1
name: bench
title: Bench
language: en
purpose: service
lead: {name: {type: text}}
call: {ring: 30s, max: 10m, silent_after: 1m}
window: {days: mon-sun, hours: "00:00-24:00"}
retry: {total: 1, rules: [{on: [no_answer, busy, congestion, failed], days: [{attempts: 1}], finish: done}]}
`

// benchSounds writes the prompts: a tone for the long one; for the succession,
// sounds whose end is heard to the sample and lies within a packet.
func benchSounds(dir string) error {
	level := func(v int16) []int16 {
		pcm := make([]int16, audio.Samples(507*time.Millisecond))
		for i := range pcm {
			pcm[i] = v
		}
		return pcm
	}
	var faults []error
	for name, pcm := range map[string][]int16{
		"tone.wav": audio.Tone([]float64{440}, 5*time.Minute, 0.3),
		"a.wav":    level(benchwire.LevelA),
		"b.wav":    level(benchwire.LevelB),
	} {
		var wav strings.Builder
		faults = append(faults, audio.WriteWAV(&wav, 1, pcm), os.WriteFile(filepath.Join(dir, name), []byte(wav.String()), 0o644))
	}
	return errors.Join(faults...)
}

// media measures calls that are up, at each number of them.
func (b *bench) media(ctx context.Context, sizes []int, each time.Duration) error {
	for _, n := range sizes {
		if err := b.mediaOf(ctx, n, each); err != nil {
			return fmt.Errorf("%d calls at once: %w", n, err)
		}
	}
	return nil
}

// mediaOf measures n calls; the bare loop runs before and after them, so that
// a machine that others use meanwhile treats both alike.
func (b *bench) mediaOf(ctx context.Context, n int, each time.Duration) error {
	m := mediaFigures{calls: n}
	bareCPU, bareSaw, err := b.bare(n, each/3)
	if err != nil {
		return err
	}
	if err := b.talk(ctx, &m, each); err != nil {
		return err
	}
	again, _, err := b.bare(n, each/3)
	if err != nil {
		return err
	}
	m.bare, m.bareSaw = (bareCPU+again)/2, bareSaw
	m.print(b)
	return m.check()
}

// bare measures the loop that only moves packets: CPU of a call-second.
func (b *bench) bare(n int, d time.Duration) (time.Duration, benchwire.Report, error) {
	l, err := media.NewBareLoop(netip.AddrFrom4([4]byte{127, 0, 0, 1}), n)
	if err != nil {
		return 0, benchwire.Report{}, err
	}
	defer l.Close()
	order := benchwire.Order{Do: "open"}
	for i := range n {
		order.Peers = append(order.Peers, l.Local(i))
	}
	far, err := b.far.ask(order)
	if err != nil {
		return 0, far, err
	}
	for i, a := range far.Local {
		l.Aim(i, a)
	}
	l.Start()
	time.Sleep(min(time.Second, d))
	_, err = b.far.ask(benchwire.Order{Do: "begin"})
	begin, cpu := time.Now(), l.CPU()
	time.Sleep(d)
	cpu, d = l.CPU()-cpu, time.Since(begin)
	saw, err2 := b.far.ask(benchwire.Order{Do: "end"})
	_, err3 := b.far.ask(benchwire.Order{Do: "drop"})
	return time.Duration(float64(cpu) / d.Seconds() / float64(n)), saw, errors.Join(err, err2, err3)
}

// talk measures dozvon's calls.
func (b *bench) talk(ctx context.Context, m *mediaFigures, d time.Duration) error {
	s, closeAll, err := b.station(ctx, fmt.Sprint("talk", m.calls), benchTalk, m.calls, 200, stationOptions{deaf: !b.listener})
	if err != nil {
		return err
	}
	defer closeAll()
	debug.FreeOSMemory()
	before := residentKB()
	full := make(chan struct{})
	s.observe = append(s.observe, untilTalking(m.calls, full))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- s.loop.Run(ctx) }()
	select {
	case <-full:
	case err := <-ended:
		return fmt.Errorf("the calls ended before all of them were up: %w", err)
	case <-time.After(time.Minute):
		return errors.New("not all calls came up within a minute")
	}
	m.ramp = s.media.Stats().Lateness
	runtime.GC() // of the set-ups: what follows is calls that are up
	time.Sleep(time.Second)
	if err := b.window(m, s, d); err != nil {
		return err
	}
	debug.FreeOSMemory()
	m.memory = float64(residentKB()-before) / float64(m.calls)
	if err := b.heap(fmt.Sprint("calls", m.calls)); err != nil {
		return err
	}
	return b.prompts(ctx, m, s, ended)
}

// window is the measured time.
func (b *bench) window(m *mediaFigures, s *station, d time.Duration) error {
	endProfile, err := b.profile(fmt.Sprint("media", m.calls))
	if err != nil {
		return err
	}
	if _, err := b.far.ask(benchwire.Order{Do: "begin"}); err != nil {
		return err
	}
	var was, is runtime.MemStats
	runtime.ReadMemStats(&was)
	late, cpu, begin := s.media.Stats().Lateness, processCPU(), time.Now()
	time.Sleep(d)
	spent, took := processCPU()-cpu, time.Since(begin)
	m.late = s.media.Stats().Lateness.Since(late)
	runtime.ReadMemStats(&is)
	endProfile()
	if m.saw, err = b.far.ask(benchwire.Order{Do: "end"}); err != nil {
		return err
	}
	m.cpu = time.Duration(float64(spent) / took.Seconds() / float64(m.calls))
	m.allocs = float64(is.Mallocs-was.Mallocs) / float64(max(m.saw.Packets, 1))
	m.took = took
	return nil
}

// prompts presses a key in every call and hears the prompts that follow.
func (b *bench) prompts(ctx context.Context, m *mediaFigures, s *station, ended <-chan error) error {
	_, err := b.far.ask(benchwire.Order{Do: "begin"})
	_, err2 := b.far.ask(benchwire.Order{Do: "press"})
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	select {
	case err := <-ended:
		if err != nil {
			return err
		}
	case <-time.After(30 * time.Second):
		return errors.New("the calls did not end after the key and the last prompt")
	}
	if m.after, err = b.far.ask(benchwire.Order{Do: "end"}); err != nil {
		return err
	}
	t, err := s.db.Totals(ctx, "bench")
	m.done = t.Lists["done"]
	return err
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
