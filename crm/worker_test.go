package crm

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dozvon/dialer"
)

func eventKey(lead, n int) string { return fmt.Sprintf("l%d_e%d", lead, n) }

// TestOrder: whatever a receiver answers, every delivery of a lead is over
// before the next one is tried, and each ends sent or dead.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		leads := rapid.IntRange(1, 6).Draw(rt, "leads")
		n := rapid.IntRange(1, 6).Draw(rt, "events")
		tries := rapid.IntRange(1, 4).Draw(rt, "tries")
		answers := map[string][]Verdict{}
		for l := 1; l <= leads; l++ {
			for i := range n {
				answers[eventKey(l, i)] = rapid.SliceOfN(rapid.SampledFrom([]Verdict{Sent, Again, Again, Never}), tries, tries).Draw(rt, "answers")
			}
		}
		out := newMemory(events(leads, n)...)
		out.fail["MarkSent"] = rapid.IntRange(0, 3).Draw(rt, "disk faults")
		out.fail["Pending"] = rapid.IntRange(0, 2).Draw(rt, "read faults")
		r := &recorder{answers: answers, seen: map[dialer.LeadID][]string{}, tried: map[string]int{}}
		runUntilEnded(t, WorkerConfig{Lane: hook, Outbox: out, Sender: r, Clock: newJumpClock(),
			Parallel: rapid.IntRange(1, 4).Draw(rt, "parallel"), Retry: Retry{Tries: tries}}, out)

		for l := 1; l <= leads; l++ {
			want := []string{}
			for i := range n {
				for _, v := range answers[eventKey(l, i)] {
					want = append(want, eventKey(l, i))
					if v != Again {
						break
					}
				}
			}
			if got := r.seen[dialer.LeadID(l)]; !reflect.DeepEqual(got, want) {
				rt.Fatalf("lead %d: tried %v, want %v", l, got, want)
			}
		}
		if r.overlap {
			rt.Fatal("two deliveries of one lead were tried at once")
		}
	})
}

// runUntilEnded runs a worker in its own lifetime; rapid has no cleanups.
func runUntilEnded(t *testing.T, c WorkerConfig, out *memory) {
	t.Helper()
	_, stop := launch(t, c)
	out.wait(t, "everything has ended", ended)
	stop()
}

// recorder answers by a script and notes what was tried.
type recorder struct {
	mu      sync.Mutex
	answers map[string][]Verdict
	tried   map[string]int
	seen    map[dialer.LeadID][]string
	up      map[dialer.LeadID]bool
	overlap bool
}

func (r *recorder) Send(_ context.Context, d Delivery) Answer {
	r.mu.Lock()
	if r.up == nil {
		r.up = map[dialer.LeadID]bool{}
	}
	r.overlap = r.overlap || r.up[d.Lead]
	r.up[d.Lead] = true
	v := r.answers[d.Key][r.tried[d.Key]]
	r.tried[d.Key]++
	r.seen[d.Lead] = append(r.seen[d.Lead], d.Key)
	r.mu.Unlock()

	r.mu.Lock()
	r.up[d.Lead] = false
	r.mu.Unlock()
	return Answer{Verdict: v, Why: "by script"}
}

// TestBackOff: the pauses follow the plan, Retry-After lengthens them and
// quiets the whole lane, and the last failure is a dead letter.
func TestBackOff(t *testing.T) {
	clock := newJumpClock()
	out := newMemory(events(1, 1)...)
	var at []time.Duration
	var counted []string
	sender := senderFunc(func(_ context.Context, d Delivery) Answer {
		at = append(at, clock.Now().Sub(epoch))
		a := Answer{Verdict: Again, Why: "answered 503"}
		if len(at) == 3 {
			a.After = 5 * time.Minute
		}
		return a
	})
	_, stop := launch(t, WorkerConfig{Lane: hook, Outbox: out, Sender: sender, Clock: clock, Random: func() float64 { return 0.5 },
		Tried: func(l Lane, result string) { counted = append(counted, l.Endpoint+" "+result) },
		Retry: Retry{Tries: 5, Base: 2 * time.Second, Factor: 2, Cap: 6 * time.Second}})
	out.wait(t, "the delivery is dead", ended)
	stop()
	if want := []string{"crm again", "crm again", "crm again", "crm again", "crm dead"}; !reflect.DeepEqual(counted, want) {
		t.Errorf("counted %v, want %v", counted, want)
	}

	s := time.Second
	want := []time.Duration{0, 1 * s, 3 * s, 303 * s, 306 * s} // ceilings 2, 4, (6: overruled), 6; halved
	if !reflect.DeepEqual(at, want) {
		t.Errorf("tried at %v, want %v", at, want)
	}
	if d := out.all()[0]; d.State != StateDead || d.Attempts != 5 || d.LastError != "answered 503" {
		t.Errorf("the dead letter is %+v", d)
	}
}

