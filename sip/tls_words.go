package sip

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// explainTLS puts a failed handshake into words: which problem it is, and
// what to do.
func explainTLS(addr netip.AddrPort, name string, err error) error {
	return fmt.Errorf("TLS with %s at %s: %w", cleanText(name, maxHost), addr, handshakeFault{tlsWords(name, err), err})
}

// handshakeFault is a fault with our words for it.
type handshakeFault struct {
	words string
	cause error
}

func (f handshakeFault) Error() string { return f.words }
func (f handshakeFault) Unwrap() error { return f.cause }

func tlsWords(name string, err error) string {
	var (
		host    x509.HostnameError
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
		system  x509.SystemRootsError
		record  tls.RecordHeaderError
		alert   tls.AlertError
		timeout net.Error
	)
	switch {
	case errors.As(err, &host):
		return fmt.Sprintf("its certificate is made out to %s, not to %s: check the host in the trunk's URI, or set the name that the certificate has as the trunk's server name",
			namesIn(host.Certificate), cleanText(name, maxHost))
	case errors.As(err, &unknown):
		return fmt.Sprintf("its certificate is signed by %s, which is not trusted here: give the trunk that authority's certificate, or check that you talk to the right host",
			issuerOf(unknown.Cert))
	case errors.As(err, &invalid):
		return invalidWords(&invalid)
	case errors.As(err, &system):
		return "this system has no list of trusted authorities: install one (Debian package ca-certificates), or give the trunk its authority's certificate"
	case errors.As(err, &record):
		return "what answers there does not speak TLS: check the port (TLS is usually on 5061) and the transport"
	case errors.As(err, &alert):
		return fmt.Sprintf("the far end refused the handshake (%s): it may want a client certificate or older TLS, which are not supported", cleanText(alert.Error(), 64))
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return "the far end closed the connection during the handshake: check the port and the transport, and that your address is allowed there"
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "the far end accepted the connection and then said nothing: check the port (TLS is usually on 5061) and the transport"
	}
	return cleanText(err.Error(), maxValue)
}

func invalidWords(e *x509.CertificateInvalidError) string {
	now := time.Now()
	switch {
	case e.Reason == x509.Expired && e.Cert != nil && now.Before(e.Cert.NotBefore):
		return fmt.Sprintf("its certificate is valid only from %s: check this machine's clock", e.Cert.NotBefore.Format(time.DateOnly))
	case e.Reason == x509.Expired && e.Cert != nil:
		return fmt.Sprintf("its certificate expired on %s: whoever runs it must renew it (or this machine's clock is wrong)", e.Cert.NotAfter.Format(time.DateOnly))
	}
	return fmt.Sprintf("its certificate can't be used (%s): whoever runs it must put it right", cleanText(e.Error(), maxValue))
}

// namesIn lists whom a certificate is made out to.
func namesIn(c *x509.Certificate) string {
	if c == nil {
		return "another name"
	}
	all := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		return "no host name at all"
	}
	return cleanText(strings.Join(all[:min(len(all), 5)], ", "), maxValue)
}

func issuerOf(c *x509.Certificate) string {
	if c == nil {
		return "an authority"
	}
	return fmt.Sprintf("%q", cleanText(firstOf(c.Issuer.CommonName, c.Issuer.String()), maxDisplay))
}
