package media

import (
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dozvon/audio"
)

func TestPortPool(t *testing.T) {
	now := time.Unix(0, 0)
	p, err := newPortPool(20001, 20007, 3*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[uint16]bool{}
	for range 3 {
		port, err := p.take(now)
		if err != nil || port%2 != 0 || port < 20001 || port > 20007 || seen[port] {
			t.Fatalf("port %d, %v", port, err)
		}
		seen[port] = true
	}
	if _, err := p.take(now); err == nil || !strings.Contains(err.Error(), "3 in use") {
		t.Errorf("error %v: want one that counts the ports", err)
	}
	p.release(20004, now)
	p.release(20002, now.Add(time.Second))
	if _, err := p.take(now.Add(2999 * time.Millisecond)); err == nil || p.resting(now.Add(2*time.Second)) != 2 {
		t.Error("a port is used again before it has rested")
	}
	for _, want := range []uint16{20004, 20002} {
		if port, err := p.take(now.Add(5 * time.Second)); err != nil || port != want {
			t.Errorf("port %d, %v; want %d, which rested longest", port, err, want)
		}
	}
	for _, c := range [][2]int{{0, 5}, {500, 2000}, {3000, 2000}, {3001, 3001}, {60000, 70000}} {
		if _, err := newPortPool(c[0], c[1], 0); err == nil {
			t.Errorf("range %v is accepted", c)
		}
	}
}

func TestSchedule(t *testing.T) {
	epoch := time.Unix(0, 0)
	s := schedule{epoch: epoch}
	only := func(slot int) func(int) bool { return func(i int) bool { return i == slot } }
	if n := s.upcoming(only(7)); n != 7 || !s.due(n).Equal(epoch.Add(7*time.Millisecond)) {
		t.Errorf("slot %d", n)
	}
	s.next = 8
	if n := s.upcoming(only(7)); n != 27 || periods(7, n) != 1 {
		t.Errorf("slot %d, want 27", n)
	}
	if n := s.upcoming(func(int) bool { return false }); n != -1 {
		t.Errorf("slot %d of an empty wheel", n)
	}
	s.skipTo(epoch.Add(1234567 * time.Microsecond))
	if s.next != 1235 {
		t.Errorf("skipped to %d, want 1235", s.next)
	}
	s.skipTo(epoch)
	if s.next != 1235 {
		t.Error("went back in time")
	}
	// A year on, slot n is still due at its multiple of a millisecond.
	if year := int64(365 * 24 * 3600 * 1000); !s.due(year).Equal(epoch.Add(365 * 24 * time.Hour)) {
		t.Error("the schedule drifts")
	}
}

func TestLateness(t *testing.T) {
	var l lateness
	for _, d := range []time.Duration{-time.Millisecond, 0, 100 * time.Microsecond, 4 * time.Millisecond, 6 * time.Millisecond, time.Second} {
		l.add(d, 0)
	}
	l.add(0, 3)
	var sum Lateness
	l.addTo(&sum)
	l.addTo(&sum)
	if sum.Served != 20 || sum.Max != time.Second || !near(sum.Over(5*time.Millisecond), 12.0/20, 0.01) {
		t.Errorf("%+v, over 5 ms: %v", sum, sum.Over(5*time.Millisecond))
	}
	if (Lateness{}).Over(time.Millisecond) != 0 {
		t.Error("no service is none late")
	}
}

func TestPlayerIsGapless(t *testing.T) {
	count := func(first, n int) *audio.Clip {
		pcm := make([]int16, n)
		for i := range pcm {
			pcm[i] = int16(first+i) * 256 // each survives A-law as another value
		}
		return audio.NewClip(pcm)
	}
	p := player{id: 1, clips: []*audio.Clip{count(1, 30), count(31, 0), count(31, 50), audio.NewClip(nil)}}
	want := make([]byte, frameBytes)
	audio.FillSilence(audio.ALaw, want)
	copy(want, count(1, 80).Encoded(audio.ALaw))
	got := make([]byte, frameBytes)
	if !p.fill(audio.ALaw, got) || string(got) != string(want) {
		t.Error("clips don't follow one another without a gap")
	}
	p = player{id: 1, opt: PlayOptions{Loop: true}, clips: []*audio.Clip{count(1, 100)}}
	for i := range 5 {
		if p.fill(audio.ALaw, got) {
			t.Fatal("a loop ended")
		}
		if at := i * frameBytes % 100; got[0] != count(1, 100).Encoded(audio.ALaw)[at] {
			t.Errorf("frame %d begins at the wrong place", i)
		}
	}
	p = player{id: 1, clips: []*audio.Clip{count(1, frameBytes)}}
	if !p.fill(audio.ALaw, got) {
		t.Error("a clip of one frame ends with that frame")
	}
	p = player{id: 1, opt: PlayOptions{Loop: true}, clips: []*audio.Clip{audio.NewClip(nil), audio.NewClip(nil)}}
	if !p.fill(audio.ALaw, got) {
		t.Error("a loop of nothing must end")
	}
}

func TestPipeCutsBacklog(t *testing.T) {
	p := new(pipe)
	var f [frameBytes]byte
	for range pipeFrames + 5 { // the reader stalls
		p.put(audio.ALaw, &f)
	}
	out := make([]byte, frameBytes)
	for range 3 * pipeWindow {
		if !p.take(audio.ALaw, out) {
			t.Fatal("ran dry")
		}
		p.put(audio.ALaw, &f)
	}
	if backlog := p.written.Load() - p.taken.Load(); backlog > pipeKeep+1 {
		t.Errorf("%d frames of backlog remain", backlog)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []Config{{}, {IP: netip.MustParseAddr("239.1.1.1")}, {IP: loopback, PortMin: 7, PortMax: 9}} {
		if e, err := New(c); err == nil {
			e.Close()
			t.Errorf("%+v is accepted", c)
		}
	}
}

// heldPorts are sockets of another program on every port of a range.
func heldPorts(t *testing.T, first, last int) {
	for port := first; port <= last; port += 2 {
		c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err != nil {
			t.Skipf("port %d is taken: %v", port, err)
		}
		t.Cleanup(func() { c.Close() })
	}
}

func TestOpenPassesOverPortsOfOthers(t *testing.T) {
	heldPorts(t, 61000, 61004)
	e, err := New(Config{IP: loopback, PortMin: 61000, PortMax: 61006, Drain: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	s, err := e.Open(Options{})
	if err != nil || s.Local().Port() != 61006 {
		t.Fatalf("%v, want port 61006", err)
	}
	if _, err := e.Open(Options{}); err == nil {
		t.Error("a port was opened twice")
	}
}

// TestCloseIsFinal closes sessions in every way, and twice.
func TestCloseIsFinal(t *testing.T) {
	e, err := New(Config{IP: loopback, Wheels: 1})
	if err != nil {
		t.Fatal(err)
	}
	var after atomic.Int64
	var shut atomic.Bool
	first := make(chan struct{})
	sessions := make([]*Session, 8)
	for i := range sessions {
		s, err := e.Open(Options{Sink: func(ev Event) {
			if shut.Load() {
				after.Add(1)
			}
			if ev.Kind == PlayDone && i == 0 {
				close(first)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		s.SetRemote(Remote{Addr: s.Local(), Law: audio.ALaw, PayloadType: 8})
		s.Play(PlayOptions{}, tone(400, 100*time.Millisecond))
		sessions[i] = s
	}
	<-first
	for _, s := range sessions[:4] {
		for range 2 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		wait(t, s)
		s.Play(PlayOptions{}, tone(400, time.Second)) // all without effect
		s.SetRemote(Remote{})
		s.SendDigits("1")
		s.StopPlay()
		s.StopRecord()
		Bridge(s, sessions[5]).Close()
	}
	if st := e.Stats(); st.Sessions != 4 || st.PortsInUse != 4 || st.PortsResting < 4 { // and those that other programs hold
		t.Errorf("%+v", st)
	}
	shut.Store(true)
	for range 2 {
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range sessions {
		wait(t, s)
		s.Close()
	}
	if n := after.Load(); n > 4 { // those still open may have ended what they played
		t.Errorf("%d events after the end", n)
	}
	if _, err := e.Open(Options{}); err == nil {
		t.Error("a closed engine opens sessions")
	}
}

// TestSinkMayCallBack: a session's own methods are safe within its sink.
func TestSinkMayCallBack(t *testing.T) {
	e, err := New(Config{IP: loopback})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var s *Session
	ready, done := make(chan struct{}), make(chan struct{})
	s, err = e.Open(Options{Sink: func(ev Event) {
		<-ready
		switch {
		case ev.Kind == PlayDone && ev.Play == 1:
			s.Play(PlayOptions{}, tone(500, 40*time.Millisecond))
		case ev.Kind == PlayDone && ev.Play == 2:
			s.Close()
			close(done)
		}
	}})
	close(ready)
	if err != nil {
		t.Fatal(err)
	}
	s.SetRemote(Remote{Addr: s.Local(), Law: audio.ALaw, PayloadType: 8})
	s.Play(PlayOptions{}, tone(400, 40*time.Millisecond))
	<-done
	wait(t, s)
}

// TestSockets tries both kinds of socket, in both families.
func TestSockets(t *testing.T) {
	for _, ip := range []string{"127.0.0.1", "::1"} {
		addr := netip.AddrPortFrom(netip.MustParseAddr(ip), 0)
		raw, err := listen(addr)
		if err != nil {
			t.Logf("%s: %v", ip, err) // no IPv6 here
			continue
		}
		portable, err := listenPortable(addr)
		if err != nil {
			t.Fatal(err)
		}
		var toRaw portableTarget
		toRaw.set(raw.local())
		if err := portable.send([]byte("to raw"), &toRaw); err != nil {
			t.Fatal(err)
		}
		b := newBatch()
		if n := raw.recv(b); n != 1 || string(b.data[0][:b.size[0]]) != "to raw" || b.from[0] != portable.local() {
			t.Errorf("%s: %d packets, %q from %v, want one from %v", ip, n, b.data[0][:b.size[0]], b.from[0], portable.local())
		}
		if n := raw.recv(b); n != 0 {
			t.Errorf("%s: %d packets of none", ip, n)
		}
		var toPortable target
		toPortable.set(portable.local())
		if err := raw.send([]byte("to portable"), &toPortable); err != nil {
			t.Fatal(err)
		}
		a := <-portable.in
		portable.in <- a
		if n := portable.recv(b); n != 1 || string(b.data[0][:b.size[0]]) != "to portable" || b.from[0] != raw.local() {
			t.Errorf("%s: %d packets, %q", ip, n, b.data[0][:b.size[0]])
		}
		raw.close()
		portable.close()
	}
}
