package calls

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
	"dozvon/internal/testports"
	"dozvon/media"
	"dozvon/sip/siptest"
)

// The soak is short by default, so that it can't rot; `make soak` runs it for
// a quarter of an hour.
var (
	soakFor   = flag.Duration("soak", 8*time.Second, "how long the soak lasts")
	soakCalls = flag.Int("soak.calls", 40, "how many calls are up at once during the soak")
	soakSeed  = flag.Uint64("soak.seed", 1, "seed of the soak")
)

// longSoak is how long a soak must be to tell growth from noise; it has the
// process for itself, a shorter one runs beside other tests.
const longSoak = 2 * time.Minute

// journalTally counts the words of the far end's journal.
type journalTally map[siptest.What]uint64

func (j journalTally) Write(line []byte) (int, error) {
	for _, what := range []siptest.What{siptest.Invited, siptest.Acked, siptest.ByeCame, siptest.Cancelled, siptest.HungUp, siptest.Answered} {
		if bytes.Contains(line, []byte(`"what":"`+string(what)+`"`)) {
			j[what]++
		}
	}
	return len(line), nil
}

// soakMix is who is called: joins and hang-ups of both sides at odd moments.
func soakMix() []phonesim.Share {
	s := time.Second
	share := func(weight int, p phonesim.Profile) phonesim.Share { return phonesim.Share{Weight: weight, Profile: p} }
	return []phonesim.Share{
		share(30, person(hears, presses("1"), waits(12*s), hangs)),
		share(10, person(hears, presses("1"), talks, waits(4*s), hangs)),
		share(10, person(hears, presses("1"), waits(700*time.Millisecond), hangs)), // while operators ring, or just joined
		share(10, person(hears, presses("2"))),
		share(5, person(hears, hangs)),
		share(5, person(hangs)),
		share(10, person()), // says nothing
		share(5, kind(phonesim.RingsOut)),
		share(5, kind(phonesim.Busy)),
		share(3, kind(phonesim.Declines)),
		share(3, kind(phonesim.SwitchedOff)),
		share(2, kind(phonesim.Mute)),
		share(2, kind(phonesim.Announcement)),
	}
}

// sample is what the process holds at a moment.
type sample struct {
	at         time.Duration
	up         int
	heap       uint64
	resident   int // KB
	goroutines int
	files      int
	ports      int
}

func (s *soak) take() sample {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	fds, _ := os.ReadDir("/proc/self/fd")
	statm, _ := os.ReadFile("/proc/self/statm")
	resident := 0
	if f := strings.Fields(string(statm)); len(f) > 1 {
		pages, _ := strconv.Atoi(f[1])
		resident = pages * os.Getpagesize() / 1024
	}
	return sample{at: time.Since(s.begin).Round(time.Second), up: len(s.up), heap: m.HeapAlloc, resident: resident,
		goroutines: runtime.NumGoroutine(), files: len(fds), ports: s.r.media.Stats().PortsInUse}
}

func (s sample) String() string {
	return fmt.Sprintf("%7s  %d calls  heap %5.1f MB  resident %d MB  %d goroutines  %d files  %d ports",
		s.at, s.up, float64(s.heap)/(1<<20), s.resident/1024, s.goroutines, s.files, s.ports)
}

// soak keeps a number of calls up for a while.
type soak struct {
	t       *testing.T
	r       *rig
	rnd     *rand.Rand
	begin   time.Time
	up      map[dialer.AttemptID]bool
	done    map[dialer.Disposition]int
	bridged int
	samples []sample
}

// place starts a call; some of them are hung up by us at an odd moment.
func (s *soak) place() {
	id := s.r.placeFor(fmt.Sprintf("+7916%07d", s.rnd.IntN(10_000_000)), "Ann")
	s.up[id] = true
	if s.rnd.IntN(8) == 0 {
		after := time.Duration(s.rnd.Int64N(int64(6 * time.Second)))
		time.AfterFunc(after, func() { s.r.caller.HangUp(id, "the soak") })
	}
}

// run keeps n calls up for d, then waits for the last one.
func (s *soak) run(n int, d time.Duration) {
	every := max(d/60, time.Second)
	tick := time.NewTicker(every)
	defer tick.Stop()
	spread := time.NewTicker(3 * time.Second / time.Duration(n)) // calls don't all start at once
	defer spread.Stop()
	for over := time.After(d); ; {
		select {
		case <-over:
			s.finish()
			return
		case <-spread.C:
			for range min(n-len(s.up), 1+n/50) {
				s.place()
			}
		case ev := <-s.r.posts:
			s.note(ev)
		case <-tick.C:
			s.samples = append(s.samples, s.take())
		}
	}
}

func (s *soak) note(ev dialer.Event) {
	end, ok := ev.(dialer.Ended)
	if !ok {
		return
	}
	if !s.up[end.Attempt] {
		s.t.Errorf("attempt %d ended twice", end.Attempt)
	}
	delete(s.up, end.Attempt)
	s.done[end.Result.Disposition]++
	if end.Result.Bridged {
		s.bridged++
	}
}

