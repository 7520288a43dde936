package scenarios

import (
	"io/fs"
	"time"

	"dozvon/dialer"
)

// Scenario is a checked scenario: whatever Load returns without an error is
// complete, and can be played for any lead that CheckLead accepts. It is
// immutable and safe to share between calls.
type Scenario struct {
	Version  int    // of the language; 1
	Name     string // identifier: letters, digits, "-" and "_"
	Title    string // for people
	Language string // "ru" or "en"
	Purpose  string // service | survey | collection | advertising
	Lead     []Column
	Call     CallSpec
	Hear     HearSpec
	Window   dialer.Window
	Policy   dialer.Policy // the pack of lawful limits that Purpose names
	Retry    dialer.RetryPlan
	Lists    []string          // every list a lead can end on, in the order of the file
	Outcomes map[string]List   // what is known of each list, by its name
	Music    map[string]string // name → audio file relative to the scenario's folder

	steps   []*step // in the order of the file; the first is where a call starts
	byName  map[string]*step
	moments map[string]bool // answers that are moments, as people said them
	vars    map[string]bool // every variable that templates may use
	hangup  *step           // what follows when the person hangs up undecided; may be nil
	tests   []Test
	files   fs.FS // the scenario's folder
}

// Column is a column of the base that the scenario uses as a variable.
type Column struct {
	Name     string   // the variable's name in templates
	Type     string   // text | name | money | date | time | number | phone | url
	Required bool     // a lead without it is refused
	Label    string   // for people; also matched against headers of a base
	Aliases  []string // further header names that mean this column
	Currency string   // money: ISO 4217 code; RUB for ru, USD for en
	Example  string   // a value for rehearsals and pictures
}

// CallSpec is how a call of this scenario is placed.
type CallSpec struct {
	Ring        time.Duration // unanswered for that long: cancelled; default 30 s
	Max         time.Duration // longest talk with the robot (a bridged talk is not cut); default 5 min
	SilentAfter time.Duration // answered and no media for that long: a dead call; default 10 s
	Record      bool          // record both sides
	Label       string        // name and category shown to the person where the carrier supports it, at most 32 characters
}

// List is what a scenario says of one of its lists.
type List struct {
	Name  string
	Title string        // for people
	Again time.Duration // leads on this list may be called again after that long; 0: never said
}

// Campaign is the plan by which the dialer calls the leads of this scenario.
func (s *Scenario) Campaign(name string) dialer.Campaign {
	again := map[string]time.Duration{}
	for list, o := range s.Outcomes {
		if o.Again > 0 {
			again[list] = o.Again
		}
	}
	return dialer.Campaign{Name: name, Retry: s.Retry, Window: s.Window, Policy: s.Policy, AbandonCap: s.Policy.AbandonCap, Again: again}
}

// Files is the folder of the scenario, in which recorded prompts and music live.
func (s *Scenario) Files() fs.FS { return s.files }

// CallAgain says when a lead that ended on a list at that moment may be
// called again; false if the scenario does not say.
func (s *Scenario) CallAgain(list string, ended time.Time) (time.Time, bool) {
	l, ok := s.Outcomes[list]
	if !ok || l.Again == 0 {
		return time.Time{}, false
	}
	return ended.Add(l.Again), true
}
