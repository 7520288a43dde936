package siptest

import (
	"strings"
	"time"

	sipgo "github.com/emiago/sipgo/sip"
)

const allow = "INVITE, ACK, CANCEL, BYE, INFO, UPDATE, PRACK, OPTIONS, REGISTER"

// route serves one request. The transaction layer calls it on a goroutine of
// its own for each request; that of an INVITE lives as long as its call.
func (s *Server) route(req *sipgo.Request, tx *sipgo.ServerTx) {
	if !whole(req) {
		s.respond(req, tx, 400, "Bad Request")
		return
	}
	if req.Transport() != "UDP" {
		s.noteStream(req)
	}
	switch {
	case req.Method == sipgo.ACK:
		s.deliver(req, tx)
		tx.Terminate()
	case inDialog(req):
		if !s.deliver(req, tx) {
			s.respond(req, tx, 481, "Call/Transaction Does Not Exist")
		}
	case req.Method == sipgo.INVITE:
		s.invite(req, tx)
	case req.Method == sipgo.OPTIONS:
		s.respond(req, tx, 200, "OK", sipgo.NewHeader("Allow", allow), sipgo.NewHeader("Accept", "application/sdp"))
	case req.Method == sipgo.REGISTER:
		s.register(req, tx)
	case req.Method == sipgo.CANCEL, req.Method == sipgo.BYE:
		s.respond(req, tx, 481, "Call/Transaction Does Not Exist")
	default:
		s.respond(req, tx, 405, "Method Not Allowed", sipgo.NewHeader("Allow", allow))
	}
}

// firstMark is a header field that stamp adds, and that none can forge.
const firstMark = "X-Siptest-First"

// stamp gives an INVITE outside a dialog the tag that all responses to it must
// say, the library's own 487 too. It runs before any goroutine serves the
// message; from then on requests are only read.
func stamp(msg sipgo.Message) {
	req, ok := msg.(*sipgo.Request)
	if !ok || req.Method != sipgo.INVITE {
		return
	}
	for req.RemoveHeader(firstMark) {
		continue // all of them
	}
	if to := req.To(); to != nil && !to.Params.Has("tag") {
		to.Params.Add("tag", sipgo.GenerateTagN(12))
		req.AppendHeader(sipgo.NewHeader(firstMark, "1"))
	}
}

// inDialog says whether a request came with a tag of ours.
func inDialog(req *sipgo.Request) bool {
	return req.To().Params.Has("tag") && req.GetHeader(firstMark) == nil
}

// whole says whether a request has the headers that every request must have
// (RFC 3261 8.1.1); the library's parser does not ask for all of them.
func whole(req *sipgo.Request) bool {
	return req.From() != nil && req.To() != nil && req.CallID() != nil && req.CSeq() != nil && req.Via() != nil
}

// noteStream notes for a stream what tap notes for datagrams.
func (s *Server) noteStream(req *sipgo.Request) {
	what, ok := tapped[string(req.Method)]
	if ok && (req.Method != sipgo.INVITE || !inDialog(req)) {
		s.desk.note(entryOf(req, what))
	}
}

// entryOf is the journal's entry for a parsed request.
func entryOf(req *sipgo.Request, what What) Entry {
	branch, _ := req.Via().Params.Get("branch")
	return Entry{
		At: time.Now(), What: what, Call: req.CallID().Value(), Number: req.Recipient.User,
		From: req.From().Address.User, Branch: branch, CSeq: req.CSeq().SeqNo,
	}
}

// deliver hands an in-dialog request to its call; false if there is none.
func (s *Server) deliver(req *sipgo.Request, tx *sipgo.ServerTx) bool {
	tag, _ := req.To().Params.Get("tag")
	id := req.CallID().Value()
	var c *call
	s.desk.ask(func() { c = s.desk.live[id] })
	if c == nil || c.tag != tag {
		return false
	}
	select {
	case c.inbox <- message{req, tx}:
		return true
	case <-c.over:
		return false
	}
}

// invite admits a call and plays its far end to the end.
func (s *Server) invite(req *sipgo.Request, tx *sipgo.ServerTx) {
	if s.challenged(req, tx) {
		return
	}
	c := newCall(s, req, tx)
	var nth int
	var ok, closing bool
	s.desk.ask(func() {
		closing = s.desk.closing
		if nth, ok = s.desk.admit(c); ok {
			s.desk.tell(c.cast(nth))
		}
	})
	switch {
	case !ok && closing:
		s.respond(req, tx, 503, "Service Unavailable")
	case !ok:
		s.respond(req, tx, 482, "Loop Detected") // the same attempt a second time (RFC 3261 8.2.2.2)
	default:
		c.run()
		s.desk.jobs.Put(func() { s.desk.leave(c.id) })
	}
}

// register accepts any registration that passes the challenge.
func (s *Server) register(req *sipgo.Request, tx *sipgo.ServerTx) {
	if s.challenged(req, tx) {
		return
	}
	var contacts []sipgo.Header
	for _, h := range req.GetHeaders("Contact") {
		v := h.Value()
		if !strings.Contains(v, "expires=") {
			v += ";expires=3600"
		}
		contacts = append(contacts, sipgo.NewHeader("Contact", v))
	}
	s.respond(req, tx, 200, "OK", contacts...)
}

// respond answers a request without a body.
func (s *Server) respond(req *sipgo.Request, tx *sipgo.ServerTx, code int, reason string, headers ...sipgo.Header) {
	res := sipgo.NewResponseFromRequest(req, code, reason, nil)
	for _, h := range headers {
		res.AppendHeader(h)
	}
	if err := tx.Respond(res); err != nil {
		s.cfg.Log.Debug("response not sent", "code", code, "method", req.Method, "err", err)
	}
}
