package loop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"dozvon/dialer"
)

// barring is a ledger whose do-not-call list grows between Due and Place.
type barring struct {
	*faulty
	at     map[int][]dialer.LeadID // numbers that join before the nth Place
	n      int
	strays bool // refuse a lead that is not in the batch
}

// barred is the error of a refused batch.
type barred []dialer.LeadID

func (b barred) Error() string            { return fmt.Sprintf("%d leads can't be called", len(b)) }
func (b barred) Refused() []dialer.LeadID { return b }

func (b *barring) Place(ctx context.Context, places []dialer.Place) error {
	b.n++
	for _, id := range b.at[b.n] {
		l := b.Lead(id)
		l.State = dialer.LeadSuppressed
		if err := b.Ledger.Save(ctx, []dialer.Save{{Lead: l}}); err != nil {
			return err
		}
	}
	if b.strays {
		return fmt.Errorf("placing: %w", barred{4711})
	}
	var out barred
	for _, p := range places {
		if b.Lead(p.Lead.ID).State.Final() {
			out = append(out, p.Lead.ID)
		}
	}
	if len(out) > 0 {
		return fmt.Errorf("placing: %w", out) // the loop must look through what wraps it
	}
	return b.faulty.Place(ctx, places)
}

func newBarring(people, lines int, at map[int][]dialer.LeadID) (*stage, *barring) {
	s := newStage(answers, leads("c", people), lines, plan("c"))
	b := &barring{faulty: s.ledger, at: at}
	s.loop.cfg.Ledger = b
	return s, b
}

// Leads 2 and 3 are refused, then 6, which was to take one of their lines: the
// others of the batch and the next leads in turn are called at that moment.
func TestRefusedLeadsAreLeftOutAndTheRestIsCalled(t *testing.T) {
	s, _ := newBarring(12, 4, map[int][]dialer.LeadID{1: {2, 3}, 3: {6}})
	var now []dialer.LeadID
	var told []int
	s.onPlace = func(a dialer.Attempt) {
		if a.Placed.Equal(monday) {
			now = append(now, a.Lead)
		}
	}
	s.loop.cfg.Observe = func(r Report) {
		if len(r.Placed) > 0 {
			told = append(told, len(r.Placed), r.Up)
		}
	}
	if err := s.loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if want := []dialer.LeadID{1, 4, 5, 7}; !slices.Equal(now, want) {
		t.Errorf("called at once: %v, want %v", now, want)
	}
	if want := []int{4, 4, 4, 4, 1, 1}; !slices.Equal(told, want) {
		t.Errorf("reported placed and up: %v, want %v", told, want)
	}
	for _, l := range s.ledger.Leads() {
		refused := slices.Contains([]dialer.LeadID{2, 3, 6}, l.ID)
		if n := len(s.ledger.Calls(l.ID)); refused != (l.State == dialer.LeadSuppressed) || refused == (n == 1) {
			t.Errorf("lead %d is %s after %d calls", l.ID, l.State, n)
		}
	}
	if st := s.ledger.States["c"]; st.State != dialer.CampaignFinished {
		t.Errorf("the campaign is %s", st.State)
	}
	if st := s.loop.Snapshot(context.Background()); st.Campaigns[0].Placed != 9 || st.Trunks[0].Up != 0 || st.Up != 0 {
		t.Errorf("%+v", st)
	}
}

func TestEveryLeadRefused(t *testing.T) {
	s, b := newBarring(3, 5, map[int][]dialer.LeadID{1: {1, 2, 3}})
	if err := s.loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(s.placed) != 0 || b.n != 1 || s.Now().After(monday) {
		t.Errorf("%d calls, %d tries, until %v", len(s.placed), b.n, s.Now())
	}
}

// A call that never left is not waited for when the program is stopped.
func TestStopAfterARefusal(t *testing.T) {
	s, _ := newBarring(3, 3, map[int][]dialer.LeadID{1: {2}})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s.onPlace = func(dialer.Attempt) { cancel() }
	if err := s.loop.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if s.hungUp != 2 || s.Now().Sub(monday) > time.Second {
		t.Errorf("%d hung up, over after %v", s.hungUp, s.Now().Sub(monday))
	}
}

// An error that refuses nothing of the batch, and a disk that fails after a
// refusal, are faults of the ledger as ever.
func TestRefusalThatExplainsNothingIsAFault(t *testing.T) {
	s, b := newBarring(3, 3, nil)
	b.strays = true
	err := s.loop.Run(context.Background())
	var fault *StoreError
	if !errors.As(err, &fault) || len(s.placed) != 0 {
		t.Errorf("%d calls, %v", len(s.placed), err)
	}
	s, b = newBarring(3, 3, map[int][]dialer.LeadID{1: {2}})
	b.broken["place"] = true
	if err := s.loop.Run(context.Background()); !errors.Is(err, errDisk) || len(s.placed) != 0 {
		t.Errorf("%d calls, %v", len(s.placed), err)
	}
}
