package media

import (
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"dozvon/audio"
	"dozvon/internal/mailbox"
)

// wheel serves its sessions every 20 ms, in slots 1 ms apart, from one
// goroutine. It owns everything in them; others post operations.
type wheel struct {
	engine   *Engine
	ops      *mailbox.Box[func(now time.Time)]
	spare    []func(now time.Time)
	sessions atomic.Int64 // for choosing the emptiest wheel
	done     chan struct{}
	stopping bool

	sched schedule
	slots [slotCount + 1][]*Session // the last one: unserved
	count atomic.Int64              // sessions that are served
	late  lateness
	sleep func(until time.Time)
	rest  func() // until something is posted, or less
	wake  func() // ends rest

	// Scratch for the session being served.
	batch   *batch
	header  rtp.Header
	out     [rtpHeaderBytes + maxSound + secureBytes]byte
	rx      [frameBytes]byte
	pcm     [frameBytes]int16
	mix     [2][frameBytes]int16
	keys    []byte
	reports reportScratch
}

const rtpHeaderBytes = 12

// unserved is where sessions wait whose far end is not known yet: nothing can be
// sent, and nothing that comes is anybody's. A phone that only rings costs nothing.
const unserved = slotCount

func startWheel(e *Engine) *wheel {
	w := &wheel{engine: e, ops: mailbox.New[func(now time.Time)](), done: make(chan struct{}), batch: newBatch(), keys: make([]byte, 0, 8)}
	w.sched.epoch = time.Now()
	if e.own {
		t := &restingThread{ops: w.ops.Ready()}
		w.sleep, w.rest, w.wake = sleepThread, t.rest, t.wake
		runOnThread(w.run, w.done)
		return w
	}
	w.sleep, w.rest, w.wake = sleepGoroutine, func() { <-w.ops.Ready() }, func() {}
	go func() { defer close(w.done); w.run() }()
	return w
}

func sleepGoroutine(until time.Time) { time.Sleep(time.Until(until)) }

// post has the wheel run op soon, at the latest with its next slot.
func (w *wheel) post(op func(now time.Time)) {
	w.ops.Put(op)
	w.wake()
}

// later has the wheel run op before the next one that is posted; a thread is not
// woken for it.
func (w *wheel) later(op func(now time.Time)) { w.ops.Put(op) }

// stop ends the wheel's sessions and waits until it has come to rest.
func (w *wheel) stop() {
	w.post(func(time.Time) { w.stopping = true })
	<-w.done
}

func (w *wheel) run() {
	for {
		w.apply(time.Now())
		if w.stopping {
			w.releaseAll()
			return
		}
		if w.count.Load() == 0 {
			w.rest()
			w.sched.skipTo(time.Now())
			continue
		}
		w.turn()
	}
}

func (w *wheel) apply(now time.Time) {
	w.spare = w.ops.Take(w.spare)
	for _, op := range w.spare {
		op(now)
	}
}

// turn waits for the next slot that has sessions and serves it.
func (w *wheel) turn() {
	slot := w.sched.upcoming(func(i int) bool { return len(w.slots[i]) > 0 })
	due := w.sched.due(slot)
	now := time.Now()
	if wait := due.Sub(now); wait > 0 {
		w.sleep(due)
		now = time.Now()
		w.apply(now) // what was asked for while the wheel slept
	} else if -wait > maxLag {
		w.sched.skipTo(now)
		return
	}
	w.sched.next = slot + 1
	for i := len(w.slots[slot%int64(slotCount)]) - 1; i >= 0; i-- {
		// Nothing leaves the slot meanwhile: a sink can only post.
		missed := w.slots[slot%int64(slotCount)][i].serve(now, slot)
		w.late.add(now.Sub(due), missed)
		now = time.Now()
	}
}

// adopt moves a session to the emptiest slot, unless it is in one: it is served
// from now on. It returns how many packets in the batch are to be taken.
func (w *wheel) adopt(s *Session) int {
	if s.slot != unserved {
		return 0
	}
	best := 0
	for i := range w.slots[:slotCount] {
		if len(w.slots[i]) < len(w.slots[best]) {
			best = i
		}
	}
	w.take(s)
	w.put(s, best)
	w.count.Add(1)
	return s.waiting()
}

func (w *wheel) put(s *Session, slot int) {
	s.slot, s.place = slot, len(w.slots[slot])
	w.slots[slot] = append(w.slots[slot], s)
}

// take takes a session out of its slot.
func (w *wheel) take(s *Session) {
	slot := w.slots[s.slot]
	last := slot[len(slot)-1]
	slot[s.place], last.place = last, s.place
	slot[len(slot)-1] = nil
	w.slots[s.slot] = slot[:len(slot)-1]
}

// release takes a session off the wheel and frees what it holds.
func (w *wheel) release(s *Session) {
	if s.released {
		return
	}
	s.released = true
	w.take(s)
	if s.slot != unserved {
		w.count.Add(-1)
	}
	w.sessions.Add(-1)
	s.goodbye()
	s.sock.close()
	s.secure.close()
	w.engine.released(s.Local().Port())
	s.stopRecording(func() { close(s.done) })
	s.listeners, s.player = nil, player{}
	s.bridgeIn, s.bridgeOut, s.mixIn, s.mixOut = nil, nil, nil, nil
}

func (w *wheel) releaseAll() {
	for i := range w.slots {
		for len(w.slots[i]) > 0 {
			s := w.slots[i][0]
			s.closed.Store(true)
			w.release(s)
		}
	}
}

// decode expands a frame into the wheel's scratch.
func (w *wheel) decode(law audio.Law, frame *[frameBytes]byte) []int16 {
	audio.Decode(law, w.pcm[:], frame[:])
	return w.pcm[:]
}
