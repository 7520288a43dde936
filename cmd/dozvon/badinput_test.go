package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dozvon/sip/siptest"
)

// bridged is a scenario that needs operators.
var bridged = strings.Replace(askScenario, "[{finish: agreed}]",
	`[{bridge: {to: managers, nobody: [{finish: agreed}]}}, {finish: agreed}]`, 1)

// agreeBook is of people who agree as soon as they have heard a little.
const agreeBook = `
default: eager
profiles:
  eager: {ring: 100ms, steps: [{listen: 300ms}, {press: "1"}]}
`

// unsaid says a sentence that no recording holds.
var unsaid = strings.Replace(askScenario, "play: ask.wav", `say: "Этого никто не записал, {{name}}"`, 1)

// badInputs are faults of what a person gives to a run.
var badInputs = []struct {
	name  string
	files []string // laid over the stage
	args  []string // instead of the usual ones, or, with a leading +, beside them
	code  int
	words []string
	left  string // a file that is left behind
}{
	{name: "broken YAML", files: []string{"ask.yaml", "version: 1\nname: [\nlists: x: y\n"}, code: 3,
		words: []string{"ask.yaml:3:", "not YAML", "check the indentation"}},
	{name: "several faults at once", files: []string{"ask.yaml", strings.NewReplacer("purpose: service", "purpose: servise", "ring: 5s", "ring: 1s",
		"{finish: refused}", "{finish: refussed}", "keys: 1", "keyz: 1").Replace(askScenario)}, code: 3,
		words: []string{`ask.yaml:4:10: purpose can't be "servise"; did you mean "service"?`, "ask.yaml:8:14: ring", `did you mean "keys"?`,
			`there is no list "refussed"; did you mean "refused"?`, "^"}},
	{name: "the scenario is not there", args: []string{"run", "nosuch.yaml", "--base", "base.csv", "--trunk", "sip:x@127.0.0.1"}, code: 3,
		words: []string{"the scenario nosuch.yaml can't be read: no such file or directory; check the path"}},
	{name: "the scenario is a folder", args: []string{"run", ".", "--base", "base.csv", "--trunk", "sip:x@127.0.0.1"}, code: 3,
		words: []string{"the scenario . can't be read: is a directory; check the path"}},
	{name: "a scenario in no folder", args: []string{"run", "no/such/ask.yaml", "--base", "base.csv", "--trunk", "sip:x@127.0.0.1"}, code: 3,
		words: []string{"no/such/ask.yaml can't be read"}},
	{name: "a missing recording", files: []string{"ask.yaml", strings.Replace(askScenario, "ask.wav", "lost.wav", 1)}, code: 3,
		words: []string{"ask.yaml:18:15", `no file "lost.wav" in the scenario's folder`, "put the recording there"}},
	{name: "a recording that is none", files: []string{"ask.wav", "no sound"}, code: 3,
		words: []string{"nobody was called", "ask.wav"}},
	{name: "nothing can say it", files: []string{"ask.yaml", unsaid}, code: 3,
		words: []string{"nobody was called", "Этого никто не записал", "no cache holds it", "set speech.engine"}},
	{name: "operators without an address", files: []string{"ask.yaml", bridged}, code: 3,
		words: []string{"nobody was called", "managers", "give --operator sip:", "operators.managers"}},
	{name: "a wrong header", files: []string{"base.csv", "contract,client\nA-17,Anna\n"}, code: 3,
		words: []string{"base.csv", `"contract", "client"`, "--map phone=COLUMN"}},
	{name: "an empty base", files: []string{"base.csv", ""}, code: 3,
		words: []string{"base.csv", "empty", "check that the right file was given"}},
	{name: "titles only", files: []string{"base.csv", "phone,name\n"}, code: 3,
		words: []string{"base.csv", "no rows", "check that the right file was given"}},
	{name: "every row is bad", files: []string{"base.csv", "phone,name\nabc,Anna\n12,Boris\n"}, code: 3,
		words: []string{"nobody was called", "none of the 2 rows of base.csv", "2 bad phone", "rejected_rows.csv"}, left: "out/rejected_rows.csv"},
	{name: "the base is not there", args: []string{"+--base", "nosuch.csv"}, code: 3,
		words: []string{"there is no file nosuch.csv", "check the path"}},
	{name: "the base is a folder", args: []string{"+--base", "."}, code: 3, words: []string{"is a folder", "name the file of the base"}},
	{name: "the base is no base", files: []string{"base.csv", "\x7fELF\x00\x01\x02\x00\x00\x00"}, code: 3, words: []string{"base.csv"}},
	{name: "a country that is none", args: []string{"+--region", "XX"}, code: 3,
		words: []string{`"XX"`, "--region", "nobody was called"}},
	{name: "a column that is not there", args: []string{"+--map", "phone=Mobile"}, code: 3,
		words: []string{`--map phone=Mobile: there is no column "Mobile"`, `"phone", "name"`}},
	{name: "a secret in clear", files: []string{"c.yaml", "trunks:\n  - {name: main, uri: sip:a@127.0.0.1, password: hunter2hunter2}\n"}, args: []string{"+--config", "c.yaml"}, code: 3,
		words: []string{"c.yaml:2:", "a secret stands in clear", "${NAME}"}},
	{name: "a variable that is not set", files: []string{"c.yaml", "trunks:\n  - {name: main, uri: sip:a@127.0.0.1, password: \"${SIP_PASSWORD}\"}\n"}, args: []string{"+--config", "c.yaml"}, code: 3,
		words: []string{"c.yaml:2:", "SIP_PASSWORD is not set", "export it"}},
	{name: "an unknown field of the configuration", files: []string{"c.yaml", "trunk: []\n"}, args: []string{"+--config", "c.yaml"}, code: 3,
		words: []string{"c.yaml:1:", "trunk", "docs/configuration.md"}},
	{name: "a group without addresses", files: []string{"c.yaml", "operators: {managers: {addresses: []}}\n"}, args: []string{"+--config", "c.yaml"}, code: 3,
		words: []string{"c.yaml:1:", "the group managers has no addresses", "sip:anna@"}},
	{name: "no configuration", args: []string{"+--config", "nosuch.yaml"}, code: 3, words: []string{"nosuch.yaml cannot be read", "check the path given to --config"}},
	{name: "another file as database", args: []string{"+--db", "base.csv"}, code: 3, words: []string{"base.csv is not a database of dozvon", "choose another file"}},
	{name: "a database in no folder", args: []string{"+--db", "no/run.db"}, code: 1, words: []string{"no/run.db", "the folder no does not exist", "create it"}},
	{name: "no base", args: []string{"run", "ask.yaml", "--trunk", "sip:x@127.0.0.1"}, code: 2, words: []string{`"base" not set`, "--help"}},
	{name: "no trunk", args: []string{"run", "ask.yaml", "--base", "base.csv"}, code: 2, words: []string{"no trunk", "--trunk sip:"}},
	{name: "no scenario", args: []string{"run", "--base", "base.csv"}, code: 2, words: []string{"1 arg", "--help"}},
	{name: "an unknown flag", args: []string{"+--lime", "5"}, code: 2, words: []string{"unknown flag: --lime", "dozvon run --help"}},
	{name: "no number", args: []string{"+--lines", "many"}, code: 2, words: []string{`"many"`, "--lines", "a number"}},
	{name: "a negative number", args: []string{"+--cps", "-1"}, code: 2, words: []string{"--cps", "cannot be negative"}},
	{name: "an unknown display", args: []string{"+--progress", "fancy"}, code: 2, words: []string{`"fancy"`, "auto, bar, plain, json, none"}},
	{name: "a trunk that is no SIP address", args: []string{"+--trunk", "http://provider"}, code: 2, words: []string{"--trunk", "starts with sip:"}},
	{name: "a password on the command line", args: []string{"+--trunk", "sip:me:hunter2hunter2@provider"}, code: 2, words: []string{"a password stands in the URI", "${ENV}"}},
	{name: "an operator that is no SIP address", args: []string{"+--operator", "anna"}, code: 2, words: []string{`"anna" is no SIP address`, "sip:anna@"}},
	{name: "a webhook that is no address", args: []string{"+--webhook", "crm"}, code: 2, words: []string{`"crm" is no http(s) address`}},
	{name: "an unknown command of a group", args: []string{"campaign", "pawse"}, code: 2, words: []string{`unknown command "pawse" for "dozvon campaign"`, "did you mean pause?"}},
	{name: "an unknown command", args: []string{"rum"}, code: 2, words: []string{`unknown command "rum"`, "did you mean run?"}},
}

