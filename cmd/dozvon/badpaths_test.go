package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// bare are words of the system's calls and of libraries, which tell a person
// nothing.
var bare = regexp.MustCompile(`\b(open|read|mkdir|l?stat) \S+: |\bbind: |strconv\.|time: `)

// checkPath is the remedy for a file that can't be read.
const checkPath = "check the path and the file's rights"

// badPaths are what people give in place of the file, the folder or the number
// that a command wants. They are played in a folder where nofile is not.
var badPaths = []struct {
	args  string // split at spaces
	code  int
	words []string
}{
	{"announcement learn nofile.wav --label off", 3, []string{"the recording nofile.wav can't be read: no such file or directory", checkPath}},
	{"announcement test nofile.wav", 3, []string{"the recording nofile.wav can't be read: no such file", checkPath}},
	{"announcement test empty/x.wav", 3, []string{"the recording empty/x.wav can't be read: not a directory", checkPath}},
	{"announcement learn folder --label off", 3, []string{"the recording folder is a folder", "name a WAV file"}},
	{"announcement learn empty --label off", 3, []string{"the recording empty", "first 12 bytes", "no WAV file, record or export it again"}},
	{"announcement test text", 3, []string{"the recording text", "convert the file to WAV"}},
	{"announcement learn noise --label off", 3, []string{"the recording noise", "WAV"}},
	{"announcement learn cut.wav --label off", 3, []string{"the recording cut.wav", "cut short", "export it again"}},
	{"announcement learn --attempt 5 --label off", 1, []string{"no recording of attempt 5", "below .", "check --data", "record: true"}},
	{"announcement learn --attempt 7 --label off", 3, []string{"recordings/7.wav", "export it again"}},
	{"announcement list --file text", 3, []string{"announcements in text", "line 1", "remove the line"}},
	{"announcement list --file noise", 3, []string{"line 1", "and 2 more lines"}},
	{"announcement list --file empty/x", 3, []string{"empty/x", "name another one"}},
	{"announcement list --config nosuch.yaml", 3, []string{"nosuch.yaml", "check the path given to --config"}},
	{"announcement remove 69f31af971 --file no/x", 1, []string{"announcements in no/x", "no such file or directory", "name another file"}},
	{"announcement remove nosuch", 1, []string{`"nosuch"`, "list them"}},
	{"hearing report --db empty/x", 1, []string{"empty/x: not a directory", "choose another file"}},
	{"hearing label --db folder", 3, []string{"folder: it is a folder; name a file"}},
	{"delivery dead --db nofile", 3, []string{"there is no database nofile", "--db"}},
	{"delivery replay --all --db nofile", 3, []string{"there is no database nofile"}},
	{"delivery dead --db text", 3, []string{"text is not a database of dozvon"}},
	{"dnc list --db nofile", 3, []string{"there is no database nofile"}},
	{"dnc remove --db nofile +79161234567", 3, []string{"there is no database nofile"}},
	{"dnc add --db folder +79161234567", 3, []string{"folder: it is a folder"}},
	{"dnc add --db no/x +79161234567", 1, []string{"the folder no does not exist", "create it"}},
	{"dnc add --db d.db --file nofile", 2, []string{"nofile cannot be read: no such file", checkPath}},
	{"dnc add --db d.db --file folder", 2, []string{"folder cannot be read: is a directory", checkPath}},
	{"dnc add --db d.db --file noise", 2, []string{"noise is no text", "a number a line"}},
	{"dnc add --db d.db --file empty", 2, []string{"no number was given"}},
	{"dnc add --db d.db abc", 1, []string{"1 of the numbers cannot be read", "abc", "+79161234567"}},
	{"scenario check nofile folder", 3, []string{"the scenario nofile can't be read: no such file", "the scenario folder can't be read: is a directory", checkPath}},
	{"scenario check empty", 3, []string{"empty"}},
	{"scenario say ask.yaml --engine nosuch", 2, []string{`"nosuch"`, "espeak-ng or festival"}},
	{"scenario say ask.yaml --engine http", 2, []string{"--engine http needs its settings", "--config"}},
	{"scenario say ask.yaml --engine command", 2, []string{"--engine command needs its settings", "speech.command"}},
	{"scenario say ask.yaml --out text", 1, []string{"the folder text can't be made: not a directory", "--out"}},
	{"run ask.yaml --base base.csv --trunk sip:x@127.0.0.1:9 --out text", 1, []string{"the folder text can't be made", "--out"}},
	{"run ask.yaml --base base.csv --trunk sip:x@127.0.0.1:9 --db empty/x", 1, []string{"empty/x: not a directory", "choose another file"}},
	{"run ask.yaml --base base.csv --trunk sip:x@127.0.0.1:9 --fast-forward=maybe", 2, []string{"--fast-forward", "true or false"}},
	{"demo --out text", 1, []string{"the folder text can't be made: not a directory", "--out"}},
	{"demo --out .", 2, []string{"not empty"}},
	{"serve --config folder", 3, []string{"folder/dozvon.yaml", "--config"}},
	{"trunk check --config text", 3, []string{"text:1:1", "docs/configuration.md"}},
	{"subscribers --listen 192.0.2.1:5", 1, []string{"192.0.2.1", "cannot assign", "name a free address"}},
	{"subscribers --book nofile", 2, []string{"the book nofile", "no such file", checkPath}},
	{"subscribers --book folder", 2, []string{"the book folder", "is a directory"}},
	{"subscribers --journal folder", 1, []string{"the journal folder", "is a directory", "--journal"}},
	{"subscribers --record text", 1, []string{"the folder text can't be made", "--record"}},
	{"subscribers --user x", 2, []string{"--user and --password-file", "both"}},
	{"subscribers --user x --password-file nofile", 2, []string{"nofile", "no such file", "--password-file"}},
	{"subscribers --user x --password-file empty", 2, []string{"the password file empty is empty", "first line"}},
	{"subscribers --user x --password-file text --auth-alg SHA1", 2, []string{`"SHA1"`, "MD5 or SHA-256"}},
	{"subscribers --core 9999", 2, []string{"processor 9999", "--core takes 0 to"}},
	{"subscribers audit nofile", 3, []string{"the journal nofile", "no such file", "--journal"}},
	{"subscribers audit folder", 3, []string{"the journal folder", "is a directory"}},
	{"subscribers audit text", 3, []string{"the journal text", "line 1"}},
	{"bench media --calls 0", 2, []string{"--calls takes numbers from 1 on"}},
	{"bench media --for -1s", 2, []string{"--for a time such as 15s"}},
	{"bench media --for 1", 2, []string{`"1"`, "--for", "a time with its unit, such as 15s"}},
	{"bench setup --rates 100,0", 2, []string{"--rates takes numbers from 1 on"}},
	{"bench setup --each 0s", 2, []string{"--each a time such as 5s"}},
	{"bench setup --profile text", 1, []string{"the folder text can't be made", "--profile"}},
	{"bench --rows 0", 2, []string{"--rows takes a number from 1 on"}},
	{"call list --server ftp://x", 2, []string{`"ftp://x" is no address of a service`, "http://"}},
	{"lead push leads nofile", 2, []string{"nofile cannot be read: no such file", checkPath}},
	{"lead push leads empty", 2, []string{"empty is not valid JSON", "write a lead"}},
}

