package dialer

import (
	"maps"
	"slices"
	"time"
)

// campaign is a campaign inside the engine.
type campaign struct {
	plan    Campaign // its Policy taken under its Window
	trunks  []*trunk // those of plan.Trunks that exist, in order
	state   CampaignState
	reason  PauseReason
	counts  counts
	sample  abandonment
	up      int // calls up
	outlook outlook
	stall   stall
}

// outlook is what a campaign knows of its leads from the store's last answer.
type outlook struct {
	known   bool      // nothing is due before next
	next    time.Time // zero: nothing will be due by itself
	promise time.Time // earliest promised moment yet to be met; zero: none known
	open    int       // leads that are not final, if counted
	counted bool
	sure    bool // open is what the store said, and no lead has ended since
	asked   bool // a Fetch is out
	heard   bool // this round: its answer has come
	scan    int  // leads to look through at once, while many can't be called now
	left    bool // this round: a due lead found no line
	stirred bool // this round: some lead was placed or put off
}

// counts are the totals of a campaign since the engine started.
type counts struct {
	placed       int
	lists        map[string]int
	dispositions map[Disposition]int
}

// abandonment are the calls by which AbandonCap is judged.
type abandonment struct {
	since              time.Time
	persons, abandoned int
}

const (
	// abandonPeriod is how long calls are judged together: the TSR's safe harbour
	// (16 CFR 310.4(b)(4)(i)) takes a campaign of up to 30 days as a whole, and
	// each successive period of 30 days of a longer one.
	abandonPeriod = 30 * 24 * time.Hour
	// abandonSample is the least number of answered calls by which a rate is
	// judged. The law names none; of fewer calls, a few that found no operator
	// say nothing of a rate over weeks. A campaign pauses sooner only if it
	// would be above its cap even were all calls up to this number taken.
	abandonSample = 100
)

// add takes an answered call into the sample of its period.
func (a *abandonment) add(now time.Time, abandoned bool) {
	if a.since.IsZero() || now.Sub(a.since) >= abandonPeriod {
		*a = abandonment{since: now}
	}
	a.persons++
	if abandoned {
		a.abandoned++
	}
}

// exceeds reports whether the rate is above the cap.
func (a abandonment) exceeds(rate float64) bool {
	return rate > 0 && float64(a.abandoned) > rate*float64(max(a.persons, abandonSample))
}

func (c *campaign) status() CampaignStatus {
	s := CampaignStatus{
		Name: c.plan.Name, State: c.state, Reason: c.reason, Resident: c.plan.Resident, Up: c.up,
		Placed: c.counts.placed, Open: c.outlook.open,
		Persons: c.counts.dispositions[Answered] + c.counts.dispositions[Abandoned], Abandoned: c.counts.dispositions[Abandoned],
		Lists: maps.Clone(c.counts.lists), Dispositions: maps.Clone(c.counts.dispositions),
		Next: c.outlook.next,
	}
	if c.stall.row >= stallAfter {
		s.Stalled, s.StalledWhy = c.stall.until, c.stall.why
	}
	return s
}

// calling reports whether the campaign may place calls: it runs, or its trunks
// are down and one of them may be probed.
func (c *campaign) calling() bool {
	return c.state == CampaignRunning || c.state == CampaignPaused && c.reason == PauseTrunk
}

// control handles the events that people and health checks cause.
func (e *Engine) control(ev Event) {
	switch ev := ev.(type) {
	case AddCampaign:
		e.add(ev.Campaign)
	case SetTrunk:
		e.setTrunk(ev.Trunk)
	case TrunkState:
		e.tellTrunk(ev)
	case Brake:
		e.setBrake(ev)
	case SetCeiling:
		e.setCeiling(ev)
	case Pause:
		e.each(ev.Campaign, func(c *campaign) { e.move(c, CampaignHeld, ev.Reason) })
	case Resume:
		e.each(ev.Campaign, e.resume)
	case Drain:
		e.each(ev.Campaign, e.drain)
	case Stop:
		e.each(ev.Campaign, e.stop)
	}
}

