package app

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"dozvon/dialer"
	"dozvon/store"
	"dozvon/store/base"
	"dozvon/web"
)

// service gives the API what the station has: it implements web's ports.
type service struct {
	*station
	watch *stopwatch
}

// webError gives the store's errors the kinds that the API answers by.
func webError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrNotFound):
		return fmt.Errorf("%w: %w", web.ErrNotFound, err)
	case errors.Is(err, store.ErrKeyReused):
		return fmt.Errorf("%w: %w", web.ErrConflict, err)
	case errors.Is(err, store.ErrWrongUse):
		return fmt.Errorf("%w: %w", web.ErrInvalid, err)
	}
	return err
}

// Push checks the leads by the campaign's scenario, stores them and wakes the
// engine, so that a lead whose window is open is dialled at once.
func (s service) Push(ctx context.Context, r web.PushRequest) ([]web.PushResult, error) {
	p, ok := s.plans[r.Campaign]
	if !ok {
		return nil, fmt.Errorf("%w: there is no campaign %q; GET /api/v1/campaigns lists them", web.ErrNotFound, r.Campaign)
	}
	// A drained campaign places no call any more: a lead taken in now would wait
	// without a word until the next start.
	for _, c := range s.loop.Snapshot(ctx).Campaigns {
		if c.Name == r.Campaign && (c.State == dialer.CampaignDraining || c.State == dialer.CampaignFinished) {
			return nil, fmt.Errorf("%w: the campaign %s was drained and takes no leads until the service starts again", web.ErrConflict, r.Campaign)
		}
	}
	leads := make([]store.NewLead, len(r.Leads))
	for i, l := range r.Leads {
		leads[i] = store.NewLead{ExternalID: l.ExternalID, Phone: l.Phone, Zone: l.Zone, Columns: l.Columns,
			NextAt: l.NotBefore, Partner: l.Partner}
		if err := p.scenario.CheckLead(l.Columns); err != nil {
			leads[i].Fault = err.Error()
		}
	}
	came := s.clock.Now()
	results, err := s.db.Push(ctx, r.Campaign, leads, r.Key, came)
	if err != nil {
		return nil, webError(err)
	}
	out := make([]web.PushResult, len(results))
	var fresh, now []dialer.LeadID
	for i, got := range results {
		out[i] = web.PushResult{Status: web.PushStatus(got.Status), ID: got.Lead, Reason: got.Reason}
		if got.Status == store.PushAccepted {
			fresh = append(fresh, got.Lead)
			if !r.Leads[i].NotBefore.After(came) {
				now = append(now, got.Lead)
			}
		}
	}
	if len(fresh) > 0 {
		s.loop.Post(dialer.Wake{Campaign: r.Campaign})
		s.watch.pushed(now, came)
	}
	return out, nil
}

// Lead returns a lead.
func (s service) Lead(ctx context.Context, id dialer.LeadID) (dialer.Lead, error) {
	l, err := s.db.Lead(ctx, id)
	return l, webError(err)
}

// Attempts returns the calls of a lead, oldest first.
func (s service) Attempts(ctx context.Context, id dialer.LeadID) ([]dialer.Attempt, error) {
	a, err := s.db.Attempts(ctx, id)
	if err == nil && len(a) == 0 {
		_, err = s.db.Lead(ctx, id) // not called yet, or not there at all
	}
	return a, webError(err)
}

// Explain says why a lead is, or is not, called now: the lead's own reasons,
// then those of its campaign and trunks.
func (s service) Explain(ctx context.Context, id dialer.LeadID) (web.Explanation, error) {
	l, err := s.db.Lead(ctx, id)
	if err != nil {
		return web.Explanation{}, webError(err)
	}
	calls, err := s.db.Attempts(ctx, id)
	if err != nil {
		return web.Explanation{}, webError(err)
	}
	last := web.LastOf(calls)
	p, ok := s.plans[l.Campaign]
	if !ok {
		return web.Explanation{Summary: "the campaign " + l.Campaign + " is not in the configuration any more; nobody of it is called", LastCall: last}, nil
	}
	now := s.clock.Now()
	c := s.plan(p)
	if l.Called, err = s.db.Called(ctx, l.Phone, now); err != nil {
		return web.Explanation{}, webError(err)
	}
	own := dialer.Explain(now, l, c)
	status := s.loop.Snapshot(ctx).Status
	e := explain(append(own, status.Explain(c)...))
	e.LastCall = last
	if !l.State.Final() {
		e.NextAt = dialer.NextCall(now, l, c)
	}
	return e, nil
}

// explain words the dialer's reasons.
func explain(reasons []dialer.Reason) web.Explanation {
	e := web.Explanation{CallableNow: true, Reasons: []web.Reason{}}
	for _, r := range reasons {
		ok := r.Code == dialer.CodeCallable
		text := codeText(r.Code)
		if r.Detail != "" {
			text += " (" + r.Detail + ")"
		}
		if !ok && e.CallableNow {
			e.CallableNow, e.Summary = false, "not called now: "+text
		}
		e.Reasons = append(e.Reasons, web.Reason{Check: string(r.Code), OK: ok, Text: text, Until: r.Until})
	}
	if e.CallableNow {
		e.Summary = "called by the next free line"
	}
	return e
}

// Lists returns the lists of a campaign with their sizes.
func (s service) Lists(ctx context.Context, campaign, partner string) ([]web.ListCount, error) {
	p, ok := s.plans[campaign]
	if !ok {
		return nil, fmt.Errorf("%w: there is no campaign %q", web.ErrNotFound, campaign)
	}
	counts, err := s.db.Lists(ctx, campaign, partner)
	if err != nil {
		return nil, webError(err)
	}
	out := []web.ListCount{}
	for _, name := range listOrder(p.scenario, counts) {
		out = append(out, web.ListCount{List: name, Leads: counts[name]})
	}
	return out, nil
}

