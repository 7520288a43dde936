package sip

import (
	"bytes"
	"sync/atomic"
)

// Tally counts SIP messages on the UDP socket, repeats included, by the
// method of a request; responses stand under Responses. It shows whether both
// sides of a path saw the same.
type Tally struct {
	Invites, Acks, Byes, Cancels uint64
	Requests                     uint64 // of other methods
	Responses                    uint64
	Other                        uint64 // no SIP: keep-alives, garbage
}

// kinds of messages, in the order of Tally's fields.
const (
	tallyInvite = iota
	tallyAck
	tallyBye
	tallyCancel
	tallyRequest
	tallyResponse
	tallyOther
	tallyKinds
)

// tally is a Tally that is being counted.
type tally [tallyKinds]atomic.Uint64

func (t *tally) add(datagram []byte) { t[messageKind(datagram)].Add(1) }

func (t *tally) read() Tally {
	return Tally{
		Invites: t[tallyInvite].Load(), Acks: t[tallyAck].Load(), Byes: t[tallyBye].Load(), Cancels: t[tallyCancel].Load(),
		Requests: t[tallyRequest].Load(), Responses: t[tallyResponse].Load(), Other: t[tallyOther].Load(),
	}
}

// messageKind looks at the start line only (RFC 3261 section 7).
func messageKind(b []byte) int {
	if bytes.HasPrefix(b, []byte("SIP/")) {
		return tallyResponse
	}
	method, _, found := bytes.Cut(b[:min(len(b), 32)], []byte(" "))
	switch {
	case !found || len(method) == 0:
		return tallyOther
	case string(method) == "INVITE":
		return tallyInvite
	case string(method) == "ACK":
		return tallyAck
	case string(method) == "BYE":
		return tallyBye
	case string(method) == "CANCEL":
		return tallyCancel
	case isToken(string(method), 20):
		return tallyRequest
	}
	return tallyOther
}

// Tallies returns what was sent and received over UDP so far.
func (e *Endpoint) Tallies() (sent, received Tally) { return e.sent.read(), e.received.read() }
