// Package report judges hearing by calls that a person has listened to: which
// of them to listen to next, how often what was heard was true, and which
// thresholds would keep faults rare.
//
// It takes numbers and returns numbers. It must never know a database, a file,
// sound or a terminal, and reads no clock.
package report
