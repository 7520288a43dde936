package progress

import "time"

// Options say how long the listener waits, and what it takes for what. The
// zero value of each field means its default; a negative duration means never.
type Options struct {
	Early    Timers // before the answer
	Answered Timers // after it

	// After the answer a silence of After, following at most Short of speech,
	// is a person who waits for us; speech that is longer needs AfterLong.
	// More speech than Long is a machine.
	After, AfterLong time.Duration // 700 ms, 1.2 s
	Short, Long      time.Duration // 1.8 s, 2.6 s

	// Overrule is the speech without a pause of After, begun no later than
	// OverruleWithin after the answer, that turns a person into a machine after all.
	Overrule, OverruleWithin time.Duration // 4 s, 6 s
	// BeepWithin is how long after the answer a beep means a machine.
	BeepWithin time.Duration // 60 s

	// Countries whose tones come first where two countries mean different
	// things by the same sound; ISO 3166 codes in small letters. All others
	// are known nevertheless. Default: "ru".
	Countries []string
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
	set(&o.After, 700*time.Millisecond)
	set(&o.AfterLong, 1200*time.Millisecond)
	set(&o.Short, 1800*time.Millisecond)
	set(&o.Long, 2600*time.Millisecond)
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
