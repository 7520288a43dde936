package siptest

import (
	"context"
	"fmt"
	"slices"
)

// Wait returns the first call whose record is as match asks, now or later.
// The oldest call comes first. match runs while the server waits for it: it
// must be quick and must not call the server.
func (s *Server) Wait(ctx context.Context, match func(CallRecord) bool) (CallRecord, error) {
	w := &waiter{match: match, found: make(chan CallRecord, 1)}
	s.desk.ask(func() {
		for _, h := range s.desk.order {
			if match(h.CallRecord) {
				w.found <- h.CallRecord
				return
			}
		}
		s.desk.waiters = append(s.desk.waiters, w)
	})
	select {
	case r := <-w.found:
		return r, nil
	case <-ctx.Done():
		s.desk.jobs.Put(func() {
			s.desk.waiters = slices.DeleteFunc(s.desk.waiters, func(x *waiter) bool { return x == w })
		})
		return CallRecord{}, fmt.Errorf("siptest: no call came to be as waited for: %w", ctx.Err())
	case <-s.desk.done:
		return CallRecord{}, fmt.Errorf("siptest: the server closed before a call came to be as waited for")
	}
}

// WaitEnded returns the record of the nth call to a number once it is over.
func (s *Server) WaitEnded(ctx context.Context, number string, nth int) (CallRecord, error) {
	return s.Wait(ctx, func(r CallRecord) bool {
		return r.Number == number && r.Nth == nth && r.Ended()
	})
}

// WaitAnswered returns the record of the nth call to a number once its ACK came.
func (s *Server) WaitAnswered(ctx context.Context, number string, nth int) (CallRecord, error) {
	return s.Wait(ctx, func(r CallRecord) bool {
		return r.Number == number && r.Nth == nth && r.Answered() && r.Acked()
	})
}

// WaitCount returns once at least n calls have ended.
func (s *Server) WaitCount(ctx context.Context, n int) error {
	over := func(CallRecord) bool { return s.desk.stats.Ended >= n }
	if s.Stats().Ended >= n {
		return nil
	}
	_, err := s.Wait(ctx, over)
	return err
}
