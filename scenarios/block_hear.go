package scenarios

import (
	"time"

	"dozvon/dialer"
)

// HearSpec says what follows what is heard at the far end: who or what
// answered, and what the network says before that. The listener works on every
// call, with this block or without.
type HearSpec struct {
	AfterWord     bool          // say nothing before the person's first word has ended
	Wait          time.Duration // with AfterWord: nobody speaks for that long: begin; default 3 s
	Sure          float64       // a machine below that confidence is unsure; default 0.6
	Within        time.Duration // after the answer: what is decided later changes nothing; default 20 s
	Before, After HearTimers    // before and after the answer

	announcements map[string]dialer.Disposition // labels of announcements: what they mean
	follows       map[dialer.Verdict]*follow
}

// HearTimers end the listener's patience; 0: its own default.
type HearTimers struct {
	Silence   time.Duration // nothing at all for that long
	Undecided time.Duration // something, but nothing that tells
}

// follow is what follows a verdict. At most one of its fields is set; none:
// the call ends with the verdict's own disposition.
type follow struct {
	goOn  bool
	as    dialer.Disposition // the call ends as that
	to    *branch
	leave *leave
}

// leave is a message for a machine.
type leave struct {
	text *template
	file string        // or a recorded file
	beep time.Duration // how long the beep is waited for, from the verdict on
	mute bool          // no beep: no message
	then *branch       // after the message; nil: the call is a miss named machine
}

// heardKinds are the verdicts that a scenario can have followed.
var heardKinds = []struct {
	kind dialer.Verdict
	doc  string
	goOn bool // what follows by default
}{
	{dialer.VerdictMachine, "a voicemail, or another machine that talks; hang_up if left out", false},
	{dialer.VerdictAnnouncement, "a known announcement of the network; hang_up if left out", false},
	{dialer.VerdictFax, "a fax or a modem; hang_up if left out", false},
	{dialer.VerdictTone, "a tone of the network: busy, congestion, no such number; hang_up if left out", false},
	{dialer.VerdictSilence, "an answer, and not a sound after it; go_on if left out", true},
	{dialer.VerdictUnsure, "something, but nothing that tells; go_on if left out", true},
}

const (
	greetAtOnce    = "at_once"
	greetAfterWord = "after_word"
	wordGoOn       = "go_on"
	wordHangUp     = "hang_up"
)

func hearFields() []field[HearSpec] {
	greets := []string{greetAtOnce, greetAfterWord}
	fields := []field[HearSpec]{
		{"greet", false, "at_once: the first words come with the answer, and a machine stops them; after_word: they wait for the person's first word; at_once", enumShape(greets),
			func(d *decoder, n *node, to *HearSpec) {
				to.AfterWord = d.oneOf(n, "greet", greets) == greetAfterWord
			}},
		{"wait", false, "greet: after_word begins when nobody has spoken for that long, or that long after they began; 3s", durationShape(),
			func(d *decoder, n *node, to *HearSpec) { to.Wait = d.duration(n, "wait", time.Second, 15*time.Second) }},
		{"sure", false, "how sure a machine must be, in percent; 60", intShape(1, 100),
			func(d *decoder, n *node, to *HearSpec) { to.Sure = float64(d.integer(n, "sure", 1, 100)) / 100 }},
		{"within", false, "what is decided later than that after the answer changes nothing; 20s", durationShape(),
			func(d *decoder, n *node, to *HearSpec) {
				to.Within = d.duration(n, "within", 2*time.Second, 2*time.Minute)
			}},
		{"before", false, "the listener's patience before the answer; none", blockShape(hearTimerFields()),
			func(d *decoder, n *node, to *HearSpec) { block(d, n, "before", hearTimerFields(), &to.Before) }},
		{"after", false, "the listener's patience after the answer", blockShape(hearTimerFields()),
			func(d *decoder, n *node, to *HearSpec) { block(d, n, "after", hearTimerFields(), &to.After) }},
		{"announcements", false, "labels of your own announcements, and the miss that each is", mapShape(enumShape(dispositionNames())), decodeAnnouncements},
	}
	for _, k := range heardKinds {
		fields = append(fields, field[HearSpec]{string(k.kind), false, k.doc, followShape(k.kind),
			func(d *decoder, n *node, to *HearSpec) {
				if f := d.follow(n, k.kind); f != nil {
					to.follows[k.kind] = f
				}
			}})
	}
	return fields
}

func hearTimerFields() []field[HearTimers] {
	return []field[HearTimers]{
		{"silence", false, "nothing at all for that long is silence; after the answer 3500ms", durationShape(),
			func(d *decoder, n *node, to *HearTimers) {
				to.Silence = d.duration(n, "silence", time.Second, 2*time.Minute)
			}},
		{"undecided", false, "sound that tells nothing for that long is unsure; after the answer 8s", durationShape(),
			func(d *decoder, n *node, to *HearTimers) {
				to.Undecided = d.duration(n, "undecided", time.Second, 2*time.Minute)
			}},
	}
}

