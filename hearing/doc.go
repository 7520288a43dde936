// Package hearing has the words in which the rest of dozvon speaks of what a
// call sounds like: what answered (Verdict) and what a person said (Heard),
// and the interface that every recogniser of words fulfils.
//
// The rooms below it do the work: progress (tones, machines, people), prints
// (known announcements), keywords (the embedded recogniser), phrases (words,
// numbers and times in phrases), engines (recognition servers). None of them
// knows SIP, RTP, leads or scenarios, and none reads a clock: sound is their
// time.
package hearing
