package media

import (
	"errors"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"dozvon/audio"
)

// Session is the media of one call. Its methods may be called from any
// goroutine, also from the session's own Sink and Listen functions: they
// leave a request with the wheel that owns the session and return at once.
type Session struct {
	wheel  *wheel
	sock   *socket
	opt    Options
	closed atomic.Bool
	done   chan struct{}
	plays  atomic.Uint32
	law    atomic.Uint32 // of the last SetRemote, so that Play encodes outside the wheel
	count  counters

	// What follows belongs to the wheel.
	slot, place int
	lastSlot    int64
	released    bool
	inbound
	outbound
	watch     watch
	voice     voice
	reporter  reporter
	reports   reportPath
	reportAt  int64     // the period of the next report
	servedAt  time.Time // the last period's
	player    player
	bridgeIn  *pipe
	bridgeOut *pipe
	mixIn     *pipe // of the third party of a bridge
	mixOut    *pipe
	onHold    bool // bridged, and hears the player
	listeners []*listener
	inband    *bandKeys
	recording *recording
	block     *block
	period    int64 // frames since the session's first, for the recording's time
}

func newSession(w *wheel, sock *socket, o Options) *Session {
	s := &Session{wheel: w, sock: sock, opt: o, done: make(chan struct{}), lastSlot: -1}
	s.inbound.latch.any = o.AnySource
	s.inbound.jitter.depth = depthAlone
	s.outbound.begin()
	s.reporter.follow(s.outgoing())
	s.watch.after = o.DeadAfter
	return s
}

// post has the wheel run op on the session unless it is closed by then.
func (s *Session) post(op func(now time.Time)) {
	s.wheel.post(func(now time.Time) {
		if !s.released {
			op(now)
		}
	})
}

// emit tells the sink, unless the session has been closed.
func (s *Session) emit(e Event) {
	if s.opt.Sink != nil && !s.closed.Load() {
		s.opt.Sink(e)
	}
}

// Local returns the address at which the session receives: for the SDP.
func (s *Session) Local() netip.AddrPort { return s.sock.local() }

// SetRemote tells the session where and how the far end sends and receives.
// It may be called again when an offer or answer changes that; the same
// address keeps what was learned about the way through a NAT.
func (s *Session) SetRemote(r Remote) {
	r.Addr = netip.AddrPortFrom(r.Addr.Addr().Unmap(), r.Addr.Port())
	s.law.Store(uint32(r.Law))
	s.post(func(now time.Time) {
		n := s.wheel.adopt(s)
		s.setRemote(r, now)
		s.packets(now, n)
	})
}

// Play plays clips one after the other without a gap, in place of what plays
// now; that one, if any, ends with PlayDone and Cut. A Play that follows on
// the PlayDone of the one before within 20 ms joins it without a gap: PlayDone
// comes when less than 20 ms are left. While the session is bridged, playing
// waits.
func (s *Session) Play(o PlayOptions, clips ...*audio.Clip) PlayID {
	id := PlayID(s.plays.Add(1))
	clips = slices.Clone(clips)
	for _, c := range clips {
		c.Encoded(audio.Law(s.law.Load()))
	}
	s.post(func(now time.Time) {
		next := s.player.then(player{id: id, opt: o, clips: clips})
		s.cut(now)
		s.player = next
	})
	return id
}

// StopPlay stops what plays.
func (s *Session) StopPlay() { s.post(func(now time.Time) { s.cut(now) }) }

// SendDigits sends keys after those still waiting to be sent: 0-9 * # A-D,
// and a comma for a pause of half a second. They go as telephone-events
// (RFC 4733), or as tones if the far end takes none; the sound waits
// meanwhile. DigitsSent follows.
func (s *Session) SendDigits(digits string) { s.post(func(time.Time) { s.keys.add(digits) }) }

// openWithin is how long Record waits to learn whether its file could be
// created: no disk that is well takes that long, and nobody on the phone
// notices it.
const openWithin = 50 * time.Millisecond

// Record writes the call to path from now on, in place of what it records
// now: a WAV file of 16 bits and 8 kHz, the far end left, what is sent right.
// The error is about creating the file. A disk that does not answer within 50
// ms, and later faults, are logged, leave silence in the file and never
// disturb the call.
func (s *Session) Record(path string) error {
	if s.closed.Load() {
		return errors.New("media: cannot record: the session is closed")
	}
	rec := &recording{path: path}
	late := time.NewTimer(openWithin)
	defer late.Stop()
	select {
	case err := <-s.wheel.engine.writer.open(rec):
		if err != nil {
			return err
		}
	case <-late.C:
	}
	s.record(rec)
	return nil
}

func (s *Session) record(rec *recording) {
	s.wheel.post(func(time.Time) {
		s.stopRecording(nil)
		rec.from = s.period + 1
		s.recording = rec
		if s.released {
			s.stopRecording(nil)
		}
	})
}

// StopRecord ends the recording; the file is complete soon after.
func (s *Session) StopRecord() { s.post(func(time.Time) { s.stopRecording(nil) }) }

// Stats returns what the session has counted so far.
func (s *Session) Stats() Stats { return s.count.stats() }

// Close ends the session and its recording. No event begins after it, and its
// port rests before another call gets it. Calling it again does nothing. It
// does not wait: see Done.
func (s *Session) Close() error {
	if !s.closed.Swap(true) {
		s.wheel.post(func(time.Time) { s.wheel.release(s) })
	}
	return nil
}

// Done is closed when the session has ended and its recording is complete on
// disk.
func (s *Session) Done() <-chan struct{} { return s.done }
