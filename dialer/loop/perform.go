package loop

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"dozvon/dialer"
)

// batch is a turn's commands sorted by what has to happen with them.
type batch struct {
	saves    []dialer.Save
	places   []dialer.Place
	progress []dialer.Attempt
	changes  []dialer.CampaignChanged
	hangups  []dialer.HangUp
	fetches  []dialer.Fetch
	reserve  int
}

// sort uses the last batch's room again: of a few calls a turn, what they come
// with is most of what is allocated for them.
func (l *Loop) sort(commands []dialer.Command) *batch {
	b := &l.sorted
	b.empty()
	for _, c := range commands {
		switch c := c.(type) {
		case dialer.Save:
			b.saves = append(b.saves, c)
		case dialer.Place:
			b.places = append(b.places, c)
		case dialer.SaveProgress:
			b.progress = append(b.progress, c.Attempt)
		case dialer.CampaignChanged:
			b.changes = append(b.changes, c)
		case dialer.HangUp:
			b.hangups = append(b.hangups, c)
		case dialer.Fetch:
			b.fetches = append(b.fetches, c)
		case dialer.Reserve:
			b.reserve += c.N
		case dialer.WakeAt:
			l.wake = c
		}
	}
	return b
}

// mostRoom is how many entries a batch keeps room for.
const mostRoom = 256

// empty makes room for the next commands, and keeps nothing of the last ones.
func (b *batch) empty() {
	*b = batch{saves: emptied(b.saves), places: emptied(b.places), progress: emptied(b.progress),
		changes: emptied(b.changes), hangups: emptied(b.hangups), fetches: emptied(b.fetches)}
}

func emptied[T any](s []T) []T {
	if cap(s) > mostRoom {
		return nil
	}
	clear(s)
	return s[:0]
}

// perform carries out commands and those that follow from the ledger's answers.
// What ended is committed before new leads are looked for, and a call is
// committed before it is handed to the caller. All of a turn happens at one
// moment: each commit takes long enough for a fast trunk to have room again, and
// a turn that went on for it would place a few calls per commit, for ever, while
// the results of others wait.
func (l *Loop) perform(ctx context.Context, now time.Time, commands []dialer.Command) {
	for len(commands) > 0 {
		b := l.sort(commands)
		urgent := l.follow(b.progress)
		for _, s := range b.saves {
			if s.Attempt != nil {
				delete(l.progress, s.Attempt.ID) // the result tells it all
			}
		}
		saves := b.saves
		if urgent || len(b.saves)+len(b.places) > 0 {
			saves = l.flush(ctx, saves)
		}
		l.save(ctx, saves)
		l.mark(ctx, b.changes)
		commands = l.place(ctx, now, b.places)
		for _, h := range b.hangups {
			l.cfg.Caller.HangUp(h.Attempt, h.Why)
		}
		commands = l.reserve(ctx, now, b.reserve, commands)
		commands = l.fetch(ctx, now, b.fetches, commands)
	}
	l.sorted.empty()
}

// save commits leads, results and what leaves for other systems.
func (l *Loop) save(ctx context.Context, saves []dialer.Save) {
	if len(saves) == 0 {
		return
	}
	if l.fault != nil {
		l.unsaved = append(l.unsaved, saves...)
		return
	}
	if err := l.cfg.Ledger.Save(ctx, saves); err != nil {
		l.unsaved = append(l.unsaved, saves...)
		l.fail("saving the results of calls", err)
		return
	}
	l.report.Saved = append(l.report.Saved, saves...)
}

// mark records campaign states.
func (l *Loop) mark(ctx context.Context, changes []dialer.CampaignChanged) {
	for _, c := range changes {
		known := l.campaigns[c.Campaign]
		known.state, known.reason = c.State, c.Reason
		l.campaigns[c.Campaign] = known
		l.cfg.Log.Info("campaign", "name", c.Campaign, "state", c.State, "reason", c.Reason)
		l.report.Campaigns = append(l.report.Campaigns, c)
		if l.fault != nil {
			l.unmarked = append(l.unmarked, c)
			continue
		}
		if err := l.cfg.Ledger.SaveCampaign(ctx, c, l.cfg.Clock.Now()); err != nil {
			l.unmarked = append(l.unmarked, c)
			l.fail("recording the state of a campaign", err)
		}
	}
}

// follow keeps how far calls have got until it is worth a transaction: an
// answer is recorded at once, so that whoever picked up is not called again
// after a crash; ringing goes along with the next commit.
func (l *Loop) follow(progress []dialer.Attempt) (urgent bool) {
	l.report.Progress = append(l.report.Progress, progress...)
	for _, a := range progress {
		known := l.progress[a.ID]
		urgent = urgent || known.Answered.IsZero() && !a.Answered.IsZero()
		l.progress[a.ID] = a
	}
	return urgent
}

