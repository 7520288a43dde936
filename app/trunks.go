package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"dozvon/audio"
	"dozvon/calls"
	"dozvon/config"
	"dozvon/media"
	"dozvon/sip"
)

// sipTrunks makes the trunks of the configuration.
func sipTrunks(cfg *config.Config) (map[string]*sip.Trunk, error) {
	if len(cfg.Trunks) == 0 {
		return nil, errors.New("there is no trunk to call through; give --trunk sip:login@provider or trunks in --config")
	}
	all := map[string]*sip.Trunk{}
	for i := range cfg.Trunks {
		st, err := sipTrunk(cfg, &cfg.Trunks[i])
		if err != nil {
			return nil, err
		}
		all[st.Name] = st
	}
	return all, nil
}

func sipTrunk(cfg *config.Config, t *config.Trunk) (*sip.Trunk, error) {
	st, err := sip.ParseTrunk(t.URI)
	if err != nil {
		return nil, err
	}
	if st.Password, err = t.Secret(cfg); err != nil {
		return nil, err
	}
	if st.Roots, err = certificates(cfg, t.CAFile, "ca_file of trunk "+t.Name); err != nil {
		return nil, err
	}
	st.Name, st.CPS = t.Name, t.CPS
	st.CallerID, st.Display = t.CallerID, t.Display
	if t.User != "" {
		st.User = t.User
	}
	st.Proxy, st.Server, st.Register, st.Expires = t.Proxy, t.ServerName, t.Register, time.Duration(t.RegisterExpires)
	st.Assert, st.Privacy, st.Divert = t.AssertIdentity, t.Privacy, t.Diversion
	st.Follow, st.Ptime = t.Redirects, time.Duration(t.Ptime)
	if st.Timer = time.Duration(t.SessionTimer); t.SessionTimer == config.Off {
		st.Timer = -1
	}
	st.SRTP, _ = media.ParseSecurity(t.SRTP) // checked by config
	st.Reliable = map[string]sip.Reliability{"required": sip.ReliableRequired, "off": sip.ReliableOff}[t.Reliable]
	for _, codec := range t.Codecs {
		st.Laws = append(st.Laws, map[string]audio.Law{"pcma": audio.ALaw, "pcmu": audio.ULaw}[codec])
	}
	for _, r := range t.Rewrite {
		st.Rewrite = append(st.Rewrite, sip.Rewrite{Match: r.Match, Strip: r.Strip, Add: r.Add})
	}
	return st, nil
}

// callerIDs are the numbers that the trunks show.
func callerIDs(cfg *config.Config) map[string]calls.CallerIDs {
	all := map[string]calls.CallerIDs{}
	for _, t := range cfg.Trunks {
		all[t.Name] = calls.CallerIDs{Fixed: t.CallerID, Pool: t.CallerIDs, Column: t.CallerIDColumn}
	}
	return all
}

// sipConfig is how our own socket stands.
func (s *station) sipConfig(ip netip.Addr, port uint16) (sip.Config, error) {
	c := sip.Config{IP: ip, Port: int(port), UserAgent: s.cfg.SIP.UserAgent, TCP: true, Log: s.log}
	if listen := s.cfg.SIP.TLSListen; listen != "" {
		at, err := netip.ParseAddrPort(listen)
		if err != nil {
			return c, fmt.Errorf("sip.tls_listen: %w", err)
		}
		pair, err := tls.LoadX509KeyPair(s.cfg.Path(s.cfg.SIP.Certificate), s.cfg.Path(s.cfg.SIP.PrivateKey))
		if err != nil {
			return c, fmt.Errorf("sip.certificate and sip.private_key cannot be used: %w; both are PEM files that belong together", err)
		}
		c.TLSPort, c.Certificate = int(at.Port()), &pair
	}
	for _, a := range s.cfg.SIP.Allow {
		n, err := config.Network(a)
		if err != nil {
			return c, fmt.Errorf("sip.allow: %w", err)
		}
		c.Allow = append(c.Allow, n)
	}
	if len(s.cfg.Phones) > 0 {
		c.Registrar = &sip.Registrar{Password: func(account string) (string, bool) {
			p, ok := s.cfg.Phones[account]
			return p.Password, ok
		}, Changed: func(account string, devices int) { s.desk.Reachable(account, devices > 0) }}
	}
	return c, nil
}

// ownIP finds the address of this machine that reaches the first trunk. No
// packet is sent for it.
func (s *station) ownIP(ctx context.Context) (netip.Addr, error) {
	t := s.cfg.Trunks[0]
	uri := t.URI
	if t.Proxy != "" {
		uri = t.Proxy
	}
	host, port := hostPort(uri)
	conn, err := (&net.Dialer{}).DialContext(ctx, "udp", net.JoinHostPort(host, port))
	if err != nil {
		return netip.Addr{}, fmt.Errorf("the host of trunk %s (%s) cannot be found from this machine (%s); check the name and the network", t.Name, host, lookedUp(err))
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap(), nil
}

// hostPort takes host and port out of a SIP URI; the port defaults to that of
// the URI's transport.
func hostPort(uri string) (host, port string) {
	rest, secure := strings.CutPrefix(uri, "sips:")
	rest = strings.TrimPrefix(rest, "sip:")
	rest, params, _ := strings.Cut(rest, ";")
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	if h, p, err := net.SplitHostPort(rest); err == nil {
		return h, p
	}
	port = "5060"
	if secure || strings.Contains(strings.ToLower(";"+params), ";transport=tls") {
		port = "5061"
	}
	return strings.Trim(rest, "[]"), port
}

// lookedUp says what looking up a host's address came to; the name server's
// own address is of no use to anybody.
func lookedUp(err error) string {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.Err
	}
	return rootCause(err).Error()
}

// rootCause digs out the innermost error: what the system said.
func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// behind returns the trunk at whose host an operator is, if there is one: a
// PBX or a provider asks for the same login there.
func (s *station) behind(address string) *sip.Trunk {
	host, port := hostPort(address)
	for _, t := range s.cfg.Trunks {
		if h, p := hostPort(t.URI); h == host && p == port {
			return s.trunks[t.Name]
		}
	}
	return nil
}
