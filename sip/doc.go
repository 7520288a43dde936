// Package sip places calls: it turns a Call into one SIP dialog (RFC 3261) and
// tells what became of it in a handful of events.
//
// The dialog itself is a pure state machine, machine.Handle(now, event) →
// commands, that builds every message and owns every decision: offers and
// answers, authentication, CANCEL against a 200, forks, lost ACKs, re-INVITEs,
// reliable provisional responses (RFC 3262), UPDATE (RFC 3311), session timers
// (RFC 4028) and transfers (RFC 3515).
// A Leg is the thin shell around one machine: one goroutine, one mailbox, one
// timer. An Endpoint owns the sockets and routes messages to legs. Transport
// and transactions are sipgo's; its dialog type is not used.
//
// The package must never know a campaign, a lead, a scenario or a database,
// and it never reads or sends RTP: it only agrees on where RTP goes. Values
// that come from outside pass through clean.go before they reach a message.
// An INVITE that has left is never sent anew for the same call, except as a
// retransmission of its transaction, to another address of a trunk that gave
// no sign of having it, or because its refusal asked for it: a challenge, a 3xx
// where the trunk lets us follow, and, where nothing rang, 421, 422 or 488 to
// an offer with keys. All of them have the same Call-ID.
package sip
