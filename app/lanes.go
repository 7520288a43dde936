package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"dozvon/config"
	"dozvon/crm"
	"dozvon/store"
)

// lanes are the workers that deliver what leaves: one per webhook, one for
// text messages.
type lanes struct {
	workers []*crm.Worker
	files   []*crm.File
	tried   func(lane crm.Lane, result string) // told of every try; nil: nobody counts; set before start
}

func newLanes(cfg *config.Config, db *store.Store, enc *crm.Encoder, log *slog.Logger) (*lanes, error) {
	l := &lanes{}
	for _, w := range cfg.Webhooks {
		sender, err := l.hookSender(cfg, w)
		if err != nil {
			return nil, err
		}
		if err := l.add(db, enc, log, crm.Lane{Kind: crm.KindWebhook, Endpoint: w.Name()}, sender, w.Tries); err != nil {
			return nil, err
		}
	}
	if t := newTranscripts(cfg, db, enc); t != nil {
		lane := crm.Lane{Kind: crm.KindTranscript}
		if err := l.add(db, enc, log, lane, t, cfg.Hearing.Transcribe.Tries); err != nil {
			return nil, err
		}
	}
	sender, err := l.smsSender(cfg)
	if err != nil || sender == nil {
		return l, err
	}
	return l, l.add(db, enc, log, crm.Lane{Kind: crm.KindSMS}, sender, cfg.SMS.Tries)
}

func (l *lanes) hookSender(cfg *config.Config, w config.Webhook) (crm.Sender, error) {
	if w.File != "" {
		return l.file(cfg.Path(w.File))
	}
	return crm.NewWebhook(crm.WebhookConfig{URL: w.URL, Secrets: w.Secrets})
}

func (l *lanes) file(path string) (crm.Sender, error) {
	f, err := crm.OpenFile(path)
	if err != nil {
		return nil, err
	}
	l.files = append(l.files, f)
	return f, nil
}

// smsSender is the gateway, the file, or nil.
func (l *lanes) smsSender(cfg *config.Config) (crm.Sender, error) {
	switch {
	case cfg.SMS.File != "":
		return l.file(cfg.Path(cfg.SMS.File))
	case cfg.SMS.URL != "":
		return crm.NewGateway(crm.GatewayConfig{Method: cfg.SMS.Method, URL: cfg.SMS.URL, Headers: cfg.SMS.Headers,
			Body: cfg.SMS.Body, SuccessPath: cfg.SMS.SuccessPath, SuccessIs: cfg.SMS.SuccessIs, Env: cfg.Env})
	}
	return nil, nil
}

func (l *lanes) add(db *store.Store, enc *crm.Encoder, log *slog.Logger, lane crm.Lane, sender crm.Sender, tries int) error {
	c := crm.WorkerConfig{
		Lane: lane, Outbox: outbox{db}, Sender: sender, Log: log, Added: l.poke, Retry: crm.Retry{Tries: tries},
		Tried: func(lane crm.Lane, result string) {
			if l.tried != nil {
				l.tried(lane, result)
			}
		},
		Alert: func(now time.Time, name, text string) []crm.Item { return enc.Alert(now, "", name, text) },
	}
	if _, ok := sender.(*crm.File); ok {
		c.Parallel = 1 // keeps the lines in order
	}
	switch s := sender.(type) {
	case *transcripts:
		c.Follow, c.Parallel = s.follow, 2
	default:
		if lane.Kind == crm.KindSMS {
			c.Follow = enc.SMSResult
		}
	}
	if lane.Kind == crm.KindWebhook {
		c.Switches = outbox{db}
	}
	w, err := crm.NewWorker(c)
	if err != nil {
		return err
	}
	l.workers = append(l.workers, w)
	return nil
}

// poke tells every worker that there may be something new.
func (l *lanes) poke() {
	for _, w := range l.workers {
		w.Poke()
	}
}

// start runs the workers; stop ends them.
func (l *lanes) start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, w := range l.workers {
		wg.Go(func() { _ = w.Run(ctx) }) // it ends with ctx only
	}
	return func() {
		cancel()
		wg.Wait()
		for _, f := range l.files {
			f.Close()
		}
	}
}

// flush waits until everything that can be delivered by that time has been,
// texts first, as their fate is told by webhook.
func (l *lanes) flush(ctx context.Context, until time.Time) error {
	for i := len(l.workers) - 1; i >= 0; i-- {
		if err := l.workers[i].FlushUntil(ctx, until); err != nil {
			return fmt.Errorf("some deliveries are still under way; the next run or `dozvon delivery` goes on with them: %w", err)
		}
	}
	return nil
}

// flushKept is flush; the error says what is left for later.
func (l *lanes) flushKept(ctx context.Context, db *store.Store, until time.Time) error {
	flushing, cancel := context.WithTimeout(ctx, flushWait+flushGrace)
	defer cancel()
	if err := l.flush(flushing, until); err != nil {
		return err
	}
	st, err := db.OutboxStats(ctx)
	if err != nil {
		return err
	}
	if kept := st.Pending + st.Waiting; kept > 0 {
		return fmt.Errorf("%d deliveries could not be made and are kept in the database; the next run tries them again, and `dozvon delivery replay --db FILE --all --config FILE` does at once (endpoints that were turned off are turned on by it)", kept)
	}
	return nil
}
