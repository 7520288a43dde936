package app

import (
	"context"
	"fmt"
	"time"

	"dozvon/dialer"
	"dozvon/media"
)

// When new calls stop because packets leave late, and when they go on. Voice
// suffers only from what a receiver's buffer does not hold, tens of
// milliseconds late; a share of packets that is 5 ms late says before that
// that a wheel has no processor to spare.
const (
	brakeAbove = 0.01            // ten times what is allowed (docs/performance.md)
	brakeAfter = 2 * time.Second // a backup that begins or a collection is over sooner
	freeBelow  = 0.001           // what is allowed
	freeAfter  = 5 * time.Second // longer than it takes to brake: the limit is not run against over and over
	brakeEvery = time.Second
	brakeCalls = 20 // with fewer up, packets that leave late are not for want of room for calls
)

// brake decides whether new calls may be placed. It reads no clock.
type brake struct {
	on   bool
	bad  time.Duration // for how long too many packets have been late
	good time.Duration // for how long next to none have
}

// see takes the share of packets that were late during d and reports whether
// the brake has changed.
func (b *brake) see(d time.Duration, late float64) (changed bool) {
	b.bad, b.good = b.bad+d, b.good+d
	if late <= brakeAbove {
		b.bad = 0
	}
	if late >= freeBelow {
		b.good = 0
	}
	was := b.on
	b.on = b.bad >= brakeAfter || b.on && b.good < freeAfter
	return b.on != was
}

// brakeman looks at the wheels and tells the loop.
type brakeman struct {
	media *media.Engine
	post  func(dialer.Event)
	tell  func(late float64, on bool) // metrics; nil: nobody
	warn  func(msg string, args ...any)

	brake brake
	last  []media.WheelStats
}

// look judges what has happened since the last look, d ago.
func (m *brakeman) look(d time.Duration) {
	now := m.media.Wheels()
	late := media.LateShare(m.last, now)
	m.last = now
	up := 0
	for _, w := range now {
		up += w.Sessions
	}
	counts := late
	if up < brakeCalls {
		counts = 0
	}
	if m.brake.see(d, counts) {
		ev := dialer.Brake{On: m.brake.on}
		if ev.On {
			ev.Why = fmt.Sprintf("%.1f %% of the voice packets leave more than %s late: the machine carries no more calls now", 100*late, media.LateAfter)
			m.warn("alert: no new calls until voice packets leave in time again", "late_percent", 100*late, "remedy", "fewer lines, or a machine with more processors")
		} else {
			m.warn("new calls are placed again: voice packets leave in time")
		}
		m.post(ev)
	}
	if m.tell != nil {
		m.tell(late, m.brake.on)
	}
}

// guardVoice keeps the brake until ctx ends. A process that is not for its
// calls alone has none: its packets leave late for other reasons.
func (s *station) guardVoice(ctx context.Context, tell func(late float64, on bool)) {
	m := &brakeman{media: s.media, post: s.loop.Post, tell: tell, warn: s.log.Warn, last: s.media.Wheels()}
	if !s.ownThreads {
		m.post, m.warn = func(dialer.Event) {}, func(string, ...any) {}
	}
	t := time.NewTicker(brakeEvery)
	defer t.Stop()
	for last := time.Now(); ; {
		select {
		case now := <-t.C:
			m.look(now.Sub(last))
			last = now
		case <-ctx.Done():
			return
		}
	}
}
