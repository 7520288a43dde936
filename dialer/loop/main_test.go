package loop

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// monday is ten o'clock in Moscow on a working day.
var monday = time.Date(2025, 9, 1, 7, 0, 0, 0, time.UTC)

func plan(name string) dialer.Campaign {
	return dialer.Campaign{
		Name: name,
		Window: dialer.Window{Days: [7]bool{1: true, 2: true, 3: true, 4: true, 5: true},
			Spans: []dialer.Span{{From: 600, To: 1200}}, Default: "Europe/Moscow"},
		Retry: dialer.RetryPlan{Rules: []dialer.RetryRule{{On: []dialer.Disposition{dialer.NoAnswer, dialer.Interrupted},
			Days: []dialer.RetryDay{{Attempts: 3, Every: 2 * time.Hour}, {Attempts: 2, Every: 3 * time.Hour}}, Finish: "no_answer"}}},
	}
}

func leads(campaign string, n int) []dialer.Lead {
	all := make([]dialer.Lead, n)
	for i := range all {
		all[i] = dialer.Lead{ID: dialer.LeadID(i + 1), Campaign: campaign, Phone: fmt.Sprintf("+7900%07d", i)}
	}
	return all
}

var (
	ringsOut = phonesim.Book{Default: phonesim.Profile{Kind: phonesim.RingsOut}}
	answers  = phonesim.Book{Default: phonesim.Profile{Kind: phonesim.Answers, Ring: 5 * time.Second,
		Steps: []phonesim.Step{{Wait: 20 * time.Second}}}}
)

// stage is a loop on virtual time whose ledger and caller can be interfered with.
type stage struct {
	*phonesim.Network
	ledger  *faulty
	placed  []dialer.AttemptID
	hungUp  int
	onPlace func(dialer.Attempt)
	loop    *Loop
}

// faulty is a ledger that can be made to fail, and that keeps the size of each transaction.
type faulty struct {
	*phonesim.Ledger
	broken map[string]bool
	places []int
	saves  []int
	marks  []string // transactions of progress: the states in them
}

var errDisk = errors.New("disk full")

func (f *faulty) fault(op string) error {
	if f.broken[op] || f.broken["all"] {
		return errDisk
	}
	return nil
}

func (f *faulty) Due(ctx context.Context, c string, now time.Time, limit int) (dialer.Due, error) {
	if err := f.fault("due"); err != nil {
		return dialer.Due{}, err
	}
	return f.Ledger.Due(ctx, c, now, limit)
}

func (f *faulty) Place(ctx context.Context, p []dialer.Place) error {
	if err := f.fault("place"); err != nil {
		return err
	}
	f.places = append(f.places, len(p))
	return f.Ledger.Place(ctx, p)
}

func (f *faulty) Save(ctx context.Context, s []dialer.Save) error {
	if err := f.fault("save"); err != nil {
		return err
	}
	f.saves = append(f.saves, len(s))
	return f.Ledger.Save(ctx, s)
}

func (f *faulty) SaveProgress(ctx context.Context, all []dialer.Attempt) error {
	if err := f.fault("progress"); err != nil {
		return err
	}
	states := map[dialer.AttemptState]int{}
	for _, a := range all {
		states[a.State]++
	}
	f.marks = append(f.marks, fmt.Sprint(states))
	return f.Ledger.SaveProgress(ctx, all)
}

func (f *faulty) SaveCampaign(ctx context.Context, c dialer.CampaignChanged, now time.Time) error {
	if err := f.fault("campaign"); err != nil {
		return err
	}
	return f.Ledger.SaveCampaign(ctx, c, now)
}

func (f *faulty) NextAttemptID(ctx context.Context, n int) (dialer.AttemptID, error) {
	if err := f.fault("ids"); err != nil {
		return 0, err
	}
	return f.Ledger.NextAttemptID(ctx, n)
}

func (f *faulty) OpenAttempts(ctx context.Context) (dialer.Recovered, error) {
	if err := f.fault("open"); err != nil {
		return dialer.Recovered{}, err
	}
	return f.Ledger.OpenAttempts(ctx)
}

func (s *stage) Place(a dialer.Attempt, l dialer.Lead) {
	s.placed = append(s.placed, a.ID)
	if s.onPlace != nil {
		s.onPlace(a)
	}
	s.Network.Place(a, l)
}

func (s *stage) HangUp(id dialer.AttemptID, why string) {
	s.hungUp++
	s.Network.HangUp(id, why)
}

func newStage(book phonesim.Book, people []dialer.Lead, lines int, campaigns ...dialer.Campaign) *stage {
	s := &stage{Network: phonesim.NewNetwork(monday, book), ledger: &faulty{Ledger: phonesim.NewLedger(people...), broken: map[string]bool{}}}
	s.build(lines, Config{}, campaigns...)
	return s
}

// build makes the stage's loop anew, as a restart of the program does.
func (s *stage) build(lines int, c Config, campaigns ...dialer.Campaign) {
	c.Engine, c.Ledger, c.Caller, c.Clock = dialer.New(), s.ledger, s, s.Network
	s.loop = New(c)
	s.Attach(s.loop.Post)
	s.loop.Post(dialer.SetTrunk{Trunk: dialer.TrunkLimits{Name: "t", Lines: lines}})
	for _, c := range campaigns {
		s.loop.Post(dialer.AddCampaign{Campaign: c})
	}
}
