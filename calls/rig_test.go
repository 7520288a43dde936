package calls

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/dialer/phonesim"
	"dozvon/hearing"
	"dozvon/internal/testports"
	"dozvon/media"
	"dozvon/scenarios"
	"dozvon/sip"
	"dozvon/sip/siptest"
)

// TestMain runs many tests at a time: they wait for sound more than they work.
func TestMain(m *testing.M) {
	if os.Getenv(farEndEnv) != "" {
		if err := beFarEnd(); err != nil {
			panic(err)
		}
		return
	}
	if err := flag.Set("test.parallel", "16"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// job is the scenario of these tests; a test changes parts of it.
const job = `name: job
language: en
purpose: service
lead:
  name: {type: name, example: Ann}
call: {ring: 5s, max: 30s, silent_after: 2s, record: true}
window: {hours: "00:00-23:59", zone: UTC}
retry:
  total: 3
  rules:
    - {on: [no_answer, busy, declined, unreachable, silent, congestion, abandoned, answered, failed, interrupted], days: [{attempts: 3, every: 1h}], finish: missed}
    - {on: [invalid, machine, fax], days: [{attempts: 1}], finish: missed}
  spent: missed
lists: {connected: Connected, rejected: Rejected, gone: Gone, nobody: Nobody came, unclear: Unclear, missed: Missed}
music: {hold: hold.wav}
dialogue:
  hello:
    - say: "Hello {{name}}."
    - ask:
        say: "Please press a key."
        answers:
          yes: {keys: 1, go: connect}
          no: {keys: 2, go: reject}
        wait: 2s
        repeat: 1
        nothing: [{finish: unclear}]
        save: choice
  connect:
    - bridge: {to: managers, music: hold, whisper: "Client {{name}}.", ring: 3s, mode: in_order, nobody: sorry}
    - say: "Goodbye."
    - finish: connected
  reject:
    - say: "Goodbye."
    - finish: rejected
  sorry:
    - say: "Sorry."
    - task: "Call {{name}} back"
    - finish: nobody
hangup:
  - finish: gone
`

// Sounds of the robot, told apart by their frequencies.
const (
	promptHz  = 1500
	whisperHz = 900
	musicHz   = 1200
	lateHz    = 700
)

// fakeVoice makes a tone of every prompt.
type fakeVoice struct {
	gate  chan struct{}         // what holds "slow" is rendered once this is closed
	clips map[int][]*audio.Clip // by frequency: short, long
}

func newFakeVoice() *fakeVoice {
	v := &fakeVoice{gate: make(chan struct{}), clips: map[int][]*audio.Clip{}}
	for _, hz := range []int{promptHz, whisperHz, musicHz, lateHz} {
		for _, d := range []time.Duration{500 * time.Millisecond, 4 * time.Second} {
			v.clips[hz] = append(v.clips[hz], audio.NewClip(audio.Tone([]float64{float64(hz)}, d, 0.3)))
		}
	}
	return v
}

func (v *fakeVoice) of(p scenarios.Prompt) *audio.Clip {
	hz, long := promptHz, 0
	switch {
	case p.File != "":
		hz = musicHz
	case strings.Contains(p.Text, "slow"):
		hz = lateHz
	case strings.Contains(p.Text, "Client"):
		hz = whisperHz
	}
	if strings.Contains(p.Text, "long") {
		long = 1
	}
	return v.clips[hz][long]
}

func (v *fakeVoice) Ready(_ *scenarios.Scenario, p scenarios.Prompt) (*audio.Clip, bool) {
	if strings.Contains(p.Text, "Ann") || strings.Contains(p.Text, "slow") || strings.Contains(p.Text, "nspeakable") {
		return nil, false
	}
	return v.of(p), true
}

func (v *fakeVoice) Clip(ctx context.Context, _ *scenarios.Scenario, p scenarios.Prompt) (*audio.Clip, error) {
	if strings.Contains(p.Text, "nspeakable") {
		return nil, errors.New("no engine can say it")
	}
	if strings.Contains(p.Text, "slow") {
		select {
		case <-v.gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return v.of(p), nil
}

// rig is a whole telephone system: a caller, and a network of people.
type rig struct {
	t      testing.TB
	far    *siptest.Server // nil: the far end is another program
	phone  *sip.Endpoint
	media  *media.Engine
	desk   *Operators
	voice  *fakeVoice
	caller *Caller
	trunk  *sip.Trunk
	dir    string // recordings
	farDir string // recordings of the far end

	posts  chan dialer.Event
	freed  chan dialer.OutsideOver
	states map[dialer.AttemptID][]dialer.AttemptState
	ended  map[dialer.AttemptID]dialer.Result
	next   dialer.AttemptID
	closed bool
}

// rigOptions are what tests change.
type rigOptions struct {
	scenario   string // empty: job
	people     map[string]phonesim.Profile
	operators  map[string]phonesim.Profile
	trunk      string                                // of another far end
	trunkTo    func(far string, port int) *sip.Trunk // makes the way to our own far end; nil: straight
	addresses  []string                              // of operators elsewhere
	recordings string                                // empty: a folder of the test
	ports      [2]int                                // zero: some of its own
	drain      time.Duration
	recognizer hearing.Recognizer
	nobody     bool                  // no far end of our own
	tcp        bool                  // our phone listens on TCP too
	far        func(*siptest.Config) // changes our own far end; nil: nothing
	registrar  *sip.Registrar        // of the operators' phones; nil: they need none
	config     func(*Config)         // changes what the caller works with; nil: nothing
}

var loopback = netip.MustParseAddr("127.0.0.1")

func newRig(t testing.TB, o rigOptions) *rig {
	t.Helper()
	r := &rig{t: t, voice: newFakeVoice(), dir: o.recordings, posts: make(chan dialer.Event, 1<<14), freed: make(chan dialer.OutsideOver, 1<<10),
		states: map[dialer.AttemptID][]dialer.AttemptState{}, ended: map[dialer.AttemptID]dialer.Result{}}
	if r.dir == "" {
		r.dir = t.TempDir()
	}
	trunk := &sip.Trunk{Name: "far", URI: o.trunk, CallerID: "74950000000"}
	group := dialer.Group{Name: "managers", Addresses: o.addresses}
	if !o.nobody {
		r.startFar(o, trunk, &group)
	}
	if o.trunkTo != nil {
		*trunk = *o.trunkTo(r.far.Addr().String(), int(r.far.Addr().Port()))
	}
	r.trunk = trunk
	r.desk = NewOperators(group)
	if o.registrar != nil {
		o.registrar.Changed = func(user string, devices int) { r.desk.Reachable(user, devices > 0) }
		for _, a := range group.Addresses {
			r.desk.Reachable(a, kindOf(a) != account)
		}
	}
	var err error
	if r.phone, err = sip.Listen(context.Background(), sip.Config{IP: loopback, TCP: o.tcp, Registrar: o.registrar}); err != nil {
		t.Fatal(err)
	}
	if o.ports[0] == 0 {
		o.ports[0], o.ports[1] = testports.Range(t, 64)
	}
	if r.media, err = media.New(media.Config{IP: loopback, PortMin: o.ports[0], PortMax: o.ports[1], Drain: o.drain}); err != nil {
		t.Fatal(err)
	}
	sc := mustLoad(t, o.scenario)
	config := Config{
		Phone: r.phone, Media: r.media, Trunks: map[string]*sip.Trunk{"far": trunk}, Desk: r.desk, Voice: r.voice, Recognizer: o.recognizer,
		Scenario: func(name string) *scenarios.Scenario {
			if name != "job" {
				return nil
			}
			return sc
		},
		Outside: func(_ dialer.Outside, answer func(error)) { answer(nil) },
		Post:    func(ev dialer.Event) { r.posts <- ev }, Now: time.Now, Recordings: r.dir, Log: slog.New(slog.DiscardHandler),
	}
	if o.registrar != nil {
		config.Devices = r.phone.Devices
	}
	if o.config != nil {
		o.config(&config)
	}
	r.caller = New(config)
	t.Cleanup(r.close)
	return r
}

func mustLoad(t testing.TB, text string) *scenarios.Scenario {
	t.Helper()
	if text == "" {
		text = job
	}
	sc, err := scenarios.LoadFS(fstest.MapFS{"scenario.yaml": {Data: []byte(text)}, "hold.wav": {Data: []byte("RIFF")}}, "scenario.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

func (r *rig) startFar(o rigOptions, trunk *sip.Trunk, group *dialer.Group) {
	r.t.Helper()
	r.farDir = r.t.TempDir()
	book := siptest.Book{Operators: o.operators}
	book.Numbers = map[string][]phonesim.Profile{}
	for number, p := range o.people {
		book.Numbers[number] = []phonesim.Profile{p}
	}
	var err error
	conf := siptest.Config{Port: testports.One(r.t), Book: book, DeadAfter: -1, RecordDir: r.farDir}
	if o.far != nil {
		o.far(&conf)
	}
	if r.far, err = siptest.Start(context.Background(), conf); err != nil {
		r.t.Fatal(err)
	}
	if trunk.URI == "" {
		trunk.URI = r.far.URI("robot")
	}
	for _, name := range slices.Sorted(maps.Keys(o.operators)) {
		group.Addresses = append(group.Addresses, r.far.URI(name))
	}
}

// edited is job with a part replaced, which must be there.
func edited(t testing.TB, pairs ...string) string {
	t.Helper()
	text := job
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the scenario holds no %q", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

// close ends everything and checks that nothing is left behind: no operator
// reserved, no port in use, no leg up.
func (r *rig) close() {
	if r.closed {
		return
	}
	r.closed = true
	r.caller.Close()
	for _, o := range r.desk.Status() {
		if o.State != dialer.OperatorReady {
			r.t.Errorf("the operator %s is left %s", o.Address, o.State)
		}
	}
	r.desk.Close()
	r.await("every RTP port to be released", func() bool { return r.media.Stats().PortsInUse == 0 })
	r.phone.Close()
	r.media.Close()
	if n := r.phone.Legs(); n > 0 {
		r.t.Errorf("%d legs are left", n)
	}
	if r.far == nil {
		return
	}
	r.far.Close()
	for _, c := range r.far.Calls() {
		if c.Err != "" || c.Extra() > 0 {
			r.t.Errorf("the far end of %s complains: %q, %d INVITEs too many", c.Number, c.Err, c.Extra())
		}
	}
}

// await waits until ok says so.
func (r *rig) await(what string, ok func() bool) {
	r.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(10 * time.Second); !ok(); {
		select {
		case <-tick.C:
		case <-deadline:
			r.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// place starts a call.
func (r *rig) place(number string) dialer.AttemptID { return r.placeFor(number, "Ann") }

func (r *rig) placeFor(number, name string) dialer.AttemptID {
	r.next++
	lead := dialer.Lead{ID: dialer.LeadID(r.next), Phone: number, Campaign: "job", Columns: map[string]string{"name": name}}
	r.caller.Place(dialer.Attempt{ID: r.next, Lead: lead.ID, Campaign: "job", Phone: number, Trunk: "far", Placed: time.Now()}, lead)
	return r.next
}

// result waits for the end of a call.
func (r *rig) result(id dialer.AttemptID) dialer.Result {
	r.t.Helper()
	r.read(func() bool { _, over := r.ended[id]; return over })
	return r.ended[id]
}

// reaches waits until a call has been in a state.
func (r *rig) reaches(id dialer.AttemptID, s dialer.AttemptState) {
	r.t.Helper()
	r.read(func() bool {
		for _, have := range r.states[id] {
			if have == s {
				return true
			}
		}
		return false
	})
}

// read takes what the caller posted until ok says so.
func (r *rig) read(ok func() bool) {
	r.t.Helper()
	for deadline := time.After(40 * time.Second); !ok(); {
		select {
		case ev := <-r.posts:
			r.note(ev)
		case <-deadline:
			r.t.Fatalf("the call did not come so far; states %v", r.states)
		}
	}
}

func (r *rig) note(ev dialer.Event) {
	switch ev := ev.(type) {
	case dialer.OutsideOver:
		r.freed <- ev
	case dialer.Progressed:
		if _, over := r.ended[ev.Attempt]; over {
			r.t.Errorf("attempt %d is %s after its end", ev.Attempt, ev.State)
		}
		r.states[ev.Attempt] = append(r.states[ev.Attempt], ev.State)
	case dialer.Ended:
		if _, again := r.ended[ev.Attempt]; again {
			r.t.Errorf("attempt %d ended twice", ev.Attempt)
		}
		r.ended[ev.Attempt] = ev.Result
	}
}

// run places a call and waits for its end.
func (r *rig) run(number string) dialer.Result {
	r.t.Helper()
	return r.result(r.place(number))
}

// farCall returns the record of the nth call to a number or an operator once
// it is over.
func (r *rig) farCall(number string, nth int) siptest.CallRecord {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	rec, err := r.far.WaitEnded(ctx, number, nth)
	if err != nil {
		r.t.Fatalf("%s: %v\n%+v", number, err, r.far.Calls())
	}
	return rec
}

// recording reads a call's recording once it is complete: the person left,
// what the robot or the operator said right.
func (r *rig) recording(res dialer.Result) (person, robot []int16) {
	r.t.Helper()
	return readStereo(r.t, r.dir+"/"+res.Recording)
}
