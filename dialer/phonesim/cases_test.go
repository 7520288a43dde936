package phonesim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
)

var (
	silent  = phonesim.Profile{Name: "never picks up", Kind: phonesim.RingsOut}
	off     = phonesim.Profile{Name: "switched off", Kind: phonesim.SwitchedOff, Ring: 2 * time.Second}
	noSuch  = phonesim.Profile{Name: "no such number", Kind: phonesim.Unknown, Ring: time.Second}
	machine = phonesim.Profile{Name: "voicemail", Kind: phonesim.Voicemail, Ring: 15 * time.Second}
)

// times are the local times of a lead's calls.
func (w *world) times(id dialer.LeadID) string {
	moscow := dialer.Location("Europe/Moscow")
	var s []string
	for _, a := range w.ledger.Calls(id) {
		s = append(s, a.Placed.In(moscow).Format("Mon 15:04"))
	}
	return strings.Join(s, " ")
}

func (w *world) sent(id dialer.LeadID) string {
	var s []string
	for _, e := range w.ledger.Sent {
		if e.Lead == id {
			s = append(s, string(e.Effect.Kind)+":"+e.Effect.Name)
		}
	}
	return strings.Join(s, " ")
}

func (w *world) told(id dialer.LeadID) string {
	var s []string
	for _, n := range w.ledger.Told {
		if n.Lead == id {
			s = append(s, string(n.Notice.Type))
		}
	}
	return strings.Join(s, " ")
}

// person is one row of a case: who they are and what must come of it.
type person struct {
	name     string
	profiles []phonesim.Profile
	list     string
	calls    string // local times
	sent     string
}

func playCase(t *testing.T, campaign dialer.Campaign, talk phonesim.Talk, rows []person) *world {
	t.Helper()
	leads := people(campaign.Name, len(rows))
	book := phonesim.Book{Numbers: map[string][]phonesim.Profile{}}
	for i, r := range rows {
		book.Numbers[leads[i].Phone] = r.profiles
	}
	w := newWorld(monday, book, talk, leads, dialer.TrunkLimits{Name: "t", Lines: 30}, campaign)
	w.run(t)
	for i, r := range rows {
		l := w.ledger.Lead(leads[i].ID)
		if l.State != dialer.LeadDone || l.List != r.list {
			t.Errorf("%s: %s on list %q, want %q", r.name, l.State, l.List, r.list)
		}
		if got := w.times(l.ID); got != r.calls {
			t.Errorf("%s: called %s, want %s", r.name, got, r.calls)
		}
		if got := w.sent(l.ID); got != r.sent {
			t.Errorf("%s: sent %q, want %q", r.name, got, r.sent)
		}
		if got := w.told(l.ID); strings.Count(got, "attempt.ended") != strings.Count(r.calls, ":") || strings.Count(got, "lead.finished") != 1 {
			t.Errorf("%s: told %s", r.name, got)
		}
	}
	if n := len(w.ledger.Told); w.ledger.Told[n-1].Notice.Type != dialer.NoticeCampaignFinished {
		t.Error("the end of the campaign was not told")
	}
	return w
}

// Section 1: lead verification. 3 attempts on the first day and 2 on the next;
// "later" is a call in exactly two hours.
func TestCaseLeadVerification(t *testing.T) {
	c := dialer.Campaign{Name: "verification", Window: weekdays(10, 20), Retry: dialer.RetryPlan{Rules: []dialer.RetryRule{{
		On:     []dialer.Disposition{dialer.NoAnswer, dialer.Busy, dialer.Machine, dialer.Unreachable},
		Days:   []dialer.RetryDay{{Attempts: 3, Every: 2 * time.Hour}, {Attempts: 2, Every: 3 * time.Hour}},
		Finish: "no_answer",
	}}}}
	talk := func(call phonesim.Call) (time.Duration, dialer.Result) {
		took, r := phonesim.ByKey(map[string]dialer.Result{"1": {List: "connected", Bridged: true}, "2": {List: "rejected"}, "3": {}, "": {List: "no_choice"}})(call)
		if r.Keys == "3" {
			r.Promise = call.At.Add(took).Add(2 * time.Hour)
		}
		return took, r
	}
	w := playCase(t, c, talk, []person{
		{"says yes", []phonesim.Profile{answersWith("1")}, "connected", "Mon 10:00", ""},
		{"says no", []phonesim.Profile{answersWith("2")}, "rejected", "Mon 10:00", ""},
		{"never there", []phonesim.Profile{silent}, "no_answer", "Mon 10:00 Mon 12:00 Mon 14:01 Tue 10:00 Tue 13:00", ""},
		{"picks up the fifth", []phonesim.Profile{silent, off, silent, machine, answersWith("1")}, "connected", "Mon 10:00 Mon 12:00 Mon 14:00 Tue 10:00 Tue 13:00", ""},
		{"later, then yes", []phonesim.Profile{answersWith("3"), answersWith("1")}, "connected", "Mon 10:00 Mon 12:00", ""},
		{"later, and then not there", []phonesim.Profile{answersWith("3"), silent}, "no_answer", "Mon 10:00 Mon 12:00 Mon 14:01 Mon 16:01 Tue 10:00 Tue 13:00", ""},
		{"says nothing", []phonesim.Profile{{Kind: phonesim.Answers, Ring: time.Second, Steps: []phonesim.Step{{Wait: time.Minute}}}}, "no_choice", "Mon 10:00", ""},
	})
	calls := w.ledger.Calls(5)
	if promise := calls[0].Ended.Add(2 * time.Hour); !calls[1].Placed.Equal(promise) {
		t.Errorf("promised %v, called %v", promise, calls[1].Placed)
	}
	if got := w.told(5); got != "attempt.ended lead.promised attempt.ended lead.bridged lead.finished" {
		t.Errorf("told %s", got)
	}
}

