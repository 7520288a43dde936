package sip

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/dialer"
	"dozvon/internal/mailbox"
)

// Health is what is known of a trunk without a call.
type Health struct {
	Trunk string // its name
	Up    bool
	At    time.Time
	Why   dialer.TrunkFailure // down: of which kind
	Err   error               // down: what is wrong and what to do
}

// Watch asks a trunk with OPTIONS each time about every has passed, and tells
// f how it is: once after the first answer, and then each time it changes. Two
// failures in a row take the trunk out, one answer puts it back; while its
// registrar refuses us (see Register) it counts as out as well. f is called in
// order on a goroutine of the watch and must not block. The watch ends with
// stop, which does not wait, or with the endpoint.
func (e *Endpoint) Watch(t *Trunk, every time.Duration, f func(Health)) (stop func()) {
	ctx, cancel := context.WithCancel(e.life)
	if ctx.Err() != nil {
		return cancel
	}
	w := &watch{e: e, t: t, key: trunkKey(t), every: max(every, time.Second), f: f, box: mailbox.New[error]()}
	e.logins.listen(w)
	e.serve.Go(func() { w.run(ctx) })
	return cancel
}

// watch is the shell of one vigil.
type watch struct {
	e     *Endpoint
	t     *Trunk
	key   string
	every time.Duration
	f     func(Health)
	box   *mailbox.Box[error] // how the registrar stands to us
	v     vigil
}

func (w *watch) run(ctx context.Context) {
	defer w.e.logins.deafen(w)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.box.Ready():
			for _, err := range w.box.Take(nil) {
				w.tell(w.v.login(err))
			}
		case <-timer.C:
			err := w.probe(ctx)
			if ctx.Err() != nil {
				return
			}
			w.tell(w.v.probed(err))
			timer.Reset(time.Duration((0.9 + 0.2*rand.Float64()) * float64(w.every))) //nolint:gosec // spreads the questions
		}
	}
}

func (w *watch) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, w.e.conf.NoResponse)
	defer cancel()
	return w.e.ask(ctx, w.t, gosip.OPTIONS)
}

func (w *watch) tell(changed bool) {
	if !changed {
		return
	}
	h := Health{Trunk: w.t.Name, Up: w.v.fault() == nil, At: time.Now(), Err: w.v.fault()}
	h.Why = kindOf(h.Err)
	w.f(h)
}

// kindOf tells of which kind a trunk's fault is.
func kindOf(err error) dialer.TrunkFailure {
	var said spoken
	switch {
	case err == nil:
		return dialer.TrunkOK
	case errors.As(err, &said):
		return said.why
	}
	return dialer.TrunkUnreachable
}

// vigil decides from answers whether a trunk is up.
type vigil struct {
	fails   int
	last    error // of the probes
	refused error // by the registrar
	told    bool
	up      bool // told last
}

// failsToDown is how many questions in a row must fail.
const failsToDown = 2

// probed takes the outcome of a question and reports whether the trunk's
// state is news.
func (v *vigil) probed(err error) bool {
	if v.last = err; err == nil {
		v.fails = 0
	} else {
		v.fails++
	}
	if !v.told && v.fails == 1 {
		return false // nothing is known before the second
	}
	return v.changed()
}

// login takes how the registrar stands to us; nil: it does not refuse.
func (v *vigil) login(err error) bool {
	v.refused = err
	if !v.told && err == nil {
		return false
	}
	return v.changed()
}

func (v *vigil) changed() bool {
	up := v.fault() == nil
	if v.told && up == v.up {
		return false
	}
	v.told, v.up = true, up
	return true
}

// fault is why the trunk counts as out; nil: it is up.
func (v *vigil) fault() error {
	switch {
	case v.refused != nil:
		return v.refused
	case v.fails >= failsToDown:
		return v.last
	}
	return nil
}
