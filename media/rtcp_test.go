package media

import (
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"dozvon/audio"
	"dozvon/internal/lossy"
)

// reportsOf returns the compound packets that have come to a far end's port of
// RTCP.
func (f *far) reportsOf() (out [][]rtcp.Packet) {
	f.t.Helper()
	for n := f.sock.recv(f.in); n > 0; n = f.sock.recv(f.in) {
		for i := range n {
			ps, err := rtcp.Unmarshal(append([]byte(nil), f.in.data[i][:f.in.size[i]]...))
			if err != nil {
				f.t.Fatal(err)
			}
			out = append(out, ps)
		}
	}
	return out
}

func (f *far) report(ps ...rtcp.Packet) {
	f.t.Helper()
	b, err := rtcp.Marshal(ps)
	if err != nil {
		f.t.Fatal(err)
	}
	f.raw(b)
}

// answered is a session in a call whose far end has a port for RTCP.
func answered(t *testing.T, o Options) (l *lab, s *Session, ev *events, sound, control *far) {
	l = newLab(t)
	for s == nil || s.reports.sock == nil { // other programs may hold the port
		s, ev = l.open(o)
		s.SetRemote(Remote{Law: audio.ALaw, PayloadType: 8, Watch: true})
		l.turn()
		s.openReports()
	}
	sound, control = newFar(t, s), newFar(t, s)
	control.to.set(netip.AddrPortFrom(s.Local().Addr(), s.Local().Port()+1))
	r := sound.remote()
	r.RTCP = control.sock.local()
	s.SetRemote(r)
	l.turn()
	return l, s, ev, sound, control
}

// TestReports: sender reports leave every 2.5 to 7.5 s, and say what was sent
// and received; the session's end says so.
func TestReports(t *testing.T) {
	l, s, _, sound, control := answered(t, Options{})
	var got [][]rtcp.Packet
	var packets []rtp.Packet
	var at []time.Duration
	packets = sound.got()
	began := l.now
	for i := range 3000 {
		if i%10 == 3 {
			sound.h.SequenceNumber++
			sound.h.Timestamp += frameBytes
		} else {
			sound.sound(0x2A)
		}
		l.turn()
		packets = append(packets, sound.got()...)
		for _, ps := range control.reportsOf() {
			got, at = append(got, ps), append(at, l.now.Sub(began))
		}
	}
	if len(got) < 8 || len(got) > 24 {
		t.Fatalf("%d reports in a minute", len(got))
	}
	for i := range at {
		if i > 0 && (at[i]-at[i-1] < 2500*time.Millisecond || at[i]-at[i-1] > 7500*time.Millisecond) {
			t.Errorf("%v between reports", at[i]-at[i-1])
		}
	}
	last := got[len(got)-1]
	sr, ok := last[0].(*rtcp.SenderReport)
	if !ok || len(last) != 2 || len(sr.Reports) != 1 {
		t.Fatalf("%+v", last)
	}
	if sr.SSRC != packets[0].SSRC || sr.PacketCount < 2500 || sr.OctetCount != 160*sr.PacketCount {
		t.Errorf("%+v", sr)
	}
	if p := packets[sr.PacketCount-1]; p.Timestamp != sr.RTPTime {
		t.Errorf("timestamp %d with the packet of %d", sr.RTPTime, p.Timestamp)
	}
	when := began.Add(at[len(at)-1] - framePeriod)
	if d := time.Duration(int64(sr.NTPTime-ntpTime(when))) * time.Second >> 32; d.Abs() > time.Millisecond {
		t.Errorf("its time is wrong by %v", d)
	}
	b := sr.Reports[0]
	if b.SSRC != 7 || b.FractionLost < 20 || b.FractionLost > 32 || b.TotalLost < 240 || b.TotalLost > 300 || b.LastSequenceNumber>>16 != 1 || b.LastSenderReport != 0 {
		t.Errorf("%+v", b)
	}
	name := last[1].(*rtcp.SourceDescription).Chunks[0]
	first := got[0][1].(*rtcp.SourceDescription).Chunks[0]
	if name.Source != sr.SSRC || name.Items[0].Type != rtcp.SDESCNAME || len(name.Items[0].Text) != cnameBytes || name.Items[0].Text != first.Items[0].Text {
		t.Errorf("%+v after %+v", name, first)
	}
	l.close(s)
	end := control.reportsOf()
	if len(end) != 1 || len(end[0]) != 3 || end[0][2].(*rtcp.Goodbye).Sources[0] != sr.SSRC {
		t.Errorf("at the end: %+v", end)
	}
}

