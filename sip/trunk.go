package sip

import (
	"errors"
	"fmt"
	"strings"

	gosip "github.com/emiago/sipgo/sip"
)

// ParseTrunk reads a trunk from its URI, sip:user@host:port;transport=udp|tcp.
// Port and transport may be left out (RFC 3261 section 19.1.2). A password in
// the URI is refused: command lines and logs are no place for it.
func ParseTrunk(uri string) (*Trunk, error) {
	u, err := parseURI(uri)
	if err != nil {
		return nil, fmt.Errorf("trunk %q: %w", maskSecret(uri), err)
	}
	if u.Password != "" {
		return nil, fmt.Errorf("trunk sip:%s@%s: a password stands in the URI; put it into the trunk's password setting, from ${ENV} or a file", u.User, u.Host)
	}
	name := u.Host
	if u.User != "" {
		name = u.User + "@" + u.Host
	}
	return &Trunk{Name: name, URI: uri, User: u.User}, nil
}

// parseURI reads a SIP URI and checks what sipgo lets through.
func parseURI(s string) (gosip.Uri, error) {
	var u gosip.Uri
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(strings.ToLower(s), "sip:") {
		if strings.HasPrefix(strings.ToLower(s), "sips:") {
			return u, errors.New("sips: is not supported; use sip: with transport=udp or transport=tcp")
		}
		return u, errors.New("a SIP URI starts with sip:, as in sip:user@host:5060;transport=udp")
	}
	if err := gosip.ParseUri(s, &u); err != nil {
		return u, fmt.Errorf("not a SIP URI: %w", err)
	}
	if !safeURI(&u) {
		return u, errors.New("not a SIP URI: it has no valid host, or it has characters that a URI can't have")
	}
	if u.Port < 0 || u.Port > 65535 {
		return u, fmt.Errorf("port %d is not between 1 and 65535", u.Port)
	}
	if _, err := uriTransport(&u); err != nil {
		return u, err
	}
	return u, nil
}

// uriTransport returns the transport that a URI asks for, udp or tcp, or ""
// if it leaves the choice to us.
func uriTransport(u *gosip.Uri) (string, error) {
	t, ok := u.UriParams.Get("transport")
	if !ok {
		return "", nil
	}
	switch t = strings.ToLower(t); t {
	case "udp", "tcp":
		return t, nil
	}
	return "", fmt.Errorf("transport %q is not supported; use transport=udp or transport=tcp", cleanText(t, 16))
}

// maskSecret hides what stands between the first colon after the scheme and
// the at sign.
func maskSecret(uri string) string {
	at := strings.LastIndexByte(uri, '@')
	colon := strings.IndexByte(uri, ':')
	if at < 0 || colon < 0 || at < colon {
		return cleanText(uri, maxValue)
	}
	if p := strings.IndexByte(uri[colon+1:at], ':'); p >= 0 {
		return cleanText(uri[:colon+1+p]+":***"+uri[at:], maxValue)
	}
	return cleanText(uri, maxValue)
}