// TestBadPaths: whatever is given in place of the file, the folder or the
// number that a command wants, it says what is wrong, where, and what to do.
func TestBadPaths(t *testing.T) {
	t.Parallel()
	dir := stage(t, 1)
	for _, name := range []string{"folder", "recordings"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, "empty", "", "text", "hello, there is no sound\nand no data here\n", "noise", "\x1e\x00\xff{,\x07\n\xfe\n\x00\n\x01\n\x02\n\x03\n\x04\n",
		"cut.wav", "RIFF\x24\x00\x00\x00WAVEfmt \x10\x00", "recordings/7.wav", "")
	for _, c := range badPaths {
		t.Run(c.args, func(t *testing.T) {
			got := dozvon(t, dir, strings.Fields(c.args)...)
			want(t, got, c.code, c.words...)
			if at := bare.FindString(got.err); at != "" {
				t.Errorf("%q stands bare in %s", at, got.err)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "nofile")); err == nil {
		t.Error("a command made the database that it was to read")
	}
}

// TestNumbersAsPeopleWriteThem: blanks belong to a number.
func TestNumbersAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	dir := stage(t, 1)
	write(t, dir, "refused.txt", "\ufeff+7 916 123-45-67\r\n8 (916) 123-45-68\r\n\r\n+79161234569;+79161234570, +79161234571\n")
	want(t, dozvon(t, dir, "dnc", "add", "--db", "d.db", "--file", "refused.txt"), 0, "5 numbers are on the do-not-call list of d.db")
	want(t, dozvon(t, dir, "dnc", "list", "--db", "d.db"), 0, "+79161234567", "+79161234568", "+79161234571")
}

// TestUnreadableFiles: rights are named where they are what is missing.
func TestUnreadableFiles(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read every file")
	}
	t.Parallel()
	dir := stage(t, 1)
	write(t, dir, "locked", "secret")
	if err := os.Chmod(filepath.Join(dir, "locked"), 0); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"announcement test locked", "announcement list --file locked", "scenario check locked", "serve --config locked",
		"run ask.yaml --trunk sip:x@127.0.0.1 --base locked", "subscribers --book locked", "subscribers audit locked", "dnc add --db d.db --file locked"} {
		got := dozvon(t, dir, strings.Fields(args)...)
		if got.code == 0 || !strings.Contains(got.err, "permission denied") {
			t.Errorf("%s: %v", args, got)
		}
	}
}
