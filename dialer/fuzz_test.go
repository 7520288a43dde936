package dialer

import (
	"testing"
	"time"
)

// script reads events from bytes: each takes an opcode and what it needs.
type script []byte

func (s *script) next() int {
	if len(*s) == 0 {
		return 0
	}
	b := (*s)[0]
	*s = (*s)[1:]
	return int(b)
}

func (s *script) campaign() string { return []string{"a", "b", "nobody", ""}[s.next()%4] }

func (s *script) event(r *rig) Event {
	switch s.next() % 15 {
	case 0, 1:
		return Tick{}
	case 2:
		return Wake{Campaign: s.campaign()}
	case 3, 4, 5:
		return Due{Campaign: s.campaign(), Leads: s.leads(r), More: s.next()%2 == 0, Open: s.next() % 5,
			Next: r.at.Add(time.Duration(s.next()) * time.Second), NextPromised: r.at.Add(time.Duration(s.next()) * time.Second)}
	case 6:
		states := []AttemptState{AttemptRinging, AttemptEarly, AttemptAnswered, AttemptTalking, AttemptEnded, "nonsense"}
		return Progressed{Attempt: s.attempt(r), State: states[s.next()%len(states)], At: r.at}
	case 7, 8:
		res := Result{Disposition: append(Dispositions(), "", "nonsense")[s.next()%15], Cause: Cause{Failed: []TrunkFailure{"", "", "", TrunkUnreachable, TrunkRejected}[s.next()%5]}}
		if s.next()%4 == 0 {
			res.Promise = r.at.Add(time.Duration(s.next()-99) * time.Minute)
		}
		return Ended{Attempt: s.attempt(r), At: r.at, Result: res}
	case 9:
		return Pause{Campaign: s.campaign(), Reason: PauseUser}
	case 10:
		return Resume{Campaign: s.campaign()}
	case 11:
		return []Event{Drain{Campaign: s.campaign()}, Stop{Campaign: s.campaign()}, AddCampaign{plainCampaign(s.campaign())}}[s.next()%3]
	case 12:
		return TrunkState{Trunk: "t", Up: s.next()%2 == 0, Why: TrunkUnreachable}
	case 14:
		return Refused{Attempts: []AttemptID{s.attempt(r), s.attempt(r)}}
	}
	return SetTrunk{TrunkLimits{Name: "t", Lines: s.next() % 4, CPS: float64(s.next()) / 50}}
}

func (s *script) leads(r *rig) []Lead {
	var all []Lead
	for range s.next() % 4 {
		l := ready(LeadID(s.next() % 9))
		l.Promised = s.next()%3 == 0
		l.State = []LeadState{LeadReady, LeadReady, LeadWaiting, LeadDialing, LeadDone, "nonsense"}[s.next()%6]
		l.NextAt = r.at.Add(time.Duration(s.next()-200) * time.Minute)
		all = append(all, l)
	}
	return all
}

func (s *script) attempt(r *rig) AttemptID {
	ids := r.ids()
	if len(ids) == 0 {
		return AttemptID(s.next())
	}
	return ids[s.next()%len(ids)]
}

// Whatever the store and the callers say, in whatever order: no panic, no
// endless rounds, no id used twice, never more calls than lines, no lead and no
// phone in two calls, no call outside the window.
func FuzzEngine(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("3a\x02\x01\x02\x03\x04\x05\x06\x07\x08\x09"))
	f.Add([]byte{3, 0, 3, 1, 0, 0, 100, 2, 0, 0, 100, 3, 1, 2, 100, 0, 3, 9, 9, 7, 2, 3, 1, 0, 8, 1, 0, 1, 0, 12, 0, 12, 1, 11, 2})
	f.Add([]byte{4, 1, 2, 7, 0, 1, 220, 8, 1, 1, 1, 0, 1, 9, 9, 11, 1, 0, 0, 0, 11, 0, 1, 1, 6, 0, 5, 13, 1, 255, 10, 3, 2, 3})
	f.Add([]byte{1, 3, 0, 3, 1, 0, 0, 200, 2, 0, 0, 200, 3, 1, 0, 200, 0, 3, 9, 9, 0, 14, 0, 1, 0, 14, 0, 0, 1, 3, 0, 1, 1, 0, 0, 200, 0, 2, 0, 0, 0, 14, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		s := script(data)
		r := newRig(t, TrunkLimits{Name: "t", Lines: 2, CPS: 1}, plainCampaign("a"), plainCampaign("b"))
		used := map[AttemptID]bool{}
		for len(s) > 0 {
			r.pass(time.Duration(s.next()) * time.Second)
			up, lines := len(r.flights), r.trunks["t"].limits.Lines
			r.send(s.event(r))
			for _, p := range of[Place](r.out) {
				if used[p.Attempt.ID] {
					t.Fatalf("attempt id %d is used twice", p.Attempt.ID)
				}
				used[p.Attempt.ID] = true
				if up++; up > lines {
					t.Fatalf("%d calls on %d lines", up, lines)
				}
				if !workdays(hours(10, 20)...).Open(r.now, "") {
					t.Fatalf("a call at %v", r.now)
				}
			}
			if len(r.leads) != len(r.flights) || len(r.phones) != len(r.flights) {
				t.Fatalf("%d calls of %d leads to %d phones", len(r.flights), len(r.leads), len(r.phones))
			}
			r.fetched = nil
		}
	})
}
