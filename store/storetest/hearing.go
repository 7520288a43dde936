package storetest

import (
	"reflect"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/store"
)

func hearingLabels(t *testing.T, open Open) {
	s := open(t, store.Options{})
	leads := threeLeads(t, s)
	ids := make([]dialer.AttemptID, len(leads))
	for i, lead := range leads {
		l, a := place(t, s, lead, at(time.Duration(i)*time.Hour))
		ids[i] = a.ID
		switch i {
		case 0:
			a.Result.Recording = "recordings/1.wav"
		case 1:
			a.Result.Heard = []dialer.Heard{{Verdict: dialer.VerdictAnnouncement, Early: true}}
		}
		end(t, s, l, a, at(time.Duration(i)*time.Hour+time.Minute), dialer.Answered, "done")
	}
	calls := func(q store.HeardQuery) (out []store.HeardCall) {
		t.Helper()
		must(t, s.HeardCalls(bg, q, func(c store.HeardCall) error { out = append(out, c); return nil }))
		return out
	}
	if got := calls(store.HeardQuery{}); len(got) != 2 || got[0].Attempt.ID != ids[0] || got[1].Attempt.ID != ids[1] || got[0].Label != nil {
		t.Fatalf("%+v", got)
	}
	label := store.HearingLabel{Attempt: ids[0], Party: "machine", Words: []string{"other"}, Sample: "random", Labeller: "anna", At: at(time.Hour)}
	must(t, s.LabelHearing(bg, label))
	label.Party, label.Words, label.Sample, label.At = "human", []string{"yes", "nothing"}, "unsure", at(2*time.Hour)
	must(t, s.LabelHearing(bg, label)) // the latest counts
	got := calls(store.HeardQuery{Labelled: true, Campaign: "c", Since: t0})
	if len(got) != 1 || got[0].Attempt.Trunk != "main" || got[0].Label == nil || !reflect.DeepEqual(*got[0].Label, label) {
		t.Errorf("got %+v, want %+v", got, label)
	}
	for name, q := range map[string]store.HeardQuery{"another campaign": {Campaign: "d"}, "later": {Since: at(2 * time.Hour)}, "not heard": {Attempt: ids[2]}} {
		if got := calls(q); len(got) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := calls(store.HeardQuery{Attempt: ids[1]}); len(got) != 1 || got[0].Attempt.ID != ids[1] {
		t.Errorf("%+v", got)
	}
	wantErr(t, s.LabelHearing(bg, store.HearingLabel{Attempt: 999, Party: "human", Sample: "random"}), store.ErrNotFound)
	wantErr(t, s.LabelHearing(bg, store.HearingLabel{Attempt: ids[0]}), store.ErrWrongUse)
	wantErr(t, s.HeardCalls(bg, store.HeardQuery{}, func(store.HeardCall) error { return store.ErrClosed }), store.ErrClosed)
}
