package sip

import (
	gosip "github.com/emiago/sipgo/sip"
)

// onRequest receives every request, on a goroutine of its own. A call into
// this program is never taken and never leads to a call out.
func (e *Endpoint) onRequest(msg *gosip.Request, tx *gosip.ServerTx) {
	q, ok := readRequest(msg)
	if msg.IsAck() {
		if ok {
			e.toLeg(q, msg, nil)
		}
		tx.Terminate() // sipgo opened a transaction for it, which nothing would end
		return
	}
	if !ok {
		e.respond(msg, tx, 400, "Bad Request", nil, "")
		return
	}
	if e.toLeg(q, msg, tx) {
		return
	}
	if l := e.legs.find(string(*msg.CallID())); l != nil && q.fromTag == l.m.id.tag && msg.IsInvite() {
		e.respond(msg, tx, 482, "Loop Detected", nil, "") // our own call, led back to us
		return
	}
	no := decline(q.method, msg.To().Params.Has("tag"))
	e.respond(msg, tx, no.code, no.reason, no.headers, "")
	if msg.IsInvite() && gosip.IsReliable(msg.Transport()) {
		tx.Terminate() // a connection loses nothing: waiting 32 s for the ACK would only cost memory
	}
}

// toLeg hands a request to the leg of its dialog: the Call-ID and our own tag
// must be right, the machine checks the far end's.
func (e *Endpoint) toLeg(q request, msg *gosip.Request, tx *gosip.ServerTx) bool {
	l := e.legs.find(string(*msg.CallID()))
	if l == nil {
		return false
	}
	if tag, _ := msg.To().Params.Get("tag"); tag != l.m.id.tag {
		return false
	}
	if !l.fromFar(incoming{request: q, msg: msg, tx: tx}) && tx != nil {
		e.respond(msg, tx, 503, "Too Many Requests", nil, "")
	}
	return true
}

// respond builds a response and gives it to the transaction.
func (e *Endpoint) respond(msg *gosip.Request, tx *gosip.ServerTx, code int, reason string, headers []gosip.Header, body string) *gosip.Response {
	res := gosip.NewResponseFromRequest(msg, code, reason, nil)
	for _, h := range headers {
		res.AppendHeader(h)
	}
	res.AppendHeader(gosip.NewHeader("Server", e.conf.UserAgent))
	if body != "" {
		t := gosip.ContentTypeHeader("application/sdp")
		res.AppendHeader(&t)
		res.SetBody([]byte(body))
	}
	if err := tx.Respond(res); err != nil {
		e.log.Debug("sip response did not leave", "method", string(msg.Method), "code", code, "error", err.Error())
	}
	return res
}

// onStray receives responses that match no transaction: a 2xx repeated
// because our ACK was lost, a second one from a fork, or anything from an
// address that was given up. The machine knows what is of use.
func (e *Endpoint) onStray(r *gosip.Response) {
	cseq, id, via := r.CSeq(), r.CallID(), r.Via()
	if cseq == nil || id == nil || via == nil {
		return
	}
	if l := e.legs.find(string(*id)); l != nil {
		l.fromFar(r)
		return
	}
	if branch, _ := via.Params.Get("branch"); cseq.MethodName == gosip.INVITE {
		e.repeatFarewell(branch)
	}
}
