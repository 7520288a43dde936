package dialer

import "time"

// Attempt ids are asked for in blocks, before they run out.
const (
	idBlock = 1024
	idLow   = idBlock / 2
)

// Engine makes every dialling decision: one for all campaigns of a program,
// as they share trunks. It is a pure function with memory: what it does
// depends on the events it was given and on nothing else. One goroutine may
// use it at a time.
type Engine struct {
	now       time.Time
	campaigns map[string]*campaign
	order     []*campaign // as added
	trunks    map[string]*trunk
	trunkList []*trunk // as added
	flights   map[AttemptID]*flight
	leads     map[LeadID]struct{}  // with a call up
	phones    map[string]AttemptID // with a call up
	orphans   map[string]Recovered // open attempts of campaigns that are yet to be added
	barred    map[LeadID]time.Time // leads that the store refused: not considered before
	rounds    map[LeadID]round     // leads on their way from trunk to trunk
	brake     Brake
	ceiling   Ceiling
	tally     tally // calls placed
	nextID    AttemptID
	ids       int // unused ids from nextID on
	reserving bool
	waiting   int    // answers to Fetch that are still to come
	dues      []Due  // answers of this round
	wake      WakeAt // last asked for
	out       []Command
}

// flight is a call that is up.
type flight struct {
	attempt  Attempt
	lead     Lead
	campaign *campaign
	trunk    *trunk
	epoch    int            // of the trunk when the call left
	token    time.Duration  // what the call took of the trunk's pace
	stopped  bool           // we are ending it
	outside  map[int]*trunk // calls for its sake to others than its lead, with the trunk whose line each takes; nil: none of ours
}

// New returns an engine without campaigns and trunks.
func New() *Engine {
	return &Engine{
		campaigns: map[string]*campaign{}, trunks: map[string]*trunk{},
		flights: map[AttemptID]*flight{}, leads: map[LeadID]struct{}{},
		phones: map[string]AttemptID{}, orphans: map[string]Recovered{}, barred: map[LeadID]time.Time{}, rounds: map[LeadID]round{},
	}
}

// Handle takes one event and returns what is to be done, in order. Events that
// are late, repeated or about nothing known change nothing. now never goes
// back; where it does, the engine stays at the latest moment it has seen.
func (e *Engine) Handle(now time.Time, ev Event) []Command {
	e.now, e.out = latest(e.now, now), nil
	e.tally.until(e.now)
	switch ev := ev.(type) {
	case Wake:
		e.each(ev.Campaign, func(c *campaign) { c.outlook.known, c.outlook.sure = false, false })
	case Tick:
		e.wake = WakeAt{}
	case Reserved:
		e.reserved(ev)
	case Due:
		e.due(ev)
	case Progressed:
		e.progressed(ev)
	case Ended:
		e.ended(ev)
	case Refused:
		e.refused(ev)
	case Recovered:
		e.recover(ev)
	case Outside:
		e.outside(ev)
	case OutsideOver:
		e.outsideOver(ev)
	default:
		e.control(ev)
	}
	e.turn()
	return e.out
}

func (e *Engine) do(c Command) { e.out = append(e.out, c) }

// each calls f for the named campaign, or for all.
func (e *Engine) each(name string, f func(*campaign)) {
	if c := e.campaigns[name]; c != nil {
		f(c)
	} else if name == "" {
		for _, c := range e.order {
			f(c)
		}
	}
}

// reserved takes a block of ids. Blocks need not follow one another: what is
// left of the old one is then given up.
func (e *Engine) reserved(r Reserved) {
	e.reserving = false
	if r.N <= 0 || r.First < e.nextID {
		return
	}
	if e.ids > 0 && e.nextID+AttemptID(e.ids) == r.First {
		e.ids += r.N
		return
	}
	e.nextID, e.ids = r.First, r.N
}

// turn decides what to ask for next: ids, due leads, or a wake-up. A round asks
// each campaign once and ends with the last answer, so that promised leads of
// every campaign go before all others.
func (e *Engine) turn() {
	for {
		e.health()
		if e.ask() {
			return
		}
		if !e.finishing() {
			break
		}
	}
	e.sleep()
}

// health ends back-offs, and pauses and resumes the campaigns whose trunks
// went or came back.
func (e *Engine) health() {
	for _, t := range e.trunkList {
		t.rest(e.now)
	}
	for _, c := range e.order {
		up, serving := false, false
		for _, t := range e.trunksOf(c) {
			up = up || t.state == TrunkUp
			serving = serving || t.serving()
		}
		switch {
		case c.state == CampaignRunning && !serving:
			e.move(c, CampaignHeld, PauseTrunk)
		case c.state == CampaignPaused && c.reason == PauseTrunk && up:
			e.move(c, CampaignResumed, PauseNone)
		}
	}
}

// trunksOf returns the trunks a campaign may use, in order of preference.
func (e *Engine) trunksOf(c *campaign) []*trunk {
	if len(c.plan.Trunks) == 0 {
		return e.trunkList
	}
	return c.trunks
}

// Status returns how everything stands; it shares nothing with the engine.
func (e *Engine) Status() Status {
	s := Status{Brake: e.brake}
	if e.ceiling.PerHour > 0 && e.tally.free(e.ceiling.PerHour) == 0 {
		s.Full = e.tally.frees(e.ceiling.PerHour)
	}
	for _, c := range e.order {
		s.Campaigns = append(s.Campaigns, c.status())
	}
	for _, t := range e.trunkList {
		s.Trunks = append(s.Trunks, t.status())
	}
	return s
}
