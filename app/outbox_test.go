package app

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dozvon/crm"
	"dozvon/dialer"
)

func testEncoder(render crm.Render) encoder {
	now := time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)
	return encoder{&crm.Encoder{Database: "x.db", SMS: true, Render: render,
		Webhooks: []crm.Subscription{{Endpoint: "crm"}, {Endpoint: "texts", Types: []string{"sms.sent"}}}}, func() time.Time { return now }}
}

// Whatever a save holds, its results are not lost for what can't be encoded.
func FuzzEncoderNeverFails(f *testing.F) {
	f.Add("lead.finished", "sms", "hello {{name}}", int64(0), true)
	f.Add("lead.promised", "task", "\xff\x00", int64(1)<<62, false)
	f.Add("", "", "", int64(-1)<<62, true)
	f.Fuzz(func(t *testing.T, notice, kind, text string, unix int64, broken bool) {
		render := func(e dialer.Effect, _ dialer.Lead, _ map[string]string) (dialer.Effect, error) {
			if broken {
				return e, errors.New(text)
			}
			return e, nil
		}
		when := time.Unix(unix, 0) // up to the end of time
		save := dialer.Save{
			Lead: dialer.Lead{ID: 7, Campaign: text, Phone: text, Columns: map[string]string{text: text}, NextAt: when, Answers: map[string]string{"": text}},
			Attempt: &dialer.Attempt{ID: 8, Placed: when, Ended: when, Result: dialer.Result{Disposition: dialer.Disposition(kind),
				Promise: when, Words: []string{text}, Detail: text, Answers: map[string]string{text: kind}}},
			Notices: []dialer.Notice{{Type: dialer.NoticeType(notice), Promise: when}},
			Effects: []dialer.Effect{{Kind: dialer.EffectKind(kind), Name: text, Text: text, Fields: map[string]string{text: text}}},
		}
		items, err := testEncoder(render).Encode(save)
		if err != nil || len(items) == 0 {
			t.Fatalf("%d items, %v", len(items), err)
		}
		for _, it := range items {
			if it.Key == "" || it.Kind == "" || len(it.Body) == 0 {
				t.Fatalf("%+v: the outbox would refuse the whole batch", it)
			}
		}
	})
}

func TestCampaignsEndIsEncodedForWhoeverWantsIt(t *testing.T) {
	e := testEncoder(nil)
	finished := dialer.CampaignChanged{Campaign: "c", State: dialer.CampaignFinished, Notices: []dialer.Notice{{Type: dialer.NoticeCampaignFinished}}}
	items, err := e.EncodeCampaign(e.now(), finished, map[string]int{"yes": 3})
	if err != nil || len(items) != 1 || items[0].Endpoint != "crm" || items[0].Campaign != "c" || !strings.Contains(string(items[0].Body), `"totals":{"yes":3}`) {
		t.Errorf("%+v, %v", items, err)
	}
	if items, err := e.EncodeCampaign(e.now(), dialer.CampaignChanged{Campaign: "c", State: dialer.CampaignRunning}, nil); err != nil || len(items) != 0 {
		t.Errorf("%s, %v", fmt.Sprint(items), err)
	}
}
