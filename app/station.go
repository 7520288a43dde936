package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"dozvon/calls"
	"dozvon/config"
	"dozvon/crm"
	"dozvon/dialer"
	"dozvon/dialer/loop"
	"dozvon/hearing/engines"
	"dozvon/hearing/prints"
	"dozvon/media"
	"dozvon/scenarios"
	"dozvon/sip"
	"dozvon/store"
)

// plan is a campaign to be run: its scenario and what the command line or the
// configuration say of it.
type plan struct {
	name     string
	scenario *scenarios.Scenario
	lines    int
	trunks   []string
	resident bool
	paused   bool
}

// station is everything that stands while calls are made: sockets, the desk
// of operators, the engine's loop, deliveries.
type station struct {
	cfg     *config.Config
	log     *slog.Logger
	db      *store.Store
	clock   *loop.WallClock
	plans   map[string]plan
	trunks  map[string]*sip.Trunk
	phone   *sip.Endpoint
	logins  []*sip.Registration
	media   *media.Engine
	desk    *calls.Operators
	caller  *calls.Caller
	loop    *loop.Loop
	lanes   *lanes
	observe []func(loop.Report)
	dialled func(dialer.Attempt, time.Time) // told when an INVITE leaves; nil: nobody is
	ears    *ears
	heard   func(engines.Event) // told what recognisers hear; nil: nobody is

	ownThreads bool // the process is for its calls alone

	announcements *prints.Shelf // those known again when they are heard
	recordings    string
}

// stationOptions are the settings of a station beyond its configuration.
type stationOptions struct {
	fastForward bool
	stay        bool
	recordings  string
	log         *slog.Logger
	ledger      dialer.Ledger // in place of the store; nil: the store
	ownThreads  bool          // media.Config.OwnThreads
	deaf        bool          // nobody listens to who answers
}

// openStore opens the database with an encoder that knows the plans. It comes
// before the station, as bases are imported before any socket opens.
func openStore(ctx context.Context, cfg *config.Config, path string, enc *crm.Encoder, clock *loop.WallClock) (*store.Store, error) {
	db, err := store.Open(ctx, path, store.Options{Encoder: encoder{enc, clock.Now}, Forbidden: forbidden(cfg)})
	return db, notDatabase(err)
}

// newEncoder makes the encoder of outgoing events: rows are made only for
// sinks that exist.
func newEncoder(cfg *config.Config, database string, plans map[string]plan, log *slog.Logger) *crm.Encoder {
	e := &crm.Encoder{Database: database, SMS: cfg.SMS.URL != "" || cfg.SMS.File != "", Transcripts: cfg.Hearing.Transcribe != nil, Log: log}
	for _, w := range cfg.Webhooks {
		e.Webhooks = append(e.Webhooks, crm.Subscription{Endpoint: w.Name(), Types: w.Types})
	}
	e.Render = func(ef dialer.Effect, l dialer.Lead, answers map[string]string) (dialer.Effect, error) {
		p, ok := plans[l.Campaign]
		if !ok {
			return ef, fmt.Errorf("the campaign %s has no scenario any more", l.Campaign)
		}
		return p.scenario.Render(ef, l, answers)
	}
	return e
}

// gatherFor is how long results may wait for others to be committed with them
// while calls come and go: unnoticed by people, and what a search for leads and
// two flushes cost is shared (docs/decisions/011).
const gatherFor = 80 * time.Millisecond

// newStation opens sockets and starts the owners of everything but the loop.
func newStation(ctx context.Context, cfg *config.Config, db *store.Store, enc *crm.Encoder, clock *loop.WallClock,
	plans map[string]plan, v *voice, o stationOptions) (_ *station, err error) {
	s := &station{cfg: cfg, log: o.log, db: db, clock: clock, plans: plans, ownThreads: o.ownThreads, recordings: o.recordings}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.trunks, err = sipTrunks(cfg); err != nil {
		return nil, Invalid(err)
	}
	if err := s.checkOperators(); err != nil {
		return nil, Invalid(err)
	}
	if s.announcements, err = openAnnouncements(cfg, o.log); err != nil {
		return nil, err
	}
	s.desk = newDesk(cfg)
	if err := s.sockets(ctx, o.ownThreads); err != nil {
		return nil, err
	}
	if o.recordings != "" {
		if enc.Recordings, err = filepath.Abs(o.recordings); err != nil {
			return nil, err
		}
	}
	if s.lanes, err = newLanes(cfg, db, enc, o.log); err != nil {
		return nil, Invalid(err)
	}
	if s.ears, err = openEars(ctx, cfg, plans, s.hears, o.log); err != nil {
		return nil, Invalid(err)
	}
	if err := s.makeCaller(plans, v, o); err != nil {
		return nil, err
	}
	if o.ledger == nil {
		o.ledger = db
	}
	s.loop = loop.New(loop.Config{
		Engine: dialer.New(), Ledger: o.ledger, Caller: s.caller, Clock: clock,
		FastForward: o.fastForward, Stay: o.stay, Gather: gatherFor, Log: o.log, Observe: s.turned,
	})
	if err := s.limit(ctx); err != nil {
		return nil, err
	}
	s.register()
	if err := s.watch(); err != nil {
		return nil, Invalid(err)
	}
	return s, nil
}

