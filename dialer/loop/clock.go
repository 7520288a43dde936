package loop

import (
	"context"
	"sync/atomic"
	"time"
)

// Clock is the time of the campaigns. The loop gives it to the engine and
// stores it; callers stamp their events with its Now, so that a clock that
// jumps leaves one consistent story behind.
type Clock interface {
	Now() time.Time
	// Wait returns when until has come (zero: never), when wake has something
	// to receive (which it may take), or when ctx is done.
	Wait(ctx context.Context, until time.Time, wake <-chan struct{})
}

// Jumper is a clock that can be set forward; FastForward needs one.
type Jumper interface {
	Clock
	// Jump makes Now at least to; it never goes back.
	Jump(to time.Time)
}

// WallClock is the machine's clock plus an offset that Jump enlarges. Its zero
// value shows the true time. It may be read from any goroutine.
type WallClock struct{ offset atomic.Int64 }

// Now returns the campaign time.
func (c *WallClock) Now() time.Time {
	return time.Now().Add(time.Duration(c.offset.Load()))
}

// Jump sets the clock forward to that moment; an earlier one changes nothing.
func (c *WallClock) Jump(to time.Time) {
	if d := to.Sub(c.Now()); d > 0 {
		c.offset.Add(int64(d))
	}
}

// Wait waits in real time, on the campaign clock.
func (c *WallClock) Wait(ctx context.Context, until time.Time, wake <-chan struct{}) {
	var due <-chan time.Time
	if !until.IsZero() {
		t := time.NewTimer(until.Sub(c.Now()))
		defer t.Stop()
		due = t.C
	}
	select {
	case <-wake:
	case <-due:
	case <-ctx.Done():
	}
}
