package loop

import (
	"context"
	"log/slog"
	"time"

	"dozvon/dialer"
	"dozvon/internal/mailbox"
)

// Config is what a loop is made of. Engine, Ledger and Caller are required.
type Config struct {
	Engine *dialer.Engine // owned by the loop from New on
	Ledger dialer.Ledger
	Caller dialer.Caller
	Clock  Clock // default: a WallClock
	// FastForward makes the clock jump to the engine's next moment while no
	// call is up and no event waits. The clock must be a Jumper.
	FastForward bool
	// Stay keeps Run going when every campaign is finished, and when those
	// left can't go on by themselves (all trunks refused): a service.
	Stay bool
	// StopWait is how long Run waits for the calls it hangs up when its
	// context ends; default 10 s.
	StopWait time.Duration
	// Patience is how long Run goes on trying to save results after the last
	// call has ended when the ledger fails; default 5 s.
	Patience time.Duration
	// Gather is how long after a turn with a transaction began the loop lets results of calls
	// come together before its next turn, so that under load many of them share
	// one flush of the disk. Answers wait a quarter of it at most: whoever picked up
	// and is not on the disk yet would be called again after a crash. What comes to an idle loop, a push and whatever
	// steers a campaign are handled at once. 0: every event at once. It is real time: tests on virtual time
	// leave it 0.
	Gather time.Duration
	// Observe, if set, is called on the loop's goroutine after each turn that
	// changed something; it must not block.
	Observe func(Report)
	Log     *slog.Logger // default: silent
}

// Loop owns an engine.
type Loop struct {
	cfg   Config
	queue *mailbox.Box[any] // any goroutine puts, Run takes
	now   chan struct{}     // holds one: something that does not wait for others
	soon  chan struct{}     // holds one: somebody picked up
	done  chan struct{}

	// What follows belongs to the goroutine of Run.
	wake      dialer.WakeAt
	up        map[dialer.AttemptID]struct{} // handed to the caller, not ended
	campaigns map[string]campaign
	progress  map[dialer.AttemptID]dialer.Attempt // not recorded yet
	unsaved   []dialer.Save
	unmarked  []dialer.CampaignChanged
	fault     *StoreError
	asks      []chan Snapshot
	sorted    batch // of the turn's commands
	report    Report
	stopping  bool
	braked    bool      // no call is placed until the machine has room again
	deadline  time.Time // of stopping, or of Patience
	final     Snapshot
	quiet     time.Time // by the machine's clock: events gather until then
	brief     time.Time // and answers until then
	held      []any     // taken from the queue for the next turn
}

// campaign is what the loop remembers of one: when to return.
type campaign struct {
	state    dialer.CampaignState
	reason   dialer.PauseReason
	resident bool
}

// New makes a loop; nothing happens before Run. It panics if the
// configuration lacks a part, as that is a fault of the program.
func New(c Config) *Loop {
	if c.Engine == nil || c.Ledger == nil || c.Caller == nil {
		panic("loop: Engine, Ledger and Caller must be set")
	}
	if c.Clock == nil {
		c.Clock = &WallClock{}
	}
	if _, ok := c.Clock.(Jumper); c.FastForward && !ok {
		panic("loop: FastForward needs a clock that can jump")
	}
	if c.StopWait == 0 {
		c.StopWait = 10 * time.Second
	}
	if c.Patience == 0 {
		c.Patience = 5 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Loop{
		cfg: c, queue: mailbox.New[any](), now: make(chan struct{}, 1), soon: make(chan struct{}, 1), done: make(chan struct{}),
		up: map[dialer.AttemptID]struct{}{}, progress: map[dialer.AttemptID]dialer.Attempt{}, campaigns: map[string]campaign{},
	}
}

// Post hands an event to the engine. It may be called from any goroutine,
// before Run too, and never blocks. After Run has returned it does nothing.
func (l *Loop) Post(ev dialer.Event) {
	l.queue.Put(ev)
	switch ev := ev.(type) {
	case dialer.Ended: // results may gather
	case dialer.Progressed:
		if ev.State == dialer.AttemptAnswered {
			ring(l.soon)
		}
	default:
		ring(l.now)
	}
}

// ring tells the goroutine of Run something that it may hear once for many.
func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

// Snapshot returns how things stand at the loop's next turn; after Run has
// returned, how they stood at its end; the zero value if ctx ends first.
func (l *Loop) Snapshot(ctx context.Context) Snapshot {
	answer := make(chan Snapshot, 1)
	if l.queue.Put(answer) {
		ring(l.now)
		select {
		case s := <-answer:
			return s
		case <-ctx.Done():
			return Snapshot{}
		case <-l.done:
		}
	}
	select {
	case <-l.done:
		return l.final
	case <-ctx.Done():
		return Snapshot{}
	}
}
