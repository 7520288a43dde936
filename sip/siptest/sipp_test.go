package siptest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"dozvon/dialer/phonesim"
)

// sipp runs one scenario of testdata against the server and fails the test if
// SIPp does.
func sipp(t *testing.T, s *Server, script, number string, args ...string) {
	t.Helper()
	bin, err := exec.LookPath("sipp")
	if err != nil {
		t.Skip("SIPp (Debian package sip-tester) is not installed")
	}
	dir := t.TempDir()
	text, err := os.ReadFile(filepath.Join("testdata", script+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte("[service]"), []byte(number)) // may be a keyword of SIPp
	script = filepath.Join(dir, "script.xml")
	if err := os.WriteFile(script, text, 0o600); err != nil {
		t.Fatal(err)
	}
	all := append([]string{
		s.Addr().String(), "-sf", script, "-i", "127.0.0.1", "-m", "1", "-r", "100", "-rp", "1000",
		"-nostdin", "-timeout", "10s", "-timeout_error", "-trace_err",
	}, args...)
	cmd := exec.CommandContext(testContext(t), bin, all...)
	cmd.Dir = dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		logs, _ := filepath.Glob(filepath.Join(cmd.Dir, "*errors.log"))
		for _, l := range logs {
			text, _ := os.ReadFile(l)
			t.Logf("%s", text)
		}
		t.Fatalf("SIPp: %v\n%s", err, out.String())
	}
}

