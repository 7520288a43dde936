package media

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"dozvon/audio"
)

func TestServingEncryptedAllocatesNothing(t *testing.T) {
	pool := sync.Pool{New: func() any { return new([32]byte) }}
	use := func() {
		for range 100 {
			pool.Put(pool.Get())
		}
	}
	if testing.AllocsPerRun(10, use) > 0 {
		t.Skip("the race detector empties sync.Pool at random: allocations can't be counted")
	}
	for _, suite := range []Suite{AES128SHA80, AES256SHA32} {
		l := newLab(t)
		keys := keysOf(suite, 1)
		a, b := l.openPair(keys)
		b.SetRemote(Remote{Addr: a.Local(), PayloadType: 8, Crypto: opposite(keys), Ptime: 60 * time.Millisecond})
		a.Play(PlayOptions{Loop: true}, tone(440, time.Second))
		b.Listen(func(audio.Frame) {})
		l.run(2 * time.Second)
		if n := testing.AllocsPerRun(60, l.turn); n != 0 {
			t.Errorf("%s: %v allocations a period", suite, n)
		}
		if a.Stats().Received == 0 || b.Stats().Received == 0 {
			t.Error("nothing came")
		}
	}
}

// BenchmarkPacket times a packet of 20 ms on its way out and in, without the
// kernel: the difference to plain is what encryption costs.
func BenchmarkPacket(b *testing.B) {
	for _, suite := range append([]Suite{0}, suites...) {
		name := suite.String()
		if suite == 0 {
			name = "plain"
		}
		b.Run(name, func(b *testing.B) {
			var out, in *secureContext
			if suite != 0 {
				keys := keysOf(suite, 1)
				out, in = out.rekey(keys, 0), in.rekey(opposite(keys), 0)
			}
			buf := make([]byte, 0, rtpHeaderBytes+frameBytes+secureBytes)
			payload := make([]byte, frameBytes)
			var parsed rtp.Header
			h := rtp.Header{Version: 2, PayloadType: 8, SSRC: rand.Uint32()}
			b.ReportAllocs()
			for b.Loop() {
				n, err := h.MarshalTo(buf[:rtpHeaderBytes])
				if err != nil {
					b.Fatal(err)
				}
				p, err := out.protectRTP(append(buf[:n], payload...))
				if err != nil {
					b.Fatal(err)
				}
				clear, ok := in.unprotectRTP(p)
				if !ok {
					b.Fatal("refused")
				}
				if _, ok = parseRTP(&parsed, clear); !ok {
					b.Fatal("no RTP")
				}
				h.SequenceNumber++
				h.Timestamp += frameBytes
			}
		})
	}
}

// BenchmarkRekey times what the keys of a call cost once: both directions.
func BenchmarkRekey(b *testing.B) {
	for _, suite := range suites {
		b.Run(suite.String(), func(b *testing.B) {
			keys := keysOf(suite, 1)
			b.ReportAllocs()
			for b.Loop() {
				var none *secureContext
				none.rekey(keys, 0)
			}
		})
	}
}

// BenchmarkSecureTurn times a whole period of two sessions that talk to each
// other, kernel included.
func BenchmarkSecureTurn(b *testing.B) {
	for _, suite := range []Suite{0, AES128SHA80, AES256SHA80} {
		b.Run(fmt.Sprint(Crypto{Suite: suite}), func(b *testing.B) {
			l := newLab(b)
			l.openPair(keysOf(suite, 1))
			b.ReportAllocs()
			for b.Loop() {
				l.turn()
			}
		})
	}
}

// openPair opens two sessions that talk under keys.
func (l *lab) openPair(keys Crypto) (a, b *Session) {
	a, _ = l.open(Options{})
	b, _ = l.open(Options{})
	r := Remote{PayloadType: 8, EventType: 101}
	r.Addr, r.Crypto = b.Local(), keys
	a.SetRemote(r)
	r.Addr, r.Crypto = a.Local(), opposite(keys)
	b.SetRemote(r)
	return a, b
}
