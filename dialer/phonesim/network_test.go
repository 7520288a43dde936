package phonesim

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
)

var noon = time.Date(2025, 9, 1, 9, 0, 0, 0, time.UTC)

// course plays one call and returns what happened at which second of it.
func course(p Profile, meddle func(*Network)) (string, dialer.Result) {
	n := NewNetwork(noon, Book{Default: p})
	var said []string
	var result dialer.Result
	n.Attach(func(ev dialer.Event) {
		at := fmt.Sprintf("%v", n.Now().Sub(noon).Seconds())
		switch ev := ev.(type) {
		case dialer.Progressed:
			said = append(said, string(ev.State)+"@"+at)
		case dialer.Ended:
			said = append(said, "ended@"+at)
			result = ev.Result
		}
	})
	n.Place(dialer.Attempt{ID: 1, Phone: "+79000000001"}, dialer.Lead{})
	for range 20 {
		n.Wait(context.Background(), n.Now().Add(5*time.Second), nil)
		if meddle != nil {
			meddle(n)
		}
	}
	return strings.Join(said, " "), result
}

func TestCourseOfEveryKind(t *testing.T) {
	for _, c := range []struct {
		p     Profile
		said  string
		as    dialer.Disposition
		cause int
	}{
		{Profile{Kind: Answers, Ring: 8 * time.Second, Steps: []Step{{Listen: 4 * time.Second}, {Press: "12"}, {Hush: time.Second}}}, "ringing@1 answered@8 ended@13.6", dialer.Answered, 200},
		{Profile{Kind: Answers, Ring: 8 * time.Second, Early: true}, "early@1 answered@8 ended@8", dialer.Answered, 200},
		{Profile{Kind: Answers, Ring: 31 * time.Second}, "ringing@1 ended@30", dialer.NoAnswer, 487},
		{Profile{Kind: RingsOut}, "ringing@1 ended@30", dialer.NoAnswer, 487},
		{Profile{Kind: Busy, Ring: 2 * time.Second}, "ended@2", dialer.Busy, 486},
		{Profile{Kind: Declines, Ring: 5 * time.Second}, "ringing@1 ended@5", dialer.Declined, 603},
		{Profile{Kind: SwitchedOff, Ring: 2 * time.Second}, "ended@2", dialer.Unreachable, 480},
		{Profile{Kind: Unknown, Ring: time.Second, Code: 484}, "ended@1", dialer.Invalid, 484},
		{Profile{Kind: Congested, Ring: time.Second}, "ended@1", dialer.Congestion, 503},
		{Profile{Kind: Announcement, Ring: 9 * time.Second}, "early@1 ended@9", dialer.Unreachable, 480},
		{Profile{Kind: Voicemail, Ring: 20 * time.Second}, "ringing@1 answered@20 ended@24", dialer.Machine, 200},
		{Profile{Kind: Fax, Ring: 3 * time.Second}, "ringing@1 answered@3 ended@6", dialer.Fax, 200},
		{Profile{Kind: Mute, Ring: 3 * time.Second}, "ringing@1 answered@3 ended@13", dialer.Silent, 200},
	} {
		said, r := course(c.p, nil)
		if said != c.said || r.Disposition != c.as || r.Cause.SIP != c.cause {
			t.Errorf("%s: %s as %s (%d), want %s as %s (%d)", c.p.Kind, said, r.Disposition, r.Cause.SIP, c.said, c.as, c.cause)
		}
	}
}

func TestHangUpAtAnyPoint(t *testing.T) {
	p := Profile{Kind: Answers, Ring: 8 * time.Second, Steps: []Step{{Wait: 30 * time.Second}}}
	for after, want := range map[time.Duration]string{
		time.Second:      "ringing@1 ended@1",
		8 * time.Second:  "ringing@1 answered@8 ended@8",
		60 * time.Second: "ringing@1 answered@8 ended@38",
	} {
		said, r := course(p, func(n *Network) {
			if n.Now().Sub(noon) >= after {
				n.HangUp(1, "test")
				n.HangUp(1, "test")
			}
		})
		if said != want {
			t.Errorf("hung up after %v: %s, want %s", after, said, want)
		}
		if wantAs := strings.Contains(want, "answered"); (r.Disposition == dialer.Answered) != wantAs {
			t.Errorf("hung up after %v: %s", after, r.Disposition)
		}
	}
}

func TestWaitStopsForWhoeverWakes(t *testing.T) {
	n := NewNetwork(noon, Book{})
	wake := make(chan struct{}, 1)
	wake <- struct{}{}
	n.Wait(context.Background(), noon.Add(time.Hour), wake)
	if !n.Now().Equal(noon) {
		t.Error("time passed though an event waits")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	n.Wait(ctx, time.Time{}, wake)
	n.Jump(noon.Add(-time.Hour))
	if !n.Now().Equal(noon) {
		t.Error("the clock went back")
	}
}

func TestByKeyTakesTheFirstKey(t *testing.T) {
	talk := ByKey(map[string]dialer.Result{"1": {List: "one"}, "": {List: "none"}})
	for keys, want := range map[string]string{"1": "one", "12": "one", "2": "none", "": "none"} {
		_, r := talk(Call{Profile: Profile{Steps: []Step{{Press: keys}}}})
		if r.List != want || r.Keys != keys {
			t.Errorf("keys %q: list %s, keys %s", keys, r.List, r.Keys)
		}
	}
}
