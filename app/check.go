package app

import (
	"context"
	"fmt"
	"io"

	"dozvon/sip"
)

// CheckOptions say which trunks to check.
type CheckOptions struct {
	Trunks []string
	Config string
	Env    func(string) (string, bool)
}

// CheckTrunks asks each trunk whether it works and says what is wrong, in
// words. Nobody is called.
func CheckTrunks(ctx context.Context, o CheckOptions, stdout, stderr io.Writer) error {
	r := RunOptions{Trunks: o.Trunks, Config: o.Config, Env: o.Env}
	cfg, err := r.config()
	if err != nil {
		return err
	}
	s := &station{cfg: cfg, log: newLog(stderr, cfg.Log.Level, "warn")}
	defer s.close()
	if s.trunks, err = sipTrunks(cfg); err != nil {
		return Invalid(err)
	}
	if err := s.sockets(ctx, false); err != nil {
		return err
	}
	bad := 0
	for _, t := range cfg.Trunks {
		if err := s.phone.Ping(ctx, s.trunks[t.Name]); err != nil {
			bad++
			fmt.Fprintf(stdout, "%s: %v\n", t.Name, err)
			continue
		}
		fmt.Fprintf(stdout, "%s: answers at %s, asked from %s; a password is proved here only if the trunk asks for it\n",
			t.Name, shown(s.trunks[t.Name]), s.phone.Addr())
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d trunks do not work", bad, len(cfg.Trunks))
	}
	return nil
}

// shown is a trunk's address without what is not needed to find it.
func shown(t *sip.Trunk) string {
	host, port := hostPort(t.URI)
	return host + ":" + port
}
