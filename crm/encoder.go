package crm

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"dozvon/dialer"
)

// Render fills the templates of an effect with a lead's columns and answers.
type Render func(e dialer.Effect, lead dialer.Lead, answers map[string]string) (dialer.Effect, error)

// Subscription is an endpoint as the Encoder sees it: who wants which types.
type Subscription struct {
	Endpoint string
	Types    []string // empty: every type
}

func (s Subscription) wants(t dialer.NoticeType) bool {
	return len(s.Types) == 0 || slices.Contains(s.Types, string(t))
}

// Encoder turns decisions into rows of the outbox. Rows are made only for
// sinks that exist. It is safe for concurrent use once built.
type Encoder struct {
	Database string // unique per database; goes into the keys, so that two databases never share one
	Webhooks []Subscription
	SMS      bool // a sink for text messages exists
	// Transcripts says that recorded answers can be put into words; Recordings
	// is the folder where they are.
	Transcripts bool
	Recordings  string
	Render      Render // nil: effects are taken as they are
	Log         *slog.Logger
}

// Encode returns the rows that leave with a Save, in their order: events of
// the attempt first, then texts and tasks. now is the campaign's time.
func (e *Encoder) Encode(now time.Time, s dialer.Save) []Item {
	b := batch{enc: e, now: now, save: s, ordinals: map[string]int{}}
	for _, n := range s.Notices {
		b.notice(n)
	}
	for _, eff := range s.Effects {
		b.effect(eff)
	}
	return b.items
}

// CampaignFinished returns the rows of a campaign.finished event. totals are
// counts of leads by list.
func (e *Encoder) CampaignFinished(now time.Time, campaign string, totals map[string]int) []Item {
	key := e.hash("campaign.finished", campaign, now.UTC().Format(time.RFC3339Nano))
	return e.event(now, "c_finished_"+key, dialer.NoticeCampaignFinished, 0,
		eventData{Campaign: campaign, Totals: totals})
}

// Alert returns the rows of an alert.raised event: name is a short stable
// word for machines, text says what happened and what to do.
func (e *Encoder) Alert(now time.Time, campaign, name, text string) []Item {
	key := e.hash("alert", campaign, name, now.UTC().Format(time.RFC3339Nano))
	return e.event(now, "alert_"+key, dialer.NoticeAlertRaised, 0,
		eventData{Campaign: campaign, Alert: &alertData{Name: name, Text: text}})
}

// SMSResult returns the rows of the sms.sent or, with an error, sms.failed
// event that follows the delivery of a text message.
func (e *Encoder) SMSResult(now time.Time, d Delivery, failure string) ([]Item, error) {
	m, err := readMessage(d)
	if err != nil {
		return nil, err
	}
	t, suffix := dialer.NoticeSMSSent, "_sent"
	if failure != "" {
		t, suffix = dialer.NoticeSMSFailed, "_failed"
	}
	m.SMS.Error = failure
	data := eventData{Campaign: m.Campaign, Lead: &m.Lead, SMS: &m.SMS}
	return e.event(now, d.Key+suffix, t, d.Lead, data), nil
}

// wanted reports whether any endpoint wants the type.
func (e *Encoder) wanted(t dialer.NoticeType) bool {
	return slices.ContainsFunc(e.Webhooks, func(s Subscription) bool { return s.wants(t) })
}

// event makes a row per endpoint that wants the type.
func (e *Encoder) event(now time.Time, key string, t dialer.NoticeType, lead dialer.LeadID, data eventData) []Item {
	var items []Item
	var body []byte
	for _, sub := range e.Webhooks {
		if !sub.wants(t) {
			continue
		}
		if body == nil {
			body = encodeJSON(envelope{Type: string(t), Timestamp: now, Data: data})
		}
		items = append(items, Item{Key: key, Kind: KindWebhook, Endpoint: sub.Endpoint,
			Type: string(t), Campaign: data.Campaign, Lead: lead, Body: body})
	}
	return items
}

// encodeJSON encodes values that are plain strings, numbers and times; those
// always encode, except a time beyond the year 9999, which no caller makes.
func encodeJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("crm: cannot encode %T: %v", v, err))
	}
	return b
}

func (e *Encoder) hash(parts ...string) string {
	h := sha256.New()
	for _, p := range append([]string{e.Database}, parts...) {
		fmt.Fprintf(h, "%d:%s", len(p), p) // lengths keep the parts apart
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil)[:10]))
}
