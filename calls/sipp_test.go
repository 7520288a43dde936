package calls

import (
	"bytes"
	"context"
	"encoding/binary"
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

// farEnd is SIPp, which plays a script of testdata/sipp for one call.
type farEnd struct {
	t    *testing.T
	port int
	out  bytes.Buffer
	err  error
	done chan struct{}
}

// startFarEnd starts a script; the sound of its call goes to rtp, and
// telephone-events have the payload type that eventType says.
func startFarEnd(t *testing.T, script string, rtp, eventType int) *farEnd {
	t.Helper()
	bin, err := exec.LookPath("sipp")
	if err != nil {
		t.Skip("sipp is not installed (Debian package sip-tester): the far end of this test is missing")
	}
	f := &farEnd{t: t, port: testports.One(t), done: make(chan struct{})}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	cmd := exec.CommandContext(ctx, bin, "-sf", filepath.Join("testdata", "sipp", script+".xml"), "-i", "127.0.0.1",
		"-p", fmt.Sprint(f.port), "-mp", fmt.Sprint(testports.One(t)), "-m", "1", "-nostdin", "-timeout", "25s", "-timeout_error",
		"-key", "rtp_port", fmt.Sprint(rtp), "-key", "event_type", fmt.Sprint(eventType))
	cmd.Stdout, cmd.Stderr = &f.out, &f.out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { f.err = cmd.Wait(); close(f.done) }()
	t.Cleanup(func() { cancel(); <-f.done })
	f.listens()
	return f
}

// listens waits until the kernel knows the script's socket.
func (f *farEnd) listens() {
	f.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if sockets, _ := os.ReadFile("/proc/net/udp"); strings.Contains(string(sockets), fmt.Sprintf(":%04X ", f.port)) {
			return
		}
		select {
		case <-tick.C:
		case <-f.done:
			f.t.Fatalf("sipp ended at once: %v\n%s", f.err, f.out.String())
		}
	}
}

// satisfied waits for the end of the script, and fails the test if the script
// did not see what it expects.
func (f *farEnd) satisfied() {
	f.t.Helper()
	<-f.done
	if f.err != nil {
		out := f.out.String()
		f.t.Errorf("sipp: %v\n%s", f.err, out[max(0, len(out)-2500):])
	}
}

func (f *farEnd) rig(scenario string) *rig {
	f.t.Helper()
	return newRig(f.t, rigOptions{scenario: scenario, nobody: true, trunk: fmt.Sprintf("sip:robot@127.0.0.1:%d", f.port)})
}

func TestSIPpHangsUpDuringAPrompt(t *testing.T) {
	t.Parallel()
	f := startFarEnd(t, "hangs_up", testports.One(t), 101)
	r := f.rig(edited(t, "Hello {{name}}.", "A long hello to {{name}}."))
	res := r.run(number)
	f.satisfied()
	if res.Disposition != dialer.Answered || res.List != "gone" || res.Cause.Local {
		t.Errorf("%+v", res)
	}
	r.close()
	_, robot := r.recording(res)
	tone(t, "the prompt", robot, promptHz, true)
}

func TestSIPpIsCancelledWhenNobodyAnswers(t *testing.T) {
	t.Parallel()
	f := startFarEnd(t, "rings_out", testports.One(t), 101)
	r := f.rig("")
	started := time.Now()
	res := r.run(number)
	f.satisfied()
	if res.Disposition != dialer.NoAnswer || res.Cause.SIP != 487 || !res.Cause.Local {
		t.Errorf("%+v", res)
	}
	if rang := time.Since(started); rang < 5*time.Second || rang > 6*time.Second {
		t.Errorf("cancelled after %v, not the scenario's 5 s", rang)
	}
}

func TestSIPpPressesKeysByINFO(t *testing.T) {
	t.Parallel()
	sound := newSoundEnd(t)
	f := startFarEnd(t, "keys_info", sound.port(), 101)
	res := f.rig("").run(number)
	f.satisfied()
	if res.Keys != "52" || res.List != "rejected" {
		t.Errorf("keys %q, list %q", res.Keys, res.List)
	}
}

// The key 5 is wrong and may be pressed once; counted twice it ends the call
// as unclear, and lost, the keys are not 52.
func TestSIPpPressesKeysWithLosses(t *testing.T) {
	t.Parallel()
	begins := func(n int) bool { return n < updates }
	ends := func(n int) bool { return n >= updates }
	cases := []struct {
		name      string
		eventType int
		lost      func(packet int) bool
		twice     bool
	}{
		{"all arrive", 101, func(int) bool { return false }, false},
		{"all arrive twice", 101, func(int) bool { return false }, true},
		{"beginnings lost", 96, begins, false},
		{"ends lost", 100, ends, false},
		{"one of the middle arrives", 101, func(n int) bool { return n != updates/2 }, false},
		{"the last alone arrives, twice", 127, func(n int) bool { return n != updates+2 }, true},
		{"every other is lost", 98, func(n int) bool { return n%2 == 0 }, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sound := newSoundEnd(t)
			f := startFarEnd(t, "answers", sound.port(), c.eventType)
			r := f.rig("")
			id := r.place(number)
			sound.meet()
			sound.press(5, c.eventType, c.lost, c.twice)
			sound.press(2, c.eventType, c.lost, c.twice)
			res := r.result(id)
			f.satisfied()
			if res.Keys != "52" || res.List != "rejected" {
				t.Errorf("keys %q, list %q", res.Keys, res.List)
			}
		})
	}
}

