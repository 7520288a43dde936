package siptest

import (
	"errors"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"dozvon/audio"
	"dozvon/dialer/phonesim"
	"dozvon/internal/mailbox"
	"dozvon/media"
)

// call is the far end of one call. The goroutine of its INVITE owns it; other
// goroutines reach it through inbox, cancelled, events and the ear only.
type call struct {
	srv      *Server
	id       string
	tag      string // ours
	number   string
	profile  phonesim.Profile
	operator bool
	law      audio.Law // preferred

	invite *sipgo.Request
	tx     *sipgo.ServerTx
	dialog dialog
	offer  offer

	inbox     chan message  // in-dialog requests
	cancelled chan struct{} // takes one: CANCEL came, 487 has been sent
	over      chan struct{} // closed when nothing is taken from inbox any more
	events    *mailbox.Box[media.Event]
	buf       []media.Event

	unacked  unacked // the 2xx that waits for its ACK
	dropAcks int
	limit    *time.Timer // how long the call may ring, then last
	late     error       // what passing the limit means

	media   *media.Session
	path    *path // of the sound, where some of it is lost; nil: straight
	nth     int   // call to this number
	ear     *ear
	playing media.PlayID
	typed   bool  // the keys given to media have left
	acted   int64 // samples of voice heard when the person last did something
}

// message is an in-dialog request with its transaction.
type message struct {
	req *sipgo.Request
	tx  *sipgo.ServerTx
}

// Why a call is over.
var (
	errDone      = errors.New("the far end is done")
	errBye       = errors.New("the caller hung up")
	errCancelled = errors.New("the caller gave up")
	errClosing   = errors.New("the simulator closes")
	errNoAck     = errors.New("no ACK came for the 200")
	errLong      = errors.New("the call lasted too long: BYE never came")
	errNoCancel  = errors.New("nobody answered and CANCEL never came")
	errDead      = errors.New("the line went dead: no RTP came and no BYE")
)

func newCall(s *Server, req *sipgo.Request, tx *sipgo.ServerTx) *call {
	tag, _ := req.To().Params.Get("tag")
	c := &call{
		srv: s, id: req.CallID().Value(), tag: tag, number: req.Recipient.User, invite: req, tx: tx,
		inbox: make(chan message), cancelled: make(chan struct{}, 1), over: make(chan struct{}),
		events: mailbox.New[media.Event](), dropAcks: s.cfg.DropAcks,
		limit: time.NewTimer(s.cfg.MaxRing), late: errNoCancel,
	}
	c.dialog = newDialog(s, req)
	c.ear = newEar()
	return c
}

// cast draws the profile of the call, and returns the entry that says so. It
// runs on the desk.
func (c *call) cast(nth int) Entry {
	book := &c.srv.cfg.Book
	c.profile, c.operator = book.pick(c.number, nth)
	c.nth = nth
	c.law = book.law(c.profile, c.operator)
	e := c.entry(Admitted)
	e.From, e.Nth, e.Profile, e.Operator = c.invite.From().Address.User, nth, label(c.profile), c.operator
	return e
}

// label names a profile in records.
func label(p phonesim.Profile) string {
	if p.Name != "" {
		return p.Name
	}
	return string(p.Kind)
}

// entry starts a journal entry of this call.
func (c *call) entry(what What) Entry {
	return Entry{At: time.Now(), What: what, Call: c.id, Number: c.number}
}

func (c *call) note(what What) { c.srv.desk.note(c.entry(what)) }

// run plays the far end until the call is over, and records how it ended.
func (c *call) run() {
	if !c.tx.OnCancel(c.giveUp) {
		c.giveUp(nil) // it had come before we could hear of it
	}
	err := c.play()
	err = c.conclude(err)
	close(c.over)
	c.limit.Stop()
	c.unacked.stop()
	e := c.entry(Ended)
	e.By, e.Err = blame(err)
	e.Sound = c.hangUpMedia()
	c.srv.desk.note(e)
}

// giveUp reports a CANCEL; it never waits.
func (c *call) giveUp(cancel *sipgo.Request) {
	if cancel != nil && c.dialog.stream() { // a datagram was noted on the wire
		c.srv.desk.note(entryOf(cancel, Cancelled))
	}
	select {
	case c.cancelled <- struct{}{}:
	default:
	}
}

// blame says which side ended a call and what the caller did wrong.
func blame(err error) (Party, string) {
	switch {
	case errors.Is(err, errBye), errors.Is(err, errCancelled):
		return Caller, ""
	case errors.Is(err, errClosing):
		return Closed, ""
	case err == nil, errors.Is(err, errDone):
		return Callee, ""
	case errors.Is(err, errLong), errors.Is(err, errNoCancel):
		return Closed, err.Error()
	}
	return Callee, err.Error()
}

// until serves the call for d, or for ever if d is negative, or until ready
// says true. It returns an error when the call is over.
func (c *call) until(d time.Duration, ready func() bool) error {
	var end <-chan time.Time
	if d >= 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		end = t.C
	}
	for ready == nil || !ready() {
		select {
		case <-end:
			return nil
		default:
		}
		select {
		case <-end:
			return nil
		case <-c.ear.wake:
		case <-c.events.Ready():
			if err := c.mediaEvents(); err != nil {
				return err
			}
		case m := <-c.inbox:
			if err := c.receive(m); err != nil {
				return err
			}
		case <-c.cancelled:
			return errCancelled
		case <-c.unacked.again():
			c.unacked.repeat(c)
		case <-c.limit.C:
			return c.late
		case <-c.srv.ctx.Done():
			return errClosing
		}
	}
	return nil
}

// mediaEvents takes what the wheel reported.
func (c *call) mediaEvents() error {
	c.buf = c.events.Take(c.buf)
	for _, ev := range c.buf {
		switch ev.Kind {
		case media.Digit:
			e := c.entry(KeyHeard)
			e.Keys = string(ev.Digit)
			c.srv.desk.note(e)
		case media.PlayDone:
			if ev.Play == c.playing {
				c.playing = 0
			}
		case media.DigitsSent:
			c.typed = true
		case media.Dead:
			return errDead
		}
	}
	return nil
}
