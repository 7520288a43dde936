package calls

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/hearing"
	"dozvon/internal/crew"
	"dozvon/internal/mailbox"
	"dozvon/media"
	"dozvon/scenarios"
	"dozvon/sip"
)

// Voice turns prompts into clips: recorded, cached or spoken.
type Voice interface {
	// Ready returns a prompt that needs no work, as those are that are the
	// same on every call. It never blocks.
	Ready(s *scenarios.Scenario, p scenarios.Prompt) (*audio.Clip, bool)
	// Clip returns the audio of a prompt of the scenario. It may take as long
	// as a speech engine takes.
	Clip(ctx context.Context, s *scenarios.Scenario, p scenarios.Prompt) (*audio.Clip, error)
}

// Config is what a Caller works with. All fields but CallerIDs, Dialled,
// Recordings and Log are required.
type Config struct {
	Phone      *sip.Endpoint
	Media      *media.Engine
	Trunks     map[string]*sip.Trunk                     // by name
	CallerIDs  map[string]CallerIDs                      // by trunk; none: the trunk's CallerID
	Scenario   func(campaign string) *scenarios.Scenario // of a campaign; nil if there is none
	Voice      Voice
	Desk       *Operators
	Listening  *Listening                      // for who or what answers; nil: nobody listens
	Recognizer hearing.Recognizer              // of spoken answers; nil: only keys are taken
	Post       func(dialer.Event)              // to the loop; must not block
	Now        func() time.Time                // the campaign's clock
	Dialled    func(dialer.Attempt, time.Time) // told when an attempt's INVITE is handed to the phone; must not block
	// Behind returns the trunk that an operator's address belongs to, whose
	// credentials the operator's leg then uses; nil: the address is called
	// directly. Nil itself: all are.
	Behind func(address string) *sip.Trunk
	// Devices returns the phones that an account has registered here; an
	// operator's address that does not begin with sip: is such an account.
	// Nil: there are none.
	Devices func(account string) []sip.Device
	// Secure says whether the sound of an account's phones is encrypted. Nil:
	// it is not.
	Secure func(account string) media.Security
	// Transfers returns what the operators of a group may do with a call. Nil:
	// to hand it to any other operator.
	Transfers func(group string) TransferRules
	// Number reads a number to which a call is to be transferred, and returns
	// it as E.164, or why it must not be called. Nil: none may be.
	Number func(text string) (string, error)
	// Outside asks whether a call may reach somebody else than its lead through
	// the telephone network, and is answered once, on any goroutine: nil, or a
	// *dialer.Barrier. What it allowed is over with a dialer.OutsideOver. It
	// must not block. Nil: none may.
	Outside    func(ev dialer.Outside, answer func(err error))
	Recordings string // folder of recordings; empty: nothing is recorded
	Log        *slog.Logger
}

// Caller performs calls for the loop: it is a dialer.Caller.
type Caller struct {
	cfg    Config
	orders *mailbox.Box[any]
	ctx    context.Context // of every call's
	cancel context.CancelFunc
	done   chan struct{} // the registry has ended
	calls  sync.WaitGroup
	crew   *crew.Crew    // works on the calls
	accept time.Duration // how long an operator may take to press the accept key
}

type (
	placeOrder  struct{ call *call }
	hangUpOrder struct {
		attempt dialer.AttemptID
		why     string
	}
	overOrder  struct{ attempt dialer.AttemptID }
	closeOrder struct{}
)

// New starts a Caller. Close ends it.
func New(c Config) *Caller {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Behind == nil {
		c.Behind = func(string) *sip.Trunk { return nil }
	}
	if c.Devices == nil {
		c.Devices = func(string) []sip.Device { return nil }
	}
	if c.Secure == nil {
		c.Secure = func(string) media.Security { return media.Plain }
	}
	if c.Transfers == nil {
		c.Transfers = func(string) TransferRules { return TransferRules{} }
	}
	if c.Number == nil {
		c.Number = func(string) (string, error) { return "", errors.New("no number may be called from a transfer here") }
	}
	if c.Outside == nil {
		c.Outside = nobodyCounts
	}
	k := &Caller{cfg: c, orders: mailbox.New[any](), done: make(chan struct{}), crew: crew.New(), accept: acceptWithin}
	k.ctx, k.cancel = context.WithCancel(context.Background())
	go k.registry()
	return k
}

// Place starts the call of a committed attempt.
func (k *Caller) Place(a dialer.Attempt, l dialer.Lead) { k.orders.Put(placeOrder{newCall(k, a, l)}) }

// HangUp ends the call of an attempt, if it is still up.
func (k *Caller) HangUp(id dialer.AttemptID, why string) { k.orders.Put(hangUpOrder{id, why}) }

// Close hangs up every call, waits until each has reported its end, and
// releases everything.
func (k *Caller) Close() {
	k.orders.Put(closeOrder{})
	<-k.done
}

// registry owns the table of calls.
func (k *Caller) registry() {
	defer close(k.done)
	up := map[dialer.AttemptID]*call{}
	var batch []any
	for closing := false; !closing || len(up) > 0; {
		<-k.orders.Ready()
		batch = k.orders.Take(batch)
		for _, o := range batch {
			switch o := o.(type) {
			case placeOrder:
				c := o.call
				up[c.attempt.ID] = c
				if closing {
					c.cancel(errors.New(stopping))
				}
				c.start()
			case hangUpOrder:
				if c := up[o.attempt]; c != nil {
					c.hangUp(o.why)
				}
			case findOrder:
				o.found <- up[o.attempt]
			case listOrder:
				o.found <- slices.Collect(maps.Values(up))
			case overOrder:
				delete(up, o.attempt)
			case closeOrder:
				closing = true
				for _, c := range up {
					c.hangUp(stopping)
				}
			}
		}
	}
	k.calls.Wait()
	k.crew.Dismiss()
	k.cancel()
}

// stopping is why calls end when the program does.
const stopping = "dozvon is stopping"

// callID names the dialog of an attempt. It is unique per attempt, so that
// the far end's logs and ours can be laid side by side.
func callID(a dialer.Attempt) string {
	return fmt.Sprintf("%d-%d-%x", a.ID, a.Lead, uint64(a.Placed.UnixNano())&0xffffff)
}
