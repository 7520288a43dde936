package sip

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/internal/testports"
)

// sipp is SIPp as the far end, playing one script of testdata/sipp.
type sipp struct {
	addr string
	exit chan error
	out  *bytes.Buffer
}

// startSIPp starts a script and waits until its socket is bound.
func startSIPp(t *testing.T, script, network string, more ...string) *sipp {
	t.Helper()
	return startSIPpAt(t, "127.0.0.1", script, network, more...)
}

// startSIPpAt is startSIPp at another address than 127.0.0.1. Between the
// choice of a port and SIPp's use of it another program may take it; then it
// is started anew.
func startSIPpAt(t *testing.T, ip, script, network string, more ...string) *sipp {
	t.Helper()
	if _, err := exec.LookPath("sipp"); err != nil {
		t.Skip("sipp is not installed (Debian package sip-tester): the far end of this test is missing")
	}
	for range 5 {
		if s := trySIPp(t, ip, script, network, more...); s != nil {
			return s
		}
	}
	t.Fatal("sipp found no free port")
	return nil
}

func trySIPp(t *testing.T, ip, script, network string, more ...string) *sipp {
	t.Helper()
	port := testports.One(t)
	args := append([]string{"-i", ip, "-p", fmt.Sprint(port), "-sf", filepath.Join("testdata", "sipp", script+".xml"),
		"-m", "1", "-nostdin", "-timeout", "15s", "-timeout_error", "-mp", fmt.Sprint(testports.One(t))}, more...)
	if network == "tcp" {
		args = append(args, "-t", "t1")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	cmd := exec.CommandContext(ctx, "sipp", args...)
	s := &sipp{addr: net.JoinHostPort(ip, fmt.Sprint(port)), exit: make(chan error, 1), out: &bytes.Buffer{}}
	cmd.Stdout, cmd.Stderr = s.out, s.out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.exit <- cmd.Wait() }()
	t.Cleanup(func() { cancel(); s.exit <- <-s.exit })
	table := network
	if strings.Contains(ip, ":") {
		table += "6"
	}
	if !s.awaitBound(t, table, port) {
		return nil
	}
	return s
}

// awaitBound waits until the kernel lists the socket. It reports false if a
// port was taken.
func (s *sipp) awaitBound(t testing.TB, network string, port int) bool {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(10 * time.Second); ; {
		table, _ := os.ReadFile("/proc/net/" + network)
		if isBound(string(table), port) {
			return true
		}
		select {
		case <-tick.C:
		case err := <-s.exit:
			s.exit <- err
			if strings.Contains(s.out.String(), "Address already in use") {
				return false
			}
			t.Fatalf("sipp did not start: %v\n%s", err, s.out)
		case <-deadline:
			t.Fatal("sipp did not bind its port")
		}
	}
}

// isBound reports whether one of the kernel's tables of sockets has one that
// receives at a port: bound (UDP) or listening (TCP), not a connection there.
func isBound(table string, port int) bool {
	end := fmt.Sprintf(":%04X", port)
	for line := range strings.Lines(table) {
		if f := strings.Fields(line); len(f) > 3 && strings.HasSuffix(f[1], end) && (f[3] == "07" || f[3] == "0A") {
			return true
		}
	}
	return false
}

// done waits until the script has ended, and fails the test if it did not
// see what it expected.
func (s *sipp) done(t *testing.T) {
	t.Helper()
	err := <-s.exit
	s.exit <- err
	if err != nil {
		out := s.out.String()
		t.Errorf("sipp: %v\n%s", err, out[max(0, len(out)-3000):])
	}
}

// sippCase is one far end and what we must make of it.
type sippCase struct {
	script      string
	network     string
	ring        time.Duration
	hangUp      bool
	before      func(p *placed) // after the answer
	change      func(c *Call)
	answered    func(p *placed, e Event)
	farEnds     bool // the far end hangs up
	disposition dialer.Disposition
	cause       dialer.Cause // SIP, Q850, Local and Failed are compared
}

