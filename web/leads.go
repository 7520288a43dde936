package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

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
	Keys        string              `json:"keys,omitempty"`
	Words       []string            `json:"words,omitempty"`
	Operator    string              `json:"operator,omitempty"`
	Recording   string              `json:"recording,omitempty"`
	Answers     map[string]string   `json:"answers,omitempty"`
	Detail      string              `json:"detail,omitempty" doc:"Of a failed call: what happened and what to do"`
}

func viewAttempt(a dialer.Attempt) AttemptView {
	r := a.Result
	return AttemptView{ID: a.ID, Number: a.Number, Phone: a.Phone, Trunk: a.Trunk, State: a.State,
		PlacedAt: a.Placed, RingingAt: a.Ringing, AnsweredAt: a.Answered, EndedAt: a.Ended,
		SIP: r.Cause.SIP, Q850: r.Cause.Q850, Cause: r.Cause.Text, Disposition: string(r.Disposition), Verdict: string(r.Verdict),
		Keys: r.Keys, Words: r.Words, Operator: r.Operator, Recording: r.Recording, Answers: r.Answers, Detail: r.Detail}
}

func nonNil[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return m
}

// PushAnswer is the fate of one pushed lead.
type PushAnswer struct {
	Index      int           `json:"index" doc:"Position in the request, from 0"`
	Status     PushStatus    `json:"status" enum:"accepted,duplicate,suppressed,invalid"`
	LeadID     dialer.LeadID `json:"lead_id,omitempty" doc:"Of the new lead, or of the one it duplicates"`
	ExternalID string        `json:"external_id,omitempty"`
	Reason     string        `json:"reason,omitempty" doc:"Why it was not accepted"`
}

type pushInput struct {
	Campaign string `path:"name" maxLength:"100"`
	Key      string `header:"Idempotency-Key" maxLength:"200" doc:"The same key with the same leads gives the same answers, and nothing happens twice"`
	RawBody  []byte
}

type pushOutput struct {
	Body struct {
		Accepted int          `json:"accepted" doc:"How many were accepted"`
		Results  []PushAnswer `json:"results" nullable:"false" doc:"One for each lead of the request, in its order"`
	}
}

type leadInput struct {
	ID int64 `path:"id" minimum:"1"`
}

func (a *api) leadRoutes() {
	a.pushRoute()
	huma.Register(a.huma, a.describe(opGetLead, http.MethodGet, "/api/v1/leads/{id}", "leads", "A lead as it stands"),
		func(ctx context.Context, in *leadInput) (*struct{ Body LeadView }, error) {
			l, err := readOne(ctx, a, in, a.c.Leads.Lead)
			if err != nil {
				return nil, err
			}
			return &struct{ Body LeadView }{viewLead(l)}, nil
		})
	type attempts struct {
		Body []AttemptView `nullable:"false"`
	}
	huma.Register(a.huma, a.describe(opGetAttempts, http.MethodGet, "/api/v1/leads/{id}/attempts", "leads", "The calls of a lead, oldest first"),
		func(ctx context.Context, in *leadInput) (*attempts, error) {
			list, err := readOne(ctx, a, in, a.c.Leads.Attempts)
			if err != nil {
				return nil, err
			}
			out := attempts{Body: make([]AttemptView, len(list))}
			for i, at := range list {
				out.Body[i] = viewAttempt(at)
			}
			return &out, nil
		})
	huma.Register(a.huma, a.describe(opExplain, http.MethodGet, "/api/v1/leads/{id}/explain", "leads", "Why a lead is, or is not, called now"),
		func(ctx context.Context, in *leadInput) (*struct{ Body Explanation }, error) {
			e, err := readOne(ctx, a, in, a.c.Leads.Explain)
			if err != nil {
				return nil, err
			}
			if e.Reasons == nil {
				e.Reasons = []Reason{}
			}
			return &struct{ Body Explanation }{e}, nil
		})
}

// readOne reads something of a lead that the caller may see.
func readOne[T any](ctx context.Context, a *api, in *leadInput, read func(context.Context, dialer.LeadID) (T, error)) (T, error) {
	var none T
	id := dialer.LeadID(in.ID)
	if err := a.visible(ctx, id); err != nil {
		return none, a.fail(ctx, err)
	}
	v, err := read(ctx, id)
	if err != nil {
		return none, a.fail(ctx, err)
	}
	return v, nil
}

// visible hides other people's leads from partners: to them they don't exist.
func (a *api) visible(ctx context.Context, id dialer.LeadID) error {
	t := caller(ctx)
	if t.role != RolePartner {
		return nil
	}
	owner, err := a.c.Leads.Partner(ctx, id)
	if err != nil {
		return err //nolint:wrapcheck // fail words it
	}
	if owner != t.partner {
		return fmt.Errorf("lead %d: %w", id, ErrNotFound)
	}
	return nil
}

