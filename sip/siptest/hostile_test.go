package siptest

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"dozvon/dialer/phonesim"
)

// TestHostileMessages: whatever comes, the server goes on answering.
func TestHostileMessages(t *testing.T) {
	t.Parallel()
	s := start(t, Config{Auth: &Credentials{User: "u", Password: "p"}})
	conn, err := net.Dial("udp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	pieces := strings.SplitAfter(inviteText, "\r\n")
	for i := range pieces { // without each header, and with each one broken
		without := strings.Join(append(append([]string{}, pieces[:i]...), pieces[i+1:]...), "")
		broken := strings.Join(pieces[:i], "") + strings.ReplaceAll(pieces[i], ":", ": \xff<;") + strings.Join(pieces[i+1:], "")
		for _, text := range []string{without, broken, inviteText[:len(inviteText)*i/len(pieces)]} {
			if _, err := conn.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, method := range []string{"ACK", "BYE", "CANCEL", "INFO", "REGISTER", "NOTIFY", "no method"} {
		text := strings.ReplaceAll(inviteText, "INVITE", method)
		for _, text := range []string{text, strings.Replace(text, "@127.0.0.1>", "@127.0.0.1>;tag=none", 1)} {
			if _, err := conn.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	p := newPhone(t, s)
	l := &leg{phone: p}
	req := p.newInvite("1")
	req.Method = sipgo.OPTIONS
	l.send(req, nil)
	l.expect(200)
	for _, r := range s.Calls() {
		if r.Nth > 0 {
			t.Errorf("a call was admitted without credentials: %+v", r)
		}
	}
}

// TestCancelCrossesTheAnswer: whichever wins, caller and far end agree on it,
// and the call ends.
func TestCancelCrossesTheAnswer(t *testing.T) {
	t.Parallel()
	b := bookOf(t, nil)
	b.Default = phonesim.Profile{Ring: time.Millisecond}
	s := start(t, Config{Book: b})
	p := newPhone(t, s)
	cancelled := 0
	for range 40 {
		l := p.call("1")
		cancel := sipgo.NewRequest(sipgo.CANCEL, l.invite.Recipient)
		for _, name := range []string{"Via", "From", "To", "Call-ID"} {
			sipgo.CopyHeaders(name, l.invite, cancel)
		}
		cancel.AppendHeader(&sipgo.CSeqHeader{SeqNo: l.invite.CSeq().SeqNo, MethodName: sipgo.CANCEL})
		cancel.Laddr = sipgo.Addr{IP: p.addr.IP, Port: p.addr.Port}
		invited := l.tx
		l.send(cancel, nil)
		l.tx = invited
		if final := l.final(); final.StatusCode == 200 {
			l.ok = final
			l.ack(final, l.invite)
			l.bye(1)
		} else {
			cancelled++
		}
		id := l.invite.CallID().Value()
		r, err := s.Wait(testContext(t), func(r CallRecord) bool { return r.CallID == id && r.Ended() })
		if err != nil || r.Err != "" || r.By != Caller || r.Answered() != (l.ok != nil) {
			t.Errorf("the caller saw an answer: %v; record is %+v, %v", l.ok != nil, r, err)
		}
	}
	t.Logf("%d of 40 were cancelled before the answer", cancelled)
}

// TestJournalCanBeReadWhileCallsAreUp: as after its caller was killed.
func TestJournalCanBeReadWhileCallsAreUp(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	s := start(t, Config{Journal: f, Book: bookOf(t, map[string]string{"1": "silent_person"}), AnswerDelayScale: 0.1})
	newPhone(t, s).call("1").answered()
	if _, err := s.WaitAnswered(testContext(t), "1", 1); err != nil {
		t.Fatal(err)
	}
	entries, err := ReadJournalFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := Audit(entries)
	if len(r.Calls) != 1 || !r.Calls[0].Acked() || len(r.NeverEnded) != 1 || r.Distinct() != 1 {
		t.Errorf("the journal tells %+v", r)
	}
}