// TestNoReportsBeforeTheAnswer: early media needs no second port.
func TestNoReportsBeforeTheAnswer(t *testing.T) {
	l := newLab(t)
	s, _ := l.open(Options{})
	sound, control := newFar(t, s), newFar(t, s)
	r := sound.remote()
	r.Watch, r.RTCP = false, control.sock.local()
	s.SetRemote(r)
	l.run(10 * time.Second)
	if s.reports.sock != nil {
		t.Error("a port for RTCP is open")
	}
	l.close(s)
	if n := len(control.reportsOf()); n != 0 {
		t.Errorf("%d reports", n)
	}
}

// TestShortCallsOpenNoSecondPort: RTCP begins a second after the answer.
func TestShortCallsOpenNoSecondPort(t *testing.T) {
	l := newLab(t)
	s, _ := l.open(Options{})
	sound, control := newFar(t, s), newFar(t, s)
	r := sound.remote()
	r.RTCP = control.sock.local()
	s.SetRemote(r)
	l.run(960 * time.Millisecond)
	if s.reports.sock != nil || len(control.reportsOf()) != 0 {
		t.Error("RTCP before anything can be reported")
	}
	l.run(1600 * time.Millisecond)
	if len(control.reportsOf()) != 1 {
		t.Error("no report within 2.5 s of the answer")
	}
}

// blockOf is what a far end says of session s: a tenth lost, 10 ms of jitter.
func blockOf(s *Session, lsr, delay uint32) rtcp.ReceptionReport {
	sent := uint32(s.count.sent.v.Load())
	return rtcp.ReceptionReport{SSRC: s.ssrc, FractionLost: 128, TotalLost: sent / 10,
		LastSequenceNumber: uint32(s.reporter.first) + sent - 1, Jitter: 80, LastSenderReport: lsr, Delay: delay}
}

// TestFarReports: what the far end reports is believed from the far end alone.
func TestFarReports(t *testing.T) {
	l, s, _, sound, control := answered(t, Options{})
	other, err := listen(netip.MustParseAddrPort("127.0.0.2:0"))
	if err != nil {
		t.Skip("this machine has one loopback address only: ", err)
	}
	t.Cleanup(other.close)
	stranger := &far{t: t, sock: other, in: newBatch(), to: control.to}
	for range 100 {
		sound.sound(0x2A)
		l.turn()
	}
	stranger.report(&rtcp.ReceiverReport{SSRC: 7, Reports: []rtcp.ReceptionReport{blockOf(s, 0, 0)}})
	s.readReports(l.now)
	if st := s.Stats(); st.Reports != 0 || st.Strangers != 1 || st.FarKnown {
		t.Fatalf("a stranger's report: %+v", st)
	}
	// Our report left 230 ms ago, and lay 150 ms at the far end.
	ago := uint32(s.reporter.clock(l.now.Add(-230*time.Millisecond)) >> 16)
	control.report(&rtcp.SenderReport{SSRC: 7, NTPTime: 0x0123_4567_89AB_CDEF, PacketCount: 100, Reports: []rtcp.ReceptionReport{blockOf(s, ago, 65536*15/100)}})
	s.readReports(l.now)
	st := s.Stats()
	if st.Reports != 1 || math.Abs(st.FarLoss-0.1) > 0.01 || st.FarJitter != 10*time.Millisecond {
		t.Errorf("%+v", st)
	}
	if d := st.RoundTrip - 80*time.Millisecond; d.Abs() > 5*time.Millisecond {
		t.Errorf("round trip %v, want 80ms", st.RoundTrip)
	}
	if st.MOS < 4 || st.Loss != 0 {
		t.Errorf("MOS %.2f, loss %g", st.MOS, st.Loss)
	}
	// Lies leave what was known.
	for _, b := range []rtcp.ReceptionReport{
		{SSRC: s.ssrc + 1, FractionLost: 255},
		{SSRC: s.ssrc, FractionLost: 255, TotalLost: 1 << 23, LastSequenceNumber: 1<<32 - 1, Jitter: 1<<32 - 1, LastSenderReport: 1, Delay: 1 << 31},
	} {
		control.report(&rtcp.ReceiverReport{SSRC: 7, Reports: []rtcp.ReceptionReport{b}})
	}
	s.readReports(l.now)
	if st := s.Stats(); st.FarLoss > 1 || st.FarJitter > time.Second || st.RoundTrip > maxRoundTrip {
		t.Errorf("lies: %+v", st)
	}
	// The next report of ours answers theirs.
	s.reportAt = 0
	control.reportsOf()
	l.run(500 * time.Millisecond)
	s.reportAt = 0
	l.turn()
	got := control.reportsOf()
	b := got[len(got)-1][0].(*rtcp.SenderReport).Reports[0]
	if d := time.Duration(b.Delay) * time.Second / 65536; b.LastSenderReport != 0x4567_89AB || d < 480*time.Millisecond || d > 560*time.Millisecond {
		t.Errorf("last report %x, %v ago", b.LastSenderReport, d)
	}
}

