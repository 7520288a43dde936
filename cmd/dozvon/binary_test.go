package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dozvon/audio"
	"dozvon/sip/siptest"
)

// built is the binary under test, built once.
var built string

// TestMain builds the binary: these tests see what a user sees. Many of them
// run at a time, as they wait for people more than they work.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "dozvon-binary-*")
	if err != nil {
		panic(err)
	}
	built = filepath.Join(dir, "dozvon")
	if out, err := exec.Command("go", "build", "-o", built, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "the binary cannot be built: %v\n%s", err, out)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// patience bounds any wait of these tests.
const patience = 90 * time.Second

// outcome is how a command ended.
type outcome struct {
	code     int
	out, err string
}

func (o outcome) String() string { return fmt.Sprintf("exit %d\n%s\n%s", o.code, o.out, o.err) }

// command prepares the binary in a folder; its environment is bare, but for
// what the test adds.
func command(ctx context.Context, dir string, args ...string) (*exec.Cmd, *output) {
	c := exec.CommandContext(ctx, built, args...)
	c.Dir = dir
	c.Env = []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + dir}
	o := &output{}
	c.Stdout, c.Stderr = &o.out, &o.err
	return c, o
}

type output struct{ out, err spoken }

// spoken keeps what a command says and tells when it has said something.
type spoken struct {
	mu    sync.Mutex
	text  bytes.Buffer
	waits map[string]chan struct{}
}

func (s *spoken) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(b)
	s.tell()
	return len(b), nil
}

func (s *spoken) tell() {
	for words, c := range s.waits {
		if strings.Contains(s.text.String(), words) {
			close(c)
			delete(s.waits, words)
		}
	}
}

// once is closed when the words have been said.
func (s *spoken) once(words string) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := make(chan struct{})
	if s.waits == nil {
		s.waits = map[string]chan struct{}{}
	}
	s.waits[words] = c
	s.tell()
	return c
}

func (s *spoken) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// ended waits for a command that was started.
func ended(t *testing.T, c *exec.Cmd, o *output) outcome {
	t.Helper()
	var exit *exec.ExitError
	if err := c.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{c.ProcessState.ExitCode(), o.out.String(), o.err.String()}
}

// dozvon runs the binary in a folder to its end.
func dozvon(t *testing.T, dir string, args ...string) outcome {
	t.Helper()
	return dozvonWith(t, dir, nil, args...)
}

func dozvonWith(t *testing.T, dir string, env []string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, o := command(ctx, dir, args...)
	c.Env = append(c.Env, env...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return ended(t, c, o)
}

// write puts files into a folder; names and texts alternate.
func write(t *testing.T, dir string, files ...string) {
	t.Helper()
	for i := 0; i < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, files[i]), []byte(files[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// tone writes a prompt that simulated people take for a voice.
func tone(t *testing.T, dir, name string, d time.Duration) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := audio.WriteWAV(f, 1, audio.Tone([]float64{700}, d, 0.3)); err != nil {
		t.Fatal(err)
	}
}

// askScenario asks one question; its prompt is a recording.
const askScenario = `version: 1
name: ask
language: ru
purpose: service
policy: none
lead:
  name: {type: text}
call: {ring: 5s, max: 30s, silent_after: 2s}
window: {hours: "00:00-24:00", zone: Europe/Moscow}
retry:
  total: 4
  rules:
    - {on: [no_answer, busy, unreachable], days: [{attempts: 2, every: 1h}], finish: missed}
lists: {agreed: Agreed, refused: Refused, mute: Said nothing, missed: Missed}
dialogue:
  ask:
    - ask:
        play: ask.wav
        answers:
          one: {keys: 1, go: [{finish: agreed}]}
          two: {keys: 2, go: [{finish: refused}]}
        wait: 2s
        repeat: 0
        nothing: [{finish: mute}]
hangup: [{finish: mute}]
`

// stage is a folder with askScenario, its recording and a base of n people.
func stage(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	tone(t, dir, "ask.wav", time.Second)
	write(t, dir, "ask.yaml", askScenario, "base.csv", people(n))
	return dir
}

// people is a base of n numbers.
func people(n int) string {
	var b strings.Builder
	b.WriteString("phone,name\n")
	for i := range n {
		fmt.Fprintf(&b, "%s,Person %d\n", phone(i), i)
	}
	return b.String()
}

func phone(i int) string { return fmt.Sprintf("+7999%07d", i) }

// farEnd starts simulated subscribers by a book.
func farEnd(t *testing.T, book string, c siptest.Config) *siptest.Server {
	t.Helper()
	var err error
	if c.Book, err = siptest.LoadBook(strings.NewReader(book)); err != nil {
		t.Fatal(err)
	}
	s, err := siptest.Start(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// campaign is the command line of a run against a far end.
func campaign(trunk string, more ...string) []string {
	return append([]string{"run", "ask.yaml", "--base", "base.csv", "--trunk", trunk, "--db", "run.db", "--out", "out",
		"--lines", "50", "--cps", "200", "--fast-forward", "--progress", "none"}, more...)
}

// rows reads a CSV file; each row is its values by title.
func rows(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil || len(all) == 0 {
		t.Fatalf("%s: %d lines, %v", path, len(all), err)
	}
	var out []map[string]string
	for _, values := range all[1:] {
		row := map[string]string{}
		for i, v := range values {
			row[strings.TrimPrefix(all[0][i], "\ufeff")] = v
		}
		out = append(out, row)
	}
	return out
}

// want looks that a command ended with a code and said every one of the words,
// in a language for people.
func want(t *testing.T, got outcome, code int, words ...string) {
	t.Helper()
	said := got.out + got.err
	if got.code != code {
		t.Errorf("exit %d, want %d", got.code, code)
	}
	for _, w := range words {
		if !strings.Contains(said, w) {
			t.Errorf("it does not say %q", w)
		}
	}
	for _, w := range []string{"sqlite", "goose", "panic", "goroutine", "strconv.", "*os.", "*fs.", "openat", "syscall", "%!", "<nil>", "0x"} {
		if strings.Contains(strings.ToLower(said), w) {
			t.Errorf("%q is not for people", w)
		}
	}
	if t.Failed() {
		t.Logf("it said: %v", got)
	}
}
