package siptest

import (
	"io"
	"log/slog"
	"slices"
	"time"

	"dozvon/internal/mailbox"
)

// desk owns everything that the calls of a server share: who is on the line,
// what was seen of each call, the journal, and who waits for what. One
// goroutine runs the jobs of its queue in order; nobody else touches it.
type desk struct {
	jobs *mailbox.Box[func()]
	quit chan struct{}
	done chan struct{}

	live    map[string]*call // by Call-ID
	told    map[string]*history
	order   []*history
	nth     map[string]int // calls so far, by number
	waiters []*waiter
	stats   Stats
	closing bool
	idle    chan struct{} // closed when closing and nobody is on the line

	journal  io.Writer
	remember int
	log      *slog.Logger
}

// waiter is somebody who waits for a call's record to be as match asks.
type waiter struct {
	match func(CallRecord) bool
	found chan CallRecord // takes one
}

func newDesk(c Config) *desk {
	return &desk{
		jobs: mailbox.New[func()](), quit: make(chan struct{}), done: make(chan struct{}),
		live: map[string]*call{}, told: map[string]*history{}, nth: map[string]int{},
		idle: make(chan struct{}), journal: c.Journal,
		stats:    Stats{ByCode: map[int]int{}, ByProfile: map[string]int{}},
		remember: c.Remember, log: c.Log,
	}
}

// run serves the desk until stop.
func (d *desk) run() {
	defer close(d.done)
	var buf []func()
	for {
		select {
		case <-d.jobs.Ready():
		case <-d.quit:
			d.work(buf)
			return
		}
		buf = d.work(buf)
	}
}

func (d *desk) work(buf []func()) []func() {
	buf = d.jobs.Take(buf)
	for _, job := range buf {
		job()
	}
	return buf
}

// stop ends the desk after the jobs already put.
func (d *desk) stop() { close(d.quit); <-d.done }

// ask runs f on the desk and waits for it; false if the desk is gone.
func (d *desk) ask(f func()) bool {
	answered := make(chan struct{})
	d.jobs.Put(func() { f(); close(answered) })
	select {
	case <-answered:
		return true
	case <-d.done:
		select {
		case <-answered:
			return true
		default:
			return false
		}
	}
}

// note has an entry written and told, after those noted before it.
func (d *desk) note(e Entry) { d.jobs.Put(func() { d.tell(e) }) }

// tell writes an entry and brings its call's record up to date.
func (d *desk) tell(e Entry) {
	if e.At.IsZero() {
		e.At = time.Now()
	}
	d.write(e)
	if e.Call == "" {
		return
	}
	h := d.told[e.Call]
	if h == nil {
		if e.What != Invited && e.What != Admitted {
			return // a stray message is written down, but is no call
		}
		h = newHistory(e.Call)
		d.told[e.Call] = h
		d.order = append(d.order, h)
	}
	before := h.CallRecord
	h.tell(e)
	d.stats.count(before, h.CallRecord, e)
	d.forget()
	d.wake(h.CallRecord)
}

func (d *desk) write(e Entry) {
	if d.journal == nil {
		return
	}
	if err := writeEntry(d.journal, e); err != nil {
		d.log.Error("the journal cannot be written; it ends here", "err", err)
		d.journal = nil
	}
}

// forget drops the oldest records beyond what is remembered, a quarter at a
// time, but no call that is on the line.
func (d *desk) forget() {
	if len(d.order) <= d.remember+d.remember/4 {
		return
	}
	old := len(d.order) - d.remember
	i := -1
	d.order = slices.DeleteFunc(d.order, func(h *history) bool {
		i++
		if i >= old || d.live[h.CallID] != nil {
			return false
		}
		delete(d.told, h.CallID)
		return true
	})
}

// wake hands a changed record to those who waited for it.
func (d *desk) wake(r CallRecord) {
	d.waiters = slices.DeleteFunc(d.waiters, func(w *waiter) bool {
		if !w.match(r) {
			return false
		}
		w.found <- r
		return true
	})
}

// admit enters a call, unless the server is closing or the call is known.
func (d *desk) admit(c *call) (nth int, ok bool) {
	if d.closing || d.live[c.id] != nil {
		return 0, false
	}
	if h := d.told[c.id]; h != nil && h.Nth > 0 {
		return 0, false // the same attempt again, after its end
	}
	d.nth[c.number]++
	d.live[c.id] = c
	d.stats.Live++
	return d.nth[c.number], true
}

// leave takes a call off the line.
func (d *desk) leave(id string) {
	delete(d.live, id)
	d.stats.Live--
	d.close()
}

// close reports idle once the server is closing and the last call has left.
func (d *desk) close() {
	if d.closing && len(d.live) == 0 && !isClosed(d.idle) {
		close(d.idle)
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