// TestReportsOnTheSoundsPort: RTCP that shares the port of the sound is
// understood, and answered there.
func TestReportsOnTheSoundsPort(t *testing.T) {
	for _, told := range []bool{true, false} {
		l := newLab(t)
		s, _ := l.open(Options{})
		f, stranger := newFar(t, s), newFar(t, s)
		r := f.remote()
		if told {
			r.RTCP = r.Addr
		}
		s.SetRemote(r)
		f.sound(0x2A)
		l.turn()
		s.openReports()
		if told != (s.reports.sock == nil) {
			t.Errorf("a port for RTCP is open: %v", s.reports.sock != nil)
		}
		f.report(&rtcp.ReceiverReport{SSRC: 7, Reports: []rtcp.ReceptionReport{blockOf(s, 0, 0)}})
		stranger.report(&rtcp.ReceiverReport{SSRC: 7})
		l.turn()
		if st := s.Stats(); st.Reports != 1 || st.Strangers != 1 || st.Received != 1 {
			t.Errorf("%+v", st)
		}
		s.reportAt = 0
		for f.sock.recv(f.in) > 0 {
		}
		l.turn()
		reports := 0
		for n := f.sock.recv(f.in); n > 0; n = f.sock.recv(f.in) {
			for i := range n {
				if isReport(f.in.data[i][:f.in.size[i]]) {
					reports++
				}
			}
		}
		if reports != 1 {
			t.Errorf("%d reports came to the sound's port", reports)
		}
	}
}

// TestQuietOnPurpose: a far end that sends nothing in a pause is alive as long
// as its reports say that it has sent nothing, and not when they say that it
// has.
func TestQuietOnPurpose(t *testing.T) {
	for _, c := range []struct {
		name string
		say  func(i uint32) rtcp.Packet
		dead bool
	}{
		{"receiver reports", func(uint32) rtcp.Packet { return &rtcp.ReceiverReport{SSRC: 7} }, false},
		{"the same count", func(uint32) rtcp.Packet { return &rtcp.SenderReport{SSRC: 7, PacketCount: 9} }, false},
		{"a growing count", func(i uint32) rtcp.Packet { return &rtcp.SenderReport{SSRC: 7, PacketCount: i} }, true},
	} {
		l, _, ev, sound, control := answered(t, Options{DeadAfter: 12 * time.Second})
		sound.sound(0x2A)
		for i := range uint32(8) {
			control.report(c.say(250 * i))
			l.run(5 * time.Second)
		}
		if dead := len(ev.of(Dead)) > 0; dead != c.dead {
			t.Errorf("%s: dead %v", c.name, dead)
		}
	}
}

// TestReportsAreEncrypted: the reports of an encrypted call tell nobody else
// anything, and plain ones are not believed.
func TestReportsAreEncrypted(t *testing.T) {
	l, a, _, _, _ := answered(t, Options{})
	b, _ := l.open(Options{})
	keys := Crypto{Suite: AES128SHA80, Send: [46]byte{1, 2, 3}, Recv: [46]byte{4, 5, 6}}
	r := Remote{Law: audio.ALaw, PayloadType: 8, Addr: b.Local(), Watch: true, Crypto: keys}
	a.SetRemote(r)
	r.Addr, r.Crypto.Send, r.Crypto.Recv = a.Local(), keys.Recv, keys.Send
	b.SetRemote(r)
	l.run(20 * time.Second)
	for _, s := range []*Session{a, b} {
		if st := s.Stats(); s.reports.sock != nil && st.Reports < 2 || !st.FarKnown || st.FarLoss != 0 || st.Invalid != 0 {
			t.Errorf("%+v", st)
		}
	}
	forger := newFar(t, a)
	forger.to.set(netip.AddrPortFrom(a.Local().Addr(), a.Local().Port()+1))
	a.reports.from = netip.AddrPort{}
	before := a.Stats()
	forger.report(&rtcp.ReceiverReport{SSRC: 7, Reports: []rtcp.ReceptionReport{blockOf(a, 0, 0)}})
	a.readReports(l.now)
	if st := a.Stats(); st.Reports != before.Reports || st.Invalid != before.Invalid+1 {
		t.Errorf("a plain report was taken: %+v", st)
	}
}

