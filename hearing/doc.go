// Package hearing has the words in which the rest of dozvon speaks of what a
// call sounds like: what answered (Verdict) and what a person said (Heard),
// and the interface that every recogniser of words fulfils.
//
// The rooms below it do the work: progress (tones, machines, people), prints
// (known announcements), endpoint (where speech begins and ends), letters (how
// words sound), phrases (what they mean, numbers and moments), keywords (which
// word fits), embedded (all of these, live), engines (servers and programs),
// corpus and bench (how well), report (how well on one's own calls). None of
// them knows SIP, RTP, leads or scenarios, and sound is their time: a clock only
// measures servers, programs and workers.
package hearing