func (s *soak) finish() {
	for deadline := time.After(60 * time.Second); len(s.up) > 0; {
		select {
		case ev := <-s.r.posts:
			s.note(ev)
		case <-deadline:
			s.t.Fatalf("%d calls do not end", len(s.up))
		}
	}
}

// steady compares the memory in the middle of the soak with that at its end.
// What else is held (goroutines, files, ports) goes up and down with how many
// operators ring just then, and must all be given back at the end.
func (s *soak) steady() {
	if *soakFor < longSoak {
		return
	}
	third := len(s.samples) / 3
	early, late := s.samples[third:2*third], s.samples[2*third:]
	mid := func(all []sample, of func(sample) int) int {
		var v []int
		for _, x := range all {
			v = append(v, of(x))
		}
		slices.Sort(v)
		return v[len(v)/2]
	}
	for _, c := range []struct {
		name  string
		of    func(sample) int
		slack int
	}{
		{"heap in KB", func(x sample) int { return int(x.heap >> 10) }, 2048},
		{"resident memory in KB", func(x sample) int { return x.resident }, 8192},
	} {
		if a, b := mid(early, c.of), mid(late, c.of); b > a+a/20+c.slack {
			s.t.Errorf("%s grew from %d to %d", c.name, a, b)
		}
	}
}

// soakPorts are RTP ports for one side of the soak: those of the tests for a
// short one, many more for a long one, which has the machine for itself.
func soakPorts(t *testing.T, from int) (first, last int) {
	if *soakFor < longSoak {
		return testports.Range(t, 256)
	}
	return from, from + 6000
}

func TestSoak(t *testing.T) {
	long := *soakFor >= longSoak
	if !long {
		t.Parallel()
	}
	staffOf := staff{}
	for i := range max(*soakCalls/3, 3) {
		p := person(converse, waits(time.Duration(1+i%7)*time.Second))
		if i%3 == 0 {
			p.Steps = append(p.Steps, hangs)
		}
		if i%10 == 9 {
			p = kind(phonesim.RingsOut)
		}
		staffOf[fmt.Sprintf("op%03d", i)] = p
	}
	heard := journalTally{}
	from, to := soakPorts(t, 10000)
	engine, err := media.New(media.Config{IP: loopback, PortMin: from, PortMax: to, Drain: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	from, to = soakPorts(t, 20000)
	r := newRig(t, rigOptions{scenario: edited(t, "record: true", "record: false"), operators: staffOf, ports: [2]int{from, to}, drain: 50 * time.Millisecond, far: func(c *siptest.Config) {
		c.Book.Mix, c.Book.Seed, c.Journal, c.Remember, c.RecordDir, c.Media = soakMix(), *soakSeed, heard, 1000, "", engine
	}})
	s := &soak{t: t, r: r, rnd: rand.New(rand.NewPCG(*soakSeed, 2)), begin: time.Now(), up: map[dialer.AttemptID]bool{}, done: map[dialer.Disposition]int{}}
	before := s.take()
	s.run(*soakCalls, *soakFor)
	for i, x := range s.samples {
		if i%max(len(s.samples)/15, 1) == 0 {
			t.Log(x)
		}
	}
	s.steady()
	r.close()
	after := s.take()
	t.Log(after)
	if after.ports != 0 || long && (after.goroutines > before.goroutines+2 || after.files > before.files+2) {
		t.Errorf("not everything was given back: before %v, after %v", before, after)
	}
	s.balance(heard)
}

// balance lays our count of messages beside the far end's.
func (s *soak) balance(heard journalTally) {
	sent, received := s.r.phone.Tallies()
	st := s.r.far.Stats()
	s.t.Logf("%v, %d bridged; sent %+v, received %+v", s.done, s.bridged, sent, received)
	for _, c := range []struct {
		what      string
		ours, far uint64
	}{
		{"INVITE", sent.Invites, heard[siptest.Invited]}, {"ACK", sent.Acks, heard[siptest.Acked]},
		{"BYE of ours", sent.Byes, heard[siptest.ByeCame]}, {"CANCEL", sent.Cancels, heard[siptest.Cancelled]},
	} {
		if c.ours != c.far || c.ours == 0 {
			s.t.Errorf("%s: %d left, %d came", c.what, c.ours, c.far)
		}
	}
	// Each answered call is ended by exactly one side, unless both BYEs cross.
	if byes := sent.Byes + heard[siptest.HungUp]; byes < uint64(st.Answered) {
		s.t.Errorf("%d calls were answered and only %d BYEs sent", st.Answered, byes)
	}
	if received.Byes < heard[siptest.HungUp] {
		s.t.Errorf("the far end hung up %d times, we saw %d BYEs", heard[siptest.HungUp], received.Byes)
	}
	if st.Live != 0 || st.Faulty != 0 || st.Extra != 0 || st.Calls != st.Ended {
		s.t.Errorf("the far end complains: %+v", st)
	}
	if s.bridged == 0 || len(s.done) < 4 {
		s.t.Errorf("the soak did not do what it is for: %v, %d bridged", s.done, s.bridged)
	}
}
