package app

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/media"
)

func TestBrakeTimeline(t *testing.T) {
	for _, c := range []struct {
		name string
		late []float64 // a second each
		on   []int     // seconds in which the brake was on, counted from 1
	}{
		{"in time", []float64{0, 0.0005, 0.009, 0}, nil},
		{"one bad second", []float64{0, 0.5, 0, 0.9, 0}, nil},
		{"two bad seconds", []float64{0, 0.02, 0.011, 0, 0, 0, 0, 0, 0}, []int{3, 4, 5, 6, 7}},
		{"neither bad nor good keeps it", []float64{0.5, 0.5, 0.005, 0.005, 0.005, 0.005, 0.005, 0.005}, []int{2, 3, 4, 5, 6, 7, 8}},
		{"a bad second while it waits", []float64{1, 1, 0, 0, 0, 0, 0.02, 0, 0, 0, 0, 0}, []int{2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
		{"again", []float64{1, 1, 0, 0, 0, 0, 0, 1, 1, 0}, []int{2, 3, 4, 5, 6, 9, 10}},
	} {
		var b brake
		var on []int
		for i, late := range c.late {
			was := b.on
			if changed := b.see(time.Second, late); changed != (b.on != was) {
				t.Errorf("%s: second %d: changed %v", c.name, i+1, changed)
			}
			if b.on {
				on = append(on, i+1)
			}
		}
		if !slices.Equal(on, c.on) {
			t.Errorf("%s: on in the seconds %v, want %v", c.name, on, c.on)
		}
	}
}

// A wheel that a listener holds up: the brake comes on after two looks, the
// loop learns why, and the metric says that all packets are late.
func TestBrakeOfAWheelThatStandsStill(t *testing.T) {
	engine, err := media.New(media.Config{IP: netip.MustParseAddr("127.0.0.1"), PortMin: 20000, PortMax: 59998, Wheels: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	var s *media.Session
	for range brakeCalls {
		if s, err = engine.Open(media.Options{}); err != nil {
			t.Fatal(err)
		}
		s.SetRemote(media.Remote{Addr: s.Local(), Law: audio.ALaw, PayloadType: 8})
	}
	held, release := make(chan struct{}), make(chan struct{})
	defer close(release)
	s.Listen(func(audio.Frame) {
		select {
		case held <- struct{}{}:
		case <-release:
		}
		<-release
	})
	<-held
	var told []dialer.Event
	var metric float64
	m := &brakeman{media: engine, post: func(ev dialer.Event) { told = append(told, ev) }, last: engine.Wheels(),
		tell: func(late float64, _ bool) { metric = late }, warn: func(string, ...any) {}}
	m.look(time.Second)
	if len(told) != 0 || metric != 1 {
		t.Fatalf("after a second: %v, late %v", told, metric)
	}
	m.look(time.Second)
	if len(told) != 1 || !told[0].(dialer.Brake).On || told[0].(dialer.Brake).Why == "" {
		t.Fatalf("after two seconds: %+v", told)
	}
}
