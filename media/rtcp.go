package media

import (
	"math/rand/v2"
	"net/netip"
	"time"
)

// readReports is how often the port of RTCP is read, in periods: each read
// costs a call to the kernel, and reports come every few seconds. Where the
// system tells how long a packet has lain there, nothing is lost by it.
const readReports = 50

// firstReport is when RTCP begins after the answer, in periods. Nobody reports
// earlier (RFC 3550 6.2, 6.3.1), and a call that is over by then never needs a
// second socket.
const firstReport = 50

// reporting begins RTCP when a call has been answered.
func (s *Session) reporting(r Remote) {
	p := &s.reports
	s.reporter.follow(s.outgoing())
	if r.RTCP.IsValid() && r.RTCP == r.Addr {
		p.mux = true
	}
	if !r.Watch || p.tried {
		return
	}
	p.tried = true
	p.opensAt = s.period + firstReport
	s.reportAt = p.opensAt + 1 + rand.Int64N(reportPeriods/2-firstReport)
}

// openReports opens the port of RTCP, unless it comes to that of the sound.
func (s *Session) openReports() {
	p := &s.reports
	p.opensAt = 0
	if p.mux {
		return
	}
	local := netip.AddrPortFrom(s.Local().Addr(), s.Local().Port()+1)
	sock, err := listen(local)
	if err != nil {
		s.wheel.engine.log.Debug("a call does without RTCP of the far end", "port", local.Port(), "error", err)
		return
	}
	sock.stamp()
	p.sock = sock
}

// report reads and sends what is due in this period.
func (s *Session) report(now time.Time) {
	if !s.reports.tried {
		return
	}
	if s.reporter.epoch.IsZero() {
		s.reporter.start(now)
	}
	if p := &s.reports; p.opensAt > 0 && s.period >= p.opensAt {
		s.openReports()
	}
	if s.period%readReports == 0 {
		s.count.buffered.set(uint64(max(s.jitter.left(), 0)))
	}
	if s.reports.sock != nil && (s.period%readReports == 0 || !stamps) {
		s.readReports(now)
	}
	if s.period >= s.reportAt {
		s.reportAt = s.period + reportPeriods/2 + rand.Int64N(reportPeriods)
		s.sendReport(now, false)
	}
}

func (s *Session) outgoing() outgoing {
	return outgoing{ssrc: s.ssrc, ts: s.ts, seq: s.seq, packets: s.count.sent.v.Load(), octets: s.octets}
}

// sendReport sends a compound packet to where the far end wants it.
func (s *Session) sendReport(now time.Time, bye bool) {
	sock := s.sock
	to := s.aimedAt
	p := &s.reports
	if !p.mux {
		to = s.reportTarget()
		if p.sock != nil {
			sock = p.sock
		}
	}
	if to.Port() == 0 || !to.Addr().IsValid() || to.Addr().IsUnspecified() {
		return
	}
	if to != p.aimedAt {
		p.aimedAt = to
		p.to.set(to)
	}
	b := s.reporter.write(s.wheel.out[:0], now, s.outgoing(), &s.sequence, s.transit.jitter, bye)
	if b, err := s.secure.protectRTCP(b); err == nil {
		_ = sock.send(b, &p.to) // one that is lost is followed by another
	}
}

// reportTarget is where RTCP goes that has a port of its own: to where the far
// end's comes from, else to where SDP says, else one port above its sound.
func (s *Session) reportTarget() netip.AddrPort {
	switch {
	case s.reports.from.IsValid():
		return s.reports.from
	case s.remote.RTCP.IsValid() && s.aimedAt == s.remote.Addr:
		return s.remote.RTCP
	case s.aimedAt.Port() == 0 || s.aimedAt.Port() == 1<<16-1:
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(s.aimedAt.Addr(), s.aimedAt.Port()+1)
}

// goodbye ends the session for the far end's statistics, and frees the port.
func (s *Session) goodbye() {
	if s.reports.tried && !s.reporter.epoch.IsZero() && s.reporter.said > 0 {
		s.sendReport(s.servedAt, true)
	}
	if s.reports.sock != nil {
		s.reports.sock.close()
		s.reports.sock = nil
	}
}

// readReports takes in what has come to the port of RTCP.
func (s *Session) readReports(now time.Time) {
	b := s.wheel.batch
	n := s.reports.sock.recv(b)
	if n == 0 {
		return
	}
	at := now.Add(-s.reports.sock.waited())
	for i := range n {
		if b.size[i] >= packetBytes || !s.admitReport(b.from[i]) {
			s.count.strangers.add(1)
			continue
		}
		if s.takeReport(now, at, b.data[i][:b.size[i]]) && b.from[i] != s.latch.target() {
			s.reports.from = b.from[i] // one that reports from the sound's port listens at the other
		}
	}
}

// admitReport reports whether RTCP from src may be the far end's: it comes
// from the host whose sound is taken, and always from the same port of it.
func (s *Session) admitReport(src netip.AddrPort) bool {
	if s.reports.from.IsValid() && s.reports.from.Addr() == s.latch.target().Addr() {
		return src == s.reports.from || src == s.remote.RTCP || src == s.latch.target()
	}
	return src.Addr() == s.latch.target().Addr() || src == s.remote.RTCP
}

// isReport tells RTCP from RTP on one port (RFC 5761 4).
func isReport(b []byte) bool { return len(b) >= 8 && b[0]>>6 == 2 && b[1] >= 192 && b[1] <= 223 }

// muxedReport takes RTCP that came to the port of the sound.
func (s *Session) muxedReport(now time.Time, data []byte, from netip.AddrPort) {
	if from != s.latch.target() {
		s.count.strangers.add(1)
		return
	}
	if s.takeReport(now, now, data) {
		s.reports.mux = true
	}
}

// takeReport understands what the far end reports. at is when it came.
func (s *Session) takeReport(now, at time.Time, data []byte) bool {
	if s.reporter.epoch.IsZero() {
		s.reporter.start(now)
	}
	data, ok := s.secure.unprotectRTCP(data)
	if !ok {
		s.count.invalid.add(1)
		return false
	}
	f, ok := s.reporter.read(data, at, s.count.sent.v.Load(), &s.wheel.reports)
	if !ok {
		s.count.invalid.add(1)
		return false
	}
	s.count.reports.add(1)
	if f.known {
		s.count.farKnown.set(1)
		s.count.farLoss.set(uint64(f.loss * 1e6))
		s.count.farJitter.set(uint64(f.jitter))
	}
	if f.roundTrip > 0 {
		s.count.roundTrip.set(uint64(f.roundTrip))
	}
	// A far end that says it has sent nothing is quiet on purpose, and there.
	// One that has sent what never came is not heard: the watch runs on.
	if f.silent && s.heard {
		s.watch.alive(now)
	}
	return true
}
