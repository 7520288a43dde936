// Package loop is the thin shell around the dialling engine: one goroutine
// that owns it, waits, commits its decisions to the ledger and hands committed
// calls to the caller.
//
// It decides nothing. It must never know SIP, RTP, SQL or HTTP: it sees a
// dialer.Ledger, a dialer.Caller and a Clock.
package loop
