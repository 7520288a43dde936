package dialer

// progressed takes over a state change of a call that is up.
func (e *Engine) progressed(ev Progressed) {
	f := e.flights[ev.Attempt]
	if f == nil || ev.State == AttemptEnded {
		return
	}
	next, ok := f.attempt.State.On(ev.State)
	if !ok {
		return
	}
	a := &f.attempt
	a.State = next
	at := latest(ev.At, a.Placed)
	switch next {
	case AttemptRinging, AttemptEarly:
		if a.Ringing.IsZero() {
			a.Ringing = at
		}
	case AttemptAnswered, AttemptScreening, AttemptTalking:
		if a.Answered.IsZero() {
			a.Answered = at
		}
	}
	if f.epoch == f.trunk.epoch {
		f.trunk.on(TrunkWorking)
		f.trunk.rests = 0
	}
	f.campaign.stall = stall{}
	e.do(SaveProgress{Attempt: *a})
}

// ended takes a call out of the air and turns its result into the lead's next step.
func (e *Engine) ended(ev Ended) {
	f := e.flights[ev.Attempt]
	if f == nil {
		return
	}
	c := f.campaign
	e.land(f)
	e.blame(f, &ev.Result)
	more := e.reroute(f, &ev.Result)
	f.attempt.State, _ = f.attempt.State.On(AttemptEnded)
	f.attempt.Ended = latest(ev.At, f.attempt.Placed)
	if ev.At.IsZero() {
		f.attempt.Ended = e.now
	}
	f.attempt.Result = f.cut(ev.Result)
	e.keep(c, f.lead, f.attempt, more)
	e.quiet(c)
}

// land takes a call off its line.
func (e *Engine) land(f *flight) {
	delete(e.flights, f.attempt.ID)
	delete(e.leads, f.lead.ID)
	if e.phones[f.lead.Phone] == f.attempt.ID {
		delete(e.phones, f.lead.Phone)
	}
	f.campaign.up--
	f.trunk.up--
	f.landOutside()
}

// cut marks a call that we ended before anybody decided anything as
// interrupted: the person may have seen it, and did not refuse it.
func (f *flight) cut(r Result) Result {
	if f.stopped && f.attempt.Answered.IsZero() && r.List == "" && r.Promise.IsZero() &&
		r.Cause.Failed == TrunkOK && !r.Disposition.PickedUp() {
		r.Disposition = Interrupted
	}
	return r
}

// blame tells the trunk what a call showed about it.
func (e *Engine) blame(f *flight, r *Result) {
	if r.Cause.NeverLeft {
		e.unsent(f, r)
		return
	}
	f.campaign.stall = stall{}
	t, why := f.trunk, r.Cause.Failed
	switch {
	case f.epoch != t.epoch:
	case why == TrunkOK:
		t.on(TrunkWorking)
		t.rests = 0
	default:
		t.fail(e.now, why)
		t.text = r.Detail
	}
	if why != TrunkOK {
		t.heed(e.now, r.Cause.RetryAfter)
	}
}

// keep saves what an ended attempt makes of its lead. more says that another
// trunk is to try it at once.
func (e *Engine) keep(c *campaign, l Lead, a Attempt, more bool) {
	s := c.plan.conclude(e.now, l, a)
	if more {
		s.Lead = l // the round goes on: nothing is counted
		s.Lead.State, _ = LeadDialing.On(LeadReturned)
	}
	d := s.Attempt.Result.Disposition
	c.counts.dispositions[d]++
	c.outlook.sure = false
	if s.Lead.State == LeadDone {
		c.counts.lists[s.Lead.List]++
		c.outlook.open--
	} else {
		c.outlook.expect(s.Lead)
	}
	e.do(s)
	if !d.Person() {
		return
	}
	c.sample.add(e.now, d == Abandoned)
	if c.sample.exceeds(c.plan.AbandonCap) {
		e.move(c, CampaignHeld, PauseAbandonCap)
	}
}

// recover ends the attempts that a crash left open. Those of a campaign that
// is yet to be added wait for it.
func (e *Engine) recover(r Recovered) {
	for i, a := range r.Attempts {
		if i >= len(r.Leads) || e.flights[a.ID] != nil || a.State == AttemptEnded {
			continue
		}
		l := r.Leads[i]
		c := e.campaigns[a.Campaign]
		if c == nil {
			o := e.orphans[a.Campaign]
			o.Attempts, o.Leads = append(o.Attempts, a), append(o.Leads, l)
			e.orphans[a.Campaign] = o
			continue
		}
		a.State, a.Ended = AttemptEnded, latest(e.now, a.Placed)
		a.Result = Result{Disposition: Interrupted, Detail: "dozvon ended during this call; it is not placed again"}
		if l.State != LeadDialing {
			// The lead went on without this attempt; only the record is closed.
			e.do(Save{Lead: l, Attempt: &a, Notices: []Notice{{Type: NoticeAttemptEnded}}})
			continue
		}
		e.keep(c, l, a, false)
	}
}
