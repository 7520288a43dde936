package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dozvon/config"
	"dozvon/dialer/loop"
	"dozvon/scenarios"
	"dozvon/sip"
)

// RunOptions are the settings of one campaign from a base; see `dozvon run
// --help` for each.
type RunOptions struct {
	Scenario, Base    string
	Trunks, Operators []string
	Lines             int
	CPS               float64
	DB, Out, Config   string
	Webhook           string
	Progress          string
	FastForward       bool
	Map               map[string]string
	Region, Campaign  string
	Env               func(string) (string, bool)
	OwnThreads        bool // the process is for these calls alone (media.Config.OwnThreads)

	ring time.Duration // how long phones ring, if not as the scenario says
}

// defaultCPS is polite to any provider (one call a second is what the
// strictest of them allow by default).
const defaultCPS = 1

// flushWait is how long a finished run waits for its last deliveries, and
// flushGrace how long for a try that has begun by then.
const (
	flushWait  = 30 * time.Second
	flushGrace = 5 * time.Second
)

// Run calls a base by a scenario until every lead is done. The error carries
// the exit code of the contract: see ExitCode.
func Run(ctx context.Context, o RunOptions, stdout, stderr io.Writer) error {
	return run(ctx, o, &loop.WallClock{}, stdout, stderr)
}

// run is Run by a clock that may stand at another day than today.
func run(ctx context.Context, o RunOptions, clock *loop.WallClock, stdout, stderr io.Writer) error {
	started := time.Now()
	if err := o.check(); err != nil {
		return err
	}
	cfg, err := o.config()
	if err != nil {
		return err
	}
	log := newLog(stderr, cfg.Log.Level, "warn")
	if o.OwnThreads {
		enlargeHeap()
	}
	sc, err := loadScenario(o.Scenario)
	if err != nil {
		return err
	}
	if o.ring > 0 {
		quick := *sc
		quick.Call.Ring, sc = o.ring, &quick
	}
	if o.Campaign == "" {
		o.Campaign = sc.Name
	}
	p := plan{name: o.Campaign, scenario: sc, lines: o.Lines}
	for _, t := range cfg.Trunks {
		p.trunks = append(p.trunks, t.Name)
	}
	plans := map[string]plan{p.name: p}
	if err := checkGroups(cfg, p, o.Operators); err != nil {
		return err
	}
	enc := newEncoder(cfg, o.DB, plans, log)
	db, err := openStore(ctx, cfg, o.DB, enc, clock)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := OutFolder(o.Out, "--out"); err != nil {
		return err
	}
	say := newSayer(stdout, o.Progress)
	if err := importBase(ctx, db, p, o, clock.Now(), say); err != nil {
		return err
	}
	v, err := newVoice(cfg, log)
	if err != nil {
		return Invalid(err)
	}
	defer v.close()
	if err := v.prepare(ctx, db, p); err != nil {
		return Invalid(err)
	}
	s, err := newStation(ctx, cfg, db, enc, clock, plans, v, stationOptions{
		fastForward: o.FastForward, recordings: o.Out, log: log, ownThreads: o.OwnThreads})
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.checkTrunks(ctx); err != nil {
		return err
	}
	if _, err := db.Hasten(ctx, time.Now()); err != nil { // a receiver that was down may be back
		return err
	}
	err = s.campaign(ctx, o.Progress, stdout, stderr)
	return errors.Join(err, s.results(o, p, started, say))
}

// check refuses what no run can mean, before any file is touched.
func (o *RunOptions) check() error {
	if err := checkProgress(o.Progress); err != nil {
		return err
	}
	if o.Lines < 0 || o.CPS < 0 {
		return Usage(errors.New("--lines and --cps cannot be negative; leave them out for the defaults"))
	}
	for _, uri := range o.Trunks {
		if _, err := sip.ParseTrunk(uri); err != nil {
			return Usage(fmt.Errorf("--trunk: %w", err))
		}
	}
	for _, uri := range o.Operators {
		if _, err := sip.ParseTrunk(uri); err != nil {
			return Usage(fmt.Errorf("--operator %q is no SIP address; write one such as sip:anna@10.0.0.5", uri))
		}
	}
	if u, err := url.Parse(o.Webhook); o.Webhook != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return Usage(fmt.Errorf("--webhook %q is no http(s) address; write one such as https://crm.example.org/dozvon", o.Webhook))
	}
	return nil
}