// onlyOf is the partner whose leads a caller sees; empty: everybody's.
func onlyOf(ctx context.Context) string { return caller(ctx).partner }

func (a *api) pushRoute() {
	op := a.describe(opPushLeads, http.MethodPost, "/api/v1/campaigns/{name}/leads", "leads", "Push one lead or many into a campaign")
	op.Description = "Takes one lead, an array of leads, or an object with leads. A repeat is harmless: a lead whose external_id " +
		"is known, or whose phone waits in the campaign already, is a duplicate."
	op.Errors = append(op.Errors, http.StatusBadRequest, http.StatusRequestEntityTooLarge)
	op.RequestBody = &huma.RequestBody{Required: true}
	huma.Register(a.huma, op, a.push)
	// huma knows one Go type per body; this body has three forms.
	op.RequestBody.Content = map[string]*huma.MediaType{"application/json": {Schema: pushSchema(a.c.MaxLeads)}}
}

func pushSchema(limit int) *huma.Schema {
	text := func(most int, doc string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeString, MaxLength: &most, Description: doc}
	}
	lead := &huma.Schema{Type: huma.TypeObject, Title: "Lead", Required: []string{"phone"}, AdditionalProperties: false,
		Properties: map[string]*huma.Schema{
			"phone":       text(maxPhone, "In any usual form; read with the service's default region"),
			"external_id": text(maxExternalID, "Your own id; a second lead with it is a duplicate"),
			"zone":        text(maxZone, "IANA time zone; default: the number's, else the scenario's"),
			"partner":     text(maxPartner, "Whose lead it is; a partner's token sets its own name"),
			"not_before":  {Type: huma.TypeString, Format: "date-time", Description: "No call before this moment"},
			"columns": {Type: huma.TypeObject, Description: "The scenario's variables", AdditionalProperties: &huma.Schema{
				OneOf: []*huma.Schema{{Type: huma.TypeString}, {Type: huma.TypeNumber}, {Type: huma.TypeBoolean}}}},
		}}
	many := &huma.Schema{Type: huma.TypeArray, Items: lead, MaxItems: &limit}
	return &huma.Schema{OneOf: []*huma.Schema{lead, many, {Type: huma.TypeObject, Title: "Leads", Required: []string{"leads"},
		AdditionalProperties: false, Properties: map[string]*huma.Schema{"leads": many}}}}
}

func (a *api) push(ctx context.Context, in *pushInput) (*pushOutput, error) {
	raws, err := splitPush(in.RawBody, a.c.MaxLeads)
	if err != nil {
		var tooMany tooManyError
		if errors.As(err, &tooMany) {
			return nil, problem(http.StatusRequestEntityTooLarge, err.Error())
		}
		return nil, problem(http.StatusBadRequest, err.Error())
	}
	out := &pushOutput{}
	out.Body.Results = make([]PushAnswer, len(raws))
	t := caller(ctx)
	req := PushRequest{Campaign: in.Campaign}
	if in.Key != "" {
		req.Key = t.name + "/" + in.Key
	}
	var at []int // index in the request of each lead that is pushed on
	for i, raw := range raws {
		l, reason := readLead(raw)
		out.Body.Results[i] = PushAnswer{Index: i, ExternalID: l.ExternalID}
		if reason == "" && t.role == RolePartner && l.Partner != "" && l.Partner != t.partner {
			reason = "this token pushes leads of its own partner only; leave the partner out"
		}
		if reason != "" {
			out.Body.Results[i].Status, out.Body.Results[i].Reason = PushInvalid, reason
			continue
		}
		if t.role == RolePartner {
			l.Partner = t.partner
		}
		req.Leads, at = append(req.Leads, l), append(at, i)
	}
	if err := a.pushOn(ctx, req, at, out); err != nil {
		return nil, a.fail(ctx, err)
	}
	return out, nil
}

// pushOn hands the sound leads on and files the answers where they belong.
func (a *api) pushOn(ctx context.Context, req PushRequest, at []int, out *pushOutput) error {
	results, err := a.c.Leads.Push(ctx, req)
	if err != nil {
		return err //nolint:wrapcheck // fail words it
	}
	if len(results) != len(req.Leads) {
		return fmt.Errorf("a push of %d leads got %d answers", len(req.Leads), len(results))
	}
	for i, r := range results {
		answer := &out.Body.Results[at[i]]
		answer.Status, answer.LeadID, answer.Reason = r.Status, r.ID, r.Reason
		if r.Status == PushDuplicate && caller(ctx).role == RolePartner && a.visible(ctx, r.ID) != nil {
			answer.LeadID = 0 // a stranger's lead
		}
	}
	for _, r := range out.Body.Results {
		a.c.Metrics.pushed(req.Campaign, r.Status)
		if r.Status == PushAccepted {
			out.Body.Accepted++
		}
	}
	return nil
}
