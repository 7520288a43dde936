package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dozvon/dialer"
	"dozvon/store"
)

// encoder makes one item per notice and effect, or fails.
type encoder struct{ fail error }

func (e *encoder) Encode(save dialer.Save) (items []store.OutboxItem, err error) {
	for i, n := range save.Notices {
		items = append(items, store.OutboxItem{Kind: store.KindWebhook, Type: string(n.Type), Endpoint: "crm",
			Key: fmt.Sprintf("%d-%d-%s-%d", save.Lead.ID, save.Attempt.ID, n.Type, i), Body: []byte(n.Type)})
	}
	for i, f := range save.Effects {
		items = append(items, store.OutboxItem{Kind: store.KindSMS, Type: "sms", Key: fmt.Sprintf("%d-sms-%d", save.Lead.ID, i), Body: []byte(f.Text)})
	}
	return items, e.fail
}

// EncodeCampaign makes one item per notice, whose key tells when.
func (e *encoder) EncodeCampaign(now time.Time, c dialer.CampaignChanged, lists map[string]int) (items []store.OutboxItem, err error) {
	for _, n := range c.Notices {
		items = append(items, store.OutboxItem{Kind: store.KindWebhook, Type: string(n.Type), Endpoint: "crm",
			Key: fmt.Sprintf("%s-%s-%d", c.Campaign, n.Type, now.UnixNano()), Body: fmt.Appendf(nil, "%s %v", c.State, lists)})
	}
	return items, e.fail
}

var crmLane = store.Lane{Kind: store.KindWebhook, Endpoint: "crm"}

func outboxWithSave(t *testing.T, open Open) {
	enc := &encoder{}
	s := open(t, store.Options{Encoder: enc})
	leads := threeLeads(t, s)
	l, a := place(t, s, leads[0], t0)
	leave := func(save *dialer.Save) {
		save.Notices = []dialer.Notice{{Type: dialer.NoticeAttemptEnded}, {Type: dialer.NoticeLeadFinished}}
		save.Effects = []dialer.Effect{{Kind: dialer.EffectSMS, Text: "hello"}}
	}
	end(t, s, l, a, at(time.Minute), dialer.Answered, "yes", leave)
	due, next, err := s.Pending(bg, crmLane, t0, 10)
	must(t, err)
	if len(due) != 1 || due[0].Type != "attempt.ended" || due[0].Campaign != "c" || due[0].Lead != l.ID ||
		!due[0].CreatedAt.Equal(at(time.Minute)) || string(due[0].Body) != "attempt.ended" || due[0].State != store.DeliveryPending || !next.IsZero() {
		t.Fatalf("%+v, %v", due, next)
	}
	must(t, s.MarkSent(bg, due[0].ID, t0))
	if due, _, err = s.Pending(bg, crmLane, t0, 10); err != nil || len(due) != 1 || due[0].Type != "lead.finished" {
		t.Fatalf("%+v, %v", due, err)
	}
	// The lane of text messages does not wait for the CRM.
	if due, _, err = s.Pending(bg, store.Lane{Kind: store.KindSMS}, t0, 10); err != nil || len(due) != 1 || string(due[0].Body) != "hello" {
		t.Fatalf("%+v, %v", due, err)
	}
	if all := get(s.Deliveries(bg, l.ID))(t); len(all) != 3 || all[0].State != store.DeliverySent || all[0].Attempts != 1 {
		t.Fatalf("%+v", all)
	}

	// What can't be encoded is not half saved.
	l, a = place(t, s, leads[1], t0)
	enc.fail = errors.New("a broken template")
	a.State, l.State = dialer.AttemptEnded, dialer.LeadDone
	wantErr(t, s.Save(bg, []dialer.Save{{Lead: l, Attempt: &a, Notices: []dialer.Notice{{Type: dialer.NoticeAttemptEnded}}}}), enc.fail)
	if r := get(s.OpenAttempts(bg))(t); len(r.Attempts) != 1 {
		t.Fatalf("%+v", r)
	}
}