// TestRetryAfterQuietsTheLane: one lead's answer holds back the others too, so
// that the first lead is first again when the quiet is over.
func TestRetryAfterQuietsTheLane(t *testing.T) {
	clock := newJumpClock()
	out := newMemory(events(3, 1)...)
	var tried []dialer.LeadID
	sender := senderFunc(func(_ context.Context, d Delivery) Answer {
		tried = append(tried, d.Lead)
		if len(tried) == 1 {
			return Answer{Verdict: Again, Why: "answered 429", After: time.Hour}
		}
		return Answer{}
	})
	_, stop := launch(t, WorkerConfig{Lane: hook, Outbox: out, Sender: sender, Clock: clock, Parallel: 1,
		Retry: Retry{Cap: time.Minute}})
	out.wait(t, "all are sent", ended)
	stop()
	if want := []dialer.LeadID{1, 1, 2, 3}; !reflect.DeepEqual(tried, want) {
		t.Errorf("tried leads %v, want %v", tried, want)
	}
	if quiet := clock.Now().Sub(epoch); quiet < time.Hour {
		t.Errorf("the receiver asked for an hour of quiet and got %v", quiet)
	}
}

func TestPauses(t *testing.T) {
	r := Retry{}.withDefaults()
	var longest time.Duration
	for failed := 1; failed < r.Tries; failed++ {
		if got := r.pause(failed, 0); got != minPause {
			t.Errorf("shortest pause after %d failures is %v, want %v", failed, got, minPause)
		}
		longest += r.pause(failed, 1)
	}
	if longest < 20*time.Hour || longest > 25*time.Hour {
		t.Errorf("the default plan spans at most %v, want about a day", longest)
	}
	rapid.Check(t, func(rt *rapid.T) {
		failed := rapid.IntRange(1, 1000).Draw(rt, "failed")
		p := r.pause(failed, rapid.Float64Range(0, 0.999).Draw(rt, "random"))
		if p < minPause || p > r.Cap {
			rt.Fatalf("pause after %d failures is %v", failed, p)
		}
	})
}

// TestOutboxFails: while an end can't be recorded nothing is sent, so that a
// full disk does not repeat deliveries.
func TestOutboxFails(t *testing.T) {
	out := newMemory(events(1, 3)...)
	out.fail["MarkSent"] = 20
	r := &recorder{answers: map[string][]Verdict{}, seen: map[dialer.LeadID][]string{}, tried: map[string]int{}}
	for i := range 3 {
		r.answers[eventKey(1, i)] = []Verdict{Sent}
	}
	start(t, WorkerConfig{Lane: hook, Outbox: out, Sender: r, Clock: newJumpClock()})
	out.wait(t, "all are sent", ended)
	if got, want := r.seen[1], []string{"l1_e0", "l1_e1", "l1_e2"}; !reflect.DeepEqual(got, want) {
		t.Errorf("tried %v, want %v", got, want)
	}
}

