package media

import (
	"path/filepath"
	"testing"
	"time"

	"dozvon/audio"
)

// Tones by which the tests tell who is heard.
const (
	personHz     = 400
	operatorHz   = 1000
	supervisorHz = 1700
	holdHz       = 700
)

// supervised is a bridged call with a third party, all three talking.
type supervised struct {
	*call
	joined        *Joined
	supervisor    *Session // ours
	atSupervisor  *Session
	supervisorEar ear
	recording     string
}

func newSupervised(t *testing.T, person, operator, supervisor audio.Law) *supervised {
	c := &supervised{call: newCall(t, person, operator), recording: filepath.Join(t.TempDir(), "third.wav")}
	c.supervisor, c.atSupervisor, _, _ = c.pair(supervisor, 101, Options{})
	c.atSupervisor.Listen(c.supervisorEar.hear)
	if err := c.person.Record(c.recording); err != nil {
		t.Fatal(err)
	}
	c.run(100 * time.Millisecond)
	c.atPerson.Play(PlayOptions{Loop: true}, tone(personHz, time.Second))
	c.atOperator.Play(PlayOptions{Loop: true}, tone(operatorHz, time.Second))
	c.atSupervisor.Play(PlayOptions{Loop: true}, tone(supervisorHz, time.Second))
	c.joined = Bridge(c.person, c.operator)
	c.run(200 * time.Millisecond)
	return c
}

// hear lets everybody talk for a second and checks what each of them heard:
// tones wanted at the person, at the operator and at the supervisor.
func (c *supervised) hear(what string, person, operator, supervisor []float64) {
	c.t.Helper()
	c.run(200 * time.Millisecond) // what was under way
	c.personHears.pcm, c.operatorHears.pcm, c.supervisorEar.pcm = nil, nil, nil
	c.run(time.Second)
	for _, e := range []struct {
		who  string
		pcm  []int16
		want []float64
	}{{"the person", c.personHears.pcm, person}, {"the operator", c.operatorHears.pcm, operator}, {"the supervisor", c.supervisorEar.pcm, supervisor}} {
		for _, hz := range []float64{personHz, operatorHz, supervisorHz, holdHz} {
			wanted := false
			for _, w := range e.want {
				wanted = wanted || w == hz
			}
			heard := audio.ToneTime(e.pcm, hz)
			if wanted && heard < 900*time.Millisecond || !wanted && heard > 0 {
				c.t.Errorf("%s: %s heard %v Hz for %v, wanted: %v", what, e.who, hz, heard, wanted)
			}
		}
	}
}

type tones = []float64

func TestThirdParty(t *testing.T) {
	for _, laws := range [][3]audio.Law{{audio.ALaw, audio.ULaw, audio.ALaw}, {audio.ULaw, audio.ULaw, audio.ALaw}, {audio.ALaw, audio.ALaw, audio.ULaw}} {
		c := newSupervised(t, laws[0], laws[1], laws[2])
		alone := func(what string) { c.hear(what, tones{operatorHz}, tones{personHz}, nil) }
		both := tones{personHz, operatorHz}
		alone("before")
		third := c.joined.Third(c.supervisor, NobodyHears)
		c.hear("listen", tones{operatorHz}, tones{personHz}, both)
		third.Heard(SecondHears)
		c.hear("whisper", tones{operatorHz}, tones{personHz, supervisorHz}, both)
		third.Heard(NobodyHears)
		c.hear("listen again", tones{operatorHz}, tones{personHz}, both)
		left, right := channels2(t, c)
		if audio.HasTone(right, supervisorHz) || audio.HasTone(left, supervisorHz) || !audio.HasTone(right, operatorHz) {
			t.Error("the recording must hold the operator and no whisper")
		}
		third.Heard(FirstHears | SecondHears)
		c.hear("barge", tones{operatorHz, supervisorHz}, tones{personHz, supervisorHz}, both)
		third.Close()
		third.Close()
		third.Heard(FirstHears)
		alone("after")
		third = c.joined.Third(c.supervisor, FirstHears|SecondHears)
		c.hear("barge at once", tones{operatorHz, supervisorHz}, tones{personHz, supervisorHz}, both)
		c.close(c.supervisor)
		alone("the supervisor's session is gone")
		c.joined.Close()
		third.Close()
		c.hear("the end", nil, nil, nil)
		c.close(c.person)
		left, right = channels(t, c.recording)
		if !audio.HasTone(left, personHz) || audio.HasTone(left, supervisorHz) || !audio.HasTone(right, supervisorHz) || audio.HasTone(right, personHz) {
			t.Error("the recording must hold the person left, operator and barge right")
		}
	}
}