// outboxWithCampaign: the end of a campaign leaves with its state, once per end.
func outboxWithCampaign(t *testing.T, open Open) {
	enc := &encoder{}
	s := open(t, store.Options{Encoder: enc})
	leads := threeLeads(t, s)
	finished := dialer.CampaignChanged{Campaign: "c", State: dialer.CampaignFinished,
		Notices: []dialer.Notice{{Type: dialer.NoticeCampaignFinished}}}
	running := dialer.CampaignChanged{Campaign: "c", State: dialer.CampaignRunning}
	told := func() (bodies []string) {
		due, _, err := s.Pending(bg, crmLane, at(time.Hour), 10)
		must(t, err)
		for _, d := range due {
			if d.Type != "campaign.finished" || d.Campaign != "c" || d.Lead != 0 || d.CreatedAt.Before(t0) {
				t.Fatalf("%+v", d)
			}
			bodies = append(bodies, string(d.Body))
		}
		return bodies
	}
	for _, l := range leads[:2] {
		l, a := place(t, s, l, t0)
		end(t, s, l, a, at(time.Minute), dialer.Answered, "yes")
	}
	get(s.AddDNC(bg, store.Entry{Phone: leads[2].Phone}))(t)
	must(t, s.SaveCampaign(bg, running, t0))
	if got := told(); got != nil {
		t.Fatalf("%q", got)
	}

	// What can't be encoded leaves the state as it was.
	enc.fail = errors.New("a fault")
	wantErr(t, s.SaveCampaign(bg, finished, at(1)), enc.fail)
	if c := get(s.Campaign(bg, "c"))(t); c.State != dialer.CampaignRunning || told() != nil {
		t.Fatalf("%+v, told %q", c, told())
	}
	enc.fail = nil

	first := []string{"finished map[suppressed:1 yes:2]"}
	must(t, s.SaveCampaign(bg, finished, at(2)))
	if got := told(); !slices.Equal(got, first) {
		t.Fatalf("told %q, want %q", got, first)
	}
	// The program was killed just then, or is started again for nothing.
	must(t, s.SaveCampaign(bg, running, at(3)))
	must(t, s.SaveCampaign(bg, finished, at(4)))
	if got := told(); !slices.Equal(got, first) {
		t.Fatalf("told %q, want %q once", got, first)
	}
	// Further leads make another end.
	get(s.Push(bg, "c", []store.NewLead{{Phone: "+79161234509"}}, "", t0))(t)
	due := get(s.Due(bg, "c", t0, 5))(t)
	l, a := place(t, s, due.Leads[0], at(5))
	end(t, s, l, a, at(time.Minute), dialer.Answered, "no")
	must(t, s.SaveCampaign(bg, finished, at(6)))
	if got := told(); !slices.Equal(got, append(first, "finished map[no:1 suppressed:1 yes:2]")) {
		t.Fatalf("told %q", got)
	}
}

// outboxOrder plays random results of deliveries against a model: whatever
// fails and whenever, a lead's deliveries to one sink leave in their order,
// nothing is due before its time, and nothing is lost.
func outboxOrder(t *testing.T, open Open) {
	s := open(t, store.Options{})
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		lanes := []store.Lane{{Kind: store.KindWebhook, Endpoint: fmt.Sprintf("a%d", round)}, {Kind: store.KindWebhook, Endpoint: fmt.Sprintf("b%d", round)}}
		type sent struct {
			lane store.Lane
			lead dialer.LeadID
		}
		now, key := t0, 0
		waits := map[int64]time.Time{}
		last := map[sent]int64{}
		left := 0
		for range rapid.IntRange(5, 40).Draw(rt, "steps") {
			lane := lanes[rapid.IntRange(0, 1).Draw(rt, "lane")]
			if rapid.Bool().Draw(rt, "add") {
				key++
				lead := dialer.LeadID(rapid.IntRange(0, 2).Draw(rt, "lead"))
				must(t, s.Enqueue(bg, now, store.OutboxItem{Kind: lane.Kind, Endpoint: lane.Endpoint, LeadID: lead, Key: fmt.Sprintf("%d-%d", round, key)}))
				left++
				continue
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 3).Draw(rt, "minutes")) * time.Minute)
			due, _, err := s.Pending(bg, lane, now, 100)
			must(t, err)
			heads := map[dialer.LeadID]bool{}
			for _, d := range due {
				if now.Before(waits[d.ID]) {
					rt.Fatalf("delivery %d is due before its time", d.ID)
				}
				if d.Lead != 0 && heads[d.Lead] {
					rt.Fatalf("two deliveries of lead %d at once", d.Lead)
				}
				heads[d.Lead] = true
			}
			if len(due) == 0 {
				continue
			}
			d := due[rapid.IntRange(0, len(due)-1).Draw(rt, "which")]
			switch rapid.IntRange(0, 3).Draw(rt, "result") {
			case 0:
				waits[d.ID] = now.Add(2 * time.Minute)
				must(t, s.MarkRetry(bg, d.ID, waits[d.ID], "down"))
				continue
			case 1:
				must(t, s.MarkDead(bg, d.ID, now, "gone"))
			default:
				must(t, s.MarkSent(bg, d.ID, now))
			}
			left--
			stream := sent{lane, d.Lead}
			if d.Lead != 0 && d.ID < last[stream] {
				rt.Fatalf("delivery %d of lead %d left after %d", d.ID, d.Lead, last[stream])
			}
			last[stream] = d.ID
		}
		now = now.Add(time.Hour)
		for _, lane := range lanes {
			left -= sendRest(t, rt, s, lane, now)
		}
		if left != 0 {
			rt.Fatalf("%d deliveries never became due", left)
		}
	})
}

