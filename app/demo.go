package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dozvon/audio"
	"dozvon/config"
	"dozvon/dialer/loop"
	"dozvon/scenarios"
	"dozvon/sip/siptest"
	"dozvon/store"
)

// DemoOptions are the settings of the demonstration.
type DemoOptions struct {
	Out      string // folder of the results; empty: a new one in the temporary folder
	Progress string
}

// In the demonstration nobody lets a phone ring for half a minute.
const demoRing = 3 * time.Second

// Demo runs the shipped scenarios from their shipped bases over real SIP and
// RTP on loopback, against simulated subscribers and operators.
func Demo(ctx context.Context, o DemoOptions, stdout, stderr io.Writer) error {
	started := time.Now()
	out, err := demoFolder(o.Out)
	if err != nil {
		return err
	}
	d := &demo{out: out, cfg: config.Default(), plans: map[string]plan{}}
	defer d.close()
	if err := d.stage(ctx); err != nil {
		return err
	}
	log := newLog(stderr, "warn")
	clock := &loop.WallClock{}
	enc := newEncoder(d.cfg, out, d.plans, log)
	db, err := openStore(ctx, filepath.Join(out, "demo.db"), enc, clock)
	if err != nil {
		return err
	}
	defer db.Close()
	say := newSayer(stdout, o.Progress)
	v, err := newVoice(d.cfg, log)
	if err != nil {
		return err
	}
	for _, name := range scenarios.ShippedNames() {
		if err := d.prepare(ctx, db, v, d.plans[name], clock, say); err != nil {
			return err
		}
	}
	s, err := newStation(ctx, d.cfg, db, enc, clock, d.plans, v, stationOptions{fastForward: true, recordings: out, log: log})
	if err != nil {
		return err
	}
	defer s.close()
	runErr := s.campaign(ctx, scenarios.ShippedNames(), o.Progress, stdout, stderr)
	return errors.Join(runErr, d.results(s, started, say, stdout, runErr))
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
	return out, os.MkdirAll(out, 0o755)
}

// demo is the far end of the demonstration, and what it is configured with.
type demo struct {
	out     string
	cfg     *config.Config
	plans   map[string]plan
	servers []*siptest.Server
}

// stage starts a simulated network per scenario and makes it the scenario's
// trunk and operators.
func (d *demo) stage(ctx context.Context) error {
	d.cfg.SIP.Listen = "127.0.0.1:0"
	d.cfg.SMS.File = filepath.Join(d.out, "sms.jsonl")
	d.cfg.Webhooks = []config.Webhook{{File: filepath.Join(d.out, "events.jsonl")}}
	d.cfg.Operators = map[string]config.Group{}
	for _, name := range scenarios.ShippedNames() {
		sc, err := scenarios.LoadShipped(name)
		if err != nil {
			return fmt.Errorf("the shipped scenario %s: %w", name, err)
		}
		quick := *sc
		quick.Call.Ring = demoRing
		server, book, err := demoServer(ctx, name)
		if err != nil {
			return err
		}
		d.servers = append(d.servers, server)
		d.cfg.Trunks = append(d.cfg.Trunks, config.Trunk{Name: name, Lines: config.DefaultLines, CPS: 20,
			URI: fmt.Sprintf("sip:demo@%s", server.Addr()), CallerID: "+74950000000"})
		for _, group := range sc.Groups() {
			g := d.cfg.Operators[group]
			for operator := range book.Operators {
				g.Addresses = append(g.Addresses, fmt.Sprintf("sip:%s@%s", operator, server.Addr()))
			}
			d.cfg.Operators[group] = g
		}
		d.plans[name] = plan{name: name, scenario: &quick, trunks: []string{name}}
	}
	return nil
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
		return nil, book, fmt.Errorf("the subscribers of %s: %w", name, err)
	}
	book.OperatorLaw = audio.ULaw
	server, err := siptest.Start(ctx, siptest.Config{Book: book})
	return server, book, err
}

// prepare imports the shipped base of a scenario and its prompts.
func (d *demo) prepare(ctx context.Context, db *store.Store, v *voice, p plan, clock *loop.WallClock, say *sayer) error {
	text, err := fs.ReadFile(scenarios.Shipped(), p.name+"/base.csv")
	if err != nil {
		return err
	}
	base := filepath.Join(d.out, p.name, "base.csv")
	if err := os.MkdirAll(filepath.Dir(base), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(base, text, 0o644); err != nil {
		return err
	}
	o := RunOptions{Base: base, Out: filepath.Dir(base), Region: "RU"}
	if err := importBase(ctx, db, p, o, clock.Now(), say); err != nil {
		return err
	}
	return v.prepare(ctx, db, p)
}

func (d *demo) results(s *station, started time.Time, say *sayer, stdout io.Writer, runErr error) error {
	for _, name := range scenarios.ShippedNames() {
		o := RunOptions{DB: filepath.Join(d.out, "demo.db"), Out: filepath.Join(d.out, name)}
		if err := s.results(o, d.plans[name], started, say, runErr); err != nil {
			return err
		}
	}
	bridged, err := filepath.Glob(filepath.Join(d.out, "recordings", "*.wav"))
	if err == nil {
		fmt.Fprintf(stdout, "\n%d recordings in %s\n", len(bridged), filepath.Join(d.out, "recordings"))
	}
	fmt.Fprintf(stdout, "texts: %s\nevents: %s\n", d.cfg.SMS.File, strings.TrimPrefix(d.cfg.Webhooks[0].Name(), "file:"))
	fmt.Fprintf(stdout, "took %s; the days between the attempts were skipped\n", time.Since(started).Round(time.Second))
	return nil
}

func (d *demo) close() {
	for _, s := range d.servers {
		s.Close()
	}
}