// checkProgress refuses a kind of display that there is not.
func checkProgress(mode string) error {
	if mode == "" || slices.Contains(ProgressModes, mode) {
		return nil
	}
	return Usage(fmt.Errorf("--progress cannot be %q; take one of %s", mode, strings.Join(ProgressModes, ", ")))
}

// config reads the configuration and lays the command line over it.
func (o *RunOptions) config() (*config.Config, error) {
	o.paths()
	cfg := config.Default()
	if o.Config != "" {
		var err error
		if cfg, err = config.Load(o.Config, o.Env); err != nil {
			return nil, Invalid(err)
		}
	}
	for i, uri := range o.Trunks {
		cfg.Trunks = append(cfg.Trunks, config.Trunk{Name: trunkName(i), URI: uri, Lines: config.DefaultLines})
	}
	if len(cfg.Trunks) == 0 {
		return nil, Usage(errors.New("there is no trunk to call through; give --trunk sip:login@provider.example or trunks in --config (docs/configuration.md)"))
	}
	for i := range cfg.Trunks {
		t := &cfg.Trunks[i]
		if o.Lines > 0 {
			t.Lines = o.Lines
		}
		if o.CPS > 0 {
			t.CPS = o.CPS
		}
		if t.CPS == 0 {
			t.CPS = defaultCPS
		}
	}
	if o.Webhook != "" {
		hook := config.Webhook{URL: o.Webhook}
		if secret, ok := o.Env("DOZVON_WEBHOOK_SECRET"); ok {
			hook.Secrets = []string{secret}
		}
		cfg.Webhooks = append(cfg.Webhooks, hook)
	}
	if o.Region == "" {
		o.Region = cfg.Numbers.Region
	}
	return cfg, checkRegion(o.Region)
}

// paths names the database and the output folder after the base.
func (o *RunOptions) paths() {
	stem := strings.TrimSuffix(o.Base, filepath.Ext(o.Base))
	if o.DB == "" {
		o.DB = stem + ".db"
	}
	if o.Out == "" {
		o.Out = stem + "-out"
	}
}

// loadScenario reads a scenario from a file, or a shipped one by its name.
func loadScenario(path string) (*scenarios.Scenario, error) {
	sc, err := scenarios.LoadFile(path)
	if err == nil {
		return sc, nil
	}
	if errors.Is(err, os.ErrNotExist) && !strings.ContainsAny(path, `/\.`) {
		if slices.Contains(scenarios.ShippedNames(), path) {
			return scenarios.LoadShipped(path)
		}
	}
	return nil, Invalid(err)
}

// checkGroups makes sure that every group the scenario connects people to has
// operators. Those of the command line serve every group.
func checkGroups(cfg *config.Config, p plan, operators []string) error {
	var missing []string
	for _, g := range p.scenario.Groups() {
		if len(operators) > 0 {
			if cfg.Operators == nil {
				cfg.Operators = map[string]config.Group{}
			}
			cfg.Operators[g] = config.Group{Addresses: operators, WrapUp: cfg.Operators[g].WrapUp}
		}
		if len(cfg.Operators[g].Addresses) == 0 {
			missing = append(missing, g)
		}
	}
	if len(missing) > 0 {
		return Invalid(fmt.Errorf("nobody was called: the scenario %s connects people to the operators %s, who have no address; give --operator sip:anna@10.0.0.5 or operators.%s in --config",
			p.scenario.Name, strings.Join(missing, ", "), missing[0]))
	}
	return nil
}

// results writes the files, prints the table and says how the run ended.
func (s *station) results(o RunOptions, p plan, started time.Time, say *sayer) error {
	ctx := context.Background() // results are written even after Ctrl-C
	if err := s.db.Export(ctx, p.name, o.Out, time.Since(started)); err != nil {
		return fmt.Errorf("the results in the database %s are complete, their files are not: %w", o.DB, err)
	}
	sum, err := s.db.Summary(ctx, p.name)
	if err != nil {
		return err
	}
	say.summary(p.scenario, sum, o.Out)
	return nil
}