// channels2 ends the recording so far and begins another one.
func channels2(t *testing.T, c *supervised) (left, right []int16) {
	t.Helper()
	old := c.recording
	c.recording = filepath.Join(t.TempDir(), "second.wav")
	if err := c.person.Record(c.recording); err != nil {
		t.Fatal(err)
	}
	c.turn()
	written := make(chan struct{})
	c.engine.writer.finish(nil, func() { close(written) })
	<-written
	return channels(t, old)
}

// TestThirdPartyFollows: a transfer joins the person with somebody else, and
// the supervisor comes along; the old bridge's end does not matter.
func TestThirdPartyFollows(t *testing.T) {
	c := newSupervised(t, audio.ALaw, audio.ALaw, audio.ALaw)
	old := c.joined.Third(c.supervisor, FirstHears)
	second, atSecond, _, _ := c.pair(audio.ULaw, 101, Options{})
	atSecond.Play(PlayOptions{Loop: true}, tone(holdHz, time.Second))
	joined := Bridge(c.person, second)
	joined.Third(c.supervisor, NobodyHears)
	c.joined.Close()
	old.Close()
	old.Heard(FirstHears)
	c.hear("after the transfer", tones{holdHz}, nil, tones{personHz, holdHz})
}

// TestBridgeOnHold: the person hears music while the operator's phone holds, and the
// operator at once after it; nothing old waits.
func TestBridgeOnHold(t *testing.T) {
	c := newSupervised(t, audio.ALaw, audio.ULaw, audio.ALaw)
	remote := Remote{Addr: c.atOperator.Local(), Law: audio.ULaw, EventType: 101, Watch: true, Inactive: true}
	c.operator.SetRemote(remote)
	c.person.Play(PlayOptions{Loop: true}, tone(holdHz, time.Second))
	c.person.Hold(true)
	c.joined.Third(c.supervisor, NobodyHears)
	c.hear("held by the operator", tones{holdHz}, nil, tones{personHz}) // what a phone sends while it holds is for nobody
	remote.Inactive = false
	c.operator.SetRemote(remote)
	c.person.StopPlay()
	c.person.Hold(false)
	c.run(100 * time.Millisecond)
	for name, p := range map[string]*pipe{"to the person": c.joined.bToA, "to the operator": c.joined.aToB} {
		if n := p.written.Load() - p.taken.Load(); n > 1 {
			t.Errorf("%d frames wait %s after the resume", n, name)
		}
	}
	c.hear("resumed", tones{operatorHz}, tones{personHz}, tones{personHz, operatorHz})
}

// TestMixSaturates: two loud voices are clipped, not wrapped.
func TestMixSaturates(t *testing.T) {
	l := newLab(t)
	s, _ := l.open(Options{})
	s.bridgeIn, s.mixIn = new(pipe), new(pipe)
	loud := [frameBytes]byte{}
	for i := range loud {
		loud[i] = 0x80 // the loudest of µ-law
	}
	s.bridgeIn.put(audio.ULaw, &loud)
	s.mixIn.put(audio.ULaw, &loud)
	s.fromBridge(audio.ULaw)
	if s.sent[0] != 0x80 {
		t.Errorf("the sum of two loudest samples is %#x", s.sent[0])
	}
}

func TestBridgeFramesDoNotAllocate(t *testing.T) {
	l := newLab(t)
	s, _ := l.open(Options{})
	frame := [frameBytes]byte{}
	for _, third := range []*pipe{nil, new(pipe)} {
		s.bridgeIn, s.bridgeOut, s.mixIn, s.mixOut = new(pipe), new(pipe), third, third
		if n := testing.AllocsPerRun(100, func() {
			s.bridgeIn.put(audio.ALaw, &frame)
			s.passOn(&frame)
			s.fromBridge(audio.ULaw)
		}); n > 0 {
			t.Errorf("%v allocations a frame", n)
		}
	}
}

func BenchmarkBridgeFrame(b *testing.B) {
	for _, c := range []struct {
		name  string
		third bool
		talks bool
	}{{"two", false, false}, {"three, one listens", true, false}, {"three talk", true, true}} {
		b.Run(c.name, func(b *testing.B) {
			s := &Session{wheel: &wheel{}}
			s.bridgeIn = new(pipe)
			if c.third {
				s.mixIn = new(pipe)
			}
			frame := [frameBytes]byte{}
			b.ReportAllocs()
			for b.Loop() {
				s.bridgeIn.put(audio.ALaw, &frame)
				if c.talks {
					s.mixIn.put(audio.ALaw, &frame)
				}
				s.fromBridge(audio.ULaw)
			}
		})
	}
}