// Section 2: meeting reminder. Confirmed: an SMS repeats the meeting; no
// answer: a task for the manager.
func TestCaseMeetingReminder(t *testing.T) {
	sms := []dialer.Effect{{Kind: dialer.EffectSMS, Name: "meeting"}}
	c := dialer.Campaign{Name: "reminder", Window: weekdays(10, 20), Retry: dialer.RetryPlan{Rules: []dialer.RetryRule{{
		On:   []dialer.Disposition{dialer.NoAnswer, dialer.Busy, dialer.Unreachable, dialer.Machine},
		Days: []dialer.RetryDay{{Attempts: 2, Every: time.Hour}}, Finish: "no_answer",
		Then: []dialer.Effect{{Kind: dialer.EffectTask, Name: "call back"}},
	}}}}
	talk := phonesim.ByKey(map[string]dialer.Result{
		"1": {List: "confirmed", Effects: sms, Answers: map[string]string{"status": "meeting confirmed"}},
		"2": {List: "to_operator", Bridged: true},
		"":  {List: "to_operator", Bridged: true},
	})
	w := playCase(t, c, talk, []person{
		{"confirms", []phonesim.Profile{answersWith("1")}, "confirmed", "Mon 10:00", "sms:meeting"},
		{"reschedules", []phonesim.Profile{answersWith("2")}, "to_operator", "Mon 10:00", ""},
		{"is unclear", []phonesim.Profile{answersWith("9")}, "to_operator", "Mon 10:00", ""},
		{"is not there", []phonesim.Profile{silent}, "no_answer", "Mon 10:00 Mon 11:00", "task:call back"},
	})
	if got := w.ledger.Lead(1).Answers["status"]; got != "meeting confirmed" {
		t.Errorf("the card says %q", got)
	}
}

// Section 3: cold base. Unreachable three calls in a row within a day; not
// answered three times a day, an SMS, and two more on the next.
func TestCaseColdBase(t *testing.T) {
	c := dialer.Campaign{Name: "cold", Window: weekdays(10, 20), Retry: coldBase()}
	talk := phonesim.ByKey(map[string]dialer.Result{"1": {List: "interested"}, "2": {List: "not_interested"}, "3": {List: "mailing"}})
	row := func(p ...phonesim.Profile) []phonesim.Profile { return p }
	playCase(t, c, talk, []person{
		{"off", row(off), "unavailable", "Mon 10:00 Mon 12:00 Mon 14:00", ""},
		{"off, no such number, announcement", row(off, noSuch, phonesim.Profile{Kind: phonesim.Announcement, Ring: 9 * time.Second}), "unavailable", "Mon 10:00 Mon 12:00 Mon 14:00", ""},
		{"never there", row(silent), "not_interested", "Mon 10:00 Mon 12:00 Mon 14:01 Tue 10:00 Tue 13:00", "sms:offer"},
		{"off twice, then rings", row(off, off, silent), "not_interested", "Mon 10:00 Mon 12:00 Mon 14:00 Mon 16:00 Mon 18:01 Tue 10:00 Tue 13:00", "sms:offer"},
		{"is interested", row(silent, answersWith("1")), "interested", "Mon 10:00 Mon 12:00", ""},
		{"after the SMS", row(silent, silent, silent, answersWith("3")), "mailing", "Mon 10:00 Mon 12:00 Mon 14:01 Tue 10:00", "sms:offer"},
		{"is not interested", row(answersWith("2")), "not_interested", "Mon 10:00", ""},
	})
}

// A lead in another zone is called in its own hours.
func TestEveryZoneHasItsOwnMorning(t *testing.T) {
	leads := people("zones", 4)
	for i, zone := range []string{"Europe/Kaliningrad", "Europe/Moscow", "Asia/Vladivostok", "Asia/Kamchatka"} {
		leads[i].Zone = zone
	}
	w := newWorld(at("2025-09-01T00:00:00+03:00"), phonesim.Book{Default: answersWith("1")}, nil, leads,
		dialer.TrunkLimits{Name: "t", Lines: 1}, dialer.Campaign{Name: "zones", Window: weekdays(10, 20)})
	w.run(t)
	var got []string
	for _, l := range leads {
		a := w.ledger.Calls(l.ID)[0]
		got = append(got, fmt.Sprint(a.ID, " ", a.Placed.In(dialer.Location(l.Zone)).Format("15:04")))
	}
	// It is midnight in Moscow and nine in the morning in Kamchatka: the day comes from the east.
	if want := "4 10:00,3 10:00,2 10:00,1 10:00"; strings.Join(got, ",") != want {
		t.Errorf("attempt and local time by zone: %v, want %s", got, want)
	}
}
