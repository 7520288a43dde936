package crm

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"dozvon/dialer"
)

// TypeSMS is the Type of a text message's row.
const TypeSMS = "sms"

// envelope is the body of every event, as the contract has it.
type envelope struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      eventData `json:"data"`
}

// eventData is the data of every event; the fields beyond campaign and lead
// depend on the type.
type eventData struct {
	Campaign    string            `json:"campaign"`
	Lead        *leadData         `json:"lead,omitempty"`
	Attempt     *attemptData      `json:"attempt,omitempty"`
	List        string            `json:"list,omitempty"`
	Disposition string            `json:"disposition,omitempty"`
	Answers     map[string]string `json:"answers,omitempty"`
	Attempts    *int              `json:"attempts,omitempty"`
	PromiseAt   *time.Time        `json:"promise_at,omitempty"`
	Operator    string            `json:"operator,omitempty"`
	Task        *taskData         `json:"task,omitempty"`
	SMS         *smsData          `json:"sms,omitempty"`
	Alert       *alertData        `json:"alert,omitempty"`
	Totals      map[string]int    `json:"totals,omitempty"`
}

type leadData struct {
	ID         dialer.LeadID     `json:"id"`
	ExternalID string            `json:"external_id"`
	Phone      string            `json:"phone"`
	Columns    map[string]string `json:"columns"`
}

type attemptData struct {
	ID          dialer.AttemptID `json:"id"`
	Number      int              `json:"number"`
	Trunk       string           `json:"trunk"`
	PlacedAt    *time.Time       `json:"placed_at,omitempty"`
	RingingAt   *time.Time       `json:"ringing_at,omitempty"`
	AnsweredAt  *time.Time       `json:"answered_at,omitempty"`
	EndedAt     *time.Time       `json:"ended_at,omitempty"`
	Cause       causeData        `json:"cause"`
	Disposition string           `json:"disposition"`
	Verdict     string           `json:"verdict,omitempty"`
	Keys        string           `json:"keys,omitempty"`
	Words       []string         `json:"words,omitempty"`
	Operator    string           `json:"operator,omitempty"`
	Recording   string           `json:"recording,omitempty"`
	Detail      string           `json:"detail,omitempty"`
}

type causeData struct {
	SIP  int    `json:"sip,omitempty"`
	Q850 int    `json:"q850,omitempty"`
	Text string `json:"text,omitempty"`
}

type taskData struct {
	Name    string            `json:"name"`
	Fields  map[string]string `json:"fields"`
	Problem string            `json:"problem,omitempty"` // why the fields hold templates instead of values
}

type smsData struct {
	ID    string `json:"id"`
	Name  string `json:"name,omitempty"`
	Phone string `json:"phone"`
	Text  string `json:"text"`
	Error string `json:"error,omitempty"`
}

type alertData struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// message is the body of a text message's row: all that the gateway and the
// later sms.sent or sms.failed event need.
type message struct {
	SMS      smsData  `json:"sms"`
	Campaign string   `json:"campaign"`
	Lead     leadData `json:"lead"`
}

func (e *Encoder) encode(now time.Time, s dialer.Save) []Item {
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
	var m message
	if err := json.Unmarshal(d.Body, &m); err != nil {
		return nil, fmt.Errorf("crm: text message %s has an unreadable body: %w", d.Key, err)
	}
	t, suffix := dialer.NoticeSMSSent, "_sent"
	if failure != "" {
		t, suffix = dialer.NoticeSMSFailed, "_failed"
	}
	m.SMS.Error = failure
	data := eventData{Campaign: m.Campaign, Lead: &m.Lead, SMS: &m.SMS}
	return e.event(now, d.Key+suffix, t, d.Lead, data), nil
}

// event makes a row per endpoint that wants the type.
func (e *Encoder) event(now time.Time, key string, t dialer.NoticeType, lead dialer.LeadID, data eventData) []Item {
	var items []Item
	var body []byte
	for _, sub := range e.Webhooks {
		if len(sub.Types) > 0 && !slices.Contains(sub.Types, string(t)) {
			continue
		}
		if body == nil {
			body = encodeJSON(envelope{Type: string(t), Timestamp: now, Data: data})
		}
		items = append(items, Item{Key: endpointKey(sub.Endpoint, key), Kind: KindWebhook, Endpoint: sub.Endpoint,
			Type: string(t), Campaign: data.Campaign, Lead: lead, Body: body})
	}
	return items
}

// endpointKey makes a message's id unique in the outbox; see messageID.
func endpointKey(endpoint, id string) string { return endpoint + "/" + id }

// messageID is the id of the message, the same for every endpoint and try.
func messageID(key string) string { return key[strings.LastIndexByte(key, '/')+1:] }

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

// batch is the encoding of one Save.
type batch struct {
	enc      *Encoder
	now      time.Time
	save     dialer.Save
	ordinals map[string]int
	items    []Item
}

