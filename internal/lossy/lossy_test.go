package lossy

import (
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPathKeepsItsWord(t *testing.T) {
	n := Network{Loss: 0.05, Duplicate: 0.02, Reorder: 0.03, Delay: 10 * time.Millisecond, Jitter: 60 * time.Millisecond, Seed: 4}
	p, again, other := n.Path(0), n.Path(0), n.Path(1)
	lost, twice, held, same := 0, 0, 0, 0
	const packets = 20000
	for range packets {
		got, repeat, elsewhere := p.Next(), again.Next(), other.Next()
		if len(got) != len(repeat) || len(got) > 0 && got[0] != repeat[0] {
			t.Fatal("the same seed gives another fate")
		}
		if len(got) > 0 && len(elsewhere) > 0 && got[0] == elsewhere[0] {
			same++
		}
		switch len(got) {
		case 0:
			lost++
		case 2:
			twice++
		}
		for _, d := range got {
			if d < n.Delay || d > n.Delay+n.Jitter+ReorderBy {
				t.Fatalf("a packet takes %v", d)
			}
			if d > n.Delay+n.Jitter {
				held++
			}
		}
	}
	for name, c := range map[string]struct {
		n     int
		share float64
	}{"lost": {lost, 0.05}, "twice": {twice, 0.019}, "held": {held, 0.03 * 0.95 * 50 / 60}} {
		if share := float64(c.n) / packets; math.Abs(share-c.share) > 0.2*c.share {
			t.Errorf("%s: a share of %.3f, want %.3f", name, share, c.share)
		}
	}
	if same > packets/100 {
		t.Error("both directions have the same fates")
	}
}

// Bursts lose as many packets, more of them in a row.
func TestPathLosesInBursts(t *testing.T) {
	const packets = 50000
	p := Network{Loss: 0.05, Burst: 4, Seed: 5}.Path(0)
	lost, runs, losing := 0, 0, false
	for range packets {
		gone := len(p.Next()) == 0
		if gone {
			lost++
			if !losing {
				runs++
			}
		}
		losing = gone
	}
	share, long := float64(lost)/packets, float64(lost)/float64(runs)
	if math.Abs(share-0.05) > 0.01 || math.Abs(long-4) > 0.5 {
		t.Errorf("a share of %.3f in runs of %.1f", share, long)
	}
}

func TestRelay(t *testing.T) {
	var ends [2]*net.UDPConn
	for i := range ends {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		ends[i] = c
	}
	addr := func(c *net.UDPConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }
	r, err := Start(Network{Delay: time.Millisecond}, addr(ends[0]), addr(ends[1]))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for i, via := range [2]netip.AddrPort{r.A(), r.B()} {
		if _, err := ends[i].WriteToUDPAddrPort([]byte{byte(i)}, via); err != nil {
			t.Fatal(err)
		}
	}
	for i, via := range [2]netip.AddrPort{r.A(), r.B()} {
		var b [8]byte
		if err := ends[i].SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, from, err := ends[i].ReadFromUDPAddrPort(b[:])
		if err != nil || n != 1 || b[0] != byte(1-i) || from != via {
			t.Errorf("end %d: %d bytes % x from %v: %v", i, n, b[:n], from, err)
		}
	}
}

// TestDistance: the measure knows the same sound under a delay, and tells
// noise and holes apart from it.
func TestDistance(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	want := make([]int16, 3*rate)
	for i := range want {
		x := float64(i) / rate
		envelope := 0.5 + 0.5*math.Sin(2*math.Pi*4*x)
		want[i] = int16(6000 * envelope * (math.Sin(2*math.Pi*(300+200*math.Sin(7*x))*x) + 0.3*r.NormFloat64()))
	}
	late := append(make([]int16, 7*step), want...)
	if d := Distance(want, late, 4000); d > 0.01 {
		t.Errorf("the same sound, later: %.2f dB", d)
	}
	holes := append([]int16(nil), late...)
	for i := range holes {
		if i/160%10 < 3 {
			holes[i] = 0
		}
	}
	if d := Distance(want, holes, 4000); d < 6 {
		t.Errorf("a third is missing: %.2f dB", d)
	}
	if d := Distance(want, make([]int16, len(late)), 4000); d < 15 {
		t.Errorf("silence: %.2f dB", d)
	}
}
