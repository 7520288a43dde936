package sip

import (
	"context"
	"fmt"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
	"dozvon/sip/siptest"
)

// The simulated subscribers are a far end by another hand: the legs and they
// must agree on every kind of person, with SHA-256 asked for in and out of
// the dialog.
func TestAgainstSimulatedSubscribers(t *testing.T) {
	ms := time.Millisecond
	people := map[string]struct {
		profile phonesim.Profile
		ring    time.Duration
		want    dialer.Disposition
		sip     int
	}{
		"+79160000001": {phonesim.Profile{Kind: phonesim.Answers, Ring: 20 * ms, Steps: []phonesim.Step{{Wait: 50 * ms}, {Info: "1#"}, {HangUp: true}}}, 0, dialer.Answered, 200},
		"+79160000002": {phonesim.Profile{Kind: phonesim.RingsOut}, 200 * ms, dialer.NoAnswer, 487},
		"+79160000003": {phonesim.Profile{Kind: phonesim.Busy}, 0, dialer.Busy, 486},
		"+79160000004": {phonesim.Profile{Kind: phonesim.Declines, Ring: 20 * ms}, 0, dialer.Declined, 603},
		"+79160000005": {phonesim.Profile{Kind: phonesim.SwitchedOff}, 0, dialer.Unreachable, 480},
		"+79160000006": {phonesim.Profile{Kind: phonesim.Unknown}, 0, dialer.Invalid, 404},
		"+79160000007": {phonesim.Profile{Kind: phonesim.Congested}, 0, dialer.Congestion, 503},
	}
	for _, network := range []string{"udp", "tcp"} {
		book := siptest.Book{Book: phonesim.Book{Numbers: map[string][]phonesim.Profile{}}}
		for number, p := range people {
			book.Numbers[number] = []phonesim.Profile{p.profile}
		}
		s, err := siptest.Start(context.Background(), siptest.Config{TCP: true, Book: book, DropAcks: 1, T1: 50 * ms,
			Auth: &siptest.Credentials{User: "robot", Password: "secret", Algorithm: "SHA-256", Proxy: true, InDialog: true}})
		if err != nil {
			t.Fatal(err)
		}
		n := newNear(t, func(c *Config) { c.TCP = true })
		trunk := &Trunk{Name: "subscribers", URI: "sip:robot@" + s.Addr().String() + ";transport=" + network, Password: "secret"}
		calls := map[string]*placed{}
		for number, p := range people {
			calls[number] = n.call(Call{ID: fmt.Sprint(network, number), To: number, Trunk: trunk, Ring: p.ring})
		}
		for number, p := range people {
			e := calls[number].final()
			if e.Disposition != p.want || e.Cause.SIP != p.sip || e.Cause.Failed != dialer.TrunkOK {
				t.Errorf("%s %s: ended as %s, %+v, %v", network, p.profile.Kind, e.Disposition, e.Cause, e.Err)
			}
		}
		for _, r := range s.Calls() {
			if r.Distinct != r.Challenges+1 {
				t.Errorf("%s %s: %d INVITEs after %d challenges", network, r.Profile, r.Distinct, r.Challenges)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
