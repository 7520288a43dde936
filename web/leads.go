package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"dozvon/dialer"
)

// LeadView is a lead as the API shows it.
type LeadView struct {
	ID          dialer.LeadID     `json:"id"`
	Campaign    string            `json:"campaign"`
	ExternalID  string            `json:"external_id"`
	Phone       string            `json:"phone" doc:"E.164"`
	Zone        string            `json:"zone" doc:"IANA time zone"`
	Columns     map[string]string `json:"columns" doc:"The base's values"`
	State       dialer.LeadState  `json:"state" doc:"ready, dialing, waiting, done or suppressed"`
	NextAt      time.Time         `json:"next_at,omitzero" doc:"Not called before"`
	Promised    bool              `json:"promised" doc:"next_at was promised to the person"`
	List        string            `json:"list" doc:"The list it ended on"`
	Disposition string            `json:"disposition" doc:"Of the last call"`
	Answers     map[string]string `json:"answers"`
	Attempts    int               `json:"attempts" doc:"Counted calls so far"`
	FirstCallAt time.Time         `json:"first_call_at,omitzero"`
	LastCallAt  time.Time         `json:"last_call_at,omitzero"`
}

func viewLead(l dialer.Lead) LeadView {
	v := LeadView{ID: l.ID, Campaign: l.Campaign, ExternalID: l.ExternalID, Phone: l.Phone, Zone: l.Zone, Columns: nonNil(l.Columns),
		State: l.State, Promised: l.Promised, List: l.List, Disposition: string(l.Last), Answers: nonNil(l.Answers),
		Attempts: l.Attempts, FirstCallAt: l.FirstCall, LastCallAt: l.LastCall}
	if !l.State.Final() {
		v.NextAt = l.NextAt
	}
	return v
}

// AttemptView is a call as the API shows it.
type AttemptView struct {
	ID          dialer.AttemptID    `json:"id"`
	Number      int                 `json:"number"`
	Phone       string              `json:"phone"`
	Trunk       string              `json:"trunk"`
	State       dialer.AttemptState `json:"state"`
	PlacedAt    time.Time           `json:"placed_at,omitzero"`
	RingingAt   time.Time           `json:"ringing_at,omitzero"`
	AnsweredAt  time.Time           `json:"answered_at,omitzero"`
	EndedAt     time.Time           `json:"ended_at,omitzero"`
	SIP         int                 `json:"sip,omitempty" doc:"Final SIP status"`
	Q850        int                 `json:"q850,omitempty" doc:"Q.850 cause"`
	Cause       string              `json:"cause,omitempty" doc:"The network's reason in words"`
	Disposition string              `json:"disposition,omitempty"`
	Verdict     string              `json:"verdict,omitempty"`
	Heard       []HeardView         `json:"heard,omitempty" doc:"What the verdict came from, in order"`
	Keys        string              `json:"keys,omitempty"`
	Words       []string            `json:"words,omitempty"`
	Said        []SaidView          `json:"said,omitempty" doc:"What was heard of each question, in order"`
	Operator    string              `json:"operator,omitempty"`
	Recording   string              `json:"recording,omitempty"`
	Answers     map[string]string   `json:"answers,omitempty"`
	CallerID    string              `json:"caller_id,omitempty" doc:"The number shown"`
	Quality     *QualityView        `json:"quality,omitempty" doc:"Of the sound of an answered call"`
	Detail      string              `json:"detail,omitempty" doc:"Of a failed call: what happened and what to do"`
}

func viewAttempt(a dialer.Attempt) AttemptView {
	r := a.Result
	return AttemptView{ID: a.ID, Number: a.Number, Phone: a.Phone, Trunk: a.Trunk, State: a.State,
		PlacedAt: a.Placed, RingingAt: a.Ringing, AnsweredAt: a.Answered, EndedAt: a.Ended,
		SIP: r.Cause.SIP, Q850: r.Cause.Q850, Cause: r.Cause.Text, Disposition: string(r.Disposition), Verdict: string(r.Verdict),
		Heard: viewHeard(r.Heard),
		Keys:  r.Keys, Words: r.Words, Said: viewSaid(r.Said), Operator: r.Operator, Recording: r.Recording, Answers: r.Answers, Detail: r.Detail,
		CallerID: r.CallerID, Quality: viewQuality(r.Quality)}
}

func nonNil[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return m
}

type leadInput struct {
	ID int64 `path:"id" minimum:"1"`
}

func (a *api) leadRoutes() {
	a.pushRoute()
	one(a, a.describe(opGetLead, http.MethodGet, "/api/v1/leads/{id}", "leads", "A lead as it stands"),
		func(ctx context.Context, in *leadInput) (LeadView, error) {
			l, err := readOne(ctx, a, in, a.c.Leads.Lead)
			return viewLead(l), err
		})
	many(a, a.describe(opGetAttempts, http.MethodGet, "/api/v1/leads/{id}/attempts", "leads", "The calls of a lead, oldest first"),
		func(ctx context.Context, in *leadInput) ([]AttemptView, error) {
			list, err := readOne(ctx, a, in, a.c.Leads.Attempts)
			out := make([]AttemptView, len(list))
			for i, at := range list {
				out[i] = viewAttempt(at)
			}
			return out, err
		})
	one(a, a.describe(opExplain, http.MethodGet, "/api/v1/leads/{id}/explain", "leads", "Why a lead is, or is not, called now"),
		func(ctx context.Context, in *leadInput) (Explanation, error) {
			e, err := readOne(ctx, a, in, a.c.Leads.Explain)
			if e.Reasons == nil {
				e.Reasons = []Reason{}
			}
			return e, err
		})
}

// readOne reads something of a lead that the caller may see.
func readOne[T any](ctx context.Context, a *api, in *leadInput, read func(context.Context, dialer.LeadID) (T, error)) (T, error) {
	id := dialer.LeadID(in.ID)
	if err := a.visible(ctx, id); err != nil {
		var nothing T
		return nothing, err
	}
	return read(ctx, id)
}

// visible hides other people's leads from partners: to them they don't exist.
func (a *api) visible(ctx context.Context, id dialer.LeadID) error {
	t := caller(ctx)
	if t.role != RolePartner {
		return nil
	}
	owner, err := a.c.Leads.Partner(ctx, id)
	if err != nil {
		return err
	}
	if owner != t.partner {
		return fmt.Errorf("lead %d: %w", id, ErrNotFound)
	}
	return nil
}

// onlyOf is the partner whose leads a caller sees; empty: everybody's.
func onlyOf(ctx context.Context) string { return caller(ctx).partner }
