package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	"dozvon/config"
	"dozvon/crm"
	"dozvon/dialer/loop"
	"dozvon/store"
	"dozvon/web"
)

// ServeOptions are the settings of the service; see `dozvon serve --help`.
type ServeOptions struct {
	Config, DB, Data string
	Listen           string
	Version          string
	Env              func(string) (string, bool)
	OwnThreads       bool // the process is for its calls alone (media.Config.OwnThreads)
}

// Serve runs the campaigns of the configuration, the API and the deliveries
// until it is told to stop. ready, if given, is called with the API's address
// once requests are taken.
func Serve(ctx context.Context, o ServeOptions, stdout, stderr io.Writer, ready func(address string)) error {
	cfg, err := config.Load(o.Config, o.Env)
	if err != nil {
		return Invalid(err)
	}
	if o.Listen != "" {
		cfg.Serve.Listen = o.Listen
	}
	if err := checkRegion(cfg.Numbers.Region); err != nil {
		return err
	}
	log := newLog(stderr, cfg.Log.Level, "info")
	if o.OwnThreads {
		enlargeHeap()
	}
	tokens, err := webTokens(cfg)
	if err != nil {
		return Invalid(err)
	}
	if err := OutFolder(o.Data, "--data"); err != nil {
		return err
	}
	clock := &loop.WallClock{}
	plans := map[string]plan{}
	enc := newEncoder(cfg, o.DB, plans, log)
	db, err := openStore(ctx, cfg, o.DB, enc, clock)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := loadPlans(ctx, cfg, db, clock, plans); err != nil {
		return err
	}
	v, err := newVoice(cfg, log)
	if err != nil {
		return Invalid(err)
	}
	defer v.close()
	for _, p := range plans {
		if err := v.prepare(ctx, db, p); err != nil {
			return Invalid(err)
		}
	}
	s, err := newStation(ctx, cfg, db, enc, clock, plans, v, stationOptions{stay: true, recordings: o.Data, log: log, ownThreads: o.OwnThreads})
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.checkTrunks(ctx); err != nil {
		log.Warn("calls wait until a trunk answers", "error", err)
	}
	return s.serve(ctx, o, tokens, stdout, ready)
}

// loadPlans reads the scenarios of the configuration and registers their
// campaigns in the store.
func loadPlans(ctx context.Context, cfg *config.Config, db *store.Store, clock *loop.WallClock, plans map[string]plan) error {
	if len(cfg.Campaigns) == 0 {
		return Invalid(errors.New("the configuration has no campaigns; add campaigns.NAME.scenario (docs/configuration.md)"))
	}
	var faults []error
	for name, c := range cfg.Campaigns {
		p, err := servePlan(cfg, name, c)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if p.paused, err = held(ctx, db, name, c.Paused); err != nil {
			return err
		}
		plans[name] = p
		err = db.PutCampaign(ctx, store.Campaign{Name: name, Region: cfg.Numbers.Region, Zone: p.scenario.Window.Default,
			Recent: capped(p.scenario.Policy)}, clock.Now())
		if err != nil {
			return err
		}
	}
	if len(faults) > 0 {
		return Invalid(errors.Join(faults...))
	}
	return nil
}

func servePlan(cfg *config.Config, name string, c config.Campaign) (plan, error) {
	path := c.Scenario
	if filepath.Ext(path) != "" {
		path = cfg.Path(path)
	}
	sc, err := loadScenario(path)
	if err != nil {
		return plan{}, fmt.Errorf("campaign %s: %w", name, err)
	}
	p := plan{name: name, scenario: sc, lines: c.Lines, trunks: c.Trunks, resident: true, paused: c.Paused}
	if len(p.trunks) == 0 {
		for _, t := range cfg.Trunks {
			p.trunks = append(p.trunks, t.Name)
		}
	}
	return p, checkGroups(cfg, p, nil)
}

func webTokens(cfg *config.Config) ([]web.Token, error) {
	if len(cfg.Serve.Tokens) == 0 {
		return nil, errors.New("the configuration has no serve.tokens; without one nobody can use the API")
	}
	tokens := make([]web.Token, len(cfg.Serve.Tokens))
	for i, t := range cfg.Serve.Tokens {
		var err error
		if tokens[i], err = web.NewToken(t.Name, web.Role(t.Role), t.Partner, t.Token); err != nil {
			return nil, err
		}
	}
	return tokens, nil
}

// serve runs loop, deliveries and API together; the end of one ends all.
func (s *station) serve(ctx context.Context, o ServeOptions, tokens []web.Token, stdout io.Writer, ready func(string)) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	hub, metrics := web.NewHub(), web.NewMetrics(o.Version)
	s.observe = append(s.observe, meter{hub, metrics}.turned)
	s.lanes.tried = func(l crm.Lane, result string) { metrics.Delivered(string(l.Kind), result) }
	watch := newStopwatch(metrics.PushToInvite)
	s.dialled = watch.dialled
	s.heard = countHearing(metrics)
	api := service{station: s, watch: watch}
	handler := web.New(web.Config{Leads: api, Campaigns: api, Calls: api, Lists: api, DNC: api, Deliveries: api, Ready: api, Announcements: api,
		Tokens: tokens, Events: hub, Metrics: metrics, Version: o.Version, Log: s.log})

	listener, err := net.Listen("tcp", s.cfg.Serve.Listen)
	if err != nil {
		return fmt.Errorf("the API's address %s cannot be used: %w; change serve.listen", s.cfg.Serve.Listen, rootCause(err))
	}
	address := listener.Addr().String()

	var wg sync.WaitGroup
	stopLanes := s.lanes.start()
	var loopErr, webErr error
	wg.Go(func() { hub.Run(ctx) })
	wg.Go(func() { watch.run(ctx) })
	wg.Go(func() { s.keepGauges(ctx, metrics) })
	metrics.WatchDoor(func() web.Door {
		n := s.phone.Strangers()
		return web.Door{Answered: n.Answered, Dropped: n.Dropped, Refused: n.Refused, Connections: n.Connections, Phones: n.Devices}
	})
	wg.Go(func() { s.guardVoice(ctx, metrics.SetMedia) })
	wg.Go(func() { defer stop(); loopErr = s.loop.Run(ctx) })
	wg.Go(func() { defer stop(); webErr = web.ServeOn(ctx, listener, handler) })
	fmt.Fprintf(stdout, "the API is at http://%s/api/v1, its description at http://%s/openapi.json\n", address, address)
	if ready != nil {
		ready(address)
	}
	wg.Wait()
	stopLanes()
	if errors.Is(loopErr, context.Canceled) {
		loopErr = nil // told to stop, and every call is ended
	}
	return errors.Join(loopErr, webErr)
}
