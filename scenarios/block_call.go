package scenarios

import (
	"time"
	"unicode/utf8"
)

// labelLimit is the length of a call's label that carriers show: Government
// decree 1300 of 2025-08-28 (Russia).
const labelLimit = 32

// callFields is the table of the call block.
func callFields() []field[CallSpec] {
	return []field[CallSpec]{
		{"ring", false, "give up when nobody answers for that long; 30s", durationShape(),
			func(d *decoder, n *node, to *CallSpec) { to.Ring = d.duration(n, "ring", 5*time.Second, 3*time.Minute) }},
		{"max", false, "longest talk with the robot, the talk with an operator not counted; 5m", durationShape(),
			func(d *decoder, n *node, to *CallSpec) { to.Max = d.duration(n, "max", 10*time.Second, 2*time.Hour) }},
		{"silent_after", false, "a call without any sound from the network for that long is dead; 10s", durationShape(),
			func(d *decoder, n *node, to *CallSpec) {
				to.SilentAfter = d.duration(n, "silent_after", time.Second, 2*time.Minute)
			}},
		{"record", false, "true: record both sides", boolShape(),
			func(d *decoder, n *node, to *CallSpec) { to.Record = d.boolean(n, "record") }},
		{"label", false, "name and category shown to the person, at most 32 characters", textShape(),
			func(d *decoder, n *node, to *CallSpec) {
				to.Label = clean(d.text(n, "label"))
				if c := utf8.RuneCountInString(to.Label); c > labelLimit {
					d.log.at(n, "shorten it", "label has %d characters; carriers show %d", c, labelLimit)
				}
			}},
	}
}
