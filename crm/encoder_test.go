package crm

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dozvon/dialer"
)

func exampleSave() dialer.Save {
	lead := dialer.Lead{ID: 12, Campaign: "verification", ExternalID: "crm-5", Phone: "+79001234567",
		Columns: map[string]string{"name": "Анна", "amount": "50000"}, State: dialer.LeadDone, List: "connected",
		Last: dialer.Answered, Attempts: 2, Answers: map[string]string{"can_talk": "yes"}}
	attempt := dialer.Attempt{ID: 34, Lead: 12, Campaign: "verification", Phone: lead.Phone, Number: 2, Trunk: "main",
		State: dialer.AttemptEnded, Placed: epoch, Answered: epoch.Add(9 * time.Second), Ended: epoch.Add(time.Minute),
		Result: dialer.Result{Cause: dialer.Cause{SIP: 200}, Disposition: dialer.Answered, Keys: "1",
			Operator: "sip:anna@10.0.0.5", Answers: map[string]string{"late": "answer"}, Bridged: true}}
	return dialer.Save{Lead: lead, Attempt: &attempt,
		Notices: []dialer.Notice{{Type: dialer.NoticeAttemptEnded}, {Type: dialer.NoticeLeadBridged}, {Type: dialer.NoticeLeadFinished}},
		Effects: []dialer.Effect{{Kind: dialer.EffectSMS, Name: "thanks", Text: "Hello"},
			{Kind: dialer.EffectTask, Name: "call back", Fields: map[string]string{"who": "manager"}}}}
}

func fullEncoder() *Encoder {
	return &Encoder{Database: "db1", Webhooks: []Subscription{{Endpoint: "crm"}}, SMS: true}
}

// decoded is an event as a receiver reads it.
type decoded struct {
	Type      string
	Timestamp time.Time
	Data      map[string]any
}

func decode(t *testing.T, it Item) decoded {
	t.Helper()
	var d decoded
	if err := json.Unmarshal(it.Body, &d); err != nil {
		t.Fatalf("%s: %v", it.Type, err)
	}
	return d
}

func TestEvents(t *testing.T) {
	items := fullEncoder().Encode(epoch, exampleSave())
	var types []string
	for _, it := range items {
		types = append(types, it.Type)
	}
	want := []string{"attempt.ended", "lead.bridged", "lead.finished", "sms", "task.created"}
	if !reflect.DeepEqual(types, want) {
		t.Fatalf("types %v, want %v", types, want)
	}
	for _, it := range items {
		lead := decode(t, it)
		if it.Kind == KindWebhook && (lead.Type != it.Type || !lead.Timestamp.Equal(epoch)) {
			t.Errorf("the envelope of %s is %+v", it.Type, lead)
		}
		if it.Lead != 12 || it.Campaign != "verification" {
			t.Errorf("the row of %s is %+v", it.Type, it)
		}
	}
	ended := decode(t, items[0]).Data
	if got := ended["lead"]; !reflect.DeepEqual(got, map[string]any{"id": 12.0, "external_id": "crm-5", "phone": "+79001234567",
		"columns": map[string]any{"name": "Анна", "amount": "50000"}}) {
		t.Errorf("lead %v", got)
	}
	a := ended["attempt"].(map[string]any)
	if a["id"] != 34.0 || a["disposition"] != "answered" || a["keys"] != "1" || a["answered_at"] != "2026-03-02T10:00:09Z" || a["ringing_at"] != nil {
		t.Errorf("attempt %v", a)
	}
	if b := decode(t, items[1]).Data; b["operator"] != "sip:anna@10.0.0.5" {
		t.Errorf("bridged %v", b)
	}
	f := decode(t, items[2]).Data
	if f["list"] != "connected" || f["disposition"] != "answered" || f["attempts"] != 2.0 ||
		!reflect.DeepEqual(f["answers"], map[string]any{"can_talk": "yes"}) || f["campaign"] != "verification" {
		t.Errorf("finished %v", f)
	}
	task := decode(t, items[4]).Data["task"].(map[string]any)
	if task["name"] != "call back" || task["fields"].(map[string]any)["who"] != "manager" {
		t.Errorf("task %v", task)
	}
}

func TestPromise(t *testing.T) {
	s := dialer.Save{Lead: dialer.Lead{ID: 1}, Notices: []dialer.Notice{{Type: dialer.NoticeLeadPromised, Promise: epoch.Add(2 * time.Hour)}}}
	items := fullEncoder().Encode(epoch, s)
	if got := decode(t, items[0]).Data["promise_at"]; got != "2026-03-02T12:00:00Z" {
		t.Errorf("promise_at %v", got)
	}
}

