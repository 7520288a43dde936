// Package dialer is the domain of dozvon and all of its dialling decisions:
// campaigns, leads, attempts, trunks and operators; calling windows, retry
// plans, pacing and lawful limits; and the engine, a pure function from
// (now, event) to commands.
//
// It imports the standard library only. It must never know SIP, RTP, a
// database, a file, HTTP or a clock: time is an input of every decision, so
// that a five-day campaign runs in a second in a test.
package dialer
