package crm

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dozvon/dialer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var epoch = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// jumpClock is virtual time that jumps to whatever is waited for.
type jumpClock struct{ nanos atomic.Int64 }

func newJumpClock() *jumpClock {
	c := &jumpClock{}
	c.nanos.Store(epoch.UnixNano())
	return c
}

func (c *jumpClock) Now() time.Time { return time.Unix(0, c.nanos.Load()).UTC() }

func (c *jumpClock) After(d time.Duration) (<-chan time.Time, func()) {
	ch := make(chan time.Time, 1)
	ch <- time.Unix(0, c.nanos.Add(int64(d))).UTC()
	return ch, func() {}
}

// memory is an Outbox and Switches in memory, by the letter of the ports.
type memory struct {
	mu     sync.Mutex
	rows   []*Delivery
	keys   map[string]bool
	off    map[string]string
	fail   map[string]int // method → how many more calls fail
	change chan struct{}
}

func newMemory(items ...Item) *memory {
	m := &memory{keys: map[string]bool{}, off: map[string]string{}, fail: map[string]int{}, change: make(chan struct{}, 1)}
	_ = m.Add(context.Background(), epoch, items)
	return m
}

var errDisk = errors.New("the disk is full")

func (m *memory) begin(method string) error {
	m.mu.Lock()
	if m.fail[method] > 0 {
		m.fail[method]--
		m.mu.Unlock()
		return errDisk
	}
	return nil
}

func (m *memory) end() {
	m.mu.Unlock()
	select {
	case m.change <- struct{}{}:
	default:
	}
}

func (m *memory) Pending(_ context.Context, lane Lane, now time.Time, limit int) ([]Delivery, time.Time, error) {
	if err := m.begin("Pending"); err != nil {
		return nil, time.Time{}, err
	}
	defer m.mu.Unlock()
	var due []Delivery
	var next time.Time
	seen := map[dialer.LeadID]bool{}
	for _, d := range m.rows {
		if d.Kind != lane.Kind || d.Endpoint != lane.Endpoint || d.State == StateSent || d.State == StateDead || seen[d.Lead] {
			continue
		}
		seen[d.Lead] = true
		if d.NextAt.After(now) {
			if next.IsZero() || d.NextAt.Before(next) {
				next = d.NextAt
			}
		} else if len(due) < limit {
			due = append(due, *d)
		}
	}
	return due, next, nil
}

func (m *memory) Add(_ context.Context, now time.Time, items []Item) error {
	if err := m.begin("Add"); err != nil {
		return err
	}
	defer m.end()
	for _, it := range items {
		if k := it.Endpoint + "/" + it.Key; !m.keys[k] {
			m.keys[k] = true
			m.rows = append(m.rows, &Delivery{ID: int64(len(m.rows) + 1), Key: it.Key, Kind: it.Kind, Endpoint: it.Endpoint,
				Type: it.Type, Campaign: it.Campaign, Lead: it.Lead, Body: it.Body, CreatedAt: now, State: StatePending})
		}
	}
	return nil
}

func (m *memory) MarkSent(_ context.Context, id int64, _ time.Time) error {
	if err := m.begin("MarkSent"); err != nil {
		return err
	}
	defer m.end()
	d := m.rows[id-1]
	d.State = StateSent
	d.Attempts++
	return nil
}

func (m *memory) MarkRetry(_ context.Context, id int64, next time.Time, why string) error {
	if err := m.begin("MarkRetry"); err != nil {
		return err
	}
	defer m.end()
	d := m.rows[id-1]
	d.State, d.NextAt, d.LastError = StateWaiting, next, why
	d.Attempts++
	return nil
}

func (m *memory) MarkDead(_ context.Context, id int64, _ time.Time, why string) error {
	if err := m.begin("MarkDead"); err != nil {
		return err
	}
	defer m.end()
	d := m.rows[id-1]
	d.State, d.LastError = StateDead, why
	d.Attempts++
	return nil
}

func (m *memory) EndpointsOff(context.Context) (map[string]string, error) {
	if err := m.begin("EndpointsOff"); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	off := map[string]string{}
	for k, v := range m.off {
		off[k] = v
	}
	return off, nil
}

func (m *memory) TurnOff(_ context.Context, endpoint, why string, _ time.Time) error {
	if err := m.begin("TurnOff"); err != nil {
		return err
	}
	defer m.end()
	m.off[endpoint] = why
	return nil
}

func (m *memory) turnOn(endpoint string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.off, endpoint)
}

// all returns copies of the rows.
func (m *memory) all() []Delivery {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Delivery
	for _, d := range m.rows {
		out = append(out, *d)
	}
	return out
}

// wait returns once the condition holds; it is looked at after each change.
func (m *memory) wait(t *testing.T, what string, cond func([]Delivery) bool) {
	t.Helper()
	limit := time.After(20 * time.Second)
	for !cond(m.all()) {
		select {
		case <-m.change:
		case <-limit:
			t.Fatalf("waited too long until %s; rows: %+v", what, m.all())
		}
	}
}

// receive takes from a channel, and fails the test if nothing comes.
func receive[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(20 * time.Second):
		t.Fatal("waited too long")
	}
	return v
}

// ended holds when every row is sent or dead.
func ended(rows []Delivery) bool {
	for _, d := range rows {
		if d.State != StateSent && d.State != StateDead {
			return false
		}
	}
	return true
}

// launch runs a worker until stop is called.
func launch(t *testing.T, c WorkerConfig) (w *Worker, stop func()) {
	t.Helper()
	w, err := NewWorker(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	return w, func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

// start runs a worker until the test's end.
func start(t *testing.T, c WorkerConfig) *Worker {
	t.Helper()
	w, stop := launch(t, c)
	t.Cleanup(stop)
	return w
}

// senderFunc is a Sender made of a function.
type senderFunc func(ctx context.Context, d Delivery) Answer

func (f senderFunc) Send(ctx context.Context, d Delivery) Answer { return f(ctx, d) }

var hook = Lane{Kind: KindWebhook, Endpoint: "crm"}

// events makes n events for each of the leads, interleaved.
func events(leads, n int) []Item {
	var items []Item
	for i := range n {
		for l := 1; l <= leads; l++ {
			key := eventKey(l, i)
			items = append(items, Item{Key: key, Kind: KindWebhook, Endpoint: "crm", Type: "attempt.ended",
				Campaign: "c", Lead: dialer.LeadID(l), Body: []byte(`{"type":"attempt.ended","key":"` + key + `"}`)})
		}
	}
	return items
}
