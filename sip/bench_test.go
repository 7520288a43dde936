package sip

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"dozvon/internal/testports"
)

// BenchmarkSetup measures a whole call: INVITE, 180, 200, ACK, BYE, 200,
// against a far end in this process that answers at once. The far end is a
// plain UDP loop; its share is in the figure. cpu-ms/call is user and system
// time of the process.
func BenchmarkSetup(b *testing.B) {
	f := newFarFor(b)
	e, err := Listen(b.Context(), Config{IP: netip.MustParseAddr("127.0.0.1")})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	slots := make(chan struct{}, 200)
	before := cpuTime()
	b.ResetTimer()
	for i := range b.N {
		slots <- struct{}{}
		var leg *Leg
		ready := make(chan struct{})
		leg = e.Invite(Call{ID: fmt.Sprintf("b%d-%d", b.N, i), To: "sip:100@" + f, Local: netip.MustParseAddrPort("127.0.0.1:40000"),
			Sink: func(ev Event) {
				switch ev.Kind {
				case Answered:
					<-ready
					leg.HangUp("")
				case Ended:
					<-slots
				}
			}})
		close(ready)
	}
	for range cap(slots) {
		slots <- struct{}{}
	}
	b.StopTimer()
	b.ReportMetric(float64((cpuTime()-before).Microseconds())/1000/float64(b.N), "cpu-ms/call")
	b.ReportMetric(float64(e.Legs()), "lingering")
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapAlloc+m.StackInuse)/1024/float64(max(e.Legs(), 1)), "KiB/leg")
}

func cpuTime() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// BenchmarkPacedSetup is BenchmarkSetup at 500 calls a second, evenly spaced,
// with SIPp as the far end in a process of its own: what a set-up costs when
// every message wakes somebody up. Only this process counts.
func BenchmarkPacedSetup(b *testing.B) {
	if _, err := exec.LookPath("sipp"); err != nil {
		b.Skip("sipp is not installed (Debian package sip-tester)")
	}
	port := testports.One(b)
	cmd := exec.Command("sipp", "-sn", "uas", "-i", "127.0.0.1", "-p", fmt.Sprint(port), "-nostdin", "-trace_err")
	cmd.Dir = b.TempDir()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	s := &sipp{exit: make(chan error, 1), out: &bytes.Buffer{}}
	s.awaitBound(b, "udp", port)
	e, err := Listen(b.Context(), Config{IP: netip.MustParseAddr("127.0.0.1")})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	var over sync.WaitGroup
	var answered atomic.Int64
	before := cpuTime()
	b.ResetTimer()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for i := range b.N {
		if i%10 == 0 {
			<-tick.C
		}
		over.Add(1)
		leg := make(chan *Leg, 1)
		leg <- e.Invite(Call{ID: fmt.Sprintf("p%d-%d", b.N, i), To: fmt.Sprintf("sip:100@127.0.0.1:%d", port), Local: netip.MustParseAddrPort("127.0.0.1:40000"),
			Sink: func(ev Event) {
				switch ev.Kind {
				case Answered:
					answered.Add(1)
					(<-leg).HangUp("")
				case Ended:
					over.Done()
				}
			}})
	}
	over.Wait()
	b.StopTimer()
	if answered.Load() != int64(b.N) {
		b.Errorf("%d of %d calls were answered", answered.Load(), b.N)
	}
	b.ReportMetric(float64((cpuTime()-before).Microseconds())/1000/float64(b.N), "cpu-ms/call")
}

// newFarFor starts the simplest far end that answers; it builds responses by
// cutting the request's own header lines.
func newFarFor(b *testing.B) string {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	_ = conn.SetReadBuffer(4 << 20)
	b.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 4096)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			msg := buf[:n]
			switch {
			case bytes.HasPrefix(msg, []byte("INVITE")):
				_, _ = conn.WriteToUDPAddrPort(echo(msg, "180 Ringing", "", ""), from)
				_, _ = conn.WriteToUDPAddrPort(echo(msg, "200 OK", "Contact: <sip:f@"+conn.LocalAddr().String()+">\r\nContent-Type: application/sdp\r\n", sdpAt(4000)), from)
			case bytes.HasPrefix(msg, []byte("BYE")):
				_, _ = conn.WriteToUDPAddrPort(echo(msg, "200 OK", "", ""), from)
			}
		}
	}()
	return conn.LocalAddr().String()
}

func echo(msg []byte, status, extra, body string) []byte {
	out := append(make([]byte, 0, 1024), "SIP/2.0 "+status+"\r\n"...)
	for _, line := range bytes.Split(msg, []byte("\r\n")) {
		for _, name := range []string{"Via:", "From:", "To:", "Call-ID:", "CSeq:"} {
			if bytes.HasPrefix(line, []byte(name)) {
				out = append(out, line...)
				if name == "To:" && !bytes.Contains(line, []byte("tag=")) {
					out = append(out, ";tag=f"...)
				}
				out = append(out, "\r\n"...)
			}
		}
	}
	return append(out, fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", extra, len(body), body)...)
}
