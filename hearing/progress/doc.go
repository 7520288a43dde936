// Package progress listens to one call from its first packet of early media
// and says who or what is at the far end: a person, a machine, a fax, a tone
// of the network, silence.
//
// A Listener is pure: frames go in, verdicts come out, and sound is its only
// clock. One serves one call, on every call: it costs some ten microseconds of
// processor for a second of silence and under a hundred for a second of
// speech, about 3 KB of memory, and allocates only to word a verdict.
//
// The order of its decisions: tones (by cadence, with the values of several
// countries as data), known announcements (which others find: Known), the
// length of what was said first, its gaps and sounds, what it is like where a
// recogniser looks at it (First), words where one runs (Hint), and at last a
// late beep or a long speech, which overrule what was thought before.
//
// It must never know SIP, RTP, campaigns or scenarios: what a verdict means
// for a call is decided elsewhere.
package progress