// makeCaller makes the owner of calls out of what the station has opened.
func (s *station) makeCaller(plans map[string]plan, v *voice, o stationOptions) error {
	listening, err := s.listening()
	if err != nil {
		return err
	}
	if o.deaf {
		listening = nil
	}
	s.caller = calls.New(calls.Config{
		Phone: s.phone, Media: s.media, Trunks: s.trunks, Desk: s.desk, Voice: v,
		Recognizer: s.ears.recognizer(),
		Listening:  listening,
		Scenario:   func(name string) *scenarios.Scenario { return plans[name].scenario },
		Post:       func(ev dialer.Event) { s.loop.Post(ev) },
		Now:        s.clock.Now,
		Behind:     s.behind,
		CallerIDs:  callerIDs(s.cfg),
		Devices:    s.phone.Devices,
		Secure:     s.secure,
		Transfers:  s.transfers,
		Number:     transferable(s.cfg),
		Outside:    func(ev dialer.Outside, answer func(error)) { s.loop.Outside(ev, answer) },
		Dialled:    s.left,
		Recordings: o.recordings,
		Log:        o.log,
	})
	return nil
}

// register tells the engine of trunks and campaigns.
func (s *station) register() {
	for _, t := range s.cfg.Trunks {
		s.loop.Post(dialer.SetTrunk{Trunk: dialer.TrunkLimits{Name: t.Name, Lines: t.Lines, CPS: t.CPS}})
	}
	for _, name := range slices.Sorted(maps.Keys(s.plans)) {
		p := s.plans[name]
		s.loop.Post(dialer.AddCampaign{Campaign: s.plan(p)})
		if p.paused {
			s.loop.Post(dialer.Pause{Campaign: name, Reason: dialer.PauseUser})
		}
	}
}

// turned is called on the loop's goroutine after each turn.
func (s *station) turned(r loop.Report) {
	if len(r.Saved)+len(r.Campaigns) > 0 {
		s.lanes.poke()
	}
	for _, f := range s.observe {
		f(r)
	}
}

// left is called when an attempt's INVITE leaves.
func (s *station) left(a dialer.Attempt, at time.Time) {
	if s.dialled != nil {
		s.dialled(a, at)
	}
}

func (s *station) sockets(ctx context.Context, own bool) error {
	listen, err := netip.ParseAddrPort(s.cfg.SIP.Listen)
	if err != nil {
		return Invalid(fmt.Errorf("sip.listen: %w", err))
	}
	ip := listen.Addr()
	if ip.IsUnspecified() {
		if ip, err = s.ownIP(ctx); err != nil {
			return err
		}
	}
	conf, err := s.sipConfig(ip, listen.Port())
	if err != nil {
		return Invalid(err)
	}
	if s.phone, err = sip.Listen(ctx, conf); err != nil {
		return fmt.Errorf("the SIP socket on %s cannot be opened: %w", s.cfg.SIP.Listen, err)
	}
	if s.cfg.Media.IP != "" {
		ip = netip.MustParseAddr(s.cfg.Media.IP) // checked by config
	}
	from, to, err := s.cfg.Media.PortRange()
	if err != nil {
		return Invalid(err)
	}
	s.media, err = media.New(media.Config{IP: ip, PortMin: from, PortMax: to, OwnThreads: own, Log: s.log})
	if err != nil {
		return fmt.Errorf("RTP ports %s on %s cannot be used: %w", s.cfg.Media.Ports, ip, err)
	}
	return nil
}

// newDesk opens the desk. An operator who is an account is not ready until a
// phone has registered.
func newDesk(cfg *config.Config) *calls.Operators {
	desk := calls.NewOperators(operatorGroups(cfg)...)
	for account := range cfg.Phones {
		desk.Reachable(account, false)
	}
	return desk
}

func operatorGroups(cfg *config.Config) []dialer.Group {
	groups := make([]dialer.Group, 0, len(cfg.Operators))
	for name, g := range cfg.Operators {
		groups = append(groups, dialer.Group{Name: name, Addresses: g.Addresses, WrapUp: time.Duration(g.WrapUp)})
	}
	return groups
}

// checkTrunks asks every trunk whether it works. It is an error if none does,
// and a warning for each other one.
func (s *station) checkTrunks(ctx context.Context) error {
	var faults []error
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, t := range s.trunks {
		wg.Go(func() {
			if err := s.phone.Ping(ctx, t); err != nil {
				mu.Lock()
				faults = append(faults, err)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(faults) == len(s.trunks) {
		return fmt.Errorf("nobody was called, no trunk answers:\n%w", errors.Join(faults...))
	}
	for _, err := range faults {
		s.log.Warn("a trunk does not answer", "error", err)
	}
	return nil
}

// close releases everything; it may be called at any stage.
func (s *station) close() {
	if s.caller != nil {
		s.caller.Close()
	}
	s.ears.close()
	if s.desk != nil {
		s.desk.Close()
	}
	s.leave()
	if s.phone != nil {
		s.phone.Close()
	}
	if s.media != nil {
		s.media.Close()
	}
}

// trunkName is the name of the nth trunk given on the command line.
func trunkName(n int) string { return "trunk" + strconv.Itoa(n+1) }
