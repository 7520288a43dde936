package dialer

import (
	"testing"
	"time"
)

// The date of the next year's call stands with leads that never picked up as
// with those that refused; it is that of the lead's own calendar.
func TestDateOfTheNextCallOfAnEndedLead(t *testing.T) {
	c := verification()
	c.Again = map[string]time.Duration{"no_answer": 365 * 24 * time.Hour}
	_, end := story(c, wednesday, times(5, NoAnswer)...)
	if got := end.Lead.Answers[AnswerCallAgain]; got != "2026-06-12" {
		t.Errorf("ended on %s, to be called again on %q", end.Lead.List, got)
	}
	_, open := story(c, wednesday, times(4, NoAnswer)...)
	if len(open.Lead.Answers) > 0 {
		t.Errorf("a lead that goes on has %v", open.Lead.Answers)
	}
	said := Result{Disposition: Answered, List: "no_answer", Answers: map[string]string{AnswerCallAgain: "2030-01-01"}}
	if _, end := story(c, wednesday, said); end.Lead.Answers[AnswerCallAgain] != "2030-01-01" {
		t.Errorf("the scenario's word was overruled: %v", end.Lead.Answers)
	}
	c.Again = nil
	if _, end := story(c, wednesday, times(5, NoAnswer)...); len(end.Lead.Answers) > 0 {
		t.Errorf("nothing was said of %v", end.Lead.Answers)
	}
}
