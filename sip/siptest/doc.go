// Package siptest is the far end of calls, simulated on the wire: a SIP server
// whose subscribers answer, listen, press keys, speak, hang up, are busy, off,
// unknown or a machine, and whose operators take the calls that are bridged to
// them, all with real RTP. It powers the tests, the demo, the load tests and
// the subscribers command.
//
// What a subscriber does is a phonesim.Profile, the same that the call-level
// simulator plays on virtual time. Who answers which number is a Book, in Go
// or as a YAML file (LoadBook).
//
// The package is an independent witness: it must never use the dialog code of
// package sip, know a scenario or a campaign, or learn from anything but the
// wire what its callers did. It notes every message in a journal that can be
// audited after its caller was killed.
package siptest
