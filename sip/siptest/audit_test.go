package siptest

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// story tells entries a second apart.
type story struct {
	at      time.Time
	killed  []time.Time
	entries []Entry
}

func (s *story) tell(call string, what What, more ...func(*Entry)) {
	s.at = s.at.Add(time.Second)
	e := Entry{At: s.at, What: what, Call: call}
	for _, f := range more {
		f(&e)
	}
	s.entries = append(s.entries, e)
}

func branch(b string, cseq uint32) func(*Entry) {
	return func(e *Entry) { e.Branch, e.CSeq = b, cseq }
}

func number(n string, nth int) func(*Entry) { return func(e *Entry) { e.Number, e.Nth = n, nth } }

func newStory() *story { return &story{at: time.Unix(1e9, 0).UTC()} }

// whole tells a call without a fault.
func (s *story) whole(call, to string, nth int) {
	s.tell(call, Invited, branch(call, 1), number(to, 0))
	s.tell(call, Admitted, number(to, nth))
	s.tell(call, Rung)
	s.tell(call, Answered, func(e *Entry) { e.Code = 200 })
	s.tell(call, Acked, branch("a", 1))
	s.tell(call, ByeCame, branch("b", 2))
	s.tell(call, Ended, func(e *Entry) { e.By = Caller })
}

func TestAuditOfAnHonestDialer(t *testing.T) {
	s := newStory()
	s.tell("", Started)
	s.whole("c1", "+7", 1)
	s.tell("c2", Invited, branch("x", 1), number("+7", 0)) // challenged, then again as asked
	s.tell("c2", Challenged, func(e *Entry) { e.Code = 407 })
	s.tell("c2", Acked, branch("x", 1))
	s.tell("c2", Invited, branch("y", 2), number("+7", 0))
	s.tell("c2", Invited, branch("y", 2), number("+7", 0)) // a retransmission
	s.tell("c2", Admitted, number("+7", 2))
	s.tell("c2", Refused, func(e *Entry) { e.Code = 486 })
	s.tell("c2", Acked, branch("y", 2))
	s.tell("c2", Ended)
	r := Audit(s.entries)
	if f := r.Faults(); len(f) > 0 {
		t.Errorf("faults: %v", f)
	}
	if r.Attempts["+7"] != 2 || r.Distinct() != 1 || len(r.Calls) != 2 {
		t.Errorf("report is %+v", r)
	}
	if c := r.Calls[1]; c.Invites != 3 || c.Distinct != 2 || c.Challenges != 1 || c.Code != 486 || !c.Acked() {
		t.Errorf("the challenged call is %+v", c)
	}
}

// stories are what a journal may tell, each with one fault or none.
var stories = map[string]struct {
	tell  func(*story)
	fault string // part of the only fault; "": none
}{
	"a second INVITE": {func(s *story) {
		s.whole("c", "1", 1)
		s.tell("c", Invited, branch("other", 1), number("1", 0))
	}, "2 different INVITEs for one attempt"},
	"a third INVITE after one challenge": {func(s *story) {
		s.tell("c", Invited, branch("p", 1))
		s.tell("c", Challenged)
		s.tell("c", Invited, branch("q", 2))
		s.tell("c", Invited, branch("r", 3))
		s.tell("c", Invited, branch("q", 2))
	}, "2 different INVITEs for one attempt"},
	"no ACK": {func(s *story) {
		s.tell("c", Invited, branch("p", 1))
		s.tell("c", Admitted, number("1", 1))
		s.tell("c", Answered)
		s.tell("c", Acked, branch("p", 2)) // of a re-INVITE
		s.tell("c", Ended)
	}, "no ACK came"},
	"no end": {func(s *story) {
		s.tell("c", Invited, branch("p", 1))
		s.tell("c", Admitted, number("1", 1))
	}, "never ended"},
	"two calls to one number at a time": {func(s *story) {
		s.whole("c", "1", 1)
		s.entries = slices.Insert(s.entries, 3,
			Entry{At: s.entries[2].At, What: Invited, Call: "d", Branch: "d", CSeq: 1},
			Entry{At: s.entries[2].At, What: Admitted, Call: "d", Number: "1", Nth: 2})
		s.tell("d", ByeCame)
		s.tell("d", Ended)
	}, "began while call c"},
	"a call left by a killed dialer, then the next": {func(s *story) {
		s.tell("c", Invited, branch("p", 1))
		s.tell("c", Admitted, number("1", 1))
		s.tell("c", Answered)
		s.killed = append(s.killed, s.at)
		s.tell("d", Invited, branch("p", 1))
		s.tell("d", Admitted, number("1", 2))
		s.tell("c", Ended, func(e *Entry) { e.Err = errNoAck.Error() })
		s.tell("d", Ended)
	}, ""},
	"a killed dialer that sends the INVITE of an attempt again": {func(s *story) {
		s.tell("c", Invited, branch("p", 1))
		s.tell("c", Admitted, number("1", 1))
		s.killed = append(s.killed, s.at)
		s.tell("c", Invited, branch("q", 1))
	}, "2 different INVITEs"},
	"a fault after the dialer was killed and started again": {func(s *story) {
		s.killed = append(s.killed, s.at)
		s.tell("c", Invited, branch("p", 1))
		s.tell("c", Admitted, number("1", 1))
		s.tell("c", Ended, func(e *Entry) { e.Err = errDead.Error() })
	}, "line went dead"},
	"a call cut by the server's own end": {func(s *story) {
		s.tell("c", Invited, branch("p", 1))
		s.tell("c", Admitted, number("1", 1))
		s.tell("", Started)
	}, ""},
}

