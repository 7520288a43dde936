package crm

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"dozvon/dialer"
)

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
	if !b.enc.wanted(t) {
		return
	}
	data.Campaign, data.Lead = b.save.Lead.Campaign, leadOf(b.save.Lead)
	b.items = append(b.items, b.enc.event(b.now, b.id(string(t)), t, b.save.Lead.ID, data)...)
}

func (b *batch) notice(n dialer.Notice) {
	if !b.enc.wanted(n.Type) {
		return
	}
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
	case dialer.EffectTranscript:
		b.transcript(eff)
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
