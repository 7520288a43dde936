package siptest

import (
	"errors"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"dozvon/media"
)

// unacked repeats a 2xx to an INVITE until its ACK comes (RFC 3261 13.3.1.4:
// the transaction does not, its user does).
type unacked struct {
	tx       *sipgo.ServerTx
	res      *sipgo.Response
	cseq     uint32
	interval time.Duration
	timer    *time.Timer
}

// t2 bounds the interval between repetitions (RFC 3261 17.1.1.1, T2).
const t2 = 4 * time.Second

func (u *unacked) start(tx *sipgo.ServerTx, res *sipgo.Response, cseq uint32, t1 time.Duration) {
	u.stop()
	*u = unacked{tx: tx, res: res, cseq: cseq, interval: t1, timer: time.NewTimer(t1)}
}

func (u *unacked) stop() {
	if u.timer != nil {
		u.timer.Stop()
	}
	*u = unacked{}
}

func (u *unacked) waiting() bool { return u.timer != nil }

// again is ready when the 2xx is to be repeated.
func (u *unacked) again() <-chan time.Time {
	if u.timer == nil {
		return nil
	}
	return u.timer.C
}

func (u *unacked) repeat(c *call) {
	u.interval = min(2*u.interval, t2)
	u.timer.Reset(u.interval)
	if err := u.tx.Respond(u.res); err != nil {
		c.srv.cfg.Log.Debug("200 not repeated", "err", err)
	}
	if u.tx == c.tx {
		c.noteCode(Answered, 200, time.Now())
	}
}

// noteCode notes a final answer as sent at that moment. It is noted when it has
// left: a CANCEL may win until then.
func (c *call) noteCode(what What, code int, at time.Time) {
	e := c.entry(what)
	e.At, e.Code = at, code
	c.srv.desk.note(e)
}

// answer sends the 200 and waits for its ACK.
func (c *call) answer() error {
	if err := c.openMedia(); err != nil {
		return err
	}
	select {
	case <-c.cancelled:
		return errCancelled
	default:
	}
	res := c.response(c.invite, 200, "OK", c.sdp())
	at := time.Now()
	if err := c.tx.Respond(res); err != nil {
		return c.unanswered(err)
	}
	c.noteCode(Answered, 200, at)
	c.limit.Reset(c.srv.cfg.MaxCall)
	c.late = errLong
	c.connect(true)
	c.unacked.start(c.tx, res, c.invite.CSeq().SeqNo, c.srv.cfg.T1)
	if err := c.until(c.srv.cfg.AckWait, c.acked); err != nil {
		return err
	}
	if !c.acked() {
		return errNoAck
	}
	return nil
}

func (c *call) acked() bool { return !c.unacked.waiting() }

// unanswered says why a 200 could not be sent. A CANCEL may have won by a
// hair: then the transaction has sent its 487, and must repeat that and not
// the 200 it was just given.
func (c *call) unanswered(err error) error {
	if errors.Is(err, sipgo.ErrTransactionCanceled) {
		_ = c.tx.Respond(c.response(c.invite, 487, "Request Terminated", nil))
		return errCancelled
	}
	return err
}

// response builds an answer within the dialog.
func (c *call) response(req *sipgo.Request, code int, reason string, sdp []byte) *sipgo.Response {
	res := sipgo.NewResponseFromRequest(req, code, reason, sdp)
	if code > 100 && code < 300 {
		res.AppendHeader(c.dialog.contact())
		res.AppendHeader(sipgo.NewHeader("Allow", allow))
	}
	if len(sdp) > 0 {
		res.AppendHeader(sipgo.NewHeader("Content-Type", "application/sdp"))
	}
	return res
}

// openMedia opens the RTP port once it is needed: a call that is refused
// takes none.
func (c *call) openMedia() error {
	if c.media != nil {
		return nil
	}
	m, err := c.srv.engine.Open(media.Options{Sink: func(ev media.Event) { c.events.Put(ev) }, DeadAfter: max(0, c.srv.cfg.DeadAfter)})
	if err != nil {
		return err
	}
	c.media = m
	m.Listen(c.ear.hear)
	return nil
}

// refusal is a final answer other than 2xx.
type refusal struct {
	code   int
	reason string
	cause  string // Reason header (RFC 3326); empty: none
}

// refuse sends a refusal and waits for its ACK.
func (c *call) refuse(r refusal) error {
	res := c.response(c.invite, r.code, r.reason, nil)
	if r.cause != "" {
		res.AppendHeader(sipgo.NewHeader("Reason", r.cause))
	}
	select {
	case <-c.cancelled:
		return errCancelled
	default:
	}
	at := time.Now()
	if err := c.tx.Respond(res); err != nil {
		return c.unanswered(err)
	}
	c.noteCode(Refused, r.code, at)
	return c.confirmed()
}

// confirmed waits for the ACK of a final answer other than 2xx. The
// transaction repeats the answer meanwhile, and takes the ACK.
func (c *call) confirmed() error {
	end := time.NewTimer(c.srv.cfg.AckWait)
	defer end.Stop()
	for {
		select {
		case ack := <-c.tx.Acks():
			if c.dialog.stream() { // a datagram was noted on the wire
				c.srv.desk.note(entryOf(ack, Acked))
			}
			return errDone
		case <-c.tx.Done():
			return errDone
		case <-end.C:
			return errNoAckRefusal
		case m := <-c.inbox:
			c.srv.respond(m.req, m.tx, 481, "Call/Transaction Does Not Exist")
		case <-c.srv.ctx.Done():
			return errClosing
		}
	}
}

var errNoAckRefusal = errors.New("no ACK came for the refusal")