// soundEnd is the RTP side of a far end: it sends what a test wants, and
// leaves out what a test wants lost.
type soundEnd struct {
	t    *testing.T
	conn *net.UDPConn
	peer *net.UDPAddr
	tick *time.Ticker
	seq  uint16
	ts   uint32
}

func newSoundEnd(t *testing.T) *soundEnd {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	s := &soundEnd{t: t, conn: conn, tick: time.NewTicker(20 * time.Millisecond), seq: 65533, ts: 0xFFFFF000}
	t.Cleanup(func() { s.tick.Stop(); conn.Close() })
	return s
}

func (s *soundEnd) port() int { return s.conn.LocalAddr().(*net.UDPAddr).Port }

// meet waits for the robot's first packet, which says where it is.
func (s *soundEnd) meet() {
	s.t.Helper()
	var b [1500]byte
	s.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, peer, err := s.conn.ReadFromUDP(b[:])
	if err != nil {
		s.t.Fatal(err)
	}
	s.peer = peer
}

// updates is how many packets a key has before its three end packets.
const updates = 6

// press sends a key by RFC 4733: a packet every 20 ms, three at its end.
func (s *soundEnd) press(key byte, eventType int, lost func(packet int) bool, twice bool) {
	s.t.Helper()
	for n := range updates + 3 {
		end, marker, duration := byte(0), byte(0), (n+1)*160
		if n >= updates {
			end, duration = 0x80, updates*160
		}
		if n == 0 {
			marker = 0x80
		}
		b := s.packet(byte(eventType)|marker, key, end|10, byte(duration>>8), byte(duration))
		if !lost(n) {
			s.send(b)
			if twice {
				s.send(b)
			}
		}
		<-s.tick.C
	}
	s.ts += 4000 // half a second until the next key
	for range 10 {
		s.send(s.packet(8, bytes.Repeat([]byte{0xD5}, 160)...))
		s.ts += 160
		<-s.tick.C
	}
}

func (s *soundEnd) packet(second byte, payload ...byte) []byte {
	b := []byte{0x80, second}
	b = binary.BigEndian.AppendUint16(b, s.seq)
	b = binary.BigEndian.AppendUint32(b, s.ts)
	b = binary.BigEndian.AppendUint32(b, 0x1234)
	s.seq++
	return append(b, payload...)
}

func (s *soundEnd) send(b []byte) {
	if _, err := s.conn.WriteToUDP(b, s.peer); err != nil {
		s.t.Logf("a packet did not leave: %v", err) // the robot may have hung up
	}
}

// SIPp plays a recording of a key that somebody's telephone once sent. It
// needs raw sockets for that.
func TestSIPpPlaysARecordedKey(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/usr/share/sip-tester/dtmf_2833_2.pcap"); err != nil || os.Geteuid() != 0 {
		t.Skip("needs the recordings of the Debian package sip-tester, and root: SIPp plays them over raw sockets")
	}
	f := startFarEnd(t, "keys_pcap", 0, 101)
	res := f.rig("").run(number)
	f.satisfied()
	if res.Keys != "2" || res.List != "rejected" {
		t.Errorf("keys %q, list %q", res.Keys, res.List)
	}
}

// A person who was there and whose telephone then dies without a BYE has
// answered; silent is a call on which nothing ever came.
func TestSIPpFallsSilentAfterTalking(t *testing.T) {
	t.Parallel()
	sound := newSoundEnd(t)
	f := startFarEnd(t, "answers", sound.port(), 101)
	r := f.rig(edited(t, "Please press a key.", "Please press a key, it takes long."))
	id := r.place(number)
	sound.meet()
	sound.press(5, 101, func(int) bool { return false }, false)
	res := r.result(id)
	f.satisfied()
	if res.Disposition != dialer.Answered || res.List != "gone" || res.Detail == "" || res.Keys != "5" {
		t.Errorf("%+v", res)
	}
}

// An operator's telephone that answers on hold hears no whisper to its end:
// the person must not wait for that.
func TestSIPpHoldsAsTheOperator(t *testing.T) {
	t.Parallel()
	f := startFarEnd(t, "holds", testports.One(t), 101)
	r := newRig(t, rigOptions{people: people(wants), addresses: []string{fmt.Sprintf("sip:op1@127.0.0.1:%d", f.port)}})
	r.caller.accept = 300 * time.Millisecond
	abandoned(t, r.run(number), "nobody")
	f.satisfied()
}

// An operator's telephone hands the person to a colleague (REFER).
func TestSIPpRefersAsTheOperator(t *testing.T) {
	t.Parallel()
	f := startFarEnd(t, "refers", testports.One(t), 101)
	second := talker
	second.Ring = 300 * time.Millisecond
	r := newRig(t, rigOptions{people: people(wants), addresses: []string{fmt.Sprintf("sip:op1@127.0.0.1:%d", f.port)}, operators: staff{"op2": second}})
	bridged(t, r, r.run(number), "op2")
	f.satisfied()
	if c := r.farCall("op2", 1); c.HeardPerson < 300*time.Millisecond {
		t.Errorf("the second operator heard %v of the person", c.HeardPerson)
	}
}
