// Package media carries the sound of calls: an RTP session per call on a port
// of its own, paced by one wheel per core; keys sent and heard (RFC 4733, or
// in band); a player, a recorder, a bridge between two sessions.
//
// Every session is owned by the wheel that serves it. The methods of Session
// post an operation to that wheel and return at once; nothing here waits for
// the network, a disk or a listener. The package must never know SIP,
// scenarios or what a call is for.
package media
