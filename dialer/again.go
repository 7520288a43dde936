package dialer

import (
	"maps"
	"time"
)

// AnswerCallAgain is the answer with the date, YYYY-MM-DD in the lead's zone,
// from which a lead that has ended may be called again.
const AnswerCallAgain = "call_again"

// again puts that date among the answers of a lead that the retry plan ended.
// Where the scenario ended it, the scenario has said so itself.
func (c *Campaign) again(l *Lead, list string, ended time.Time, loc *time.Location) {
	after := c.Again[list]
	if after <= 0 {
		return
	}
	answers := maps.Clone(l.Answers) // leads are values: others may hold the old map
	if answers == nil {
		answers = map[string]string{}
	}
	answers[AnswerCallAgain] = dateOf(ended.Add(after), loc)
	l.Answers = answers
}
