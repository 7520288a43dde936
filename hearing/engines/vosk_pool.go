package engines

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// pool keeps connections ready and knows whether the server is in order. One
// goroutine owns what it knows.
type pool struct {
	cfg     VoskConfig
	host    string
	log     *slog.Logger
	dial    func(context.Context) (*line, error)
	wants   chan want
	dialed  chan dialled
	reports chan error // of utterances: nil, or why one failed
	state   atomic.Pointer[outage]
	ctx     context.Context
	cancel  context.CancelFunc
	done    chan struct{}
}

// want is somebody who needs a connection, and reads from to until ctx ends.
type want struct {
	ctx context.Context
	to  chan<- dialled
}

type dialled struct {
	line  *line
	err   error
	tried bool // the server follows the protocol: it is in order again
}

// outage is why the server is not asked.
type outage struct{ why error }

// How a server that is out of order is left alone: twice as long each time.
const (
	firstPause = 500 * time.Millisecond
	lastPause  = 30 * time.Second
	// maxTroubles in a row, each on a connection that stood, count as an
	// outage: a server that takes calls and answers rubbish.
	maxTroubles = 3
	maxDialling = 8 // at once
	lookAfter   = time.Second
)

func newPool(host string, cfg VoskConfig, dial func(context.Context) (*line, error)) *pool {
	p := &pool{cfg: cfg, host: host, log: cfg.Log, dial: dial, wants: make(chan want), dialed: make(chan dialled), reports: make(chan error), done: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	go p.run()
	return p
}

func (p *pool) close() {
	p.cancel()
	<-p.done
}

// down says why the server is not asked now; nil if it is.
func (p *pool) down() error {
	o := p.state.Load()
	if o == nil {
		return nil
	}
	return fmt.Errorf("the Vosk server %s is out of order: %w", p.host, o.why)
}

var errClosed = errors.New("the recogniser is closed")

// take returns a connection that nobody has used.
func (p *pool) take(ctx context.Context) (*line, error) {
	ctx, cancel := context.WithTimeout(ctx, p.cfg.Connect)
	defer cancel()
	to := make(chan dialled)
	select {
	case p.wants <- want{ctx, to}:
	case <-p.done:
		return nil, errClosed
	case <-ctx.Done():
		return nil, errors.New("no connection in time")
	}
	select {
	case d := <-to:
		return d.line, d.err
	case <-p.done:
		return nil, errClosed
	case <-ctx.Done():
		return nil, errors.New("no connection in time")
	}
}

// report tells how an utterance went.
func (p *pool) report(err error) {
	select {
	case p.reports <- err:
	case <-p.done:
	}
}

// keeper is what the pool's goroutine knows.
type keeper struct {
	*pool
	idle     []*line
	waiting  []want
	dialling int
	pause    time.Duration // the last one; 0 since an utterance went well
	retry    time.Time     // nobody dials before
	troubles int           // utterances that failed, in a row
	dials    sync.WaitGroup
}

func (p *pool) run() {
	defer close(p.done)
	k := &keeper{pool: p}
	tick := time.NewTicker(min(lookAfter, p.cfg.Idle/2))
	defer tick.Stop()
	for {
		k.fill(time.Now())
		var due <-chan time.Time
		if p.state.Load() != nil && k.dialling == 0 {
			due = time.After(time.Until(k.retry))
		}
		select {
		case w := <-p.wants:
			k.want(w)
		case d := <-p.dialed:
			k.dialling--
			k.dialled(d, time.Now())
		case err := <-p.reports:
			k.judge(err, time.Now())
		case now := <-tick.C:
			k.sweep(now)
		case <-due:
		case <-p.ctx.Done():
			k.end()
			return
		}
	}
}

// fill dials as many connections as are missing. While the server is out of
// order one connection tries it out, and is used for that alone.
func (k *keeper) fill(now time.Time) {
	down := k.state.Load() != nil
	missing := min(len(k.waiting)+k.cfg.Spare-len(k.idle), maxDialling) - k.dialling
	if down {
		missing = 1 - k.dialling
	}
	for ; missing > 0 && !now.Before(k.retry); missing-- {
		k.dialling++
		k.dials.Go(func() { k.connect(down) })
	}
}

// connect dials, beside the pool's goroutine.
func (p *pool) connect(try bool) {
	ctx, cancel := context.WithTimeout(p.ctx, p.cfg.Connect+p.cfg.Reply)
	defer cancel()
	var d dialled
	if try {
		d.err = p.probe(ctx)
		d.tried = true
	} else {
		d.line, d.err = p.open(ctx)
	}
	select {
	case p.dialed <- d:
	case <-p.ctx.Done():
		if d.line != nil {
			d.line.close()
		}
	}
}

// open dials within the time that a connection may take.
func (p *pool) open(ctx context.Context) (*line, error) {
	ctx, cancel := context.WithTimeout(ctx, p.cfg.Connect)
	defer cancel()
	return p.dial(ctx)
}

// probe makes sure that a server follows the protocol.
func (p *pool) probe(ctx context.Context) error {
	l, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	return l.probe(ctx)
}

func (k *keeper) want(w want) {
	for len(k.idle) > 0 {
		l := k.idle[len(k.idle)-1]
		k.idle = k.idle[:len(k.idle)-1]
		if !l.fresh() {
			l.close()
			continue
		}
		if !give(w, dialled{line: l}) {
			k.idle = append(k.idle, l)
		}
		return
	}
	if o := k.state.Load(); o != nil {
		give(w, dialled{err: o.why})
		return
	}
	k.waiting = append(k.waiting, w)
}

// give hands over what somebody waits for; false: they have gone.
func give(w want, d dialled) bool {
	select {
	case w.to <- d:
		return true
	case <-w.ctx.Done():
		return false
	}
}

func (k *keeper) dialled(d dialled, now time.Time) {
	if d.err != nil {
		k.fail(d.err, now)
		return
	}
	if d.tried {
		k.state.Store(nil)
		k.log.Info("the Vosk server is back", "server", k.host)
		return
	}
	if k.state.Load() != nil { // it was dialled before the outage
		d.line.close()
		return
	}
	for len(k.waiting) > 0 {
		w := k.waiting[0]
		k.waiting = k.waiting[1:]
		if give(w, d) {
			return
		}
	}
	k.idle = append(k.idle, d.line)
}

// judge takes how an utterance went.
func (k *keeper) judge(err error, now time.Time) {
	if err == nil {
		k.troubles, k.pause = 0, 0
		return
	}
	k.troubles++
	if k.troubles >= maxTroubles {
		k.troubles = maxTroubles - 1 // once it is back, one more is enough
		k.fail(err, now)
	}
}

// fail leaves the server alone for a while. It is told once an outage.
func (k *keeper) fail(err error, now time.Time) {
	if k.ctx.Err() != nil {
		return
	}
	k.pause = min(max(2*k.pause, firstPause), lastPause)
	k.retry = now.Add(k.pause/2 + rand.N(k.pause/2+1))
	if k.state.Swap(&outage{err}) == nil {
		k.log.Warn("the Vosk server is out of order; people are heard without it until it is back", "server", k.host, "error", err)
	}
	for _, w := range k.waiting {
		give(w, dialled{err: err})
	}
	k.waiting = nil
	k.hangUpIdle()
}

func (k *keeper) hangUpIdle() {
	for _, l := range k.idle {
		l.close()
	}
	k.idle = nil
}

// sweep replaces connections that have gone, or that nobody used for long.
func (k *keeper) sweep(now time.Time) {
	kept := k.idle[:0]
	for _, l := range k.idle {
		if l.fresh() && now.Sub(l.born) < k.cfg.Idle {
			kept = append(kept, l)
		} else {
			l.close()
		}
	}
	clear(k.idle[len(kept):])
	k.idle = kept
	k.waiting = slices.DeleteFunc(k.waiting, func(w want) bool { return w.ctx.Err() != nil })
}

func (k *keeper) end() {
	k.dials.Wait()
	k.hangUpIdle()
}
