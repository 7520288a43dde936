package siptest

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
)

// Stats counts what a server saw since its start.
type Stats struct {
	Live       int            // calls on the line now, ringing ones included
	Calls      int            // calls admitted
	Ended      int            // calls over
	Answered   int            // calls answered
	Refused    int            // calls ended with another final code
	Cancelled  int            // calls given up by the caller before an answer
	Invites    int            // INVITEs seen, retransmissions included
	Extra      int            // calls that saw a second INVITE nobody asked for
	Faulty     int            // calls ended with an error of the caller
	KeysIn     int            // keys heard
	KeysOut    int            // keys pressed
	ByCode     map[int]int    // final answers
	ByProfile  map[string]int // admitted calls
	ByOperator int            // admitted calls to operators
}

// count brings the counters up to date with an entry just told, which changed
// its call's record from before to after.
func (s *Stats) count(before, after CallRecord, e Entry) {
	switch e.What {
	case Invited:
		s.Invites++
		if after.Extra() > 0 && before.Extra() == 0 {
			s.Extra++
		}
	case Admitted:
		s.Calls++
		s.ByProfile[e.Profile]++
		if e.Operator {
			s.ByOperator++
		}
	case Answered:
		if !before.Answered() {
			s.Answered++
			s.ByCode[e.Code]++
		}
	case Refused:
		s.Refused++
		s.ByCode[e.Code]++
	case Cancelled:
		s.Cancelled++
	case KeyHeard:
		s.KeysIn += len(e.Keys)
	case KeyPressed:
		s.KeysOut += len(e.Keys)
	case Ended:
		s.Ended++
		if e.Err != "" {
			s.Faulty++
		}
	}
}

// clone returns a copy that the desk will not change.
func (s Stats) clone() Stats {
	s.ByCode, s.ByProfile = maps.Clone(s.ByCode), maps.Clone(s.ByProfile)
	return s
}

// WriteTable writes the counters as a table for a terminal.
func (s Stats) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "on the line\tcalls\tanswered\trefused\tcancelled\tto operators\tkeys heard\tkeys pressed\tfaults\n")
	fmt.Fprintf(t, "%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", s.Live, s.Calls, s.Answered, s.Refused,
		s.Cancelled, s.ByOperator, s.KeysIn, s.KeysOut, s.Faulty+s.Extra)
	for _, name := range slices.Sorted(maps.Keys(s.ByProfile)) {
		fmt.Fprintf(t, "%s\t%d\n", name, s.ByProfile[name])
	}
	return t.Flush()
}