func (e *Engine) add(plan Campaign) {
	c := e.campaigns[plan.Name]
	if c == nil {
		c = &campaign{state: CampaignDraft, counts: counts{lists: map[string]int{}, dispositions: map[Disposition]int{}}}
		e.campaigns[plan.Name] = c
		e.order = append(e.order, c)
	}
	plan.Policy = plan.Policy.under(plan.Window)
	plan.Trunks = slices.Clone(plan.Trunks)
	plan.Ceiling = e.ceiling
	c.plan = plan
	c.outlook.known, c.outlook.counted, c.outlook.sure = false, false, false
	e.wire(c)
	if c.state != CampaignPaused {
		e.move(c, CampaignStarted, PauseNone)
	}
	if rec, ok := e.orphans[plan.Name]; ok {
		delete(e.orphans, plan.Name)
		e.recover(rec)
	}
	never := c.plan.allowed(&Lead{}, e.now).IsZero()
	switch {
	case never:
		e.move(c, CampaignHeld, PauseWindow)
	case c.reason == PauseWindow: // the new plan opens
		e.move(c, CampaignResumed, PauseNone)
	}
}

// wire finds the campaign's trunks.
func (e *Engine) wire(c *campaign) {
	c.trunks = c.trunks[:0]
	for _, name := range c.plan.Trunks {
		if t := e.trunks[name]; t != nil && !slices.Contains(c.trunks, t) {
			c.trunks = append(c.trunks, t)
		}
	}
}

func (e *Engine) setTrunk(l TrunkLimits) {
	if t := e.trunks[l.Name]; t != nil {
		t.limit(l)
		return
	}
	t := newTrunk(l)
	e.trunks[l.Name] = t
	e.trunkList = append(e.trunkList, t)
	for _, c := range e.order {
		e.wire(c)
	}
}

func (e *Engine) tellTrunk(ev TrunkState) {
	t := e.trunks[ev.Trunk]
	if t == nil {
		return
	}
	switch {
	case ev.Health:
		t.watch(e.now, ev)
	case ev.Up:
		t.on(TrunkToldUp)
	default:
		t.on(TrunkToldDown)
		t.why, t.text = ev.Why, ev.Text
	}
}

// resume undoes a pause. An abandon rate is judged anew from there on; a
// campaign without a trunk pauses again at once.
func (e *Engine) resume(c *campaign) {
	if c.reason == PauseWindow && c.plan.allowed(&Lead{}, e.now).IsZero() {
		return
	}
	c.sample = abandonment{}
	c.outlook.known, c.outlook.sure = false, false
	e.move(c, CampaignResumed, PauseNone)
}

func (e *Engine) drain(c *campaign) {
	e.move(c, CampaignDrained, PauseNone)
	e.quiet(c)
}

func (e *Engine) stop(c *campaign) {
	e.move(c, CampaignDrained, PauseNone)
	for _, id := range slices.Sorted(maps.Keys(e.flights)) {
		if f := e.flights[id]; f.campaign == c && !f.stopped {
			f.stopped = true
			e.do(HangUp{Attempt: id, Why: "the campaign was stopped"})
		}
	}
	e.quiet(c)
}

// quiet finishes a campaign that drains once its last call is over.
func (e *Engine) quiet(c *campaign) {
	if c.state == CampaignDraining && c.up == 0 {
		e.move(c, CampaignQuiet, PauseNone)
	}
}

// move applies an event to a campaign and records what changed.
func (e *Engine) move(c *campaign, ev CampaignEvent, reason PauseReason) {
	next, ok := c.state.On(ev)
	if !ok {
		return
	}
	if next != CampaignPaused {
		reason = PauseNone
	}
	if next == c.state && reason == c.reason {
		return
	}
	c.state, c.reason = next, reason
	change := CampaignChanged{Campaign: c.plan.Name, State: next, Reason: reason}
	if ev == CampaignExhausted || ev == CampaignQuiet && c.over() {
		change.Notices = []Notice{{Type: NoticeCampaignFinished}}
	}
	e.do(change)
}
