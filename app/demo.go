package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"dozvon/audio"
	"dozvon/config"
	"dozvon/dialer/loop"
	"dozvon/scenarios"
	"dozvon/sip/siptest"
)

// DemoOptions are the settings of the demonstration.
type DemoOptions struct {
	Out      string // folder of the results; empty: a new one in the temporary folder
	Progress string
}

// In the demonstration there are lines enough, and nobody lets a phone ring for half a minute.
const (
	demoRing  = 2 * time.Second
	demoLines = 20
	demoCPS   = 20
)

// Demo runs the shipped scenarios from their shipped bases over real SIP and
// RTP on loopback, against simulated subscribers and operators.
func Demo(ctx context.Context, o DemoOptions, stdout, stderr io.Writer) error {
	started := time.Now()
	if err := checkProgress(o.Progress); err != nil {
		return err
	}
	out, err := demoFolder(o.Out)
	if err != nil {
		return err
	}
	d := &demo{out: out, log: newLog(stderr, "warn", ""), say: newSayer(stdout, o.Progress)}
	defer d.close()
	for _, name := range scenarios.ShippedNames() {
		if err := d.stage(ctx, name); err != nil {
			return fmt.Errorf("the campaign %s: %w", name, err)
		}
	}
	ends := together(ctx, d.stations, o.Progress, stdout, stderr)
	for i, s := range d.stations {
		p := d.plans[i]
		o := RunOptions{DB: filepath.Join(out, p.name, "campaign.db"), Out: filepath.Join(out, p.name)}
		ends[i] = errors.Join(ends[i], s.results(o, p, started, d.say))
	}
	fmt.Fprintf(stdout, "\nrecordings, texts (sms.jsonl) and events (events.jsonl) stand beside each campaign's files\n")
	fmt.Fprintf(stdout, "took %s; the days between the attempts were skipped\n", time.Since(started).Round(time.Second))
	return errors.Join(ends...)
}

func demoFolder(out string) (string, error) {
	if out == "" {
		dir, err := os.MkdirTemp("", "dozvon-demo-")
		if err != nil {
			return "", fmt.Errorf("no folder for the results can be made: %w; name one with --out", err)
		}
		return dir, nil
	}
	if entries, err := os.ReadDir(out); err == nil && len(entries) > 0 {
		return "", Usage(fmt.Errorf("the folder %s is not empty; name a new one", out))
	}
	return out, OutFolder(out, "--out")
}

// demo is the campaigns of the demonstration, each with a clock, a database
// and a simulated network of its own, so that they run side by side.
type demo struct {
	out      string
	log      *slog.Logger
	say      *sayer
	plans    []plan
	stations []*station
	closers  []func()
}

// stage prepares one campaign: its far end, base, prompts and station.
func (d *demo) stage(ctx context.Context, name string) error {
	sc, err := scenarios.LoadShipped(name)
	if err != nil {
		return err
	}
	quick := *sc
	quick.Call.Ring = demoRing
	p := plan{name: name, scenario: &quick, trunks: []string{name}}
	dir := filepath.Join(d.out, name)
	base, err := shippedBase(name, dir)
	if err != nil {
		return err
	}
	server, book, err := demoServer(ctx, name)
	if err != nil {
		return err
	}
	d.closers = append(d.closers, func() { server.Close() })
	cfg := demoConfig(p, dir, server.Addr().String(), book)

	clock, plans := &loop.WallClock{}, map[string]plan{name: p}
	enc := newEncoder(cfg, dir, plans, d.log)
	db, err := openStore(ctx, cfg, filepath.Join(dir, "campaign.db"), enc, clock)
	if err != nil {
		return err
	}
	d.closers = append(d.closers, func() { db.Close() })
	if err := importBase(ctx, db, p, RunOptions{Base: base, Out: dir, Region: "RU"}, clock.Now(), d.say); err != nil {
		return err
	}
	v, err := newVoice(cfg, d.log)
	if err != nil {
		return err
	}
	d.closers = append(d.closers, v.close)
	if err := v.prepare(ctx, db, p); err != nil {
		return err
	}
	s, err := newStation(ctx, cfg, db, enc, clock, plans, v, stationOptions{fastForward: true, recordings: dir, log: d.log})
	if err != nil {
		return err
	}
	d.closers = append(d.closers, s.close)
	d.plans, d.stations = append(d.plans, p), append(d.stations, s)
	return nil
}

// demoConfig makes the simulated network the campaign's trunk and operators.
func demoConfig(p plan, dir, address string, book siptest.Book) *config.Config {
	cfg := config.Default()
	cfg.SIP.Listen = "127.0.0.1:0"
	cfg.SMS.File = filepath.Join(dir, "sms.jsonl")
	cfg.Webhooks = []config.Webhook{{File: filepath.Join(dir, "events.jsonl")}}
	cfg.Trunks = []config.Trunk{{Name: p.name, Lines: demoLines, CPS: demoCPS, URI: "sip:demo@" + address, CallerID: "+74950000000"}}
	cfg.Operators = map[string]config.Group{}
	for _, group := range p.scenario.Groups() {
		var g config.Group
		for _, operator := range slices.Sorted(maps.Keys(book.Operators)) {
			g.Addresses = append(g.Addresses, fmt.Sprintf("sip:%s@%s", operator, address))
		}
		cfg.Operators[group] = g
	}
	return cfg
}

// demoServer plays the subscribers that come with a scenario. Its operators
// prefer µ-law, so that every bridge joins two laws.
func demoServer(ctx context.Context, name string) (*siptest.Server, siptest.Book, error) {
	f, err := scenarios.Shipped().Open(name + "/subscribers.yaml")
	if err != nil {
		return nil, siptest.Book{}, err
	}
	defer f.Close()
	book, err := siptest.LoadBook(f)
	if err != nil {
		return nil, book, fmt.Errorf("its subscribers: %w", err)
	}
	book.OperatorLaw = audio.ULaw
	server, err := siptest.Start(ctx, siptest.Config{Book: book})
	return server, book, err
}

// shippedBase writes the base that comes with a scenario into a folder, so
// that people can look at it beside the results.
func shippedBase(name, dir string) (string, error) {
	text, err := fs.ReadFile(scenarios.Shipped(), name+"/base.csv")
	if err != nil {
		return "", err
	}
	base := filepath.Join(dir, "base.csv")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("the folder %s cannot be made: %w", dir, err)
	}
	return base, os.WriteFile(base, text, 0o644)
}

// close releases everything, the newest first.
func (d *demo) close() {
	for _, f := range slices.Backward(d.closers) {
		f()
	}
}
