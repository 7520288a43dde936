package sip

import (
	"errors"
	"fmt"
	"strings"

	gosip "github.com/emiago/sipgo/sip"
)

// ParseTrunk reads a trunk from its URI, sip:user@host:port;transport=udp|tcp|tls
// or sips:user@host:port, which is always TLS. Port and transport may be left
// out (RFC 3261 section 19.1.2). A password in the URI is refused: command
// lines and logs are no place for it.
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
	if !isURI(s) {
		return u, errors.New("a SIP URI starts with sip: or sips:, as in sip:user@host:5060;transport=udp")
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

// isURI reports whether a number is a SIP URI.
func isURI(s string) bool {
	head, _, ok := strings.Cut(s, ":")
	return ok && (strings.EqualFold(head, "sip") || strings.EqualFold(head, "sips"))
}

// uriTransport returns the transport that a URI asks for, udp, tcp or tls, or
// "" if it leaves the choice to us. sips: is always TLS (RFC 5630 section
// 3.1.3).
func uriTransport(u *gosip.Uri) (string, error) {
	t, ok := u.UriParams.Get("transport")
	t = strings.ToLower(t)
	switch {
	case u.Scheme == "sips" && (!ok || t == "tcp" || t == "tls"):
		return "tls", nil
	case u.Scheme == "sips" && t == "udp":
		return "", errors.New("sips: means TLS, which does not go with transport=udp; leave the transport out, or use a sip: URI")
	case !ok:
		return "", nil
	case t == "udp" || t == "tcp" || t == "tls":
		return t, nil
	}
	return "", fmt.Errorf("transport %q is not supported; use transport=udp, transport=tcp or transport=tls", cleanText(t, 16))
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
