package phonesim

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dozvon/dialer"
)

// Sent is an effect that left because of a call.
type Sent struct {
	Lead   dialer.LeadID
	Effect dialer.Effect
}

// Told is a notice that left because of a call; Lead is zero for a campaign's own.
type Told struct {
	Lead   dialer.LeadID
	Notice dialer.Notice
}

// Ledger is a dialer.Ledger in memory for simulations and tests. It is strict:
// an attempt id used twice, a lead placed while it is dialing or final, and an
// attempt that ends twice are errors. One goroutine may use it at a time.
type Ledger struct {
	Attempts map[dialer.AttemptID]dialer.Attempt
	Sent     []Sent
	Told     []Told
	States   map[string]dialer.CampaignChanged // by campaign, as last recorded

	leads  map[dialer.LeadID]*record
	bases  map[string]*base
	phones map[string][]time.Time // starts of answered calls, newest first
	called map[string][]time.Time // starts of calls that may have rung, newest first
	nextID dialer.AttemptID
}

// record is a lead with the version that its entries in the heaps must show.
type record struct {
	lead    dialer.Lead
	version int
}

// base is the leads of one campaign, sorted by what is due when.
type base struct {
	open     int
	future   heap[entry] // by moment
	due      heap[entry] // promised first, then by moment
	promises heap[entry] // promised ones by moment
}

// entry is a lead in a heap as it stood when it was entered; it is void once
// the lead has changed.
type entry struct {
	at       time.Time
	id       dialer.LeadID
	promised bool
	rec      *record
	version  int
}

func (e *entry) void() bool { return e.version != e.rec.version }

// NewLedger returns a ledger with these leads.
func NewLedger(leads ...dialer.Lead) *Ledger {
	g := &Ledger{
		Attempts: map[dialer.AttemptID]dialer.Attempt{}, States: map[string]dialer.CampaignChanged{},
		leads: map[dialer.LeadID]*record{}, bases: map[string]*base{},
		phones: map[string][]time.Time{}, called: map[string][]time.Time{}, nextID: 1,
	}
	for _, l := range leads {
		g.Add(l)
	}
	return g
}

// Add enters a lead, ready if it has no state. An id that is known is refused.
func (g *Ledger) Add(l dialer.Lead) bool {
	if g.leads[l.ID] != nil {
		return false
	}
	if l.State == "" {
		l.State = dialer.LeadReady
	}
	rec := &record{lead: l}
	g.leads[l.ID] = rec
	if !l.State.Final() {
		g.base(l.Campaign).open++
	}
	g.index(rec)
	return true
}

// Lead returns a lead as it stands.
func (g *Ledger) Lead(id dialer.LeadID) dialer.Lead {
	if rec := g.leads[id]; rec != nil {
		return rec.lead
	}
	return dialer.Lead{}
}

// Leads returns every lead by id.
func (g *Ledger) Leads() []dialer.Lead {
	all := make([]dialer.Lead, 0, len(g.leads))
	for _, rec := range g.leads {
		all = append(all, rec.lead)
	}
	slices.SortFunc(all, func(a, b dialer.Lead) int { return int(a.ID - b.ID) })
	return all
}

// Lists counts a campaign's leads by the list they ended on.
func (g *Ledger) Lists(campaign string) map[string]int {
	n := map[string]int{}
	for _, rec := range g.leads {
		if rec.lead.Campaign == campaign && rec.lead.State == dialer.LeadDone {
			n[rec.lead.List]++
		}
	}
	return n
}

