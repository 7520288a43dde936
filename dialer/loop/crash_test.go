package loop

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
)

// mortal is a ledger and a caller whose process is killed at a countdown of
// operations: before a commit, after it, before or after a call has left.
type mortal struct {
	*phonesim.Ledger
	*phonesim.Network
	left int
	rung map[dialer.AttemptID]int // INVITEs by attempt
}

type killed struct{}

func (m *mortal) tick() {
	if m.left--; m.left == 0 {
		panic(killed{})
	}
}

func (m *mortal) Save(ctx context.Context, s []dialer.Save) error {
	m.tick()
	defer m.tick()
	return m.Ledger.Save(ctx, s)
}

func (m *mortal) SaveProgress(ctx context.Context, a []dialer.Attempt) error {
	m.tick()
	return m.Ledger.SaveProgress(ctx, a)
}

func (m *mortal) Place(a dialer.Attempt, l dialer.Lead) {
	m.tick()
	m.rung[a.ID]++
	m.Network.Place(a, l)
	m.tick()
}

// books is the ledger's side of mortal: both it and the caller have a Place.
type books struct{ *mortal }

func (b books) Place(ctx context.Context, p []dialer.Place) error {
	b.tick()
	defer b.tick()
	return b.Ledger.Place(ctx, p)
}

// live runs the campaign until it is over or the process is killed.
func (m *mortal) live(t *rapid.T, now time.Time, book phonesim.Book) (over bool) {
	m.Network = phonesim.NewNetwork(now, book) // calls that were up are lost
	l := New(Config{Engine: dialer.New(), Ledger: books{m}, Caller: m, Clock: m.Network})
	m.Attach(l.Post)
	l.Post(dialer.SetTrunk{Trunk: dialer.TrunkLimits{Name: "t", Lines: 7}})
	c := plan("c")
	c.Retry.Rules[0].On = []dialer.Disposition{dialer.NoAnswer} // none for interrupted
	l.Post(dialer.AddCampaign{Campaign: c})
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(killed); !ok {
				panic(r)
			}
		}
	}()
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return true
}

// However often and wherever the process is killed: no attempt is called twice,
// every lead ends on one list, and nobody whose answer was recorded is called again.
func TestKilledAnywhere(t *testing.T) {
	book := phonesim.Book{Seed: 5, Mix: []phonesim.Share{{Weight: 2, Profile: ringsOut.Default}, {Weight: 1, Profile: answers.Default}}}
	rapid.Check(t, func(t *rapid.T) {
		m := &mortal{Ledger: phonesim.NewLedger(leads("c", 40)...), rung: map[dialer.AttemptID]int{}}
		now := monday
		for range rapid.IntRange(1, 8).Draw(t, "kills") {
			m.left = rapid.IntRange(1, 300).Draw(t, "after")
			if m.live(t, now, book) {
				break
			}
			now = m.Now().Add(time.Minute)
		}
		m.left = 0 // lives on
		m.live(t, now, book)
		for id, n := range m.rung {
			if n != 1 {
				t.Fatalf("attempt %d was called %d times", id, n)
			}
		}
		for _, l := range m.Leads() {
			if l.State != dialer.LeadDone || l.List == "" {
				t.Fatalf("lead %d is %s", l.ID, l.State)
			}
			calls := m.Calls(l.ID)
			for i, a := range calls {
				if a.State != dialer.AttemptEnded {
					t.Fatalf("attempt %d is %s", a.ID, a.State)
				}
				if !a.Answered.IsZero() && i != len(calls)-1 {
					t.Fatalf("lead %d was called again after it had picked up", l.ID)
				}
			}
		}
	})
}