// TestBadInput: each fault of what a person gives is told with its place and
// its remedy, with the right exit code, before anyone is called.
func TestBadInput(t *testing.T) {
	far := farEnd(t, agreeBook, siptest.Config{})
	for _, c := range badInputs {
		t.Run(c.name, func(t *testing.T) {
			dir := stage(t, 2)
			write(t, dir, c.files...)
			args := c.args
			if len(args) == 0 || args[0][0] == '+' {
				args = campaign(far.URI("robot"))
				if len(c.args) > 0 {
					args = append(append(args, c.args[0][1:]), c.args[1:]...)
				}
			}
			got := dozvon(t, dir, args...)
			want(t, got, c.code, c.words...)
			if strings.Contains(got.out+got.err, "hunter2") {
				t.Errorf("a secret was told: %v", got)
			}
			if c.left != "" && len(rows(t, filepath.Join(dir, c.left))) != 2 {
				t.Errorf("%s does not hold the 2 rows", c.left)
			}
			if n := len(far.Calls()); n != 0 {
				t.Errorf("%d people were called", n)
			}
		})
	}
}

// TestUnreachableTrunk: nobody is called, the leads stay, and the same command
// goes on once the trunk is there.
func TestUnreachableTrunk(t *testing.T) {
	t.Parallel()
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	closed, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := closed.LocalAddr().String()
	closed.Close()
	for _, c := range []struct {
		name, trunk string
		words       []string
		within      time.Duration
	}{
		{"a closed UDP port", "sip:x@" + free, []string{"no trunk answers", "nobody listens on UDP at " + free, "check port and transport"}, 4 * time.Second},
		{"a silent UDP port", "sip:x@" + silent.LocalAddr().String(), []string{"no trunk answers", "no response within", "firewall"}, 12 * time.Second},
		{"a refused TCP connection", "sip:x@" + free + ";transport=tcp", []string{free, "refused the TCP connection", "check port and transport"}, 4 * time.Second},
		{"a host that is not there", "sip:x@no-such-host.invalid", []string{"no-such-host.invalid", "no such host", "check the name"}, 10 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := stage(t, 2)
			began := time.Now()
			want(t, dozvon(t, dir, campaign(c.trunk)...), 1, c.words...)
			if took := time.Since(began); took > c.within {
				t.Errorf("took %s", took)
			}
			far := farEnd(t, agreeBook, siptest.Config{})
			want(t, dozvon(t, dir, campaign(far.URI("robot"))...), 0)
			if n := len(rows(t, filepath.Join(dir, "out", "lists", "agreed.csv"))); n != 2 {
				t.Errorf("%d of 2 leads agreed", n)
			}
		})
	}
}

