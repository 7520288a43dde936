package dialer

import (
	"slices"
	"time"
)

// How many leads to look through at once while many of them turn out to be
// outside their hours: one transaction for many pushes.
const (
	firstScan = 100
	widerScan = 1000
)

// phonePause is how long a lead waits whose phone is in another call of ours.
const phonePause = time.Minute

// ask requests due leads for every campaign that could place calls now, and
// reports whether answers are to come.
func (e *Engine) ask() bool {
	e.pledge()
	for _, c := range e.order {
		if !c.calling() || c.outlook.asked || c.outlook.heard {
			continue
		}
		e.replenish()
		room := e.room(c)
		if (room == 0 || !c.pending(e.now)) && (!c.over() && !c.idle() || c.outlook.sure) {
			continue
		}
		c.outlook.asked = true
		e.waiting++
		e.do(Fetch{Campaign: c.plan.Name, Limit: max(room, c.outlook.scan, 1)})
	}
	return e.waiting > 0
}

// replenish asks for further attempt ids in good time.
func (e *Engine) replenish() {
	if e.ids < idLow && !e.reserving {
		e.reserving = true
		e.do(Reserve{N: idBlock})
	}
}

// pending reports whether leads may be due now.
func (c *campaign) pending(now time.Time) bool {
	o := &c.outlook
	return !o.known || !o.next.IsZero() && !o.next.After(now)
}

// idle reports whether a campaign that runs has no call up. If leads have moved
// since the store last counted them, it may have ended more of them than the
// engine knows (a number that joined the do-not-call list during its call), so
// that the campaign may be over.
func (c *campaign) idle() bool {
	return c.outlook.counted && c.state == CampaignRunning && c.up == 0 && !c.plan.Resident
}

// over reports whether the campaign seems to be over; the store has the last word.
func (c *campaign) over() bool {
	return c.outlook.counted && c.outlook.open <= 0 && c.up == 0 && !c.plan.Resident
}

// overdue reports whether a promised lead may be due now.
func (c *campaign) overdue(now time.Time) bool {
	return !c.outlook.promise.IsZero() && !c.outlook.promise.After(now)
}

// pledge tells each trunk the next promised moment of the campaigns on it.
func (e *Engine) pledge() {
	for _, t := range e.trunkList {
		t.pledge = time.Time{}
	}
	for _, c := range e.order {
		if !c.calling() || !c.outlook.promise.After(e.now) {
			continue
		}
		for _, t := range e.trunksOf(c) {
			t.pledge = earliest(t.pledge, c.outlook.promise)
		}
	}
}

// room returns how many calls of a campaign could leave now.
func (e *Engine) room(c *campaign) int {
	n := 0
	for _, t := range e.trunksOf(c) {
		n += t.room(e.now, c.overdue(e.now))
	}
	return min(n, c.lines(), c.stall.room(e.now), e.spare(), e.ids, unlimited)
}

// lines returns how many calls the campaign may have up besides those it has.
func (c *campaign) lines() int {
	if c.plan.Lines <= 0 {
		return unlimited
	}
	return max(c.plan.Lines-c.up, 0)
}

// due takes one answer; the last one of the round starts the placing.
func (e *Engine) due(d Due) {
	c := e.campaigns[d.Campaign]
	if c == nil || !c.outlook.asked {
		return
	}
	c.outlook.asked, c.outlook.heard = false, true
	e.dues = append(e.dues, d)
	e.waiting--
	if e.waiting > 0 {
		return // a promised lead may still come from another campaign
	}
	dues := e.dues
	e.dues = nil
	for _, d := range dues {
		e.campaigns[d.Campaign].learn(d)
	}
	e.pledge()
	first, others := line(dues)
	for _, l := range first {
		e.consider(e.campaigns[l.Campaign], l)
	}
	if slices.ContainsFunc(dues, morePromised) {
		// Some of the promised leads seen may have been put off, and others are
		// yet to be seen: the next round brings them.
		for _, l := range others {
			e.campaigns[l.Campaign].outlook.left = true
		}
		others = nil
	}
	for _, l := range others {
		e.consider(e.campaigns[l.Campaign], l)
	}
	for _, d := range dues {
		e.campaigns[d.Campaign].settle(e.now, d)
	}
}

// morePromised reports whether the store holds promised leads beyond an answer.
func morePromised(d Due) bool {
	return d.More && len(d.Leads) > 0 && d.Leads[len(d.Leads)-1].Promised
}

// line brings the leads of a round into the order in which they are served:
// promised ones of all campaigns by their moment, then the others, one of each
// campaign in turn.
func line(dues []Due) (first, others []Lead) {
	longest := 0
	for _, d := range dues {
		longest = max(longest, len(d.Leads))
	}
	for i := range longest {
		for _, d := range dues {
			if i >= len(d.Leads) {
				continue
			}
			l := d.Leads[i]
			l.Campaign = d.Campaign
			if l.Promised {
				first = append(first, l)
			} else {
				others = append(others, l)
			}
		}
	}
	slices.SortStableFunc(first, func(a, b Lead) int { return a.NextAt.Compare(b.NextAt) })
	return first, others
}

