package dialer

import "time"

// Back-off of a trunk that fails: doubled each time, up to a ceiling.
const (
	firstRest   = 5 * time.Second
	longestRest = 5 * time.Minute
)

// trunk is one way into the network, shared by campaigns.
type trunk struct {
	limits TrunkLimits
	pace   pace
	state  TrunkCondition
	why    TrunkFailure
	up     int       // calls up
	text   string    // what was found, for people
	until  time.Time // down: end of the back-off
	spared time.Time // it asked to be left alone until then
	health bool      // down: a check found it so, and will find it up again
	rests  int       // back-offs in a row
	// epoch changes whenever the state does: of a hundred calls that fail at
	// once the first takes the trunk down, and the rest say nothing new.
	epoch  int
	probe  bool      // probing: the one call has left
	pledge time.Time // the next promised call that may need it; zero: none
}

func newTrunk(l TrunkLimits) *trunk {
	t := &trunk{state: TrunkUp, pace: newPace(l.CPS)}
	t.limit(l)
	return t
}

func (t *trunk) limit(l TrunkLimits) {
	l.Lines = max(l.Lines, 1)
	if l.CPS != t.limits.CPS {
		t.pace.limit(l.CPS)
	}
	t.limits = l
}

// on applies an event and reports whether the condition changed.
func (t *trunk) on(e TrunkEvent) bool {
	next, ok := t.state.On(e)
	if !ok || next == t.state {
		return false
	}
	t.state, t.probe, t.until, t.health = next, false, time.Time{}, false
	t.epoch++
	if next == TrunkUp {
		t.why, t.text, t.rests = TrunkOK, "", 0
	}
	return true
}

// fail takes the trunk down for what a call found.
func (t *trunk) fail(now time.Time, why TrunkFailure) {
	if why == TrunkRejected {
		t.on(TrunkRefusing)
	} else if t.on(TrunkFailing) {
		t.until = now.Add(min(firstRest<<min(t.rests, 10), longestRest))
		t.rests++
	}
	t.why = why
}

// heed leaves a trunk that is down alone for as long as it asks (RFC 3261
// section 20.33), within reason. One that was put back since is left as it is.
func (t *trunk) heed(now time.Time, d time.Duration) {
	if d > 0 && t.state == TrunkDown {
		t.spared = latest(t.spared, now.Add(min(d, longestSpare)))
		t.until = latest(t.until, t.spared)
	}
}

// watch takes over what a check found. A trunk that it takes down comes back by
// the check; should the check fall silent, one call tries the trunk in the end.
func (t *trunk) watch(now time.Time, ev TrunkState) {
	if !ev.Up {
		t.on(TrunkFailing)
		if t.state == TrunkDown {
			t.why, t.text, t.health = ev.Why, ev.Text, true
			t.until = latest(t.until, now.Add(longestRest))
		}
		return
	}
	switch {
	case t.state != TrunkDown:
	case t.spared.After(now):
		t.until, t.health = t.spared, false
	case t.health:
		t.on(TrunkToldUp)
	case t.why == TrunkUnreachable:
		t.on(TrunkRested)
	}
}

// rest ends a back-off whose time has come.
func (t *trunk) rest(now time.Time) {
	if t.state == TrunkDown && !t.until.After(now) {
		t.on(TrunkRested)
	}
}

// serving reports whether the trunk takes calls, be it one on probation.
func (t *trunk) serving() bool { return t.state == TrunkUp || t.state == TrunkProbing }

// lines returns how many calls it could carry besides those up.
func (t *trunk) lines() int {
	switch {
	case t.state == TrunkUp:
		return max(t.limits.Lines-t.up, 0)
	case t.state == TrunkProbing && !t.probe && t.up < t.limits.Lines:
		return 1
	}
	return 0
}

// room returns how many calls may leave through it now.
func (t *trunk) room(now time.Time, promised bool) int {
	n := min(t.lines(), t.pace.tokens(now))
	if n > 0 && !promised && !t.pace.spare(now, t.pledge) {
		return 0
	}
	return n
}

func (t *trunk) take(now time.Time) {
	t.pace.take(now)
	t.up++
	t.probe = t.state == TrunkProbing
}

// ready returns when it could take a call if a line stays free: the moment its
// tokens are back, or the promised moment for which it is held.
func (t *trunk) ready(now time.Time, promised bool) time.Time {
	if t.lines() == 0 {
		return time.Time{}
	}
	if t.pace.tokens(now) == 0 {
		return t.pace.ready()
	}
	if !promised && !t.pace.spare(now, t.pledge) {
		return t.pledge
	}
	return now
}

func (t *trunk) status() TrunkStatus {
	return TrunkStatus{TrunkLimits: t.limits, State: t.state, Why: t.why, Text: t.text, Up: t.up, Until: t.until}
}
