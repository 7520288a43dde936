package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/loop"
	"dozvon/dialer/phonesim"
	"dozvon/store"
)

// notices makes an item of every notice; its keys are stable, as crm's are.
type notices struct{}

func (notices) Encode(s dialer.Save) (items []store.OutboxItem, _ error) {
	for _, n := range s.Notices {
		items = append(items, store.OutboxItem{Kind: store.KindWebhook, Type: string(n.Type), Key: fmt.Sprint(n.Type, s.Lead.ID, "-", s.Attempt.ID)})
	}
	return items, nil
}

func (notices) EncodeCampaign(now time.Time, c dialer.CampaignChanged, lists map[string]int) (items []store.OutboxItem, _ error) {
	for _, n := range c.Notices {
		items = append(items, store.OutboxItem{Kind: store.KindWebhook, Type: string(n.Type), Key: fmt.Sprint(n.Type, now.UnixNano()), Body: fmt.Append(nil, lists)})
	}
	return items, nil
}

// town is a campaign on the real database among simulated people, on virtual
// time. Its hooks stand between the loop and the database or the network.
type town struct {
	*phonesim.Network
	t       testing.TB
	path    string
	db      *store.Store
	now     time.Time
	book    phonesim.Book
	lines   int
	rung    map[dialer.AttemptID]dialer.Attempt
	onPlace func([]dialer.Place) // before the store's Place
	onCall  func(dialer.Attempt) // before an INVITE
	step    func()               // before and after every change of the ledger and every INVITE
}

// ledger is the store with the town's hooks.
type ledger struct {
	*store.Store
	town *town
}

// change performs one change of the ledger between two steps.
func (l ledger) change(op func() error) error {
	l.town.step()
	err := op()
	l.town.step()
	return err
}

func (l ledger) Place(ctx context.Context, p []dialer.Place) error {
	l.town.onPlace(p)
	return l.change(func() error { return l.Store.Place(ctx, p) })
}

func (l ledger) Save(ctx context.Context, s []dialer.Save) error {
	return l.change(func() error { return l.Store.Save(ctx, s) })
}

func (l ledger) SaveProgress(ctx context.Context, a []dialer.Attempt) error {
	return l.change(func() error { return l.Store.SaveProgress(ctx, a) })
}

func (l ledger) SaveCampaign(ctx context.Context, c dialer.CampaignChanged, now time.Time) error {
	return l.change(func() error { return l.Store.SaveCampaign(ctx, c, now) })
}

// Place is an INVITE that leaves.
func (w *town) Place(a dialer.Attempt, l dialer.Lead) {
	w.step()
	if _, twice := w.rung[a.ID]; twice {
		w.t.Fatalf("attempt %d is called a second time", a.ID)
	}
	w.rung[a.ID] = a
	w.onCall(a)
	w.Network.Place(a, l)
	w.step()
}

var (
	townPlan = dialer.Campaign{
		Name: "c",
		Window: dialer.Window{Days: [7]bool{1: true, 2: true, 3: true, 4: true, 5: true},
			Spans: []dialer.Span{{From: 600, To: 1200}}, Default: "Europe/Moscow"},
		Retry: dialer.RetryPlan{Total: 7, Rules: []dialer.RetryRule{{
			On:   []dialer.Disposition{dialer.NoAnswer, dialer.Busy, dialer.Interrupted},
			Days: []dialer.RetryDay{{Attempts: 2, Every: time.Hour}, {Attempts: 2, Every: 2 * time.Hour}}, Finish: "no_answer"}}},
	}
	ringsOut = phonesim.Profile{Kind: phonesim.RingsOut}
	busy     = phonesim.Profile{Kind: phonesim.Busy, Ring: 2 * time.Second}
	unknown  = phonesim.Profile{Kind: phonesim.Unknown}
	talks    = phonesim.Profile{Kind: phonesim.Answers, Ring: 5 * time.Second, Steps: []phonesim.Step{{Wait: 20 * time.Second}, {Press: "1"}}}
	later    = phonesim.Profile{Kind: phonesim.Answers, Ring: 7 * time.Second, Steps: []phonesim.Step{{Wait: 9 * time.Second}, {Press: "3"}}}
)

// newTown imports a base of so many leads.
func newTown(t testing.TB, leads, lines int, book phonesim.Book) *town {
	t.Helper()
	w := &town{t: t, path: filepath.Join(t.TempDir(), "town.db"), now: start, book: book, lines: lines,
		rung:    map[dialer.AttemptID]dialer.Attempt{},
		onPlace: func([]dialer.Place) {}, onCall: func(dialer.Attempt) {}, step: func() {}}
	w.db = open(t, w.path, store.Options{Encoder: notices{}})
	fresh := make([]store.NewLead, leads)
	for i := range fresh {
		fresh[i].Phone = phone(i)
	}
	must(t, w.db.PutCampaign(t.Context(), store.Campaign{Name: "c", Zone: "Europe/Moscow"}, start))
	results, err := w.db.Push(t.Context(), "c", fresh, "", start)
	must(t, err)
	for _, r := range results {
		if r.Status != store.PushAccepted {
			t.Fatalf("%+v", r)
		}
	}
	return w
}

func phone(i int) string { return fmt.Sprintf("+7916%07d", i) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// live runs the campaign until it is over, or the process is killed.
func (w *town) live() (over bool, last loop.Snapshot) {
	w.Network = phonesim.NewNetwork(w.now, w.book) // calls that were up are lost
	w.Talk = func(c phonesim.Call) (time.Duration, dialer.Result) {
		took, r := phonesim.ByKey(map[string]dialer.Result{"1": {List: "yes"}, "3": {}})(c)
		if r.Keys == "3" {
			r.Promise = c.At.Add(took + 90*time.Minute)
		}
		return took, r
	}
	l := loop.New(loop.Config{Engine: dialer.New(), Ledger: ledger{w.db, w}, Caller: w, Clock: w.Network})
	w.Attach(l.Post)
	l.Post(dialer.SetTrunk{Trunk: dialer.TrunkLimits{Name: "t", Lines: w.lines}})
	l.Post(dialer.AddCampaign{Campaign: townPlan})
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(killed); !ok {
				panic(r)
			}
		}
	}()
	must(w.t, l.Run(w.t.Context()))
	return true, l.Snapshot(w.t.Context())
}

type killed struct{}

// crash leaves the database as a killed process leaves it (nothing closed,
// nothing flushed) and opens what is there.
func (w *town) crash(n int) {
	w.now = w.Now().Add(time.Minute)
	next := filepath.Join(filepath.Dir(w.path), fmt.Sprintf("town%d.db", n))
	for _, part := range []string{"", "-wal"} {
		content, err := os.ReadFile(w.path + part)
		must(w.t, err)
		must(w.t, os.WriteFile(next+part, content, 0o600))
	}
	must(w.t, w.db.Close())
	w.path = next
	w.db = open(w.t, next, store.Options{Encoder: notices{}})
}

func (w *town) leads() []dialer.Lead {
	leads, err := w.db.Leads(w.t.Context(), store.LeadQuery{Campaign: "c", Limit: 1000})
	must(w.t, err)
	return leads
}