// TestGone: 410 turns the endpoint off, records it, tells the others, and
// keeps every event until the endpoint is on again.
func TestGone(t *testing.T) {
	out := newMemory(events(2, 2)...)
	gone := true
	var mu sync.Mutex
	sender := senderFunc(func(context.Context, Delivery) Answer {
		mu.Lock()
		defer mu.Unlock()
		if gone {
			return Answer{Verdict: Gone, Why: "answered 410 Gone"}
		}
		return Answer{}
	})
	enc := &Encoder{Webhooks: []Subscription{{Endpoint: "other", Types: []string{"alert.raised"}}}}
	added := make(chan struct{}, 1)
	out.fail["TurnOff"] = 2
	w := start(t, WorkerConfig{Lane: hook, Outbox: out, Switches: out, Sender: sender, Clock: newJumpClock(),
		Alert: func(now time.Time, name, text string) []Item { return enc.Alert(now, "", name, text) },
		Added: func() { added <- struct{}{} }})
	receive(t, added)
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows := out.all()
	if len(rows) != 5 {
		t.Fatalf("%d rows, want 4 events and one alert: %+v", len(rows), rows)
	}
	for _, d := range rows[:4] {
		if d.State != StatePending || d.Attempts != 0 {
			t.Errorf("%s is %s after %d tries, want pending and untouched", d.Key, d.State, d.Attempts)
		}
	}
	if a := rows[4]; a.Type != "alert.raised" || a.Endpoint != "other" || !strings.Contains(string(a.Body), "endpoint_off") {
		t.Errorf("the alert is %+v", a)
	}
	if why := out.off["crm"]; why != "answered 410 Gone" {
		t.Errorf("recorded reason %q", why)
	}

	mu.Lock()
	gone = false
	mu.Unlock()
	out.turnOn("crm")
	w.Poke()
	out.wait(t, "the kept events are sent", func(rows []Delivery) bool { return ended(rows[:4]) })
}

func TestOffFromTheStart(t *testing.T) {
	out := newMemory(events(1, 1)...)
	out.off["crm"] = "by hand"
	w := start(t, WorkerConfig{Lane: hook, Outbox: out, Switches: out, Clock: newJumpClock(),
		Sender: senderFunc(func(context.Context, Delivery) Answer { t.Error("sent to an endpoint that is off"); return Answer{} })})
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := out.all()[0]; d.State != StatePending {
		t.Errorf("the event is %s", d.State)
	}
}

// TestWeakLane: after failures in a row only one delivery at a time knocks,
// and a success opens the lane again.
func TestWeakLane(t *testing.T) {
	var mu sync.Mutex
	tries, up, most := 0, 0, 0
	release := make(chan struct{})
	sender := senderFunc(func(context.Context, Delivery) Answer {
		mu.Lock()
		tries++
		first := tries <= 8
		weak := tries > 16 && tries <= 40 // by then five failures in a row are known
		fail := tries <= 40
		up++
		if weak {
			most = max(most, up)
		}
		mu.Unlock()
		if first {
			release <- struct{}{} // the first eight are under way together
		}
		mu.Lock()
		up--
		mu.Unlock()
		if fail {
			return Answer{Verdict: Again, Why: "answered 500"}
		}
		return Answer{}
	})
	out := newMemory(events(40, 1)...)
	start(t, WorkerConfig{Lane: hook, Outbox: out, Sender: sender, Clock: newJumpClock(), Parallel: 8})
	for range 8 {
		<-release
	}
	out.wait(t, "all are sent", ended)
	if most != 1 {
		t.Errorf("%d tries at once at a receiver that fails, want 1", most)
	}
}