// start runs a server for a test.
func start(t *testing.T, c Config) *Server {
	t.Helper()
	s, err := Start(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// bookOf lets each number be answered by a built-in profile.
func bookOf(t *testing.T, numbers map[string]string) Book {
	t.Helper()
	b := Book{}
	b.Numbers = map[string][]phonesim.Profile{}
	for number, name := range numbers {
		p, ok := Profile(name)
		if !ok {
			t.Fatalf("no profile %q", name)
		}
		b.Numbers[number] = []phonesim.Profile{p}
	}
	return b
}

// hasty makes people answer at once.
func hasty(p phonesim.Profile) phonesim.Profile { p.Ring = 10 * time.Millisecond; return p }

// ended waits for the end of the only call to a number.
func ended(t *testing.T, s *Server, number string) CallRecord {
	t.Helper()
	r, err := s.WaitEnded(testContext(t), number, 1)
	if err != nil {
		for _, c := range s.Calls() {
			if c.Number == number {
				t.Logf("call so far: %+v", c)
			}
		}
		t.Fatal(err)
	}
	return r
}

func TestSIPpRefusals(t *testing.T) {
	s := start(t, Config{Book: bookOf(t, map[string]string{
		"404": "unknown", "480": "off", "486": "busy", "503": "congested", "603": "declines",
	})})
	for _, code := range []int{404, 480, 486, 503, 603} {
		number := strconv.Itoa(code)
		t.Run(number, func(t *testing.T) {
			sipp(t, s, "refused_"+number, number)
			r := ended(t, s, number)
			if r.Code != code || r.Answered() || !r.Acked() || r.Distinct != 1 || r.Err != "" || r.By != Callee {
				t.Errorf("record is %+v", r)
			}
		})
	}
}

func TestSIPpAnswers(t *testing.T) {
	for _, transport := range []string{"u1", "t1"} {
		t.Run(transport, func(t *testing.T) {
			s := start(t, Config{TCP: true, Book: bookOf(t, map[string]string{"1": "silent_person", "2": "silent_person"})})
			sipp(t, s, "call", "1", "-t", transport)
			r := ended(t, s, "1")
			if r.Code != 200 || !r.Answered() || !r.Acked() || r.RingingAt.IsZero() || r.By != Caller || r.Err != "" || r.Distinct != 1 {
				t.Errorf("record is %+v", r)
			}
			sipp(t, s, "hasty", "2", "-t", transport) // ACK and BYE may overtake each other
			if r := ended(t, s, "2"); !r.Acked() || r.By != Caller || r.Err != "" {
				t.Errorf("record of the hasty call is %+v", r)
			}
		})
	}
}

func TestSIPpHearsAFarEndHangUp(t *testing.T) {
	for _, transport := range []string{"u1", "t1"} {
		t.Run(transport, func(t *testing.T) {
			b := bookOf(t, nil)
			b.Default = hasty(phonesim.Profile{Steps: []phonesim.Step{{Wait: 50 * time.Millisecond}, {HangUp: true}}})
			s := start(t, Config{TCP: true, Book: b})
			sipp(t, s, "called_off", "1", "-t", transport)
			if r := ended(t, s, "1"); r.By != Callee || r.Err != "" || r.ByeAt.IsZero() {
				t.Errorf("record is %+v", r)
			}
		})
	}
}

func TestSIPpCancels(t *testing.T) {
	for _, transport := range []string{"u1", "t1"} {
		t.Run(transport, func(t *testing.T) {
			s := start(t, Config{TCP: true, Book: bookOf(t, map[string]string{"1": "no_answer"})})
			sipp(t, s, "cancel", "1", "-t", transport)
			r := ended(t, s, "1")
			if r.Code != 487 || r.CancelAt.IsZero() || r.By != Caller || r.Err != "" || !r.Acked() {
				t.Errorf("record is %+v", r)
			}
		})
	}
}

func TestSIPpDigest(t *testing.T) {
	for _, c := range []struct {
		script string
		auth   Credentials
	}{
		{"digest_401", Credentials{User: "robot", Password: "secret"}},
		{"digest_407", Credentials{User: "robot", Password: "secret", Proxy: true}},
	} {
		t.Run(c.script, func(t *testing.T) {
			s := start(t, Config{Auth: &c.auth, Book: bookOf(t, map[string]string{"1": "silent_person"})})
			sipp(t, s, c.script, "1")
			r := ended(t, s, "1")
			if r.Challenges != 1 || r.Distinct != 2 || r.Extra() != 0 || r.Code != 200 || !r.Acked() || r.Err != "" {
				t.Errorf("record is %+v", r)
			}
		})
	}
}

func TestSIPpWrongPasswordIsNeverAdmitted(t *testing.T) {
	s := start(t, Config{Auth: &Credentials{User: "robot", Password: "other"}, Book: bookOf(t, map[string]string{"1": "busy"})})
	sipp(t, s, "denied", "1")
	calls := s.Calls()
	if len(calls) != 1 || calls[0].Nth != 0 || calls[0].Challenges != 2 || calls[0].Code != 401 {
		t.Errorf("calls are %+v", calls)
	}
}

// TestSIPpLosesAnACK: the far end loses the first ACK and repeats its 200;
// SIPp, as it must, repeats the ACK.
func TestSIPpLosesAnACK(t *testing.T) {
	s := start(t, Config{T1: 50 * time.Millisecond, DropAcks: 1, Book: bookOf(t, map[string]string{"1": "silent_person"})})
	sipp(t, s, "call", "1")
	if r := ended(t, s, "1"); r.Answers != 2 || !r.Acked() || r.Err != "" || r.By != Caller {
		t.Errorf("record is %+v", r)
	}
}

func TestSIPpNeverACKs(t *testing.T) {
	s := start(t, Config{T1: 20 * time.Millisecond, AckWait: 200 * time.Millisecond, Book: bookOf(t, map[string]string{"1": "silent_person"})})
	sipp(t, s, "no_ack", "1")
	if r := ended(t, s, "1"); r.Answers < 3 || r.Acked() || r.Err != errNoAck.Error() {
		t.Errorf("record is %+v", r)
	}
}

func TestSIPpOptions(t *testing.T) {
	s := start(t, Config{})
	sipp(t, s, "options", "1")
	if calls := s.Calls(); len(calls) != 0 {
		t.Errorf("OPTIONS counts as a call: %+v", calls)
	}
}

// TestSIPpManyCalls: the seeded mix, two hundred calls at once, and a journal
// without a fault.
func TestSIPpManyCalls(t *testing.T) {
	var journal bytes.Buffer
	b := bookOf(t, nil)
	b.Default = hasty(phonesim.Profile{Name: "short"})
	s := start(t, Config{Book: b, Journal: &journal})
	const n = 200
	sipp(t, s, "call", "[call_number]", "-m", strconv.Itoa(n), "-r", "400")
	if err := s.WaitCount(testContext(t), n); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := ReadJournal(&journal)
	if err != nil {
		t.Fatal(err)
	}
	r := Audit(entries)
	if len(r.Calls) != n || r.Distinct() != 1 {
		t.Errorf("%d calls, at most %d INVITEs each", len(r.Calls), r.Distinct())
	}
	if f := r.Faults(); len(f) > 0 {
		t.Errorf("faults: %v", f)
	}
	if st := s.Stats(); st.Live != 0 || st.Answered != n || st.Ended != n {
		t.Errorf("stats are %+v", st)
	}
	if !slices.EqualFunc(r.Calls, s.Calls(), func(a, b CallRecord) bool { return a.CallID == b.CallID && a.Code == b.Code }) {
		t.Error("the journal and the server tell of different calls")
	}
}
