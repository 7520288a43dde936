package media

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/internal/lossy"
)

// harsh is the network of the tests: 5 % lost, up to 60 ms of jitter, some
// packets reordered and some twice.
func harsh(seed uint64) lossy.Network {
	return lossy.Network{Loss: 0.05, Jitter: 60 * time.Millisecond, Reorder: 0.03, Duplicate: 0.03, Delay: 20 * time.Millisecond, Seed: seed}
}

// wire is a path between two sessions of a lab in the lab's time, by sockets
// that the sessions take for their far ends.
type wire struct {
	*lab
	ends   [2]*socket // ends[0] is what session a sees
	to     [2]target
	path   [2]*lossy.Path // path[0] leads from a to b
	in     *batch
	flying []flight
}

type flight struct {
	at   time.Time
	end  int // that it leaves from
	data []byte
}

// through puts a network between two sessions.
func (l *lab) through(n lossy.Network, a, b *Session, law audio.Law) *wire {
	w := &wire{lab: l, in: newBatch()}
	for i, s := range []*Session{a, b} {
		sock, err := listen(netip.AddrPortFrom(loopback, 0))
		if err != nil {
			l.t.Fatal(err)
		}
		l.t.Cleanup(sock.close)
		w.ends[i] = sock
		w.to[i].set(s.Local())
		w.path[i] = n.Path(uint64(i))
		s.SetRemote(Remote{Addr: sock.local(), Law: law, PayloadType: law.PayloadType(), EventType: 101, Watch: true})
	}
	return w
}

// turn carries what is due, and then turns the lab.
func (w *wire) turn() {
	w.carry()
	w.lab.turn()
}

// carry takes in what has been sent, and delivers what is due.
func (w *wire) carry() {
	for end := range w.ends {
		for n := w.ends[end].recv(w.in); n > 0; n = w.ends[end].recv(w.in) {
			for i := range n {
				for _, d := range w.path[end].Next() {
					w.flying = append(w.flying, flight{w.now.Add(d), 1 - end, append([]byte(nil), w.in.data[i][:w.in.size[i]]...)})
				}
			}
		}
	}
	rest := w.flying[:0]
	for _, f := range w.flying {
		if f.at.After(w.now) {
			rest = append(rest, f)
		} else if err := w.ends[f.end].send(f.data, &w.to[f.end]); err != nil {
			w.t.Fatal(err)
		}
	}
	w.flying = rest
}

func (w *wire) run(d time.Duration) {
	for range d / framePeriod {
		w.turn()
	}
}

// TestKeysThroughHarshNetwork: 200 keys, each exactly once and in order.
func TestKeysThroughHarshNetwork(t *testing.T) {
	for seed := range uint64(3) {
		l := newLab(t)
		a, _ := l.open(Options{})
		b, eb := l.open(Options{InBand: true})
		w := l.through(harsh(seed), a, b, audio.ALaw)
		a.Play(PlayOptions{Loop: true}, audio.NewClip(speech(t, 10*time.Second)))
		w.run(time.Second)
		r := rand.New(rand.NewPCG(seed, 9))
		var keys []byte
		for range 200 {
			keys = append(keys, eventKeys[r.IntN(len(eventKeys))])
		}
		a.SendDigits(string(keys))
		w.run(200*keyPeriod*framePeriod + time.Second)
		if got := eb.digits(); got != string(keys) {
			t.Errorf("network %d: sent %q, heard %q", seed, keys, got)
		}
		if st := b.Stats(); st.Lost == 0 || st.Duplicates == 0 || st.Late > st.Received/100 {
			t.Errorf("network %d: %+v", seed, st)
		}
	}
}

// TestSpeechThroughHarshNetwork: a prompt arrives intelligible through 5 %
// loss and 60 ms of jitter. The bar is one that six times the loss fails.
func TestSpeechThroughHarshNetwork(t *testing.T) {
	const bar = 3.0 // dB
	want := speech(t, 20*time.Second)
	for _, c := range []struct {
		loss   float64
		passes bool
	}{{0, true}, {0.05, true}, {0.30, false}} {
		n := harsh(1)
		n.Loss = c.loss
		l := newLab(t)
		a, _ := l.open(Options{})
		b, _ := l.open(Options{})
		w := l.through(n, a, b, audio.ALaw)
		w.run(2 * time.Second) // the buffer learns the network
		var heard ear
		b.Listen(heard.hear)
		a.Play(PlayOptions{}, audio.NewClip(want))
		w.run(audio.Duration(len(want)) + 400*time.Millisecond)
		d := lossy.Distance(want, heard.pcm, audio.Samples(400*time.Millisecond))
		t.Logf("%.0f %% lost: %.2f dB from the prompt; %+v", 100*c.loss, d, b.Stats())
		if passes := d < bar; passes != c.passes {
			t.Errorf("%.0f %% lost: %.2f dB from the prompt, the bar is at %g", 100*c.loss, d, bar)
		}
	}
}

// TestBridgeThroughHarshNetwork: both legs of a bridge cross a harsh network;
// no more than 60 ms in a row are silent at either end.
func TestBridgeThroughHarshNetwork(t *testing.T) {
	for seed := range uint64(2) {
		l := newLab(t)
		var s [4]*Session // person's phone, person's leg, operator's leg, operator's phone
		for i := range s {
			s[i], _ = l.open(Options{})
		}
		one := l.through(harsh(2*seed), s[0], s[1], audio.ALaw)
		two := l.through(harsh(2*seed+1), s[2], s[3], audio.ULaw)
		run := func(d time.Duration) {
			for range d / framePeriod {
				one.carry()
				two.turn()
			}
		}
		Bridge(s[1], s[2])
		s[0].Play(PlayOptions{Loop: true}, audio.NewClip(audio.Tone([]float64{300}, time.Second, 0.3)))
		s[3].Play(PlayOptions{Loop: true}, audio.NewClip(audio.Tone([]float64{500}, time.Second, 0.3)))
		run(2 * time.Second)
		var ears [2]ear
		s[0].Listen(ears[0].hear)
		s[3].Listen(ears[1].hear)
		run(20 * time.Second)
		for i := range ears {
			if gap := longestGap(ears[i].pcm); gap > 60*time.Millisecond {
				t.Errorf("network %d: end %d hears nothing for %v", seed, i, gap)
			}
			if share := float64(audio.ToneTime(ears[i].pcm, []float64{500, 300}[i])) / float64(20*time.Second); share < 0.9 {
				t.Errorf("network %d: end %d hears the other for %.0f %% of the time", seed, i, 100*share)
			}
		}
	}
}

// longestGap is the longest time without sound.
func longestGap(pcm []int16) time.Duration {
	gap, longest := 0, 0
	for _, v := range pcm {
		if v > 100 || v < -100 {
			gap = 0
			continue
		}
		gap++
		longest = max(longest, gap)
	}
	return audio.Duration(longest)
}
