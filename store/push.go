package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"dozvon/dialer"
	"dozvon/store/base"
)

// Limits of a push.
const (
	pushMax     = 10_000          // leads of one push
	replyKept   = 7 * 24 * 3600e9 // how long an idempotency key is remembered, in nanoseconds
	externalMax = 200             // bytes of an external id
	columnsMax  = 64 << 10        // bytes of a lead's columns
)

// Push adds leads to a campaign; the answers are in the order of the leads. A
// lead is a duplicate if its external id is known to the campaign or if an
// open lead has its number; a number whose leads have all ended may come again
// under another external id.
//
// A repeat with the same idempotency key within a week gets the first answer
// again, and changes nothing; with other leads it is ErrKeyReused. An unknown
// campaign is ErrNotFound.
func (s *Store) Push(ctx context.Context, campaign string, leads []NewLead, idempotencyKey string, now time.Time) ([]PushResult, error) {
	if len(leads) > pushMax {
		return nil, tell(ErrWrongUse, nil, "pushing leads: %d leads at once, at most %d are taken; send them in parts", len(leads), pushMax)
	}
	request, err := json.Marshal(leads)
	if err != nil {
		return nil, tell(ErrWrongUse, err, "pushing leads: %v", err)
	}
	c, err := s.Campaign(ctx, campaign)
	if err != nil {
		return nil, err
	}
	p := push{campaign: c, key: idempotencyKey, print: fingerprint(request), now: now, leads: make([]pushLead, len(leads))}
	for i, l := range leads {
		p.leads[i] = cleanLead(l, c)
		if err := s.forbids(p.leads[i].Phone); err != nil && p.leads[i].fault == "" {
			p.leads[i].fault = "phone: " + err.Error()
		}
	}
	err = s.change(ctx, "pushing leads", p.run)
	return p.results, err
}

type push struct {
	campaign   Campaign
	key, print string
	now        time.Time
	leads      []pushLead
	results    []PushResult
}

// pushLead is a lead that was looked at; fault says why it is invalid.
type pushLead struct {
	NewLead
	row, fault string
}

func cleanLead(l NewLead, c Campaign) pushLead {
	p := pushLead{NewLead: l, fault: l.Fault}
	phone, err := base.CleanPhone(l.Phone, c.Region)
	if err != nil && p.fault == "" {
		p.fault = "phone: " + err.Error()
	}
	p.Phone = phone.E164
	zone, err := base.ParseZone(l.Zone)
	if err != nil && p.fault == "" {
		p.fault = "time zone: " + err.Error()
	}
	for _, other := range []string{phone.Zone, c.Zone} {
		if zone == "" {
			zone = other
		}
	}
	p.Zone = zone
	p.row = tojson(l.Columns)
	switch {
	case p.fault != "":
	case len(l.ExternalID) > externalMax:
		p.fault = fmt.Sprintf("external_id: it is longer than %d bytes", externalMax)
	case len(p.row) > columnsMax:
		p.fault = fmt.Sprintf("columns: they are longer than %d bytes", columnsMax)
	}
	return p
}

func (p *push) run(t *tx) error {
	p.results = nil
	id, err := t.campaignID(p.campaign.Name)
	if err != nil {
		return err
	}
	if p.key != "" {
		var print, answer string
		found, err := t.get("SELECT request, answer FROM replies WHERE campaign_id = ? AND key = ?", []any{id, p.key}, &print, &answer)
		switch {
		case err != nil:
			return err
		case found && print != p.print:
			return tell(ErrKeyReused, nil, "pushing leads: the idempotency key was used for other leads; use a new key for a new request")
		case found:
			return unjson(answer, &p.results)
		}
	}
	results := make([]PushResult, len(p.leads))
	for i, l := range p.leads {
		if results[i], err = t.push(id, l, p.now); err != nil {
			return err
		}
		results[i].ExternalID = l.ExternalID
	}
	p.results = results
	if p.key == "" {
		return nil
	}
	if _, err := t.exec("DELETE FROM replies WHERE at < ?", nanos(p.now)-replyKept); err != nil {
		return err
	}
	_, err = t.exec("INSERT INTO replies (campaign_id, key, request, answer, at) VALUES (?, ?, ?, ?, ?)",
		id, p.key, p.print, tojson(results), nanos(p.now))
	return err
}

func (t *tx) push(campaign int64, l pushLead, now time.Time) (PushResult, error) {
	if l.fault != "" {
		return PushResult{Status: PushInvalid, Reason: l.fault}, nil
	}
	var other dialer.LeadID
	if l.ExternalID != "" {
		found, err := t.get("SELECT id FROM leads WHERE campaign_id = ? AND external_id = ? AND external_id <> ''",
			[]any{campaign, l.ExternalID}, &other)
		if err != nil {
			return PushResult{}, err
		}
		if found {
			return PushResult{Status: PushDuplicate, Reason: "the external id is known", Lead: other}, nil
		}
	}
	var reason string
	barred, err := t.get("SELECT reason FROM dnc WHERE phone = ?", []any{l.Phone}, &reason)
	if err != nil {
		return PushResult{}, err
	}
	if barred {
		return PushResult{Status: PushSuppressed, Reason: "the number is on the do-not-call list"}, nil
	}
	found, err := t.get(`SELECT id FROM leads WHERE campaign_id = ? AND phone = ? AND (state NOT IN ('done', 'suppressed') OR ? = '') LIMIT 1`,
		[]any{campaign, l.Phone, l.ExternalID}, &other)
	if err != nil {
		return PushResult{}, err
	}
	if found {
		return PushResult{Status: PushDuplicate, Reason: "a lead of the campaign has this number", Lead: other}, nil
	}
	at := l.NextAt
	if at.IsZero() {
		at = now
	}
	id, err := t.insert(`INSERT INTO leads (campaign_id, external_id, partner, phone, zone, row, next_at, promised)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, campaign, l.ExternalID, l.Partner, l.Phone, l.Zone, l.row, nanos(at), l.Promised)
	return PushResult{Status: PushAccepted, Lead: dialer.LeadID(id)}, err
}