func TestAgainstSIPp(t *testing.T) {
	declined, invalid := dialer.Declined, dialer.Invalid
	local := dialer.Cause{SIP: 200, Local: true}
	cases := []sippCase{
		{script: "busy", disposition: dialer.Busy, cause: dialer.Cause{SIP: 486}},
		{script: "not_found", disposition: invalid, cause: dialer.Cause{SIP: 404, Q850: 1}},
		{script: "declined", disposition: declined, cause: dialer.Cause{SIP: 603}},
		{script: "congestion", disposition: dialer.Congestion, cause: dialer.Cause{SIP: 503, Q850: 34}},
		{script: "trunk_unavailable", disposition: dialer.Congestion, cause: dialer.Cause{SIP: 503, Failed: dialer.TrunkUnavailable}},
		{script: "switched_off", disposition: dialer.Unreachable, cause: dialer.Cause{SIP: 480, Q850: 20}},
		{script: "ring_timeout", ring: 300 * time.Millisecond, disposition: dialer.NoAnswer, cause: dialer.Cause{SIP: 487, Local: true}},
		{script: "cancel_crosses_200", ring: 300 * time.Millisecond, disposition: dialer.NoAnswer, cause: local},
		{script: "lost_ack", before: oneKey, hangUp: true, disposition: dialer.Answered, cause: local},
		{script: "forked_200", before: oneKey, hangUp: true, disposition: dialer.Answered, cause: local},
		{script: "record_route", hangUp: true, disposition: dialer.Answered, cause: local},
		{script: "challenge_401", hangUp: true, disposition: dialer.Answered, cause: local},
		{script: "challenge_407", hangUp: true, disposition: dialer.Answered, cause: local},
		{script: "provisionals", hangUp: true, disposition: dialer.Answered, cause: local},
		{script: "early_media", hangUp: true, disposition: dialer.Answered, cause: local},
		{script: "far_bye", disposition: dialer.Answered, cause: dialer.Cause{SIP: 200, Q850: 16}},
		{script: "info_keys", before: twoKeys, hangUp: true, disposition: dialer.Answered, cause: local},
		{script: "keys_wanted", before: func(p *placed) { p.SendInfo('7', 160*time.Millisecond) }, hangUp: true, disposition: dialer.Answered, cause: local},
		{script: "bye_challenged", hangUp: true, disposition: dialer.Answered, cause: local},
		{script: "hold", before: held, hangUp: true, disposition: dialer.Answered, cause: local},
		{script: "answers", network: "tcp", hangUp: true, disposition: dialer.Answered, cause: local},
		{script: "ring_timeout", network: "tcp", ring: 300 * time.Millisecond, disposition: dialer.NoAnswer, cause: dialer.Cause{SIP: 487, Local: true}},
		{script: "challenge_407", network: "tcp", hangUp: true, disposition: dialer.Answered, cause: local},
		{script: "far_bye", network: "tcp", disposition: dialer.Answered, cause: dialer.Cause{SIP: 200, Q850: 16}},
	}
	for _, c := range cases {
		if c.network == "" {
			c.network = "udp"
		}
		t.Run(c.script+"/"+c.network, func(t *testing.T) { t.Parallel(); c.run(t) })
	}
}

func (c sippCase) run(t *testing.T) {
	s := startSIPp(t, c.script, c.network)
	n := newNear(t, func(k *Config) { k.TCP = true })
	call := Call{To: "+79161234567", Ring: c.ring,
		Trunk: &Trunk{Name: "sipp", URI: "sip:robot@" + s.addr + ";transport=" + c.network, Password: "secret"}}
	if c.change != nil {
		c.change(&call)
	}
	p := n.call(call)
	if c.hangUp {
		e := p.until(Answered)
		if !e.Remote.Addr.IsValid() || !e.Remote.Watch {
			t.Errorf("answered with %+v", e.Remote)
		}
		if c.answered != nil {
			c.answered(p, e)
		}
		if c.before != nil {
			c.before(p)
		}
		if !c.farEnds {
			p.HangUp("test")
		}
	}
	e := p.final()
	if e.Disposition != c.disposition {
		t.Errorf("disposition %s (%v), want %s", e.Disposition, e.Err, c.disposition)
	}
	got := e.Cause
	got.Text = ""
	if got != c.cause {
		t.Errorf("cause %+v, want %+v", got, c.cause)
	}
	s.done(t)
}

func oneKey(p *placed) { p.until(Digit) }

func twoKeys(p *placed) {
	if a, b := p.until(Digit).Digit, p.until(Digit).Digit; a != '5' || b != '#' {
		p.t.Errorf("keys %c %c", a, b)
	}
}

func held(p *placed) {
	if e := p.until(Reoffered); !e.Remote.Inactive {
		p.t.Errorf("held: %+v", e.Remote)
	}
}

// final returns the Ended event, whatever came before.
func (p *placed) final() Event {
	p.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case e := <-p.events:
			if e.Kind == Ended {
				return e
			}
		case <-deadline:
			p.t.Fatal("the call did not end")
		}
	}
}