// flush records how far calls have got, together with the saves if the ledger
// can, and returns the saves that are still to be made.
func (l *Loop) flush(ctx context.Context, saves []dialer.Save) []dialer.Save {
	if len(l.progress) == 0 || l.fault != nil {
		return saves
	}
	attempts := slices.AppendSeq(make([]dialer.Attempt, 0, len(l.progress)), maps.Values(l.progress))
	slices.SortFunc(attempts, func(a, b dialer.Attempt) int { return cmp.Compare(a.ID, b.ID) })
	clear(l.progress)
	if r, ok := l.cfg.Ledger.(dialer.Recorder); ok && len(saves) > 0 {
		if err := r.Record(ctx, saves, attempts); err != nil {
			l.fail("saving the results of calls", err)
			return saves
		}
		l.report.Saved = append(l.report.Saved, saves...)
		return nil
	}
	if err := l.cfg.Ledger.SaveProgress(ctx, attempts); err != nil {
		l.fail("recording the progress of calls", err)
	}
	return saves
}

// place commits attempts and only then has them called. Leads that the ledger
// refuses are taken out and the engine is told; the others are placed.
func (l *Loop) place(ctx context.Context, now time.Time, places []dialer.Place) (more []dialer.Command) {
	for len(places) > 0 && l.fault == nil {
		err := l.cfg.Ledger.Place(ctx, places)
		if err == nil {
			l.call(places)
			return more
		}
		kept, out := sift(places, err)
		if len(out.Attempts) == 0 {
			l.fail("recording calls before they are placed", err)
			return more
		}
		l.cfg.Log.Info("leads could not be called any more when their calls were to leave", "leads", len(out.Attempts))
		more = append(more, l.cfg.Engine.Handle(now, out)...)
		places = kept
	}
	return more
}

// call hands committed attempts to the caller.
func (l *Loop) call(places []dialer.Place) {
	for _, p := range places {
		l.up[p.Attempt.ID] = struct{}{}
		l.report.Placed = append(l.report.Placed, p.Attempt)
		l.cfg.Caller.Place(p.Attempt, p.Lead)
	}
}

// sift takes out of a batch the leads that the ledger's error says it refuses;
// none, if it is an error of another kind.
func sift(places []dialer.Place, err error) (kept []dialer.Place, out dialer.Refused) {
	var refusal dialer.Refusal
	if !errors.As(err, &refusal) {
		return places, out
	}
	refused := refusal.Refused()
	for _, p := range places {
		if slices.Contains(refused, p.Lead.ID) {
			out.Attempts = append(out.Attempts, p.Attempt.ID)
		} else {
			kept = append(kept, p)
		}
	}
	return kept, out
}

// reserve gets attempt ids for the engine.
func (l *Loop) reserve(ctx context.Context, now time.Time, n int, more []dialer.Command) []dialer.Command {
	if n == 0 || l.fault != nil {
		return more
	}
	first, err := l.cfg.Ledger.NextAttemptID(ctx, n)
	if err != nil {
		l.fail("reserving numbers for attempts", err)
		return more
	}
	return append(more, l.cfg.Engine.Handle(now, dialer.Reserved{First: first, N: n})...)
}

// fetch gets due leads for the engine.
func (l *Loop) fetch(ctx context.Context, now time.Time, fetches []dialer.Fetch, more []dialer.Command) []dialer.Command {
	for _, f := range fetches {
		if l.fault != nil {
			return more
		}
		due, err := l.cfg.Ledger.Due(ctx, f.Campaign, now, f.Limit)
		if err != nil {
			l.fail("looking for due leads", err)
			return more
		}
		due.Campaign = f.Campaign
		more = append(more, l.cfg.Engine.Handle(now, due)...)
	}
	return more
}

// fail notes the ledger's first fault: from then on no call is placed.
func (l *Loop) fail(op string, err error) {
	if l.fault == nil {
		l.fault = &StoreError{Op: op, Err: err}
		l.cfg.Log.Error("the database failed: no further calls are placed; calls that are up go on", "while", op, "err", err)
	}
}

// retry tries to save what a failed ledger has refused so far, oldest first.
func (l *Loop) retry(ctx context.Context, now time.Time) {
	if len(l.unsaved) > 0 {
		if err := l.cfg.Ledger.Save(ctx, l.unsaved); err != nil {
			return
		}
		l.report.Saved = append(l.report.Saved, l.unsaved...)
		l.unsaved = nil
	}
	for len(l.unmarked) > 0 {
		if err := l.cfg.Ledger.SaveCampaign(ctx, l.unmarked[0], now); err != nil {
			return
		}
		l.unmarked = l.unmarked[1:]
	}
}

// overBroken reports whether a loop whose ledger failed may return: when no
// call is up, and everything is saved or patience is at its end.
func (l *Loop) overBroken(now time.Time) (bool, error) {
	if len(l.up) > 0 && !(l.stopping && !now.Before(l.deadline)) {
		return false, nil
	}
	if len(l.unsaved) > 0 && !l.stopping {
		if l.deadline.IsZero() {
			l.deadline = now.Add(l.cfg.Patience)
		}
		if now.Before(l.deadline) {
			return false, nil
		}
	}
	l.fault.Unsaved = l.unsaved
	return true, l.fault
}