// Calls returns the attempts of a lead in order.
func (g *Ledger) Calls(lead dialer.LeadID) []dialer.Attempt {
	var all []dialer.Attempt
	for _, a := range g.Attempts {
		if a.Lead == lead {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(a, b dialer.Attempt) int { return int(a.ID - b.ID) })
	return all
}

func (g *Ledger) base(campaign string) *base {
	b := g.bases[campaign]
	if b == nil {
		b = &base{
			future: heap[entry]{less: before}, promises: heap[entry]{less: before},
			due: heap[entry]{less: func(a, b *entry) bool {
				if a.promised != b.promised {
					return a.promised
				}
				return before(a, b)
			}},
		}
		g.bases[campaign] = b
	}
	return b
}

func before(a, b *entry) bool {
	return a.at.Before(b.at) || a.at.Equal(b.at) && a.id < b.id
}

// index makes a lead findable as it stands and voids its former entries.
func (g *Ledger) index(rec *record) {
	rec.version++
	l := &rec.lead
	if l.State != dialer.LeadReady && l.State != dialer.LeadWaiting {
		return
	}
	b := g.base(l.Campaign)
	e := entry{at: l.NextAt, id: l.ID, promised: l.Promised, rec: rec, version: rec.version}
	b.future.push(e)
	if l.Promised {
		b.promises.push(e)
	}
}

// settle drops void entries from the top of a heap and reports whether one is left.
func settle(h *heap[entry]) bool {
	for h.len() > 0 && h.top().void() {
		h.pop()
	}
	return h.len() > 0
}

// Due returns the leads of a campaign that are due at now.
func (g *Ledger) Due(_ context.Context, campaign string, now time.Time, limit int) (dialer.Due, error) {
	b := g.base(campaign)
	for settle(&b.future) && !b.future.top().at.After(now) {
		b.due.push(b.future.pop())
	}
	for settle(&b.promises) && !b.promises.top().at.After(now) {
		b.promises.pop()
	}
	d := dialer.Due{Campaign: campaign, Open: b.open}
	var offered []entry
	for len(offered) < limit && settle(&b.due) {
		e := b.due.pop()
		offered = append(offered, e)
		l := e.rec.lead
		l.Recent, l.Called = g.phones[l.Phone], g.called[l.Phone]
		d.Leads = append(d.Leads, l)
	}
	d.More = settle(&b.due)
	for _, e := range offered {
		b.due.push(e)
	}
	if b.future.len() > 0 {
		d.Next = b.future.top().at
	}
	if b.promises.len() > 0 {
		d.NextPromised = b.promises.top().at
	}
	return d, nil
}

// NextAttemptID reserves n ids.
func (g *Ledger) NextAttemptID(_ context.Context, n int) (dialer.AttemptID, error) {
	first := g.nextID
	g.nextID += dialer.AttemptID(n)
	return first, nil
}

// Place enters attempts and their leads as dialing.
func (g *Ledger) Place(_ context.Context, places []dialer.Place) error {
	for _, p := range places {
		rec := g.leads[p.Lead.ID]
		if rec == nil {
			return fmt.Errorf("lead %d is placed and does not exist", p.Lead.ID)
		}
		if _, ok := rec.lead.State.On(dialer.LeadPlaced); !ok {
			return fmt.Errorf("lead %d is placed while %s", p.Lead.ID, rec.lead.State)
		}
		if _, used := g.Attempts[p.Attempt.ID]; used || p.Attempt.ID >= g.nextID || p.Attempt.ID <= 0 {
			return fmt.Errorf("attempt id %d is not free", p.Attempt.ID)
		}
		g.Attempts[p.Attempt.ID] = p.Attempt
		rec.lead = p.Lead
		g.index(rec)
	}
	return nil
}

// Save enters leads as they became, results, and what leaves.
func (g *Ledger) Save(_ context.Context, saves []dialer.Save) error {
	for _, s := range saves {
		rec := g.leads[s.Lead.ID]
		if rec == nil {
			return fmt.Errorf("lead %d is saved and does not exist", s.Lead.ID)
		}
		if rec.lead.State.Final() {
			return fmt.Errorf("lead %d is saved again after it ended on %s", s.Lead.ID, rec.lead.List)
		}
		if s.Attempt != nil {
			if err := g.end(*s.Attempt); err != nil {
				return err
			}
		}
		rec.lead = s.Lead
		rec.lead.Recent, rec.lead.Called = nil, nil // kept by phone
		if s.Lead.State.Final() {
			g.base(s.Lead.Campaign).open--
		}
		g.index(rec)
		for _, e := range s.Effects {
			g.Sent = append(g.Sent, Sent{s.Lead.ID, e})
		}
		for _, n := range s.Notices {
			g.Told = append(g.Told, Told{s.Lead.ID, n})
		}
	}
	return nil
}

// end records the end of an attempt.
func (g *Ledger) end(a dialer.Attempt) error {
	open, ok := g.Attempts[a.ID]
	if !ok || open.State == dialer.AttemptEnded {
		return fmt.Errorf("attempt %d ends and is not open", a.ID)
	}
	g.Attempts[a.ID] = a
	if c := a.Result.Cause; c.Failed == dialer.TrunkOK && !c.NeverLeft {
		g.called[a.Phone] = append([]time.Time{a.Placed}, g.called[a.Phone]...)
	}
	if !a.Answered.IsZero() {
		g.phones[a.Phone] = append([]time.Time{a.Answered}, g.phones[a.Phone]...)
	}
	return nil
}

// SaveProgress records states of attempts that are up.
func (g *Ledger) SaveProgress(_ context.Context, attempts []dialer.Attempt) error {
	for _, a := range attempts {
		if g.Attempts[a.ID].State != dialer.AttemptEnded {
			g.Attempts[a.ID] = a
		}
	}
	return nil
}

// OpenAttempts returns the attempts that have not ended, with their leads.
func (g *Ledger) OpenAttempts(context.Context) (dialer.Recovered, error) {
	var r dialer.Recovered
	for _, a := range g.Attempts {
		if a.State != dialer.AttemptEnded {
			r.Attempts = append(r.Attempts, a)
		}
	}
	slices.SortFunc(r.Attempts, func(a, b dialer.Attempt) int { return int(a.ID - b.ID) })
	for _, a := range r.Attempts {
		r.Leads = append(r.Leads, g.Lead(a.Lead))
	}
	return r, nil
}

// SaveCampaign records a campaign's state.
func (g *Ledger) SaveCampaign(_ context.Context, c dialer.CampaignChanged, _ time.Time) error {
	g.States[c.Campaign] = c
	for _, n := range c.Notices {
		g.Told = append(g.Told, Told{0, n})
	}
	return nil
}