// TestEmptyOutcome: zero attempts and no answers are still told.
func TestEmptyOutcome(t *testing.T) {
	s := dialer.Save{Lead: dialer.Lead{ID: 1, List: "suppressed"}, Notices: []dialer.Notice{{Type: dialer.NoticeLeadFinished}}}
	d := decode(t, fullEncoder().Encode(epoch, s)[0]).Data
	if d["attempts"] != 0.0 || !reflect.DeepEqual(d["answers"], map[string]any{}) || d["attempt"] != nil {
		t.Errorf("data %v", d)
	}
}

func keysOf(items []Item) []string {
	var keys []string
	for _, it := range items {
		keys = append(keys, it.Endpoint+" "+it.Key)
	}
	return keys
}

// TestKeys: encoding a save again gives the same keys; all keys of a save
// differ; another database, attempt or lead gives others.
func TestKeys(t *testing.T) {
	save := exampleSave()
	save.Effects = append(save.Effects, save.Effects...) // two equal texts are two texts
	enc := fullEncoder()
	first := keysOf(enc.Encode(epoch, save))
	if again := keysOf(enc.Encode(epoch.Add(time.Hour), save)); !reflect.DeepEqual(first, again) {
		t.Errorf("keys changed from %v to %v", first, again)
	}
	seen := map[string]string{}
	note := func(what string, keys []string) {
		for _, k := range keys {
			if strings.Contains(k, ".") {
				t.Errorf("key %s holds a full stop, which the signed text uses to join its parts", k)
			}
			if other, ok := seen[k]; ok {
				t.Errorf("%s and %s share the key %s", what, other, k)
			}
			seen[k] = what
		}
	}
	note("the save", first)
	other := *enc
	other.Database = "db2"
	note("another database", keysOf(other.Encode(epoch, save)))
	next := exampleSave()
	next.Attempt.ID++
	note("the next attempt", keysOf(enc.Encode(epoch, next)))
	next = exampleSave()
	next.Attempt.Placed = epoch.Add(time.Second)
	note("the same attempt id in a database made anew", keysOf(enc.Encode(epoch, next)))
	next.Attempt = nil
	note("no attempt", keysOf(enc.Encode(epoch, next)))
	next.Lead.NextAt = epoch
	note("no attempt, another moment", keysOf(enc.Encode(epoch, next)))
}

func TestOnlyWhatASinkWants(t *testing.T) {
	if items := (&Encoder{}).Encode(epoch, exampleSave()); len(items) != 0 {
		t.Errorf("without any sink there are %d rows", len(items))
	}
	enc := &Encoder{Webhooks: []Subscription{{Endpoint: "all"}, {Endpoint: "finished", Types: []string{"lead.finished"}}}}
	rows := map[string]int{}
	for _, it := range enc.Encode(epoch, exampleSave()) {
		rows[it.Endpoint+" "+it.Type]++
	}
	want := map[string]int{"all attempt.ended": 1, "all lead.bridged": 1, "all lead.finished": 1, "finished lead.finished": 1,
		"all task.created": 1, "all sms.failed": 1} // no gateway: the text fails in the open
	if !reflect.DeepEqual(rows, want) {
		t.Errorf("rows %v, want %v", rows, want)
	}
}

func TestRenderedOnce(t *testing.T) {
	enc := fullEncoder()
	enc.Render = func(e dialer.Effect, l dialer.Lead, answers map[string]string) (dialer.Effect, error) {
		if e.Kind == dialer.EffectTask {
			return dialer.Effect{}, errors.New("no column weight")
		}
		e.Text = l.Columns["name"] + "/" + answers["can_talk"] + "/" + answers["late"]
		return e, nil
	}
	save := exampleSave()
	items := enc.Encode(epoch, save)
	m, err := readMessage(Delivery{Body: items[3].Body})
	if err != nil || m.SMS.Text != "Анна/yes/answer" || m.SMS.Phone != "+79001234567" || m.SMS.ID != items[3].Key {
		t.Errorf("text %+v, %v", m, err)
	}
	task := decode(t, items[4]).Data["task"].(map[string]any)
	if task["name"] != "call back" || !strings.Contains(task["problem"].(string), "weight") {
		t.Errorf("a task with a broken template is %v", task)
	}
	if len(save.Lead.Answers) != 1 {
		t.Error("the lead's answers were changed")
	}

	enc.Render = func(e dialer.Effect, _ dialer.Lead, _ map[string]string) (dialer.Effect, error) {
		e.Text = " "
		return e, nil
	}
	if it := enc.Encode(epoch, save)[3]; it.Type != "sms.failed" {
		t.Errorf("an empty text became %s", it.Type)
	}
}