// TestWrongPassword: no phone rings, no lead is spent, and the words say what
// to check. With the right one the same command finishes.
func TestWrongPassword(t *testing.T) {
	t.Parallel()
	far := farEnd(t, agreeBook, siptest.Config{Auth: &siptest.Credentials{User: "robot", Password: "correct horse"}})
	dir := stage(t, 2)
	write(t, dir, "c.yaml", "trunks:\n  - {name: main, uri: \""+far.URI("robot")+"\", password: \"${SIP_PASSWORD}\", cps: 100}\n")
	args := []string{"run", "ask.yaml", "--base", "base.csv", "--config", "c.yaml", "--db", "run.db", "--out", "out", "--fast-forward", "--progress", "none"}
	got := dozvonWith(t, dir, []string{"SIP_PASSWORD=hunter2hunter2"}, args...)
	want(t, got, 1, "main", "401", "user name or password is wrong", "check the trunk's address, user and password", "nothing is lost")
	if strings.Contains(got.out+got.err, "hunter2") {
		t.Errorf("the password was told: %v", got)
	}
	for _, c := range far.Calls() {
		if c.Nth > 0 {
			t.Errorf("%s was called", c.Number)
		}
	}
	want(t, dozvonWith(t, dir, []string{"SIP_PASSWORD=correct horse"}, args...), 0)
	for _, r := range rows(t, filepath.Join(dir, "out", "outcomes.csv")) {
		if r["list"] != "agreed" || r["attempts"] != "1" {
			t.Errorf("lead %s is on %q after %s attempts", r["lead_id"], r["list"], r["attempts"])
		}
	}
}

// TestFullDisk: when the disk fills up in the middle of a campaign, no further
// calls are placed, the words say what to do, and after room is made the same
// command finishes without calling anyone again whose call was recorded.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := stage(t, 24)
	disk := filepath.Join(dir, "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("needs the right to mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	far := farEnd(t, agreeBook, siptest.Config{})
	args := append(campaign(far.URI("robot")), "--db", "disk/run.db", "--lines", "4")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, o := command(ctx, dir, args...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if err := far.WaitCount(ctx, 4); err != nil {
		t.Fatal(err)
	}
	filler := fillDisk(t, disk)
	got := ended(t, c, o)
	want(t, got, 1, "no room left on the disk for disk/run.db", "free some space", "no further calls were placed", "same c")
	before := len(far.Calls())
	if before > 16 {
		t.Errorf("%d people were called though the disk was full", before)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	want(t, dozvon(t, dir, args...), 0)
	for _, r := range rows(t, filepath.Join(dir, "out", "outcomes.csv")) {
		if r["list"] == "" {
			t.Errorf("lead %s is on no list", r["lead_id"])
		}
	}
	for _, c := range far.Calls() {
		if c.Extra() > 0 || c.Err != "" {
			t.Errorf("call %s: %d further INVITEs, %q", c.CallID, c.Extra(), c.Err)
		}
	}
}

// fillDisk writes a file until there is no room, and returns its path.
func fillDisk(t *testing.T, dir string) string {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(block)
	}
	return f.Name()
}
