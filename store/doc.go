// Package store keeps what a campaign must not lose: campaigns, leads,
// attempts, the do-not-call list, what waits to leave for other systems, and
// where every row of a base came from. It is the only package that knows a
// database.
//
// A Store is one SQLite file with one writer and a pool of readers. All writes
// pass through one queue; what is waiting in it is committed together, and a
// method returns only after its commit has reached the disk
// (synchronous=FULL), so that an attempt is recorded before its INVITE leaves
// even if the power fails in between.
//
// The store holds no clock: time is a parameter, and times come back in UTC.
// It must never know SIP, RTP, HTTP, a template or a scenario file: what
// enters the outbox is made by the Encoder given at Open.
package store