func TestCampaignEvents(t *testing.T) {
	enc := fullEncoder()
	d := decode(t, enc.CampaignFinished(epoch, "c", map[string]int{"connected": 3})[0])
	if d.Type != "campaign.finished" || d.Data["campaign"] != "c" || d.Data["totals"].(map[string]any)["connected"] != 3.0 || d.Data["lead"] != nil {
		t.Errorf("event %+v", d)
	}
	a := enc.Alert(epoch, "c", "trunk_down", "The trunk does not answer")
	if d := decode(t, a[0]); d.Data["alert"].(map[string]any)["name"] != "trunk_down" {
		t.Errorf("alert %+v", d)
	}
	if later := enc.Alert(epoch.Add(time.Second), "c", "trunk_down", "again"); later[0].Key == a[0].Key {
		t.Error("two alerts share a key")
	}
}

func TestSMSResult(t *testing.T) {
	enc := fullEncoder()
	row := enc.Encode(epoch, exampleSave())[3]
	d := Delivery{Key: row.Key, Body: row.Body, Lead: row.Lead}
	sent, err := enc.SMSResult(epoch, d, "")
	if err != nil {
		t.Fatal(err)
	}
	failed, err := enc.SMSResult(epoch, d, "answered 400")
	if err != nil {
		t.Fatal(err)
	}
	if sent[0].Type != "sms.sent" || failed[0].Type != "sms.failed" || sent[0].Key == failed[0].Key {
		t.Errorf("rows %+v and %+v", sent[0], failed[0])
	}
	if sms := decode(t, failed[0]).Data["sms"].(map[string]any); sms["error"] != "answered 400" || sms["text"] != "Hello" {
		t.Errorf("sms %v", sms)
	}
	if _, err := enc.SMSResult(epoch, Delivery{Key: "k", Body: []byte("{")}, ""); err == nil {
		t.Error("a broken row was taken")
	}
}

// TestAnyValues: hostile columns, phones and answers always make JSON that
// reads back as it was.
func TestAnyValues(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.String()
		s := exampleSave()
		s.Lead.Columns = rapid.MapOf(text, text).Draw(rt, "columns")
		s.Lead.Answers = rapid.MapOf(text, text).Draw(rt, "answers")
		s.Attempt.Ended = time.Unix(rapid.Int64().Draw(rt, "ended"), 0)
		for _, it := range fullEncoder().Encode(epoch, s) {
			if !json.Valid(it.Body) {
				rt.Fatalf("%s is no JSON: %s", it.Type, it.Body)
			}
		}
		var e envelope
		if err := json.Unmarshal(fullEncoder().Encode(epoch, s)[2].Body, &e); err != nil {
			rt.Fatal(err)
		}
		if len(s.Lead.Columns) > 0 && !reflect.DeepEqual(e.Data.Lead.Columns, s.Lead.Columns) {
			rt.Fatalf("columns %v came back as %v", s.Lead.Columns, e.Data.Lead.Columns)
		}
	})
}

func TestAttemptTellsNumberShownAndQuality(t *testing.T) {
	save := exampleSave()
	save.Attempt.Result.CallerID = "+74951234567"
	save.Attempt.Result.Quality = dialer.Quality{Loss: 0.01, Jitter: 2500 * time.Microsecond, RoundTrip: 40 * time.Millisecond, MOS: 4.3, Secure: true}
	attempt := decode(t, fullEncoder().Encode(epoch, save)[0]).Data["attempt"].(map[string]any)
	want := map[string]any{"loss": 0.01, "jitter_ms": 2.5, "round_trip_ms": 40.0, "mos": 4.3, "srtp": true}
	if attempt["caller_id"] != "+74951234567" || !reflect.DeepEqual(attempt["quality"], want) {
		t.Errorf("%v", attempt)
	}
	bare := decode(t, fullEncoder().Encode(epoch, exampleSave())[0]).Data["attempt"].(map[string]any)
	if _, there := bare["quality"]; there {
		t.Errorf("a quality that was not measured: %v", bare)
	}
}
