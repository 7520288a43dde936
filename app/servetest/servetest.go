// Package servetest starts the whole service inside a test: app.Serve with a
// configuration of its own, real HTTP on one side and a simulated telephone
// network with real SIP and RTP on the other. It knows nothing that a user of
// the service could not know.
package servetest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dozvon/app"
	"dozvon/audio"
	"dozvon/dialer/phonesim"
	"dozvon/internal/testlog"
	"dozvon/sip/siptest"
)

// Numbers of the simulated subscribers.
const (
	Yes    = "+79990000002" // presses 1 and so asks to be called
	Stays  = "+79990000003" // rings until the robot gives up
	Others = "+7999111"     // whatever begins like this is busy
)

// Scenario is the scenario of the campaigns: a greeting, a key, a list.
const Scenario = `
version: 1
name: ring
language: en
purpose: service
policy: none
lead:
  name: {required: true}
call: {ring: 60s}
window: {days: mon-sun, hours: "00:00-24:00", zone: Europe/Moscow}
retry:
  rules:
    - {on: [busy], days: [{attempts: 1}], finish: busy}
    - {on: [interrupted, no_answer], days: [{attempts: 2, every: 2h}], finish: no_answer}
  else: no_answer
lists: {yes: said yes, talked: heard it all, busy: was busy, no_answer: not reached}
dialogue:
  hello:
    - ask:
        play: hello.wav
        answers: {"yes": {keys: 1, go: agreed}}
        wait: 1s
        nothing: [{finish: talked}]
  agreed:
    - task: call back
    - finish: "yes"
hangup: [{finish: talked}]
`

// Secrets of the service's tokens by name. The roles are the names; north and
// south are partners.
func Secret(name string) string { return name + "-secret-0123456789" }

var tokens = []string{"admin", "supervisor", "operator", "crm", "north", "south"}

// Options of a service.
type Options struct {
	Dir   string // of database and configuration; empty: one of the test
	More  string // more campaigns, each a line indented by two
	Extra string // more of the configuration, such as webhooks
	Trunk string // more settings of the trunk, such as ", health: 2s"
	Far   *siptest.Server
	Port  int // of its SIP socket; 0: any
}

// Service is a running service.
type Service struct {
	URL string
	Dir string
	Far *siptest.Server // the people that it calls

	client *http.Client
	stop   context.CancelFunc
	done   chan struct{}
	err    error // of Serve, once done is closed
	log    *testlog.Buffer
}

// Network starts the simulated telephone network. It ends with the test.
func Network(t testing.TB) *siptest.Server {
	t.Helper()
	yes, _ := siptest.Profile("talks")
	yes.Steps = []phonesim.Step{{Listen: 100 * time.Millisecond}, {Press: "1"}}
	var book siptest.Book
	book.Numbers = map[string][]phonesim.Profile{
		Yes: {yes}, Stays: {{Kind: phonesim.RingsOut}},
	}
	book.Default = phonesim.Profile{Kind: phonesim.Busy}
	far, err := siptest.Start(context.Background(), siptest.Config{Book: book})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	return far
}

// Start starts a service with the campaigns leads and quiet (paused by the
// configuration). It is stopped at the test's end at the latest.
func Start(t testing.TB, o Options) *Service {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	if o.Far == nil {
		o.Far = Network(t)
	}
	write(t, o)
	ctx, stop := context.WithCancel(context.Background())
	s := &Service{Dir: o.Dir, Far: o.Far, stop: stop, done: make(chan struct{}), log: &testlog.Buffer{}, client: &http.Client{Transport: &http.Transport{}}}
	ready := make(chan string, 1)
	go func() {
		defer close(s.done)
		s.err = app.Serve(ctx, app.ServeOptions{Config: filepath.Join(o.Dir, "dozvon.yaml"), DB: filepath.Join(o.Dir, "dozvon.db"),
			Data: o.Dir, Version: "test", Env: env}, io.Discard, s.log, func(address string) { ready <- address })
	}()
	select {
	case address := <-ready:
		s.URL = "http://" + address
	case <-s.done:
		stop()
		t.Fatalf("the service did not start: %v\n%s", s.err, s.log)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("the service: %v", err)
		}
		if t.Failed() {
			t.Logf("log of the service:\n%s", s.log)
		}
	})
	return s
}

// Stop ends the service as Ctrl-C would, and returns what Serve said.
func (s *Service) Stop() error {
	s.stop()
	s.client.CloseIdleConnections()
	<-s.done
	return s.err
}

func env(name string) (string, bool) {
	for _, t := range tokens {
		if name == strings.ToUpper(t)+"_TOKEN" {
			return Secret(t), true
		}
	}
	return "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", name == "HOOK_SECRET"
}

// write writes configuration, scenario and prompt.
func write(t testing.TB, o Options) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "sip: {listen: \"127.0.0.1:%d\"}\ntrunks: [{name: main, uri: \"sip:me@%s\", lines: 20%s}]\n", o.Port, o.Far.Addr(), o.Trunk)
	b.WriteString("campaigns:\n  leads: {scenario: ring.yaml}\n  quiet: {scenario: ring.yaml, paused: true}\n")
	b.WriteString(o.More)
	b.WriteString("serve:\n  listen: 127.0.0.1:0\n  tokens:\n")
	for _, name := range tokens {
		role, partner := name, ""
		if name == "north" || name == "south" {
			role, partner = "partner", ", partner: "+name
		}
		fmt.Fprintf(&b, "    - {name: %s, role: %s, token: \"${%s_TOKEN}\"%s}\n", name, role, strings.ToUpper(name), partner)
	}
	var wav bytes.Buffer
	hello := audio.Tone([]float64{440}, 200*time.Millisecond, 0.3)
	if err := audio.WriteWAV(&wav, 1, hello); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"dozvon.yaml": b.String() + o.Extra, "ring.yaml": Scenario, "hello.wav": wav.String()} {
		if err := os.WriteFile(filepath.Join(o.Dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
