package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"dozvon/config"
	"dozvon/crm"
	"dozvon/store"
)

// withStore opens the database of a run for one command, and makes none.
func withStore(ctx context.Context, path string, do func(*store.Store) error) error {
	if err := mustExist(path); err != nil {
		return err
	}
	return withNewStore(ctx, path, do)
}

// withNewStore is withStore also before the first run.
func withNewStore(ctx context.Context, path string, do func(*store.Store) error) error {
	db, err := store.Open(ctx, path, store.Options{})
	if err != nil {
		return notDatabase(err)
	}
	defer db.Close()
	return do(db)
}

// mustExist refuses a database that a command would have to make.
func mustExist(path string) error {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return Invalid(fmt.Errorf("there is no database %s; name that of a run or of the service with --db", path))
	}
	return nil
}

// notDatabase marks as a fault of the input that a file is something else.
func notDatabase(err error) error {
	if errors.Is(err, store.ErrNotADatabase) {
		return Invalid(err)
	}
	return err
}

// AddDNC puts numbers on the do-not-call list of a database and returns how
// many of them are on it now.
func AddDNC(ctx context.Context, path string, phones []string, reason string) (n int, err error) {
	rows := "phone\n" + strings.Join(phones, "\n") // with its title every row is a number, be it a bad one
	err = withNewStore(ctx, path, func(db *store.Store) error {
		report, err := db.ImportDNC(ctx, strings.NewReader(rows), "RU", reason, time.Now())
		n = report.Rows - len(report.Rejected) - report.More
		if err == nil && len(report.Rejected) > 0 {
			first := report.Rejected[0]
			err = fmt.Errorf("%d of the numbers cannot be read, the first one %q: %s; write it as +79161234567 and add it again",
				len(report.Rejected)+report.More, phones[max(0, min(first.Line-2, len(phones)-1))], first.Reason)
		}
		return err
	})
	return n, err
}

// RemoveDNC takes a number off the do-not-call list of a database.
func RemoveDNC(ctx context.Context, path, phone string) error {
	return withStore(ctx, path, func(db *store.Store) error {
		found, err := db.RemoveDNC(ctx, phone)
		if err == nil && !found {
			err = fmt.Errorf("%s is not on the do-not-call list of %s; `dozvon dnc list` shows it", phone, path)
		}
		return err
	})
}

// EachDNC calls do for each number of the do-not-call list of a database.
func EachDNC(ctx context.Context, path string, do func(phone, reason string, at time.Time)) error {
	return withStore(ctx, path, func(db *store.Store) error {
		for after := ""; ; {
			page, err := db.ListDNC(ctx, after, 1000)
			if err != nil || len(page) == 0 {
				return err
			}
			for _, e := range page {
				do(e.Phone, e.Reason, e.AddedAt)
				after = e.Phone
			}
		}
	})
}

// DeadDeliveries returns what a run gave up to deliver.
func DeadDeliveries(ctx context.Context, path string) (dead []store.Delivery, err error) {
	err = withStore(ctx, path, func(db *store.Store) error {
		for after := int64(0); ; {
			page, err := db.Dead(ctx, after, 1000)
			if err != nil || len(page) == 0 {
				return err
			}
			dead = append(dead, page...)
			after = page[len(page)-1].ID
		}
	})
	return dead, err
}

// ReplayOptions say which dead deliveries of a database to send again.
type ReplayOptions struct {
	DB, Config string
	IDs        []int64 // none: all
	Env        func(string) (string, bool)
}

// ReplayDeliveries makes dead deliveries pending again and, with a
// configuration, sends them now together with those that are kept for later.
// It returns how many are on their way.
func ReplayDeliveries(ctx context.Context, o ReplayOptions) (n int, err error) {
	err = withStore(ctx, o.DB, func(db *store.Store) error {
		if n, err = db.Replay(ctx, time.Now(), o.IDs...); err != nil || o.Config == "" {
			return err
		}
		cfg, err := config.Load(o.Config, o.Env)
		if err != nil {
			return Invalid(err)
		}
		for _, w := range cfg.Webhooks { // an endpoint that was turned off is tried again
			if err := db.TurnOn(ctx, w.Name()); err != nil {
				return err
			}
		}
		if _, err := db.Hasten(ctx, time.Now()); err != nil {
			return err
		}
		st, err := db.OutboxStats(ctx)
		if err != nil {
			return err
		}
		n = st.Pending + st.Waiting
		return deliverNow(ctx, cfg, db, newEncoder(cfg, o.DB, nil, discard()))
	})
	return n, err
}

// deliverNow runs the lanes until nothing is left that can be sent soon.
func deliverNow(ctx context.Context, cfg *config.Config, db *store.Store, enc *crm.Encoder) error {
	l, err := newLanes(cfg, db, enc, discard())
	if err != nil {
		return Invalid(err)
	}
	stop := l.start()
	defer stop()
	return l.flushKept(ctx, db, time.Now().Add(flushWait))
}

func discard() *slog.Logger { return newLog(io.Discard, "error", "") }