// sendRest sends whatever a lane has left, and counts it: nothing is stuck.
func sendRest(t *testing.T, rt *rapid.T, s Store, lane store.Lane, now time.Time) (n int) {
	for {
		due, next, err := s.Pending(bg, lane, now, 100)
		must(t, err)
		if len(due) == 0 {
			if !next.IsZero() {
				rt.Fatalf("something waits until %v", next)
			}
			return n
		}
		for _, d := range due {
			must(t, s.MarkSent(bg, d.ID, now))
			n++
		}
	}
}

func outboxDeadAndReplay(t *testing.T, open Open) {
	s := open(t, store.Options{})
	lead := dialer.LeadID(7)
	for i := range 3 {
		item := store.OutboxItem{Kind: store.KindWebhook, Type: "x", Endpoint: "crm", LeadID: lead, Key: fmt.Sprint("k", i)}
		must(t, s.Enqueue(bg, at(time.Duration(i)), item, item)) // the same key again is the same delivery
	}
	wantErr(t, s.Enqueue(bg, t0, store.OutboxItem{Kind: store.KindSMS}), store.ErrWrongUse)
	due := func() (keys []string) {
		all, _, err := s.Pending(bg, crmLane, at(time.Hour), 10)
		must(t, err)
		for _, d := range all {
			keys = append(keys, d.Key)
		}
		return keys
	}
	first, _, err := s.Pending(bg, crmLane, t0, 10)
	must(t, err)
	must(t, s.MarkRetry(bg, first[0].ID, at(2*time.Hour), "500"))
	if got := due(); got != nil {
		t.Fatalf("%q overtook the first", got)
	}
	if _, next, err := s.Pending(bg, crmLane, t0, 10); err != nil || !next.Equal(at(2*time.Hour)) {
		t.Fatalf("next %v, %v", next, err)
	}
	if n := get(s.Hasten(bg, at(time.Minute)))(t); n != 1 {
		t.Fatalf("hastened %d", n)
	}
	if got := due(); !slices.Equal(got, []string{"k0"}) {
		t.Fatalf("hastened: %q", got)
	}
	if n := get(s.Hasten(bg, at(2*time.Minute)))(t); n != 0 {
		t.Fatal("hastening put off what was due")
	}
	must(t, s.MarkDead(bg, first[0].ID, t0, "500 for days"))
	if got := due(); !slices.Equal(got, []string{"k1"}) {
		t.Fatalf("%q", got)
	}
	dead := get(s.Dead(bg, 0, 10))(t)
	if len(dead) != 1 || dead[0].Attempts != 2 || dead[0].LastError != "500 for days" {
		t.Fatalf("%+v", dead)
	}
	if st := get(s.OutboxStats(bg))(t); st.Dead != 1 || st.Pending != 2 || st.Waiting != 0 || !st.Oldest.Equal(at(1)) {
		t.Fatalf("%+v", st)
	}
	if n := get(s.Replay(bg, t0, 12345))(t); n != 0 {
		t.Fatal("replayed what is not there")
	}
	if n := get(s.Replay(bg, t0))(t); n != 1 {
		t.Fatalf("replayed %d", n)
	}
	var order []string
	for keys := due(); len(keys) > 0; keys = due() {
		order = append(order, keys...)
		all, _, err := s.Pending(bg, crmLane, at(time.Hour), 10)
		must(t, err)
		must(t, s.MarkSent(bg, all[0].ID, t0))
	}
	if !slices.Equal(order, []string{"k0", "k1", "k2"}) {
		t.Fatalf("%q", order)
	}
	if st := get(s.OutboxStats(bg))(t); st != (store.OutboxStats{Sent: 3}) {
		t.Fatalf("%+v", st)
	}
	wantErr(t, s.MarkSent(bg, 999, t0), store.ErrNotFound)
}

func endpoints(t *testing.T, open Open) {
	s := open(t, store.Options{})
	must(t, s.Enqueue(bg, t0, store.OutboxItem{Kind: store.KindWebhook, Endpoint: "crm", Key: "k"}))
	must(t, s.TurnOff(bg, "crm", "410 Gone", t0))
	must(t, s.TurnOff(bg, "crm", "again", at(time.Hour))) // the first reason stays
	if off := get(s.EndpointsOff(bg))(t); len(off) != 1 || off["crm"] != (store.Off{Why: "410 Gone", Since: t0}) {
		t.Fatalf("%+v", off)
	}
	if due, _, err := s.Pending(bg, crmLane, at(time.Hour), 10); err != nil || len(due) != 0 {
		t.Fatalf("%+v, %v", due, err)
	}
	must(t, s.TurnOn(bg, "crm"))
	if due, _, err := s.Pending(bg, crmLane, at(time.Hour), 10); err != nil || len(due) != 1 {
		t.Fatalf("%+v, %v", due, err)
	}
}
