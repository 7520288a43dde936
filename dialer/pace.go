package dialer

import "time"

// pace lets at most cps calls a second through, evenly spaced, with a burst of
// max(1, cps/10) so that a wake-up each 100 ms keeps up with any rate: calls
// decided together share one flush of the disk, and the trunk's own gate spaces
// their INVITEs again. It is the generic cell rate algorithm (ITU-T I.371): one
// moment is its whole state.
type pace struct {
	interval time.Duration // between calls; 0: no limit
	burst    int
	full     time.Time // when the bucket is full again
}

func newPace(cps float64) pace {
	if !(cps > 0) || cps > 1e6 {
		return pace{burst: 1}
	}
	return pace{interval: time.Duration(float64(time.Second) / cps), burst: max(1, int(cps/10))}
}

// slack is how much of the interval the burst forgives.
func (p *pace) slack() time.Duration { return time.Duration(p.burst-1) * p.interval }

// unlimited is the count of tokens where there is no limit.
const unlimited = 1 << 20

// tokens returns how many calls may leave now.
func (p *pace) tokens(now time.Time) int {
	if p.interval == 0 {
		return unlimited
	}
	lag := p.full.Sub(now)
	if lag <= 0 {
		return p.burst
	}
	if lag > p.slack() {
		return 0
	}
	return int((p.slack()-lag)/p.interval) + 1
}

// ready returns when it is worth a turn: the bucket is nearly full. A wake-up at
// the very moment would come a little late, and what drips into a full bucket is
// lost.
func (p *pace) ready() time.Time { return p.full.Add(-p.slack() / 8) }

// take uses up one token.
func (p *pace) take(now time.Time) { p.full = p.taken(now) }

func (p *pace) taken(now time.Time) time.Time {
	if now.After(p.full) {
		return now.Add(p.interval)
	}
	return p.full.Add(p.interval)
}

// spare reports whether a call that leaves now still leaves a token for promise.
func (p *pace) spare(now, promise time.Time) bool {
	if p.interval == 0 || promise.IsZero() || !promise.After(now) {
		return true
	}
	return !p.taken(now).Add(-p.slack()).After(promise)
}

// limit changes the rate without granting a fresh burst.
func (p *pace) limit(cps float64) {
	full := p.full
	*p = newPace(cps)
	p.full = full
}
