package siptest

import (
	"strings"

	sipgo "github.com/emiago/sipgo/sip"

	"dozvon/media"
)

// receive serves an in-dialog request. It returns an error when the call is
// over.
func (c *call) receive(m message) error {
	if m.req.Method == sipgo.ACK {
		c.takeAck(m.req)
		return nil
	}
	if a := c.srv.cfg.Auth; a != nil && a.InDialog && c.srv.challenged(m.req, m.tx) {
		return nil
	}
	switch m.req.Method {
	case sipgo.BYE:
		c.reply(m, 200, "OK", nil)
		return errBye
	case sipgo.INVITE:
		return c.reinvite(m)
	case sipgo.INFO:
		c.info(m)
	case sipgo.UPDATE:
		c.update(m)
	case sipgo.OPTIONS, sipgo.PRACK:
		c.reply(m, 200, "OK", nil)
	default:
		c.reply(m, 405, "Method Not Allowed", nil)
	}
	return nil
}

// reply answers an in-dialog request.
func (c *call) reply(m message, code int, reason string, sdp []byte) *sipgo.Response {
	res := c.response(m.req, code, reason, sdp)
	if err := m.tx.Respond(res); err != nil {
		c.srv.cfg.Log.Debug("response not sent", "code", code, "method", m.req.Method, "err", err)
	}
	return res
}

// takeAck ends the repetition of the 2xx that the ACK is for.
func (c *call) takeAck(ack *sipgo.Request) {
	if !c.unacked.waiting() || ack.CSeq().SeqNo != c.unacked.cseq {
		return
	}
	if c.unacked.tx == c.tx && c.dropAcks > 0 {
		c.dropAcks--
		return
	}
	c.unacked.stop()
	if len(ack.Body()) > 0 && c.offer.ours {
		if o, err := parseSDP(ack.Body()); err == nil {
			o.ours = true
			c.take(o)
			c.connect(true)
		}
	}
}

// take agrees to an offer, or to the answer to our own.
func (c *call) take(o offer) bool {
	if !o.choose(c.law) || !o.seal(c.srv.cfg.Book.SRTP, c.offer.sealed) {
		return false
	}
	o.version = c.offer.version
	c.offer = o
	return true
}

// reinvite accepts new media in a call. The ACK before it may have been
// overtaken: requests come on a goroutine each.
func (c *call) reinvite(m message) error {
	e := c.entry(Reinvited)
	e.CSeq = m.req.CSeq().SeqNo
	c.srv.desk.note(e)
	if err := c.until(ackLinger, c.acked); err != nil {
		c.reply(m, 481, "Call/Transaction Does Not Exist", nil)
		return err
	}
	if !c.acked() {
		c.reply(m, 491, "Request Pending", nil)
		return nil
	}
	if body := m.req.Body(); len(body) > 0 {
		o, err := parseSDP(body)
		if err != nil || !c.take(o) {
			c.reply(m, 488, "Not Acceptable Here", nil)
			return nil
		}
		c.connect(true)
	}
	res := c.reply(m, 200, "OK", c.sdp())
	c.unacked.start(m.tx, res, m.req.CSeq().SeqNo, c.srv.cfg.T1)
	return nil
}

// update accepts a session refresh, with or without an offer (RFC 3311).
func (c *call) update(m message) {
	body := m.req.Body()
	if len(body) == 0 {
		c.reply(m, 200, "OK", nil)
		return
	}
	o, err := parseSDP(body)
	if err != nil || c.media == nil || !c.take(o) {
		c.reply(m, 488, "Not Acceptable Here", nil)
		return
	}
	c.connect(c.isAnswered())
	c.reply(m, 200, "OK", c.sdp())
}

// info hears a key sent as SIP INFO.
func (c *call) info(m message) {
	if key, ok := infoKey(m.req); ok {
		e := c.entry(KeyHeard)
		e.Keys = string(key)
		c.srv.desk.note(e)
	}
	c.reply(m, 200, "OK", nil)
}

// infoKey reads a key from application/dtmf-relay ("Signal=5") or
// application/dtmf ("5").
func infoKey(req *sipgo.Request) (byte, bool) {
	h := req.ContentType()
	if h == nil {
		return 0, false
	}
	body := strings.TrimSpace(string(req.Body()))
	switch strings.ToLower(strings.TrimSpace(h.Value())) {
	case "application/dtmf":
	case "application/dtmf-relay":
		body = signalOf(body)
	default:
		return 0, false
	}
	if len(body) != 1 || !isKeys(body) {
		return 0, false
	}
	return body[0], true
}

func signalOf(body string) string {
	for line := range strings.Lines(body) {
		name, value, _ := strings.Cut(line, "=")
		if strings.EqualFold(strings.TrimSpace(name), "signal") {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// isKeys says whether s consists of keys of a telephone.
func isKeys(s string) bool { return s != "" && strings.Trim(s, "0123456789*#ABCD") == "" }

// connect tells the media where the caller is; answered starts the watch for
// a dead line.
func (c *call) connect(answered bool) {
	if c.media == nil || c.offer.addr.Port() == 0 {
		return
	}
	c.media.SetRemote(media.Remote{
		Addr: c.farEnd(), Law: c.offer.law, PayloadType: c.offer.payload, EventType: c.offer.event,
		Crypto: c.offer.keys, Inactive: c.offer.deaf || c.mute(), Watch: answered && (c.srv.cfg.DeadAfter > 0 || !c.srv.cfg.NoRTCP),
	})
}
