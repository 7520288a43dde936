package app

import (
	"context"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/loop"
	"dozvon/web"
)

// meter feeds the API's metrics and live events from the loop's turns.
type meter struct {
	hub     *web.Hub
	metrics *web.Metrics
}

// turned is called on the loop's goroutine; it never blocks.
func (m meter) turned(r loop.Report) {
	for _, a := range r.Placed {
		m.metrics.CallPlaced(a.Campaign, a.Trunk)
		m.publish(a, "attempt.placed", a.Placed)
	}
	for _, a := range r.Progress {
		m.publish(a, "attempt."+string(a.State), r.Now)
	}
	for _, s := range r.Saved {
		if a := s.Attempt; a != nil && a.State == dialer.AttemptEnded {
			m.metrics.CallEnded(a.Campaign, a.Result.Disposition, talk(*a))
			m.metrics.CallQuality(a.Trunk, a.Result.Quality)
			m.publish(*a, "attempt.ended", a.Ended)
		}
		if l := s.Lead; l.State == dialer.LeadDone {
			m.hub.Publish(web.Event{Type: "lead.finished", At: r.Now, Campaign: l.Campaign, Lead: l.ID,
				Data: map[string]any{"list": l.List, "disposition": l.Last, "attempts": l.Attempts}})
		}
	}
	for _, c := range r.Campaigns {
		m.hub.Publish(web.Event{Type: "campaign.changed", At: r.Now, Campaign: c.Campaign,
			Data: map[string]any{"state": c.State, "reason": c.Reason}})
	}
}

func (m meter) publish(a dialer.Attempt, what string, at time.Time) {
	m.hub.Publish(web.Event{Type: what, At: at, Campaign: a.Campaign, Lead: a.Lead, Data: map[string]any{
		"attempt": a.ID, "number": a.Number, "trunk": a.Trunk, "disposition": a.Result.Disposition,
	}})
}

// talk is how long an ended attempt was answered.
func talk(a dialer.Attempt) time.Duration {
	if a.Answered.IsZero() {
		return 0
	}
	return a.Ended.Sub(a.Answered)
}

var leadStates = []dialer.LeadState{dialer.LeadReady, dialer.LeadDialing, dialer.LeadWaiting, dialer.LeadDone, dialer.LeadSuppressed}

// gauges sets what is read rather than counted: leads by state, lines, trunks.
func (s *station) gauges(ctx context.Context, m *web.Metrics) {
	snap := s.loop.Snapshot(ctx)
	for _, c := range snap.Campaigns {
		m.SetCallsUp(c.Name, c.Up)
		if t, err := s.db.Totals(ctx, c.Name); err == nil {
			for _, state := range leadStates {
				m.SetLeads(c.Name, state, t.States[state])
			}
		}
	}
	for _, t := range snap.Trunks {
		m.SetTrunkUp(t.Name, t.State == dialer.TrunkUp)
	}
	if st, err := s.db.OutboxStats(ctx); err == nil {
		m.SetOutbox("pending", st.Pending)
		m.SetOutbox("waiting", st.Waiting)
		m.SetOutbox("dead", st.Dead)
	}
}

// gaugesEvery is how often gauges are read.
const gaugesEvery = 5 * time.Second

// keepGauges reads gauges until ctx ends.
func (s *station) keepGauges(ctx context.Context, m *web.Metrics) {
	t := time.NewTicker(gaugesEvery)
	defer t.Stop()
	for {
		s.gauges(ctx, m)
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}
