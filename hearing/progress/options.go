package progress

import "time"

// Options say how long the listener waits, and what it takes for what. The
// zero value of each field means its default; a negative duration means never.
type Options struct {
	Early    Timers // before the answer
	Answered Timers // after it

	// Long is the speech, pauses up to 240 ms included, that makes a machine;
	// or Talk of it, if it still goes on Elapsed after its first word.
	Long, Talk, Elapsed time.Duration // 2.3 s, 1.5 s, 2.45 s
	// Latest is how long after the first word a pause after more than Talk
	// decides at once, by what was said.
	Latest time.Duration // 2.75 s

	// Overrule is the speech without a pause, begun no later than
	// OverruleWithin after the answer, that turns a person into a machine after all.
	Overrule, OverruleWithin time.Duration // 4 s, 6 s
	// BeepWithin is how long after the answer a beep means a machine.
	BeepWithin time.Duration // 60 s

	// Countries whose tones come first where two countries mean different
	// things by the same sound; ISO 3166 codes in small letters. All others
	// are known nevertheless. Default: "ru".
	Countries []string

	// First is the recogniser that looks at the first utterance; nil: how it
	// was said alone tells people from machines.
	First First
}

// Timers are the limits of a phase of the call.
type Timers struct {
	Silence time.Duration // nothing at all for this long is hearing.Silence; early: never, answered: 3.5 s
	Total   time.Duration // nothing decided for this long is hearing.Unsure; early: never, answered: 8 s
}

func (o Options) withDefaults() Options {
	set := func(d *time.Duration, def time.Duration) {
		if *d == 0 {
			*d = def
		}
		if *d < 0 {
			*d = never
		}
	}
	set(&o.Early.Silence, never)
	set(&o.Early.Total, never)
	set(&o.Answered.Silence, 3500*time.Millisecond)
	set(&o.Answered.Total, 8*time.Second)
	set(&o.Long, 2300*time.Millisecond)
	set(&o.Talk, 1500*time.Millisecond)
	set(&o.Elapsed, 2450*time.Millisecond)
	set(&o.Latest, 2750*time.Millisecond)
	set(&o.Overrule, 4*time.Second)
	set(&o.OverruleWithin, 6*time.Second)
	set(&o.BeepWithin, time.Minute)
	if len(o.Countries) == 0 {
		o.Countries = []string{"ru"}
	}
	return o
}

// never is longer than any call.
const never = time.Duration(1) << 60
