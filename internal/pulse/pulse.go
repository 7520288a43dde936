// Package pulse tells how much of its time the machine kept from a test. Tests
// of punctual things, such as sound, hold their bars to what the machine
// delivered in the same run: tight on a quiet one, and not met by chance on a
// busy one. It knows nothing of what is tested.
package pulse

import (
	"sync"
	"testing"
	"time"
)

const (
	beat   = 5 * time.Millisecond
	prompt = 5 * time.Millisecond // later than that a beat counts as kept waiting
)

// Quiet is the share of time below which a machine counts as quiet.
const Quiet = 0.02

// Pulse beats from Watch on to the end of the test.
type Pulse struct {
	mu     sync.Mutex
	begun  time.Time
	waited time.Duration
}

// Watch begins to measure.
func Watch(t testing.TB) *Pulse {
	p := &Pulse{begun: time.Now()}
	end, over := make(chan struct{}), make(chan struct{})
	go p.run(end, over)
	t.Cleanup(func() { close(end); <-over })
	return p
}

func (p *Pulse) run(end, over chan struct{}) {
	defer close(over)
	timer := time.NewTimer(beat)
	defer timer.Stop()
	for due := time.Now().Add(beat); ; due = time.Now().Add(beat) {
		select {
		case <-end:
			return
		case <-timer.C:
		}
		if late := time.Since(due); late > prompt {
			p.mu.Lock()
			p.waited += late
			p.mu.Unlock()
		}
		timer.Reset(beat)
	}
}

// Stalled is the share of the time so far for which a beat waited for a
// processor: 0 on a quiet machine.
func (p *Pulse) Stalled() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return float64(p.waited) / float64(max(time.Since(p.begun), time.Millisecond))
}

// Bar returns tight for a quiet machine, and what lies so much nearer to loose
// as the machine was stalled; from half of the time on it is loose.
func (p *Pulse) Bar(tight, loose float64) float64 {
	stalled := p.Stalled()
	if stalled < Quiet {
		return tight
	}
	return tight + (loose-tight)*min(1, 0.3+1.4*stalled)
}
