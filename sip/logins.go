package sip

import (
	"fmt"
	"sync"
)

// logins are the registrations of an endpoint, and who watches them.
type logins struct {
	mu      sync.Mutex
	closed  bool
	all     map[*Registration]struct{}
	refused map[string]error // by trunk: why its registrar refuses us
	ears    map[*watch]struct{}
}

func (s *logins) add(r *Registration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return fmt.Errorf("trunk %q can't be registered: the SIP endpoint is closed", r.m.trunk)
	}
	if s.all == nil {
		s.all = map[*Registration]struct{}{}
	}
	s.all[r] = struct{}{}
	return nil
}

func (s *logins) remove(r *Registration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, r)
}

// close unregisters everywhere at once and waits for it.
func (s *logins) close() {
	s.mu.Lock()
	s.closed = true
	all := make([]*Registration, 0, len(s.all))
	for r := range s.all {
		all = append(all, r)
	}
	s.mu.Unlock()
	var done sync.WaitGroup
	for _, r := range all {
		done.Go(r.Close)
	}
	done.Wait()
}

// publish tells whoever watches a trunk whether its registrar refuses us.
func (s *logins) publish(key string, refused error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused == nil {
		s.refused = map[string]error{}
	}
	s.refused[key] = refused
	for w := range s.ears {
		if w.key == key {
			w.box.Put(refused)
		}
	}
}

// listen adds a watch and tells it how things stand.
func (s *logins) listen(w *watch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ears == nil {
		s.ears = map[*watch]struct{}{}
	}
	s.ears[w] = struct{}{}
	if err := s.refused[w.key]; err != nil {
		w.box.Put(err)
	}
}

func (s *logins) deafen(w *watch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.ears, w)
}
