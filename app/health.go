package app

import (
	"sync"
	"time"

	"dozvon/dialer"
	"dozvon/sip"
)

// checkEvery is how often a trunk is asked whether it works, if nothing is said.
const checkEvery = 30 * time.Second

// watch logs in to the trunks that want it and asks each, again and again,
// whether it works; the engine hears of every change. It is an error if a
// trunk's settings can't be used.
func (s *station) watch() error {
	for _, t := range s.cfg.Trunks {
		trunk := s.trunks[t.Name]
		if trunk.Register {
			r, err := s.phone.Register(trunk, s.registration)
			if err != nil {
				return err
			}
			s.logins = append(s.logins, r)
		}
		if every := t.Health.Or(checkEvery); every > 0 {
			s.phone.Watch(trunk, every, s.health) // ends with the endpoint
		}
	}
	return nil
}

// health passes on how a trunk is.
func (s *station) health(h sip.Health) {
	ev := dialer.TrunkState{Trunk: h.Trunk, Up: h.Up, Why: h.Why, Health: true}
	if h.Err != nil {
		ev.Text = h.Err.Error()
		s.log.Warn("a trunk is taken out until it answers again", "trunk", h.Trunk, "error", h.Err)
	} else {
		s.log.Info("a trunk answers", "trunk", h.Trunk)
	}
	s.loop.Post(ev)
}

// registration logs how a login stands; what it means for calls comes as health.
func (s *station) registration(ev sip.RegistrationEvent) {
	if ev.Err != nil {
		s.log.Warn("a trunk does not register us", "trunk", ev.Trunk, "state", ev.State.String(), "error", ev.Err)
		return
	}
	s.log.Info("registration", "trunk", ev.Trunk, "state", ev.State.String())
}

// leave logs out of every trunk, all at once: each may take a while.
func (s *station) leave() {
	var wg sync.WaitGroup
	for _, r := range s.logins {
		wg.Go(r.Close)
	}
	wg.Wait()
	s.logins = nil
}
