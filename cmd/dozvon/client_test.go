package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dozvon/app"
	"dozvon/app/servetest"
)

// terminal runs commands against one service, in-process.
type terminal struct {
	t     *testing.T
	env   map[string]string
	stdin string
}

func newTerminal(t *testing.T, s *servetest.Service, token string) *terminal {
	return &terminal{t: t, env: map[string]string{"DOZVON_SERVER": s.URL, "DOZVON_TOKEN": servetest.Secret(token)}}
}

// run executes one command line and wants that exit code.
func (c *terminal) run(want int, args ...string) (out, errs string) {
	c.t.Helper()
	var stdout, stderr bytes.Buffer
	p := program{in: strings.NewReader(c.stdin), out: &stdout, err: &stderr,
		env: func(name string) (string, bool) { v, ok := c.env[name]; return v, ok }}
	if code := p.run(c.t.Context(), args); code != want {
		c.t.Errorf("dozvon %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), code, want, &stdout, &stderr)
	}
	return stdout.String(), stderr.String()
}

// good is run for a command that succeeds: it must say these words, and
// nothing on standard error.
func (c *terminal) good(args []string, words ...string) string {
	c.t.Helper()
	out, errs := c.run(app.ExitOK, args...)
	if errs != "" {
		c.t.Errorf("dozvon %s: %s", strings.Join(args, " "), errs)
	}
	for _, w := range words {
		if !strings.Contains(out, w) {
			c.t.Errorf("dozvon %s: %q is not in\n%s", strings.Join(args, " "), w, out)
		}
	}
	return out
}

// bad is run for a command that fails: its message must hold these words.
func (c *terminal) bad(want int, args []string, words ...string) {
	c.t.Helper()
	_, errs := c.run(want, args...)
	if !strings.HasPrefix(errs, "dozvon: ") {
		c.t.Errorf("dozvon %s: %q is no message", strings.Join(args, " "), errs)
	}
	for _, w := range words {
		if !strings.Contains(errs, w) {
			c.t.Errorf("dozvon %s: %q is not in %s", strings.Join(args, " "), w, errs)
		}
	}
}

// words splits a command line that has no quotes.
func words(line string) []string { return strings.Fields(line) }

func TestCampaignCommands(t *testing.T) {
	s := servetest.Start(t, servetest.Options{})
	c := newTerminal(t, s, "supervisor")
	c.good(words("campaign list"), "CAMPAIGN", "leads", "running", "quiet", "paused (user)")
	c.good(words("campaign show leads"), "leads (ring): running", "calls up 0 of 20")
	c.good(words("campaign pause leads"), "leads is paused (user)")
	c.good(words("campaign resume leads"), "leads is running")
	c.good(words("campaign drain quiet"), "quiet is ")
	c.bad(app.ExitFailed, words("campaign resume quiet"), "quiet is")
	c.bad(app.ExitFailed, words("campaign show none"), `no campaign "none"`)
	c.bad(app.ExitFailed, words("campaign pause none"), `no campaign "none"`)
	c.bad(app.ExitUsage, words("campaign pause"), "--help")
	c.bad(app.ExitUsage, words("campaign stop leads"), "unknown command")
}

func TestLeadAndListCommands(t *testing.T) {
	s := servetest.Start(t, servetest.Options{})
	events := s.Watch(t)
	c := newTerminal(t, s, "crm")
	c.stdin = `{"phone": "+7 999 111-00-01", "columns": {"name": "Анна"}}`
	var answer struct {
		Results []struct {
			Status string
			LeadID int64 `json:"lead_id"`
		}
	}
	if err := json.Unmarshal([]byte(c.good(words("lead push leads -"))), &answer); err != nil || len(answer.Results) != 1 {
		t.Fatal(answer, err)
	}
	id := answer.Results[0].LeadID
	events.Lead(t, id, "lead.finished")
	c.good([]string{"lead", "show", fmt.Sprint(id)}, `"state": "done"`, `"list": "busy"`, `"name": "Анна"`)
	c.good([]string{"lead", "attempts", fmt.Sprint(id)}, `"disposition": "busy"`, `"sip": 486`)
	c.good([]string{"lead", "explain", fmt.Sprint(id)}, "ended on a list", "CHECK")
	for _, verb := range []string{"show", "attempts", "explain"} {
		c.bad(app.ExitFailed, []string{"lead", verb, "4711"}, "4711")
		c.bad(app.ExitUsage, []string{"lead", verb, "x"}, `"x" is no id`)
		c.bad(app.ExitUsage, []string{"lead", verb, "0"}, "is no id")
	}

	c.good(words("list show leads"), "busy       1", "no_answer  0")
	c.good(words("list get leads busy"), "name,lead_id,", "Анна,", ",busy,busy,1,")
	c.good(words("list get leads busy --format json"), `"list":"busy"`)
	if xlsx := c.good(words("list get leads busy --format xlsx")); !strings.HasPrefix(xlsx, "PK") {
		t.Errorf("no workbook: %.20q", xlsx)
	}
	c.good(words("list get leads talked"), "name,lead_id,")
	c.bad(app.ExitFailed, words("list get leads bussy"), `no list "bussy"`, "busy")
	c.bad(app.ExitFailed, words("list show none"), `no campaign "none"`)
	c.bad(app.ExitUsage, words("list get leads busy --format pdf"), "csv, xlsx, json")
	c.bad(app.ExitUsage, words("list get leads"), "--help")
}

func TestLeadPushInput(t *testing.T) {
	s := servetest.Start(t, servetest.Options{})
	c := newTerminal(t, s, "crm")
	file := filepath.Join(t.TempDir(), "leads.json")
	text := `[{"phone": "+79991110001", "columns": {"name": "A"}}, {"phone": "12", "columns": {"name": "B"}}]`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	push := []string{"lead", "push", "leads", file, "--idempotency-key", "k"}
	first, errs := c.run(app.ExitFailed, push...)
	if !strings.Contains(first, "accepted") || !strings.Contains(errs, "1 of 2 leads cannot be taken") {
		t.Errorf("%s%s", first, errs)
	}
	if again, _ := c.run(app.ExitFailed, push...); again != first {
		t.Errorf("a repeat by key: first %s, then %s", first, again)
	}
	c.bad(app.ExitUsage, []string{"lead", "push", "leads", file + "x"}, "leads.jsonx cannot be read")
	c.stdin = `{"phone": `
	c.bad(app.ExitUsage, words("lead push leads -"), "standard input is not valid JSON")
	c.stdin = `{"phone": "+79991110001", "columns": {"name": "A"}}`
	c.good(words("lead push leads -"), "duplicate")
	c.bad(app.ExitFailed, words("lead push none -"), `no campaign "none"`)
}

func TestDNCCommands(t *testing.T) {
	s := servetest.Start(t, servetest.Options{})
	c := newTerminal(t, s, "admin")
	c.good([]string{"dnc", "add", "8 999 111-00-01", "--reason", "asked on the phone"}, "not be called again: 1")
	out, errs := c.run(app.ExitFailed, "dnc", "add", "12", "+79991110002")
	if !strings.Contains(out, "again: 1") || !strings.Contains(errs, `"12" was not added`) {
		t.Errorf("%s%s", out, errs)
	}
	c.stdin = "+79991110003\n+79991110004; 89991110005\n"
	c.good(words("dnc add --file -"), "again: 3")
	c.good(words("dnc list"), "+79991110001", "asked on the phone", "+79991110005")
	c.good([]string{"dnc", "remove", "8 (999) 111-00-01"}, "may be called again")
	c.bad(app.ExitFailed, words("dnc remove +79991110001"), "not on the do-not-call list")
	c.bad(app.ExitFailed, words("dnc remove twelve"), "phone number")
	c.bad(app.ExitUsage, words("dnc add"), "no number was given")
	c.bad(app.ExitUsage, words("dnc add --file /none/such"), "cannot be read")
	if out := c.good(words("dnc list")); strings.Contains(out, "+79991110001") || strings.Count(out, "\n") != 5 {
		t.Errorf("the list is\n%s", out)
	}
}

func TestDeliveryCommands(t *testing.T) {
	crm := servetest.NewReceiver(t, http.StatusInternalServerError)
	s := servetest.Start(t, servetest.Options{Extra: crm.Hooks(1)})
	c := newTerminal(t, s, "supervisor")
	c.good(words("delivery dead"), "no dead deliveries")
	c.stdin = `{"phone": "+79991110001", "columns": {"name": "A"}}`
	c.good(words("lead push leads -"), "accepted")
	crm.Next(t)
	servetest.Until(t, "the delivery is dead", func() bool {
		out, _ := c.run(app.ExitOK, "delivery", "dead")
		return strings.Contains(out, "lead.finished") && strings.Contains(out, "500")
	})
	c.bad(app.ExitFailed, words("delivery replay 99"), "1 of the ids are no dead deliveries")
	c.bad(app.ExitUsage, words("delivery replay"), "--all")
	c.bad(app.ExitUsage, words("delivery replay 1 --all"), "--all")
	c.bad(app.ExitUsage, words("delivery replay one"), `"one" is no id`)
	crm.Answer(http.StatusOK)
	c.good(words("delivery replay --all"), "on their way again: 1")
	if h := crm.Next(t); h.Status != http.StatusOK {
		t.Errorf("%+v", h)
	}
	c.good(words("delivery dead"), "no dead deliveries")
}

// Who cannot be reached, or will not have us, is named with what to do.
func TestClientWithoutService(t *testing.T) {
	s := servetest.Start(t, servetest.Options{})
	c := newTerminal(t, s, "crm")
	c.bad(app.ExitFailed, words("dnc list"), "role crm")
	c.env["DOZVON_TOKEN"] = "not-the-token-at-all"
	c.bad(app.ExitFailed, words("campaign list"), "DOZVON_TOKEN", "serve.tokens")
	c.env["DOZVON_TOKEN"] = " " + servetest.Secret("crm") + "\n"
	c.good(words("campaign list"), "leads")
	delete(c.env, "DOZVON_TOKEN")
	c.bad(app.ExitUsage, words("campaign list"), "DOZVON_TOKEN is not set")
	c.env["DOZVON_TOKEN"] = servetest.Secret("crm")
	c.bad(app.ExitUsage, words("campaign list --server somewhere"), `"somewhere" is no address`)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	c.bad(app.ExitFailed, words("campaign list"), "does not answer", "dozvon serve")
	other := servetest.NewReceiver(t, http.StatusTeapot) // some other program's port
	c.bad(app.ExitFailed, []string{"campaign", "list", "--server", other.URL}, "418", "is it dozvon's?")
	other.Answer(http.StatusOK)
	c.bad(app.ExitFailed, []string{"campaign", "list", "--server", other.URL}, "not its API's")
}
