// Package calls performs attempts: for each one it owns a SIP leg, a media
// session and a scenario session, and, while an operator is sought or talks,
// the operator's leg. It is a thin shell: the scenario decides what is said,
// hunt decides which operator rings, the SIP and media rooms do the work, and
// the engine decides what follows for the lead.
//
// Everything reaches a call through its inbox, on which one member of a crew
// works at a time; a call that waits has no goroutine. The room must never know
// the store, HTTP, or which leads come next.
package calls
