// Package crm is what leaves for other systems: events to a CRM as signed
// webhooks, text messages through an HTTP gateway, or both into a file.
//
// Encoder turns what the dialer decided into rows of the outbox; the store
// writes them in the transaction of the decision. A Worker per sink drains
// the outbox: at least once, in order per lead, with an idempotency key that
// is the same on every try. What cannot be delivered becomes a dead letter
// that can be listed and replayed; nothing is dropped.
//
// The package must never know a database, SIP, or why a lead was called. It
// holds one of the program's three clocks: deliveries wait in real time, also
// when the campaign's clock is fast-forwarded.
package crm
