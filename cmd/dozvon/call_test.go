package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dozvon/app"
	"dozvon/app/servetest"
	"dozvon/dialer/phonesim"
	"dozvon/sip/siptest"
)

// talkScenario joins whoever answers with an operator at once.
const talkScenario = `
version: 1
name: talk
language: en
purpose: service
policy: none
lead:
  name: {required: true}
call: {ring: 60s}
window: {days: mon-sun, hours: "00:00-24:00", zone: Europe/Moscow}
retry:
  rules:
    - {on: [busy], days: [{attempts: 1}], finish: missed}
  else: missed
lists: {talked: talked, missed: not reached}
dialogue:
  hello:
    - bridge: {to: managers, ring: 5s, nobody: nobody}
    - finish: talked
  nobody:
    - finish: missed
hangup: [{finish: missed}]
`

// talkingFar is a network whose person and operators stay on the line.
func talkingFar(t *testing.T) *siptest.Server {
	t.Helper()
	stays := func(voice string) phonesim.Profile {
		return phonesim.Profile{Kind: phonesim.Answers, Ring: 10 * time.Millisecond, Steps: []phonesim.Step{{Speak: voice}}}
	}
	book := siptest.Book{Operators: map[string]phonesim.Profile{
		"op1": stays(siptest.VoiceOperator), "op2": stays(siptest.VoiceOperator), "boss": stays(siptest.VoiceOperator)}}
	book.Default = stays(siptest.VoicePerson)
	far, err := siptest.Start(context.Background(), siptest.Config{Book: book})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	return far
}

func TestCallCommands(t *testing.T) {
	far := talkingFar(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "talk.yaml"), []byte(talkScenario), 0o600); err != nil {
		t.Fatal(err)
	}
	boss, second := far.URI("boss"), far.URI("op2")
	s := servetest.Start(t, servetest.Options{Dir: dir, Far: far, More: "  talks: {scenario: talk.yaml}\n",
		Extra: fmt.Sprintf("operators:\n  managers: {addresses: [%q]}\n  others: {addresses: [%q, %q]}\n", far.URI("op1"), second, boss)})
	c := newTerminal(t, s, "supervisor")
	c.good(words("call list"), "ATTEMPT", "OPERATOR")
	c.stdin = `{"phone": "+7 999 111-00-01", "columns": {"name": "Anna"}}`
	c.good(words("lead push talks -"))
	// until waits for the list of calls to say these words.
	until := func(said ...string) (line string) {
		t.Helper()
		servetest.Until(t, "the list to say "+strings.Join(said, " "), func() bool {
			line = c.good(words("call list"))
			for _, w := range said {
				if !strings.Contains(line, w) {
					return false
				}
			}
			return true
		})
		return line
	}
	line := strings.Split(until("talks", "talking", far.URI("op1")), "\n")[1]
	id := strings.Fields(line)[0]
	c.good([]string{"call", "listen", id, "--as", boss}, "call "+id+": listen, "+boss+" rings")
	until("listen " + boss)
	for _, mode := range []string{"whisper", "barge", "listen"} {
		c.good([]string{"call", mode, id}, "call "+id+": "+mode)
		until(mode + " " + boss)
	}
	c.good([]string{"call", "whisper", id, "--as", boss}, "whisper") // there already: the mode changes
	until("whisper " + boss)
	c.good([]string{"call", "listen", id}, "listen")
	until("listen " + boss)
	c.bad(app.ExitFailed, []string{"call", "barge", id, "--as", second}, "supervises it already")
	c.good([]string{"call", "transfer", id, second}, second+" rings")
	until("listen "+boss, second)
	c.good([]string{"call", "leave", id}, "leave")
	c.bad(app.ExitFailed, []string{"call", "whisper", id}, "nobody supervises it")
	c.bad(app.ExitFailed, []string{"call", "transfer", id, "+79991112233"}, "may not transfer to numbers")
	c.bad(app.ExitFailed, []string{"call", "listen", id, "--as", "sip:me@192.0.2.1"}, "stands in no group")
	operator := newTerminal(t, s, "operator")
	if out := operator.good(words("call list")); strings.Contains(out, "+79991110001") || !strings.Contains(out, "0001") {
		t.Errorf("an operator sees\n%s", out)
	}
	operator.bad(app.ExitFailed, []string{"call", "hangup", id}, "role")
	c.good([]string{"call", "hangup", id}, "hangup")
	servetest.Until(t, "the call to be over", func() bool { return !strings.Contains(c.good(words("call list")), "talks") })
	c.bad(app.ExitFailed, []string{"call", "hangup", id}, "no such call up")
	c.bad(app.ExitFailed, []string{"call", "leave", "4711"}, "no such call up")
	c.bad(app.ExitUsage, words("call hangup x"), `"x" is no attempt`)
	c.bad(app.ExitUsage, words("call transfer 5"), "--help")
}