func TestAuditFinds(t *testing.T) {
	for name, c := range stories {
		t.Run(name, func(t *testing.T) {
			s := newStory()
			c.tell(s)
			faults := Audit(s.entries, s.killed...).Faults()
			if c.fault == "" && len(faults) > 0 {
				t.Errorf("faults: %v", faults)
			}
			if c.fault != "" && (len(faults) != 1 || !strings.Contains(faults[0], c.fault)) {
				t.Errorf("faults are %q, want one with %q", faults, c.fault)
			}
		})
	}
}

// TestJournalRoundTrip: what is written is read, and a torn last line is left
// out wherever it was torn.
func TestJournalRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want []Entry
		var b bytes.Buffer
		for range rapid.IntRange(1, 5).Draw(t, "entries") {
			e := Entry{
				At: time.Unix(rapid.Int64Range(0, 1e10).Draw(t, "at"), 0).UTC(), What: Invited,
				Call: rapid.StringMatching(`[!-~]{1,20}`).Draw(t, "call"), Number: rapid.String().Draw(t, "number"),
				CSeq: rapid.Uint32().Draw(t, "cseq"), Sound: &Sound{Heard: time.Duration(rapid.Int64().Draw(t, "heard"))},
			}
			e.Number = strings.ToValidUTF8(e.Number, "?")
			want = append(want, e)
			if err := writeEntry(&b, e); err != nil {
				t.Fatal(err)
			}
		}
		got, err := ReadJournal(bytes.NewReader(b.Bytes()))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("read %+v, %v; want %+v", got, err, want)
		}
		last := bytes.LastIndexByte(b.Bytes()[:b.Len()-1], '\n') + 1
		cut := rapid.IntRange(last, b.Len()-1).Draw(t, "cut")
		got, err = ReadJournal(bytes.NewReader(b.Bytes()[:cut]))
		if err != nil || len(got) != len(want)-1 {
			t.Fatalf("torn at %d: %d entries, %v", cut, len(got), err)
		}
	})
}

func TestJournalNamesABrokenLine(t *testing.T) {
	_, err := ReadJournal(strings.NewReader("{\"what\":\"ack\"}\nnonsense\n{}\n"))
	if err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Fatalf("error is %v", err)
	}
}

// TestReplayTellsWhatTheDeskTold: the journal holds all that records hold.
func TestReplayTellsWhatTheDeskTold(t *testing.T) {
	var journal bytes.Buffer
	d := newDesk(Config{Journal: &journal}.withDefaults())
	s := newStory()
	s.whole("c1", "1", 1)
	s.whole("c2", "2", 1)
	s.tell("stray", Acked)
	for _, e := range s.entries {
		d.tell(e)
	}
	entries, err := ReadJournal(&journal)
	if err != nil {
		t.Fatal(err)
	}
	replayed := Replay(entries)
	for i, h := range d.order {
		if !reflect.DeepEqual(h.CallRecord, replayed[i]) {
			t.Errorf("told %+v, replayed %+v", h.CallRecord, replayed[i])
		}
	}
	if len(d.order) != 2 || len(replayed) != 2 {
		t.Errorf("%d told, %d replayed, want 2: a stray ACK is no call", len(d.order), len(replayed))
	}
	if st := d.stats; st.Calls != 2 || st.Answered != 2 || st.Ended != 2 || st.ByCode[200] != 2 {
		t.Errorf("stats are %+v", st)
	}
}

// TestOldRecordsAreForgotten: a server that runs for weeks stays small.
func TestOldRecordsAreForgotten(t *testing.T) {
	d := newDesk(Config{Remember: 8}.withDefaults())
	d.live["c0"] = &call{} // still on the line: never forgotten
	s := newStory()
	for i := range 100 {
		s.whole("c"+string(rune('0'+i)), "1", i+1)
	}
	for _, e := range s.entries {
		d.tell(e)
	}
	if len(d.order) > 11 || len(d.told) != len(d.order) {
		t.Errorf("%d records, %d by Call-ID are kept of 8 to remember", len(d.order), len(d.told))
	}
	if d.told["c0"] == nil {
		t.Error("a call on the line was forgotten")
	}
	if got := d.order[len(d.order)-1].CallID; got != "c"+string(rune('0'+99)) {
		t.Errorf("the newest record is %q", got)
	}
}

func FuzzReadJournal(f *testing.F) {
	f.Add([]byte("{\"what\":\"invite\",\"call\":\"a\"}\n{\"what\":\"ended\",\"call\":\"a\"}\n"))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := ReadJournal(bytes.NewReader(data))
		if err != nil {
			return
		}
		r := Audit(entries)
		if len(r.Calls) > len(entries) {
			t.Fatalf("%d calls out of %d entries", len(r.Calls), len(entries))
		}
		_ = r.Faults()
	})
}
