package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"dozvon/app"
	"dozvon/audio"
	"dozvon/internal/reason"
	"dozvon/sip/siptest"

	"github.com/spf13/cobra"
)

type subscribersOptions struct {
	listen, book, journal, records string
	user, passwordFile, algorithm  string
	tcp, ulaw, quiet               bool
	proxy, inDialog                bool
	core                           int
}

func (p program) subscribersCommand() *cobra.Command {
	var o subscribersOptions
	c := &cobra.Command{
		Use:   "subscribers",
		Short: "simulated people and operators as a SIP server, for tests of any dialer",
		Long: `A SIP server whose subscribers answer, listen, press keys, speak, hang up, are
busy, switched off, unknown, or a voicemail: by number, or drawn from a seeded
mix. Real SIP and RTP; meant for loopback. The behaviour comes from a book in
YAML (see sip/siptest/README.md); without one, everybody answers and presses 1.`,
		Example: `  dozvon subscribers --listen 127.0.0.1:5080 --book people.yaml --journal calls.jsonl
  dozvon run lead.yaml --base leads.csv --trunk sip:demo@127.0.0.1:5080 --fast-forward
  dozvon subscribers profiles`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.subscribers(c, o) },
	}
	f := c.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:5080", "IP:port of the SIP server")
	f.BoolVar(&o.tcp, "tcp", false, "listen on TCP as well")
	f.StringVar(&o.book, "book", "", "YAML `FILE` of who answers how")
	f.StringVar(&o.journal, "journal", "", "`FILE` that gets a JSON line per event")
	f.StringVar(&o.records, "record", "", "`DIR` that gets a stereo WAV per answered call")
	f.StringVar(&o.user, "user", "", "ask every caller for this login")
	f.StringVar(&o.passwordFile, "password-file", "", "`FILE` with the password of --user")
	f.StringVar(&o.algorithm, "auth-alg", "MD5", "digest of the challenge: MD5 or SHA-256")
	f.BoolVar(&o.proxy, "proxy-auth", false, "challenge with 407 instead of 401")
	f.BoolVar(&o.inDialog, "auth-in-dialog", false, "challenge BYE, INFO and re-INVITE too")
	f.BoolVar(&o.ulaw, "ulaw", false, "operators prefer G.711 µ-law, so that bridges have two laws")
	f.IntVar(&o.core, "core", -1, "run on this processor only (Linux)")
	f.BoolVar(&o.quiet, "quiet", false, "no counts every ten seconds")
	c.AddCommand(auditCommand(), profilesCommand())
	return c
}

func (p program) subscribers(c *cobra.Command, o subscribersOptions) error {
	if o.core >= 0 {
		if err := app.Pin(o.core); err != nil {
			return app.Usage(fmt.Errorf("processor %d cannot be used: %w; --core takes 0 to %d here", o.core, err, runtime.NumCPU()-1))
		}
	}
	cfg, err := subscriberConfig(o)
	if err != nil {
		return err
	}
	if o.journal != "" {
		f, err := os.OpenFile(o.journal, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			return fmt.Errorf("the journal %s cannot be written: %w; name another file with --journal", o.journal, reason.Of(err))
		}
		defer f.Close()
		cfg.Journal = f
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s, err := siptest.Start(ctx, cfg)
	if err != nil {
		return fmt.Errorf("the subscribers cannot start: %w", err)
	}
	defer s.Close()
	w := c.OutOrStdout()
	fmt.Fprintf(w, "subscribers listen on %s; Ctrl-C ends them\n", s.Addr())
	waitWithCounts(ctx, o.quiet, func() { _ = s.Stats().WriteTable(w) })
	fmt.Fprintln(w)
	return s.Stats().WriteTable(w)
}

func subscriberConfig(o subscribersOptions) (siptest.Config, error) {
	addr, err := netip.ParseAddrPort(o.listen)
	if err != nil {
		return siptest.Config{}, app.Usage(fmt.Errorf("%q is no address; write IP:port, for example 127.0.0.1:5080", o.listen))
	}
	cfg := siptest.Config{IP: addr.Addr(), Port: int(addr.Port()), TCP: o.tcp, RecordDir: o.records}
	if cfg.Book, err = readBook(o.book); err != nil {
		return cfg, err
	}
	if o.ulaw {
		cfg.Book.OperatorLaw = audio.ULaw
	}
	if o.records != "" {
		if err := app.OutFolder(o.records, "--record"); err != nil {
			return cfg, err
		}
	}
	cfg.Auth, err = o.credentials()
	return cfg, err
}

// credentials are what callers are asked for; nil: nothing.
func (o subscribersOptions) credentials() (*siptest.Credentials, error) {
	switch {
	case o.user == "" && o.passwordFile == "":
		return nil, nil
	case o.user == "" || o.passwordFile == "":
		return nil, app.Usage(errors.New("--user and --password-file belong together; name both, or none"))
	case !slices.Contains([]string{"MD5", "SHA-256"}, strings.ToUpper(o.algorithm)):
		return nil, app.Usage(fmt.Errorf("--auth-alg cannot be %q; take MD5 or SHA-256", o.algorithm))
	}
	text, err := os.ReadFile(o.passwordFile)
	if err != nil {
		return nil, app.Usage(fmt.Errorf("the password file %s cannot be read: %w; check --password-file and the file's rights", o.passwordFile, reason.Of(err)))
	}
	password := strings.TrimRight(string(text), "\r\n")
	if password == "" {
		return nil, app.Usage(fmt.Errorf("the password file %s is empty; write the password of --user into its first line", o.passwordFile))
	}
	return &siptest.Credentials{User: o.user, Password: password, Algorithm: o.algorithm, Proxy: o.proxy, InDialog: o.inDialog}, nil
}

// defaultBook is who answers when no book is given.
const defaultBook = "mix: {yes: 1}\noperators: {operator: operator}\n"

func readBook(path string) (siptest.Book, error) {
	if path == "" {
		return siptest.LoadBook(strings.NewReader(defaultBook))
	}
	book, err := siptest.LoadBookFile(path)
	var faults siptest.Faults
	switch {
	case errors.As(err, &faults): // with the file's name and line
		return book, app.Invalid(err)
	case err != nil:
		return book, app.Usage(fmt.Errorf("the book %s cannot be read: %w; check the path and the file's rights", path, reason.Of(err)))
	}
	return book, nil
}

// waitWithCounts waits for the end, telling how things stand meanwhile.
func waitWithCounts(ctx context.Context, quiet bool, tell func()) {
	if quiet {
		<-ctx.Done()
		return
	}
	t := time.NewTicker(10 * time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			tell()
		}
	}
}
