package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"dozvon/dialer"
)

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
		return err
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