// learn takes over what an answer says of the leads it does not hold.
func (c *campaign) learn(d Due) {
	o := &c.outlook
	o.heard, o.left, o.stirred = false, false, false
	o.open, o.counted, o.sure = d.Open, true, true
	o.next, o.promise = d.Next, d.NextPromised
	if morePromised(d) { // they are due as well
		o.promise = earliest(o.promise, d.Leads[len(d.Leads)-1].NextAt)
	}
}

// settle concludes a campaign's round once its leads have been considered.
func (c *campaign) settle(now time.Time, d Due) {
	o := &c.outlook
	o.known = !d.More && !o.left
	switch {
	case !d.More:
		o.scan = 0
	case o.scan > 0:
		o.scan = widerScan
	}
	if !o.known && !o.left && !o.stirred {
		// The store offers only leads that are not due: look again later
		// rather than for ever.
		o.known, o.next = true, earliest(o.next, now.Add(time.Second))
	}
}

// consider places a due lead, puts it off, or leaves it for lack of a line.
func (e *Engine) consider(c *campaign, l Lead) {
	o := &c.outlook
	if !c.calling() || l.NextAt.After(e.now) {
		return
	}
	if _, ok := l.State.On(LeadPlaced); !ok {
		return
	}
	if _, up := e.leads[l.ID]; up || e.refusedLately(o, l.ID) {
		return
	}
	if !e.ceiling.Allowed(l.Phone) {
		e.forbid(c, l)
		return
	}
	if at := c.plan.allowed(&l, e.now); !at.Equal(e.now) {
		o.scan = max(o.scan, firstScan)
		e.postpone(c, l, at)
		return
	}
	if _, up := e.phones[l.Phone]; up {
		e.postpone(c, l, e.now.Add(phonePause))
		return
	}
	t, busy := e.pick(c, &l)
	if busy {
		e.postpone(c, l, e.now.Add(roundPause))
		return
	}
	if t == nil {
		o.left = true
		if l.Promised {
			o.promise = earliest(o.promise, l.NextAt)
		}
		return
	}
	o.stirred = true
	e.dial(c, t, l)
}

// postpone puts a due lead off; never (the zero time) becomes a look once a day.
func (e *Engine) postpone(c *campaign, l Lead, at time.Time) {
	if at.IsZero() {
		at = e.now.Add(24 * time.Hour)
	}
	l.State, _ = l.State.On(LeadPostponed)
	l.NextAt = at
	c.outlook.stirred = true
	c.outlook.expect(l)
	e.do(Save{Lead: l})
}

// expect takes note of a lead that will be due.
func (o *outlook) expect(l Lead) {
	if l.NextAt.IsZero() { // due at any time
		o.known = false
		return
	}
	o.next = earliest(o.next, l.NextAt)
	if l.Promised {
		o.promise = earliest(o.promise, l.NextAt)
	}
}

// pick returns the first trunk that can take a call to the lead now; none if
// all are busy. busy alone is told of a lead whose other trunks have failed it
// while they have lines to spare for others.
func (e *Engine) pick(c *campaign, l *Lead) (_ *trunk, busy bool) {
	if min(c.lines(), c.stall.room(e.now), e.spare(), e.ids) == 0 {
		return nil, false
	}
	tried := e.tried(c, l.ID)
	for _, t := range e.trunksOf(c) {
		if t.room(e.now, l.Promised) == 0 {
			continue
		}
		if !slices.Contains(tried, t) {
			return t, false
		}
		busy = true
	}
	return nil, busy
}

// dial places a call.
func (e *Engine) dial(c *campaign, t *trunk, l Lead) {
	l.State, _ = l.State.On(LeadPlaced)
	l.Progress.Tries = max(l.Progress.Tries, l.Attempts) + 1
	a := Attempt{
		ID: e.nextID, Lead: l.ID, Campaign: c.plan.Name, Phone: l.Phone, Number: l.Progress.Tries,
		Trunk: t.limits.Name, State: AttemptPlaced, Placed: e.now,
	}
	e.nextID++
	e.ids--
	t.take(e.now)
	e.tally.count(e.now, 1)
	c.stall.probe = c.stall.row >= stallAfter
	c.up++
	c.counts.placed++
	e.flights[a.ID] = &flight{attempt: a, lead: l, campaign: c, trunk: t, epoch: t.epoch, token: t.pace.interval}
	e.leads[l.ID] = struct{}{}
	e.phones[l.Phone] = a.ID
	e.do(Place{Attempt: a, Lead: l})
}

// finishing finishes the campaigns that have no lead left, and reports whether
// that changed anything.
func (e *Engine) finishing() bool {
	changed := false
	for _, c := range e.order {
		if c.calling() && c.over() && c.outlook.sure {
			e.move(c, CampaignExhausted, PauseNone)
			changed = true
		}
	}
	return changed
}
