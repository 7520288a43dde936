package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"strings"
	"syscall"

	"dozvon/config"
	"dozvon/media"
	"dozvon/sip"
)

// CheckOptions say which trunks to check.
type CheckOptions struct {
	Trunks []string
	Config string
	Env    func(string) (string, bool)
}

// CheckTrunks looks each trunk over step by step and says what is wrong, in
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
	if err := s.checkOperators(); err != nil {
		return Invalid(err)
	}
	if err := s.borrow(ctx, stdout); err != nil {
		return err
	}
	bad := 0
	for i := range cfg.Trunks {
		t := &cfg.Trunks[i]
		fmt.Fprintf(stdout, "%s (%s)\n", t.Name, t.URI)
		show := func(f sip.Finding) { showFinding(stdout, f) }
		ok := s.phone.Probe(ctx, s.trunks[t.Name], show)
		show(soundOf(t))
		for _, f := range identityOf(t) {
			show(f)
		}
		if ok {
			fmt.Fprintln(stdout, "  works")
			continue
		}
		bad++
		fmt.Fprintln(stdout, "  does not work")
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d trunks do not work", bad, len(cfg.Trunks))
	}
	return nil
}

// borrow opens sockets to ask from. Where the service runs beside, its port is
// taken: another one serves.
func (s *station) borrow(ctx context.Context, stdout io.Writer) error {
	err := s.sockets(ctx, false)
	if !errors.Is(err, syscall.EADDRINUSE) {
		return err
	}
	listen, perr := netip.ParseAddrPort(s.cfg.SIP.Listen)
	if perr != nil {
		return err
	}
	fmt.Fprintf(stdout, "the port of %s is in use, by a running dozvon most likely: asking from another one\n", listen)
	s.cfg.SIP.Listen, s.cfg.SIP.TLSListen = netip.AddrPortFrom(listen.Addr(), 0).String(), ""
	return s.sockets(ctx, false)
}

// showFinding prints a step: ✓ it works, ! look at it, ✗ it does not work.
func showFinding(w io.Writer, f sip.Finding) {
	mark := "✗"
	switch {
	case f.Warn:
		mark = "!"
	case f.OK:
		mark = "✓"
	}
	fmt.Fprintf(w, "  %s %-11s %s\n", mark, f.Step, f.Text)
}

// soundOf says how calls through a trunk sound, and warns where encrypted
// sound has its keys on an open way.
func soundOf(t *config.Trunk) sip.Finding {
	f := sip.Finding{Step: "sound", OK: true}
	codecs := t.Codecs
	if len(codecs) == 0 {
		codecs = []string{"pcma", "pcmu"}
	}
	security, _ := media.ParseSecurity(t.SRTP) // checked by config
	f.Text = fmt.Sprintf("%s, SRTP %s", strings.ToUpper(strings.Join(codecs, ", ")), security)
	way := t.URI
	if t.Proxy != "" {
		way = t.Proxy
	}
	open := !strings.HasPrefix(way, "sips:") && !strings.Contains(strings.ToLower(way), ";transport=tls")
	if security != media.Plain && open {
		f.Warn = true
		f.Text += ": its keys travel in the clear, as the trunk is not reached by TLS; use transport=tls if the carrier has it"
	}
	return f
}

var international = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// identityOf says what the person called sees, and warns where carriers are
// known to refuse calls for it.
func identityOf(t *config.Trunk) []sip.Finding {
	var found []sip.Finding
	say := func(warn bool, format string, args ...any) {
		found = append(found, sip.Finding{Step: "caller ID", OK: true, Warn: warn, Text: fmt.Sprintf(format, args...)})
	}
	if t.CallerIDColumn != "" {
		say(false, "that of the column %s; where it holds no number, what follows", t.CallerIDColumn)
	}
	switch {
	case len(t.CallerIDs) > 0:
		say(false, "one of %d numbers, the same one for a person on every call", len(t.CallerIDs))
	case t.CallerID != "":
		say(false, "%s", t.CallerID)
	default:
		say(true, "none is set: people see the login, and many carriers refuse such calls; set caller_id to a number of yours")
	}
	for _, id := range append([]string{t.CallerID}, t.CallerIDs...) {
		if id != "" && !international.MatchString(id) {
			say(true, "%s is not written as an international number such as +74951234567; carriers may refuse it, or show something else", id)
		}
	}
	if t.Privacy == "id" {
		say(true, "privacy: id withholds the number; people answer such calls less")
	}
	return found
}
