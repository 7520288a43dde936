package app_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
lead: {name: {required: true}}
call: {ring: 60s}
window: {days: mon-sun, hours: "00:00-24:00", zone: Europe/Moscow}
retry: {total: 1, rules: [{on: [busy, no_answer, answered, abandoned], days: [{attempts: 1}], finish: lost}]}
lists: {talked: talked, lost: lost}
dialogue:
  hello:
    - bridge: {to: managers, ring: 20s, nobody: alone}
    - finish: talked
  alone: [{finish: lost}]
hangup: [{finish: lost}]
`

// The whole service with a telephone by others: baresip logs in as an
// operator's account, takes the person that is bridged to it, and nobody can
// have that person handed to a number that must not be called.
func TestServiceWithAnOperatorsPhone(t *testing.T) {
	t.Parallel()
	bin, err := exec.LookPath("baresip")
	if err != nil {
		t.Skip("baresip is not installed (Debian package baresip-core): the operator's telephone of this test is missing")
	}
	const person, barred, denied = "+79990000002", "+79990000009", "+74951234567"
	var book siptest.Book
	book.Numbers = map[string][]phonesim.Profile{person: {{Kind: phonesim.Answers, Steps: []phonesim.Step{{Speak: "voice:person"}}}}}
	book.Default = phonesim.Profile{Kind: phonesim.Busy}
	far, err := siptest.Start(context.Background(), siptest.Config{Book: book})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	dir, port := t.TempDir(), freeUDP(t)
	if err := os.WriteFile(filepath.Join(dir, "talk.yaml"), []byte(talkScenario), 0o600); err != nil {
		t.Fatal(err)
	}
	s := servetest.Start(t, servetest.Options{Dir: dir, Far: far, Port: port, More: "  talk: {scenario: talk.yaml}\n",
		Extra: "phones: {anna: {password: \"${OPERATOR_TOKEN}\"}}\noperators: {managers: {addresses: [anna], transfer: numbers}}\nlimits: {deny: [\"+7495\"]}\n"})
	runBaresip(t, bin, fmt.Sprintf("<sip:anna@127.0.0.1:%d>;regint=60;auth_user=anna;auth_pass=%s;answermode=auto;audio_codecs=pcma", port, servetest.Secret("operator")))
	s.Do(t, "admin", "POST", "/api/v1/dnc", fmt.Sprintf(`{"phone": %q, "reason": "asked"}`, barred))
	id := one(t, s, "crm", "/api/v1/campaigns/talk/leads", lead(person))

	var up []struct {
		Attempt  int64
		Operator string
	}
	await(t, "the person to talk with anna", func() bool {
		s.Get(t, "supervisor", "/api/v1/calls", &up)
		return len(up) == 1 && up[0].Operator == "anna"
	})
	talking := time.Now()
	call := fmt.Sprintf("/api/v1/calls/%d", up[0].Attempt)
	for number, why := range map[string]string{barred: "do-not-call list", denied: "not allowed", person: "in another call"} {
		a := s.Do(t, "supervisor", "POST", call+"/transfer", fmt.Sprintf(`{"address": %q}`, number))
		if a.Status/100 != 4 || !strings.Contains(a.Body, why) {
			t.Errorf("a transfer to %s: %d %s", number, a.Status, a.Body)
		}
	}
	await(t, "three seconds of talk", func() bool { return time.Since(talking) > 3*time.Second })
	if a := s.Do(t, "supervisor", "POST", call+"/hangup", ""); a.Status/100 != 2 {
		t.Fatalf("hanging up: %d %s", a.Status, a.Body)
	}
	c, err := far.WaitEnded(t.Context(), person, 1)
	if err != nil {
		t.Fatal(err)
	}
	if c.HeardOperator < 300*time.Millisecond { // a busy machine gives baresip little time
		t.Errorf("the person heard %v of baresip", c.HeardOperator)
	}
	var calls []struct{ Disposition, Operator string }
	await(t, "the call's record", func() bool {
		s.Get(t, "crm", fmt.Sprintf("/api/v1/leads/%d/attempts", id), &calls)
		return len(calls) == 1 && calls[0].Disposition != ""
	})
	if calls[0].Operator != "anna" {
		t.Errorf("%+v", calls)
	}
	if n := len(far.Calls()); n != 1 {
		t.Errorf("%d calls came to the network, want the person's alone", n)
	}
}

// await polls until ok says so.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(30 * time.Second); !ok(); {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func freeUDP(t *testing.T) int {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port
}

// runBaresip runs baresip with one account until the test ends. What it says
// is the tone by which simulated people know operators.
func runBaresip(t *testing.T, bin, account string) {
	t.Helper()
	dir := t.TempDir()
	config := fmt.Sprintf("sip_listen 127.0.0.1:0\naudio_player aubridge,nowhere\naudio_source ausine,%d\naudio_alert aubridge,nowhere\n", int(siptest.VoiceOperatorHz)) +
		"ausrc_srate 48000\nausrc_channels 2\nausrc_format s16\nauplay_format s16\nauenc_format s16\naudec_format s16\nnet_interface 127.0.0.1\n" +
		"module_path /usr/lib/baresip/modules\nmodule g711.so\nmodule ausine.so\nmodule aubridge.so\nmodule_tmp account.so\nmodule_app menu.so\n"
	for name, text := range map[string]string{"config": config, "accounts": account + "\n", "contacts": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, bin, "-4", "-f", dir)
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = cmd.Wait() })
}
