package scenarios

import (
	"strings"
	"time"

	"dozvon/dialer"
)

// recordOp records what the person says in their own words.
type recordOp struct {
	plain
	max     time.Duration
	wait    time.Duration // for their first word
	silence time.Duration // after their last word
	save    string
}

func recordFields() []field[recordOp] {
	return []field[recordOp]{
		{"max", false, "the longest recording; 1m", durationShape(),
			func(d *decoder, n *node, to *recordOp) { to.max = d.duration(n, "max", 3*time.Second, 5*time.Minute) }},
		{"wait", false, "how long to wait for the first word; 5s", durationShape(),
			func(d *decoder, n *node, to *recordOp) { to.wait = d.duration(n, "wait", time.Second, time.Minute) }},
		{"silence", false, "so much silence ends it; 2s", durationShape(),
			func(d *decoder, n *node, to *recordOp) {
				to.silence = d.duration(n, "silence", 500*time.Millisecond, 10*time.Second)
			}},
		{"save", false, "name of the answer in the results; the step's name if left out", wordShape(),
			func(d *decoder, n *node, to *recordOp) { to.save = d.answer(n) }},
	}
}

func recordVerb() verb {
	return verb{name: "record", doc: "record what the person says in their own words; a key ends it",
		shape: func() shape { return blockShape(recordFields()) },
		decode: func(d *decoder, n *node) op {
			o := recordOp{max: time.Minute, wait: 5 * time.Second, silence: 2 * time.Second}
			block(d, n, "record", recordFields(), &o)
			if o.save == "" {
				o.save = strings.ReplaceAll(d.step, "/", "_")
				if d.columns[o.save] != nil || reserved[o.save] != "" {
					d.log.at(n, "add save: another_name", "the answer would be saved as %q, which is a column or kept", o.save)
				}
				d.sets[o.save] = true
			}
			return o
		}}
}

func (recordOp) waits() {}

func (o recordOp) run(s *Session) bool {
	if s.gone {
		s.hangupBlock()
		return false
	}
	s.lastID++
	s.do(Record{ID: s.lastID, Name: o.save, Max: o.max, Wait: o.wait, Silence: o.silence})
	s.waiting = &recordWait{op: o, id: s.lastID}
	return true
}

// recordWait waits for the end of a recording.
type recordWait struct {
	op recordOp
	id int
}

func (w *recordWait) handle(s *Session, ev Event) bool {
	switch ev := ev.(type) {
	case Key:
		s.person = true
		s.do(StopRecord{})
	case Recorded:
		return ev.ID == w.id && w.recorded(s, ev.File)
	case HungUp: // and nothing was recorded
		s.hangupBlock()
		return true
	}
	return false
}

// recorded notes the file as the answer; its words follow after the call,
// where a recogniser is set up for that.
func (w *recordWait) recorded(s *Session, file string) bool {
	s.decided = s.now
	if file != "" {
		s.person = true
		s.answers[w.op.save] = file
		s.effects = append(s.effects, dialer.Effect{Kind: dialer.EffectTranscript, Name: w.op.save, Text: file,
			Fields: map[string]string{"language": s.sc.Language}})
	}
	return true
}