// List streams the leads that ended on a list, after the names of their
// columns: the scenario's own, then what else was pushed.
func (s service) List(ctx context.Context, campaign, list, partner string) ([]string, iter.Seq2[dialer.Lead, error], error) {
	p, ok := s.plans[campaign]
	if !ok {
		return nil, nil, fmt.Errorf("%w: there is no campaign %q", web.ErrNotFound, campaign)
	}
	counts, err := s.db.Lists(ctx, campaign, partner)
	if err != nil {
		return nil, nil, webError(err)
	}
	if known := listOrder(p.scenario, counts); !slices.Contains(known, list) && list != store.SuppressedList {
		return nil, nil, fmt.Errorf("%w: the campaign %s has no list %q; its lists are %s", web.ErrNotFound, campaign, list, strings.Join(known, ", "))
	}
	var columns []string
	seen := map[string]bool{}
	for _, c := range p.scenario.Lead {
		columns = append(columns, c.Name)
		seen[c.Name] = true
	}
	more := map[string]bool{}
	for l, err := range s.db.ListLeads(ctx, campaign, list, partner) {
		if err != nil {
			return nil, nil, webError(err)
		}
		for name := range l.Columns {
			if !seen[name] {
				more[name] = true
			}
		}
	}
	columns = append(columns, slices.Sorted(maps.Keys(more))...)
	return columns, s.db.ListLeads(ctx, campaign, list, partner), nil
}

// AddDNC puts a number on the do-not-call list.
func (s service) AddDNC(ctx context.Context, phone, reason string) (web.DNCEntry, error) {
	number, err := base.CleanPhone(phone, s.cfg.Numbers.Region)
	if err != nil {
		return web.DNCEntry{}, fmt.Errorf("%w: %w", web.ErrInvalid, err)
	}
	e164 := number.E164
	now := time.Now()
	suppressed, err := s.db.AddDNC(ctx, store.Entry{Phone: e164, Reason: reason, Source: "api", AddedAt: now})
	if suppressed > 0 {
		s.loop.Post(dialer.Wake{}) // what the engine knows of its leads is out of date
	}
	return web.DNCEntry{Phone: e164, Reason: reason, AddedAt: now}, webError(err)
}

// RemoveDNC takes a number off the do-not-call list.
func (s service) RemoveDNC(ctx context.Context, phone string) error {
	number, err := base.CleanPhone(phone, s.cfg.Numbers.Region)
	if err != nil {
		return fmt.Errorf("%w: %w", web.ErrInvalid, err)
	}
	found, err := s.db.RemoveDNC(ctx, number.E164)
	if err == nil && !found {
		return fmt.Errorf("%w: the number is not on the do-not-call list; GET /api/v1/dnc lists it", web.ErrNotFound)
	}
	return webError(err)
}

// ListDNC returns a page of the do-not-call list.
func (s service) ListDNC(ctx context.Context, after string, limit int) ([]web.DNCEntry, error) {
	entries, err := s.db.ListDNC(ctx, after, limit)
	out := make([]web.DNCEntry, len(entries))
	for i, e := range entries {
		out[i] = web.DNCEntry{Phone: e.Phone, Reason: e.Reason, AddedAt: e.AddedAt}
	}
	return out, webError(err)
}

// Dead returns a page of dead deliveries.
func (s service) Dead(ctx context.Context, after int64, limit int) ([]web.DeadDelivery, error) {
	dead, err := s.db.Dead(ctx, after, limit)
	out := make([]web.DeadDelivery, len(dead))
	for i, d := range dead {
		out[i] = web.DeadDelivery{ID: d.ID, Key: d.Key, Kind: d.Kind, Type: d.Type, Endpoint: d.Endpoint, Campaign: d.Campaign,
			Lead: d.Lead, Attempts: d.Attempts, CreatedAt: d.CreatedAt, Error: d.LastError}
	}
	return out, webError(err)
}

// Replay makes dead deliveries pending again.
func (s service) Replay(ctx context.Context, ids []int64) (int, error) {
	n, err := s.db.Replay(ctx, time.Now(), ids...)
	s.lanes.poke()
	return n, webError(err)
}

// EndpointsOff returns the webhook endpoints that are turned off.
func (s service) EndpointsOff(ctx context.Context) ([]web.OffEndpoint, error) {
	off, err := s.db.EndpointsOff(ctx)
	out := []web.OffEndpoint{}
	for _, name := range slices.Sorted(maps.Keys(off)) {
		out = append(out, web.OffEndpoint{Name: name, Why: off[name].Why, Since: off[name].Since})
	}
	return out, webError(err)
}

// TurnOn turns an endpoint on again and sends what was kept for it.
func (s service) TurnOn(ctx context.Context, endpoint string) error {
	off, err := s.db.EndpointsOff(ctx)
	if err != nil {
		return webError(err)
	}
	if _, ok := off[endpoint]; !ok {
		return fmt.Errorf("%w: no endpoint %q is turned off", web.ErrNotFound, endpoint)
	}
	err = s.db.TurnOn(ctx, endpoint)
	s.lanes.poke()
	return webError(err)
}

// Partner returns whose lead it is.
func (s service) Partner(ctx context.Context, id dialer.LeadID) (string, error) {
	p, err := s.db.LeadPartner(ctx, id)
	return p, webError(err)
}