func TestReportsAllocateNothing(t *testing.T) {
	l, s, _, sound, control := answered(t, Options{})
	sound.sound(0x2A)
	l.turn()
	packet, err := rtcp.Marshal([]rtcp.Packet{&rtcp.SenderReport{SSRC: 7, Reports: []rtcp.ReceptionReport{blockOf(s, 1, 1)}}})
	if err != nil {
		t.Fatal(err)
	}
	control.raw(packet)
	s.readReports(l.now)
	if n := testing.AllocsPerRun(50, func() {
		control.raw(packet)
		s.reportAt = 0
		s.period += readReports - s.period%readReports - 1
		l.turn()
	}); n != 0 {
		t.Errorf("%v allocations a report", n)
	}
	if st := s.Stats(); st.Reports < 50 {
		t.Errorf("%+v", st)
	}
}

// TestReportsThroughTheNetwork: loss and round trip as both ends measure them
// over a relay, in real time.
func TestReportsThroughTheNetwork(t *testing.T) {
	t.Parallel()
	e, err := New(Config{IP: loopback})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var s [2]*Session
	for i := range s {
		if s[i], err = e.Open(Options{}); err != nil {
			t.Fatal(err)
		}
	}
	relay, err := lossy.Start(lossy.Network{Loss: 0.1, Delay: 40 * time.Millisecond, Seed: 1}, s[0].Local(), s[1].Local())
	if err != nil {
		t.Fatal(err)
	}
	defer relay.Close()
	r := Remote{Law: audio.ALaw, PayloadType: 8, Watch: true}
	for i, via := range []netip.AddrPort{relay.A(), relay.B()} {
		r.Addr = via
		s[i].SetRemote(r)
	}
	frames, least := 0, time.Duration(0)
	known, told := make(chan struct{}), false
	s[1].Listen(func(audio.Frame) {
		if frames++; frames%10 == 0 { // a report every 200 ms, so that the test need not wait
			s[0].post(func(time.Time) { s[0].reportAt = 0 })
			s[1].post(func(time.Time) { s[1].reportAt = 0 })
		}
		if told {
			return
		}
		// A busy machine adds to some, so the least counts.
		if now := s[0].Stats().RoundTrip; now > 0 && (least == 0 || now < least) {
			least = now
		}
		if frames > 150 && least > 0 && least < 130*time.Millisecond {
			told = true
			close(known)
		}
	})
	select {
	case <-known:
	case <-time.After(20 * time.Second):
		t.Fatalf("no round trip below 130 ms within 20 s: %+v", s[0].Stats())
	}
	st := s[0].Stats()
	t.Logf("round trip %v, far loss %.3f, far jitter %v, MOS %.2f", st.RoundTrip, st.FarLoss, st.FarJitter, st.MOS)
	if least < 79*time.Millisecond {
		t.Errorf("round trip %v, want 80ms", least)
	}
	if st.FarLoss < 0.02 || st.FarLoss > 0.25 {
		t.Errorf("far loss %.3f, want about 0.1", st.FarLoss)
	}
}

// FuzzReport gives the reader of reports arbitrary packets.
func FuzzReport(f *testing.F) {
	seed := func(ps ...rtcp.Packet) {
		b, err := rtcp.Marshal(ps)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	full := rtcp.ReceptionReport{SSRC: 9, FractionLost: 3, TotalLost: 5, LastSequenceNumber: 70, Jitter: 4, LastSenderReport: 8, Delay: 2}
	seed(&rtcp.SenderReport{SSRC: 7, NTPTime: 1 << 40, Reports: []rtcp.ReceptionReport{full}}, &rtcp.Goodbye{Sources: []uint32{7}})
	seed(&rtcp.ReceiverReport{SSRC: 7, Reports: []rtcp.ReceptionReport{full, full}, ProfileExtensions: []byte{1, 2, 3, 4}})
	seed(&rtcp.ReceiverReport{SSRC: 7}, rtcp.NewCNAMESourceDescription(7, "x"))
	f.Add([]byte{0x9F, 200, 0xFF, 0xFF, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		now := time.Unix(1_800_000_000, 0)
		var r reporter
		var w reportScratch
		r.start(now)
		r.follow(outgoing{ssrc: 9, seq: 65000})
		for range 2 {
			got, ok := r.read(b, now.Add(time.Minute), 1000, &w)
			if !ok && got.roundTrip != 0 && len(b) < 8 {
				t.Fatal("a round trip out of nothing")
			}
			if got.loss < 0 || got.loss > 1 || got.jitter < 0 || got.jitter > time.Second || got.roundTrip < 0 || got.roundTrip > maxRoundTrip {
				t.Fatalf("%+v", got)
			}
		}
		var q sequence
		q.add(7, 65535)
		q.add(7, 1)
		out := r.write(nil, now.Add(time.Minute), outgoing{ssrc: 9, packets: 3}, &q, 5, true)
		if _, err := rtcp.Unmarshal(out); err != nil {
			t.Fatal(err)
		}
	})
}