func decodeHear(d *decoder, n *node, to *Scenario) {
	d.nodes["hear"] = n
	d.step = "hear"
	h := &to.Hear
	h.follows = map[dialer.Verdict]*follow{}
	block(d, n, "hear", hearFields(), h)
	if n.get("wait") != nil && !h.AfterWord {
		d.log.at(n.get("wait"), "add greet: after_word, or remove wait", "wait is for greet: after_word only")
	}
}

// decodeAnnouncements reads what labels of announcements mean.
func decodeAnnouncements(d *decoder, n *node, to *HearSpec) {
	if n.kind != mapping {
		d.log.at(n, "write it as label: unreachable", "announcements must be a mapping")
		return
	}
	to.announcements = map[string]dialer.Disposition{}
	for _, p := range n.pairs {
		to.announcements[d.word(p.key, "a label")] = dialer.Disposition(d.oneOf(p.value, "a label's meaning", dispositionNames()))
	}
}

func followFields(kind dialer.Verdict) []field[follow] {
	fields := []field[follow]{
		{wordHangUp, false, "end the call as that miss, which the retry rules name", enumShape(dispositionNames()),
			func(d *decoder, n *node, to *follow) {
				to.as = dialer.Disposition(d.oneOf(n, wordHangUp, dispositionNames()))
			}},
		{"go", false, "go on with a step, or lines", branchShape(),
			func(d *decoder, n *node, to *follow) { to.to = d.branch(n, string(kind)) }},
	}
	if kind == dialer.VerdictMachine {
		fields = append(fields, field[follow]{"leave", false, "leave a message after the beep", blockShape(leaveFields()),
			func(d *decoder, n *node, to *follow) { to.leave = d.leave(n) }})
	}
	return fields
}

func followShape(kind dialer.Verdict) shape {
	return anyShape(enumShape([]string{wordGoOn, wordHangUp}), blockShape(followFields(kind)))
}

// follow reads what follows a verdict.
func (d *decoder) follow(n *node, kind dialer.Verdict) *follow {
	f := &follow{}
	if n.kind == scalar {
		f.goOn = d.oneOf(n, string(kind), []string{wordGoOn, wordHangUp, "{hang_up: …}", "{go: …}"}) == wordGoOn
		return f
	}
	if !block(d, n, string(kind), followFields(kind), f) {
		return nil
	}
	if len(n.pairs) != 1 {
		d.log.at(n, "keep one of them", "what follows %s is one thing", kind)
	}
	return f
}

func leaveFields() []field[leave] {
	return []field[leave]{
		{"say", false, "the message", textShape(),
			func(d *decoder, n *node, to *leave) { to.text = d.template(n, "say") }},
		{"play", false, "the message as a recorded WAV file instead", textShape(),
			func(d *decoder, n *node, to *leave) { to.file = d.file(n, "the file to play") }},
		{"beep", false, "how long the beep is waited for; 20s", durationShape(),
			func(d *decoder, n *node, to *leave) { to.beep = d.duration(n, "beep", 2*time.Second, time.Minute) }},
		{"no_beep", false, "what follows when none comes: leave the message anyway, or hang_up; leave", enumShape([]string{"leave", wordHangUp}),
			func(d *decoder, n *node, to *leave) {
				to.mute = d.oneOf(n, "no_beep", []string{"leave", wordHangUp}) == wordHangUp
			}},
		{"then", false, "what follows the message: a step, or lines; a miss named machine if left out", branchShape(),
			func(d *decoder, n *node, to *leave) { to.then = d.branch(n, "left") }},
	}
}

func (d *decoder) leave(n *node) *leave {
	l := &leave{beep: 20 * time.Second}
	if block(d, n, "leave", leaveFields(), l) && (l.text == nil) == (l.file == "") {
		d.log.at(n, `write say: "…", or play: a file`, "leave needs either say or play")
	}
	return l
}

// defaultHear fills in what the hear block left out.
func defaultHear(h *HearSpec) {
	setDefault(&h.Wait, 3*time.Second)
	setDefault(&h.Within, 20*time.Second)
	if h.Sure == 0 {
		h.Sure = 0.6
	}
	if h.follows == nil {
		h.follows = map[dialer.Verdict]*follow{}
	}
	for _, k := range heardKinds {
		if h.follows[k.kind] == nil {
			h.follows[k.kind] = &follow{goOn: k.goOn}
		}
	}
}

// branches are the steps to which a verdict can lead.
func (h *HearSpec) branches() []*branch {
	var out []*branch
	for _, k := range heardKinds {
		f := h.follows[k.kind]
		if f == nil {
			continue
		}
		out = append(out, present(f.to)...)
		if f.leave != nil {
			out = append(out, present(f.leave.then)...)
		}
	}
	return out
}

// message is what is left on machines; nil: nothing is.
func (h *HearSpec) message() *leave {
	if f := h.follows[dialer.VerdictMachine]; f != nil {
		return f.leave
	}
	return nil
}
