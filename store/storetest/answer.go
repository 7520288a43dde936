package storetest

import (
	"reflect"
	"testing"

	"dozvon/dialer"
	"dozvon/store"
)

// lateAnswers: what becomes known after a call joins the lead's answers, and
// never gets lost under a call that is on.
func lateAnswers(t *testing.T, open Open) {
	s := open(t, store.Options{})
	lead := threeLeads(t, s)[0]
	l, a := place(t, s, lead, t0)
	wantErr(t, s.AddAnswer(bg, l.ID, "reason_text", "x"), store.ErrBusy)
	l.Answers = map[string]string{"reason": "answers/1-reason.wav"}
	end(t, s, l, a, t0, dialer.Answered, "done")
	before := get(s.Lead(bg, l.ID))(t).Answers
	must(t, s.AddAnswer(bg, l.ID, "reason_text", "дорого"))
	must(t, s.AddAnswer(bg, l.ID, "reason_text", "слишком дорого"))
	want := map[string]string{"reason_text": "слишком дорого"}
	for k, v := range before {
		want[k] = v
	}
	if got := get(s.Lead(bg, l.ID))(t); !reflect.DeepEqual(got.Answers, want) || got.State != dialer.LeadDone {
		t.Errorf("%+v, want the answers %v", got, want)
	}
	wantErr(t, s.AddAnswer(bg, 999999, "a", "b"), store.ErrNotFound)
}
