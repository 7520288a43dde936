package media

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
)

func logTo(b *strings.Builder) *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

// call is a bridge as it is in life: a person and an operator, each with a
// far end of their own.
type call struct {
	*lab
	person, operator                 *Session // ours
	atPerson, atOperator             *Session // theirs
	personEvents, operatorEvents     *events
	personHears, operatorHears       ear
	atPersonEvents, atOperatorEvents *events
}

func newCall(t *testing.T, person, operator audio.Law) *call {
	c := &call{lab: newLab(t)}
	c.person, c.atPerson, c.personEvents, c.atPersonEvents = c.pair(person, 101, Options{})
	c.operator, c.atOperator, c.operatorEvents, c.atOperatorEvents = c.pair(operator, 101, Options{})
	c.atPerson.Listen(c.personHears.hear)
	c.atOperator.Listen(c.operatorHears.hear)
	return c
}

func TestBridge(t *testing.T) {
	for _, laws := range [][2]audio.Law{{audio.ALaw, audio.ALaw}, {audio.ALaw, audio.ULaw}, {audio.ULaw, audio.ALaw}} {
		t.Run(laws[0].String()+" "+laws[1].String(), func(t *testing.T) {
			c := newCall(t, laws[0], laws[1])
			path := filepath.Join(t.TempDir(), "bridge.wav")
			if err := c.person.Record(path); err != nil {
				t.Fatal(err)
			}
			c.person.Play(PlayOptions{Loop: true}, tone(700, time.Second)) // hold music
			c.run(time.Second)
			c.atPerson.Play(PlayOptions{}, tone(400, 2*time.Second))
			c.atOperator.Play(PlayOptions{}, tone(1000, 2*time.Second))
			j := Bridge(c.person, c.operator)
			c.run(time.Second)
			c.atPerson.SendDigits("5")
			c.run(1200 * time.Millisecond)
			c.personHears.pcm, c.operatorHears.pcm = c.personHears.pcm[audio.Rate:], c.operatorHears.pcm[audio.Rate:]
			if !audio.HasTone(c.personHears.pcm, 1000) || audio.HasTone(c.personHears.pcm, 400) {
				t.Error("the person must hear the operator")
			}
			if !audio.HasTone(c.operatorHears.pcm, 400) || audio.HasTone(c.operatorHears.pcm, 1000) || audio.HasTone(c.operatorHears.pcm, 700) {
				t.Error("the operator must hear the person, and no music")
			}
			if d := c.personEvents.digits(); d != "5" {
				t.Errorf("keys %q, want 5", d)
			}
			c.personHears.pcm, c.operatorHears.pcm = nil, nil
			j.Close()
			j.Close()
			c.run(time.Second)
			if !audio.HasTone(c.personHears.pcm, 700) {
				t.Error("the music does not go on after the bridge")
			}
			if audio.HasTone(c.operatorHears.pcm, 400) {
				t.Error("the operator still hears the person")
			}
			c.close(c.person)
			rx, tx := channels(t, path)
			if !audio.HasTone(rx, 400) || audio.HasTone(rx, 1000) || !audio.HasTone(tx, 1000) || audio.HasTone(tx, 400) {
				t.Error("the recording must hold the person left and the operator right")
			}
		})
	}
}

// TestBridgeAddsLittleDelay measures how long a click takes through the
// bridge, towards the session served earlier and the one served later.
func TestBridgeAddsLittleDelay(t *testing.T) {
	for _, from := range []int{0, 1} {
		l := newLab(t)
		var s [2]*Session
		var f [2]*far
		for i := range s {
			s[i], _ = l.open(Options{})
			f[i] = newFar(t, s[i])
			s[i].SetRemote(f[i].remote())
		}
		Bridge(s[0], s[1])
		delay := -1
		for i := range 110 {
			for k := range f {
				if k == from && i == 100 {
					f[k].sound(0x2A)
				} else {
					f[k].sound(0xD5)
				}
			}
			l.turn()
			for _, p := range f[1-from].got() {
				if p.Payload[0] == 0x2A {
					delay = i - 100
				}
			}
		}
		// Before, a packet waits up to one period until it is seen: at most 40 ms in all.
		if delay < 0 || delay > 1 {
			t.Errorf("from side %d: %d periods of delay, want at most 1", from, delay)
		}
	}
}

func TestBridgeOutlivesOneSide(t *testing.T) {
	c := newCall(t, audio.ALaw, audio.ULaw)
	j := Bridge(c.person, c.operator)
	c.run(200 * time.Millisecond)
	c.close(c.operator)
	c.person.Play(PlayOptions{}, tone(400, 500*time.Millisecond))
	c.run(200 * time.Millisecond)
	j.Close()
	c.run(time.Second)
	if !audio.HasTone(c.personHears.pcm, 400) {
		t.Error("the person does not hear the player after the bridge")
	}
	if n := len(c.personEvents.of(PlayDone)); n != 1 {
		t.Errorf("%d PlayDone events", n)
	}
}

// TestOldBridgeLeavesTheNewOneAlone: transfer to a second operator.
func TestOldBridgeLeavesTheNewOneAlone(t *testing.T) {
	c := newCall(t, audio.ALaw, audio.ALaw)
	second, atSecond, _, _ := c.pair(audio.ALaw, 101, Options{})
	old := Bridge(c.person, c.operator)
	c.run(200 * time.Millisecond)
	Bridge(c.person, second)
	old.Close()
	atSecond.Play(PlayOptions{}, tone(1200, time.Second))
	c.run(time.Second)
	if !audio.HasTone(c.personHears.pcm, 1200) {
		t.Error("closing the old bridge parted the new one")
	}
}

// TestBridgeAcrossRealWheels joins sessions of two wheels in real time.
func TestBridgeAcrossRealWheels(t *testing.T) {
	e, err := New(Config{IP: loopback, Wheels: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	heard := make(chan bool, 1)
	var got ear
	var s [4]*Session
	for i := range s {
		if s[i], err = e.Open(Options{}); err != nil {
			t.Fatal(err)
		}
	}
	laws := [4]audio.Law{audio.ALaw, audio.ALaw, audio.ULaw, audio.ULaw}
	for i, peer := range [4]int{1, 0, 3, 2} {
		s[i].SetRemote(Remote{Addr: s[peer].Local(), Law: laws[i], PayloadType: laws[i].PayloadType(), EventType: 101})
	}
	if s[1].wheel == s[2].wheel {
		t.Error("both sides of the bridge are on one wheel")
	}
	Bridge(s[1], s[2])
	s[0].Play(PlayOptions{Loop: true}, tone(600, time.Second))
	s[3].Listen(func(f audio.Frame) {
		got.hear(f)
		if len(got.pcm) == audio.Rate {
			heard <- audio.HasTone(got.pcm, 600)
		}
	})
	select {
	case ok := <-heard:
		if !ok {
			t.Error("no sound came through")
		}
	case <-time.After(10 * time.Second):
		t.Error("no second of sound within 10 s")
	}
}