// TestLeave: on the way out a try under way is cut after the grace time and
// not counted; one that ends well is recorded.
func TestLeave(t *testing.T) {
	out := newMemory(events(2, 1)...)
	began := make(chan struct{}, 2)
	sender := senderFunc(func(ctx context.Context, d Delivery) Answer {
		began <- struct{}{}
		<-ctx.Done()
		if d.Lead == 1 {
			return Answer{} // the receiver answered at the last moment
		}
		return Answer{Verdict: Again, Why: "cut"}
	})
	w, err := NewWorker(WorkerConfig{Lane: hook, Outbox: out, Sender: sender, Clock: newJumpClock()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- w.Run(ctx) }()
	<-began
	<-began
	cancel()
	<-done
	rows := out.all()
	if rows[0].State != StateSent {
		t.Errorf("the delivery that was answered is %s", rows[0].State)
	}
	if rows[1].State != StatePending || rows[1].Attempts != 0 {
		t.Errorf("the delivery that was cut off is %s after %d tries", rows[1].State, rows[1].Attempts)
	}
}

// TestSMSFollows: the end of a text message becomes an event.
func TestSMSFollows(t *testing.T) {
	enc := &Encoder{Webhooks: []Subscription{{Endpoint: "crm"}}, SMS: true}
	save := dialer.Save{Lead: dialer.Lead{ID: 7, Campaign: "c", Phone: "+79001234567"}, Attempt: &dialer.Attempt{ID: 3}}
	save.Effects = []dialer.Effect{{Kind: dialer.EffectSMS, Text: "good"}, {Kind: dialer.EffectSMS, Text: "bad"}}
	out := newMemory(enc.Encode(epoch, save)...)
	out.fail["Add"] = 1 // the follow-up fails once: the text may be repeated, its event not
	sender := senderFunc(func(_ context.Context, d Delivery) Answer {
		if strings.Contains(string(d.Body), `"bad"`) {
			return Answer{Verdict: Never, Why: "answered 400 Bad Request: +79001234567 is unknown"}
		}
		return Answer{}
	})
	added := make(chan struct{}, 8)
	w := start(t, WorkerConfig{Lane: Lane{Kind: KindSMS}, Outbox: out, Sender: sender, Clock: newJumpClock(),
		Follow: enc.SMSResult, Added: func() { added <- struct{}{} }})
	receive(t, added)
	receive(t, added)
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows := out.all()
	if len(rows) != 4 {
		t.Fatalf("%d rows, want two texts and two events", len(rows))
	}
	for i, want := range []string{"sms.sent", "sms.failed"} {
		d := rows[2+i]
		if d.Type != want || d.Lead != 7 || d.Kind != KindWebhook {
			t.Errorf("event %d is %+v", i, d)
		}
	}
	if !strings.Contains(string(rows[3].Body), "is unknown") || rows[1].State != StateDead {
		t.Errorf("the failure's reason is lost: %s", rows[3].Body)
	}
}

func TestWorkerNeedsItsParts(t *testing.T) {
	if _, err := NewWorker(WorkerConfig{}); err == nil {
		t.Error("a worker without an outbox was made")
	}
}

func TestFlushEndsWithItsContext(t *testing.T) {
	w, err := NewWorker(WorkerConfig{Lane: hook, Outbox: newMemory(), Sender: senderFunc(nil)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Flush(ctx); err == nil {
		t.Error("Flush of a worker that does not run returned well")
	}
}

// handClock is virtual time that the test moves on.
type handClock struct {
	nanos atomic.Int64
	asked chan time.Duration
	tick  chan time.Time
}

func (c *handClock) Now() time.Time { return time.Unix(0, c.nanos.Load()).UTC() }

func (c *handClock) After(d time.Duration) (<-chan time.Time, func()) {
	select {
	case c.asked <- d:
	default: // the test has seen what it wanted
	}
	return c.tick, func() {}
}

// A flush with time to give waits for the next try of what failed if it falls
// due by then; another flush does not.
func TestFlushUntil(t *testing.T) {
	out := newMemory(events(1, 1)...)
	clock := &handClock{asked: make(chan time.Duration, 9), tick: make(chan time.Time)}
	clock.nanos.Store(epoch.UnixNano())
	var tries atomic.Int32
	w := start(t, WorkerConfig{Lane: hook, Outbox: out, Clock: clock, Retry: Retry{Base: time.Minute},
		Random: func() float64 { return 0.5 },
		Sender: senderFunc(func(context.Context, Delivery) Answer {
			if tries.Add(1) == 1 {
				return Answer{Verdict: Again, Why: "not yet"}
			}
			return Answer{Verdict: Sent}
		})})
	for receive(t, clock.asked) != 30*time.Second {
		continue // until the first try has failed and the second has its time
	}
	if err := errors.Join(w.Flush(t.Context()), w.FlushUntil(t.Context(), clock.Now().Add(29*time.Second))); err != nil || tries.Load() != 1 {
		t.Fatalf("%d tries, %v", tries.Load(), err)
	}
	flushed := make(chan error, 1)
	go func() { flushed <- w.FlushUntil(t.Context(), clock.Now().Add(time.Hour)) }()
	clock.nanos.Add(int64(30 * time.Second))
	select {
	case clock.tick <- clock.Now():
	case err := <-flushed: // the flush itself woke the worker
		flushed <- err
	}
	if err := receive(t, flushed); err != nil {
		t.Fatal(err)
	}
	if d := out.all()[0]; tries.Load() != 2 || d.State != StateSent {
		t.Errorf("%d tries, the event is %s", tries.Load(), d.State)
	}
}
