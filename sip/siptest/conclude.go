package siptest

import (
	"errors"
	"path/filepath"
	"strings"
	"time"

	sipgo "github.com/emiago/sipgo/sip"
)

// How long the answer to a BYE is waited for (timer F is 32 s; a caller that
// lives answers at once), and how long when there is no time to wait.
const (
	byeWait   = 4 * time.Second
	byeHurry  = 300 * time.Millisecond
	ackLinger = 500 * time.Millisecond
)

// conclude does on the wire what the end of a call asks for, and returns why
// the call is over.
func (c *call) conclude(err error) error {
	switch {
	case errors.Is(err, errCancelled):
		c.noteCode(Refused, 487, time.Now())
		if ackErr := c.confirmed(); errors.Is(ackErr, errNoAckRefusal) {
			return ackErr
		}
		return err
	case c.limit == nil, !c.isAnswered():
		return c.concludeRinging(err)
	case errors.Is(err, errBye):
		if !c.acked() { // the ACK and the BYE come on two goroutines, and may overtake
			_ = c.until(ackLinger, c.acked)
		}
		return err
	}
	return c.sayBye(err)
}

// isAnswered says whether the 200 was sent.
func (c *call) isAnswered() bool { return c.late == errLong }

// concludeRinging ends a call that has no final answer yet.
func (c *call) concludeRinging(err error) error {
	switch {
	case errors.Is(err, errClosing), errors.Is(err, errNoCancel), errors.Is(err, errBye):
		_ = c.refuse(refusal{480, "Temporarily Unavailable", q850(19)})
	case errors.Is(err, errDone), errors.Is(err, errNoAckRefusal):
	default: // no port, no common codec
		if e := c.refuse(refusal{500, "Server Internal Error", ""}); errors.Is(e, errCancelled) {
			return c.conclude(e)
		}
	}
	return err
}

// sayBye hangs up. A caller whose BYE crosses ours hung up too.
func (c *call) sayBye(err error) error {
	wait := byeWait
	if errors.Is(err, errClosing) || errors.Is(err, errDead) {
		wait = byeHurry
	}
	c.note(HungUp)
	c.unacked.stop()
	code, crossed := c.ask(c.dialog.request(sipgo.BYE), wait)
	if errors.Is(err, errDone) && crossed == nil && (code < 200 || code >= 300) {
		return errByeUnanswered
	}
	return err
}

var errByeUnanswered = errors.New("the caller did not accept our BYE")

// hangUpMedia closes the media and tells what was heard.
func (c *call) hangUpMedia() *Sound {
	if c.media == nil {
		return nil
	}
	st := c.media.Stats()
	_ = c.media.Close()
	c.path.close()
	return &Sound{
		Heard: c.ear.heard(), HeardPerson: c.ear.person.duration(), HeardOperator: c.ear.operator.duration(),
		PacketsIn: st.Received, PacketsOut: st.Sent,
	}
}

// record starts the recording of an answered call, if the server keeps them.
func (c *call) record() {
	dir := c.srv.cfg.RecordDir
	if dir == "" {
		return
	}
	path := filepath.Join(dir, fileName(c.id)+".wav")
	if err := c.media.Record(path); err != nil {
		c.srv.cfg.Log.Warn("a call is not recorded", "file", path, "err", err)
	}
}

// fileName makes a file name of a Call-ID, which is whatever a caller sent.
func fileName(id string) string {
	id = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, id)
	return id[:min(len(id), 100)]
}