// id makes the stable id of the next message of a type. A Save that is
// encoded again (after a crash before its commit) gets the same ids. Ids hold
// no full stop: the signed text joins id, timestamp and body with them.
func (b *batch) id(t string) string {
	n := b.ordinals[t]
	b.ordinals[t]++
	l := b.save.Lead
	parts := []string{t, strconv.Itoa(n), l.Campaign, l.Phone, strconv.FormatInt(int64(l.ID), 10)}
	name := fmt.Sprintf("l%d", l.ID)
	if a := b.save.Attempt; a != nil {
		name = fmt.Sprintf("a%d", a.ID)
		parts = append(parts, strconv.FormatInt(int64(a.ID), 10), a.Placed.UTC().Format(time.RFC3339Nano))
	} else { // nothing but the lead's own standing tells such saves apart
		parts = append(parts, string(l.State), l.List, strconv.Itoa(l.Attempts), l.NextAt.UTC().Format(time.RFC3339Nano))
	}
	return fmt.Sprintf("%s_%s_%d_%s", name, strings.ReplaceAll(t, ".", "_"), n, b.enc.hash(parts...))
}

func (b *batch) emit(t dialer.NoticeType, data eventData) {
	data.Campaign, data.Lead = b.save.Lead.Campaign, leadOf(b.save.Lead)
	b.items = append(b.items, b.enc.event(b.now, b.id(string(t)), t, b.save.Lead.ID, data)...)
}

func (b *batch) notice(n dialer.Notice) {
	l := b.save.Lead
	d := eventData{Attempt: attemptOf(b.save.Attempt)}
	switch n.Type {
	case dialer.NoticeLeadFinished:
		d.List, d.Disposition, d.Answers, d.Attempts = l.List, string(l.Last), nonNil(l.Answers), &l.Attempts
	case dialer.NoticeLeadPromised:
		d.PromiseAt, d.Answers = timeOf(n.Promise), l.Answers
	case dialer.NoticeLeadBridged:
		d.Answers = l.Answers
		if b.save.Attempt != nil {
			d.Operator = b.save.Attempt.Result.Operator
		}
	}
	b.emit(n.Type, d)
}

func (b *batch) effect(raw dialer.Effect) {
	eff, problem := b.render(raw)
	switch eff.Kind {
	case dialer.EffectSMS:
		b.sms(eff, problem)
	case dialer.EffectTask:
		b.emit(dialer.NoticeTaskCreated, eventData{Attempt: attemptOf(b.save.Attempt),
			Task: &taskData{Name: eff.Name, Fields: nonNil(eff.Fields), Problem: problem}})
	}
}

// render fills the templates. A template that fails must not hold up the
// lead's own state, so the problem travels with the event instead.
func (b *batch) render(raw dialer.Effect) (eff dialer.Effect, problem string) {
	if b.enc.Render == nil {
		return raw, ""
	}
	eff, err := b.enc.Render(raw, b.save.Lead, b.answers())
	if err == nil {
		return eff, ""
	}
	if b.enc.Log != nil {
		b.enc.Log.Error("a template could not be filled; correct the scenario",
			"campaign", b.save.Lead.Campaign, "lead", b.save.Lead.ID, "kind", raw.Kind, "name", raw.Name, "error", err)
	}
	return raw, err.Error()
}

// answers are those of the lead, and over them those of this very call.
func (b *batch) answers() map[string]string {
	all := maps.Clone(b.save.Lead.Answers)
	if a := b.save.Attempt; a != nil && len(a.Result.Answers) > 0 {
		if all == nil {
			all = map[string]string{}
		}
		maps.Copy(all, a.Result.Answers)
	}
	return all
}

func (b *batch) sms(eff dialer.Effect, problem string) {
	l := b.save.Lead
	sms := smsData{ID: b.id(TypeSMS), Name: eff.Name, Phone: l.Phone, Text: eff.Text}
	switch {
	case problem != "":
		sms.Error = "the text's template could not be filled: " + problem
	case !b.enc.SMS:
		sms.Error = "no gateway for text messages is configured; set sms.url or sms.file"
	case strings.TrimSpace(eff.Text) == "":
		sms.Error = "the text is empty once its template is filled"
	default:
		b.items = append(b.items, Item{Key: sms.ID, Kind: KindSMS, Type: TypeSMS, Campaign: l.Campaign, Lead: l.ID,
			Body: encodeJSON(message{SMS: sms, Campaign: l.Campaign, Lead: *leadOf(l)})})
		return
	}
	b.emit(dialer.NoticeSMSFailed, eventData{SMS: &sms})
}

func leadOf(l dialer.Lead) *leadData {
	return &leadData{ID: l.ID, ExternalID: l.ExternalID, Phone: l.Phone, Columns: nonNil(l.Columns)}
}

func attemptOf(a *dialer.Attempt) *attemptData {
	if a == nil {
		return nil
	}
	r := a.Result
	return &attemptData{ID: a.ID, Number: a.Number, Trunk: a.Trunk,
		PlacedAt: timeOf(a.Placed), RingingAt: timeOf(a.Ringing), AnsweredAt: timeOf(a.Answered), EndedAt: timeOf(a.Ended),
		Cause:       causeData{SIP: r.Cause.SIP, Q850: r.Cause.Q850, Text: r.Cause.Text},
		Disposition: string(r.Disposition), Verdict: string(r.Verdict), Keys: r.Keys, Words: r.Words,
		Operator: r.Operator, Recording: r.Recording, Detail: r.Detail}
}

func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func nonNil(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
