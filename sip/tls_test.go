package sip

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/textproto"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/internal/testports"
)

// authority signs certificates of far ends.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{t: t}
	a.cert, a.key = a.sign(&x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign}, time.Now().Add(time.Hour))
	return a
}

func (a *authority) sign(c *x509.Certificate, until time.Time) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	c.NotBefore, c.NotAfter = until.Add(-48*time.Hour), until
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

// issue makes a certificate for names and addresses.
func (a *authority) issue(until time.Time, names ...string) tls.Certificate {
	a.t.Helper()
	c := &x509.Certificate{Subject: pkix.Name{CommonName: "far end"}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, n)
		}
	}
	cert, key := a.sign(c, until)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

func tomorrow() time.Time { return time.Now().Add(24 * time.Hour) }

// tlsFar is a far end on TLS, written out by hand.
type tlsFar struct {
	addr  string
	port  int
	got   chan packet
	conns atomic.Int32 // accepted, handshake done or not
	name  atomic.Value // SNI of the last handshake
}

func newTLSFar(t *testing.T, cert tls.Certificate, on func(f *tlsFar, m packet) []string) *tlsFar {
	t.Helper()
	f := &tlsFar{got: make(chan packet, 64)}
	f.name.Store("")
	plain, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.addr, f.port = plain.Addr().String(), plain.Addr().(*net.TCPAddr).Port
	conf := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) { f.name.Store(h.ServerName); return nil, nil }}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := plain.Accept()
			if err != nil {
				return
			}
			f.conns.Add(1)
			go serveTCP(tls.Server(conn, conf), f.got, func(m packet) []string { return on(f, m) })
		}
	}()
	t.Cleanup(func() { plain.Close(); <-done })
	return f
}

// answering takes every call, with a Contact of its own.
func answering(contact string) func(f *tlsFar, m packet) []string {
	return func(f *tlsFar, m packet) []string {
		c := contact
		if c == "" {
			c = "sip:far@" + f.addr + ";transport=tls"
		}
		switch {
		case m.is("INVITE"):
			return []string{m.words(180, "", ""), m.words(200, "Contact: <"+c+">\r\n", sdpAt(4000))}
		case m.is("BYE"), m.is("OPTIONS"):
			return []string{m.words(200, "", "")}
		}
		return []string{}
	}
}

func (f *tlsFar) trunk(a *authority, server string) *Trunk {
	return &Trunk{Name: "secure", URI: "sip:u@" + f.addr + ";transport=tls", Server: server, Roots: a.pool()}
}

// A whole call over TLS: the name that is asked for, Via and Contact, and one
// connection for everything, whatever Contact the far end gives (sipgo issue
// 361): its own address, one that nobody reaches, one without a transport.
func TestCallOverTLS(t *testing.T) {
	a := newAuthority(t, "Test CA")
	for name, contact := range map[string]string{
		"own address": "", "unreachable": "sip:far@127.0.0.1:1;transport=tls", "no transport": "sip:far@127.0.0.1:1", "UDP": "sip:far@127.0.0.1:1;transport=udp",
		"behind a NAT": "sip:far@10.255.255.1:5061;transport=tls",
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			f := newTLSFar(t, a.issue(tomorrow(), "sip.carrier.test"), answering(contact))
			n := newNear(t)
			p := n.call(Call{To: "+79161234567", Trunk: f.trunk(a, "sip.carrier.test")})
			p.until(Answered)
			p.HangUp("done")
			if e := p.until(Ended); e.Disposition != dialer.Answered || e.Err != nil {
				t.Errorf("%+v", e)
			}
			for _, want := range []string{"INVITE", "ACK", "BYE"} {
				m := <-f.got
				if !m.is(want) || !strings.HasPrefix(m.header("Via"), fmt.Sprintf("SIP/2.0/TLS %s;", n.Addr())) {
					t.Errorf("want %s over TLS, got %s, Via %s", want, m.start, m.header("Via"))
				}
				if c := m.header("Contact"); m.is("INVITE") && c != fmt.Sprintf("<sip:dozvon@%s;transport=tls>", n.Addr()) {
					t.Errorf("Contact %s", c)
				}
			}
			if f.name.Load() != "sip.carrier.test" {
				t.Errorf("SNI %q", f.name.Load())
			}
			if got := f.conns.Load(); got != 1 || time.Since(start) > 2*time.Second {
				t.Errorf("%d connections, %s", got, time.Since(start))
			}
		})
	}
}

// What is wrong with a certificate is told in words, and nothing is sent.
func TestCertificatesAreChecked(t *testing.T) {
	a, other := newAuthority(t, "Test CA"), newAuthority(t, "Another CA")
	for _, c := range []struct {
		name   string
		cert   tls.Certificate
		server string
		want   string
	}{
		{"wrong name", a.issue(tomorrow(), "other.test", "127.0.0.2"), "sip.carrier.test", "made out to other.test, 127.0.0.2, not to sip.carrier.test"},
		{"the number is no name of it", a.issue(tomorrow(), "sip.carrier.test"), "", "made out to sip.carrier.test, not to 127.0.0.1"},
		{"no name", a.issue(tomorrow()), "sip.carrier.test", "made out to no host name at all"},
		{"unknown authority", other.issue(tomorrow(), "sip.carrier.test"), "sip.carrier.test", `signed by "Another CA", which is not trusted`},
		{"expired", a.issue(time.Now().Add(-time.Minute), "sip.carrier.test"), "sip.carrier.test", "certificate expired on " + time.Now().Add(-time.Minute).UTC().Format(time.DateOnly)},
		{"not yet valid", a.issue(time.Now().Add(72*time.Hour), "sip.carrier.test"), "sip.carrier.test", "valid only from"},
		{"good", a.issue(tomorrow(), "sip.carrier.test"), "sip.carrier.test", ""},
		{"good for the number", a.issue(tomorrow(), "127.0.0.1"), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newTLSFar(t, c.cert, answering(""))
			n := newNear(t)
			err := n.Ping(t.Context(), f.trunk(a, c.server))
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			e := n.call(Call{To: "+79161234567", Trunk: f.trunk(a, c.server)}).until(Ended)
			for _, err := range []error{err, e.Err} {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v, want %s", err, c.want)
				}
			}
			if e.Cause.Failed != dialer.TrunkUnreachable || len(f.got) != 0 {
				t.Errorf("%+v; the far end got %d messages", e.Cause, len(f.got))
			}
		})
	}
}

// Two trunks at one address share a connection only if they trust alike.
func TestConnectionsAreNotSharedAcrossTrust(t *testing.T) {
	a, other := newAuthority(t, "Test CA"), newAuthority(t, "Another CA")
	f := newTLSFar(t, a.issue(tomorrow(), "one.test", "two.test"), answering(""))
	n := newNear(t)
	one := f.trunk(a, "one.test")
	for range 2 {
		if err := n.Ping(t.Context(), one); err != nil || f.conns.Load() != 1 {
			t.Fatalf("%v, %d connections", err, f.conns.Load())
		}
	}
	if err := n.Ping(t.Context(), f.trunk(other, "one.test")); err == nil {
		t.Error("a trunk that does not trust the far end's authority used another's connection")
	}
	two := &Trunk{URI: one.URI, Server: "two.test", Roots: one.Roots}
	if err := n.Ping(t.Context(), two); err != nil || f.name.Load() != "two.test" {
		t.Errorf("%v, SNI %v", err, f.name.Load())
	}
	if err := n.Ping(t.Context(), &Trunk{URI: one.URI, Server: "three.test", Roots: one.Roots}); err == nil {
		t.Error("a trunk with a name that the certificate lacks used another's connection")
	}
}

// A connection that the far end closed is opened anew for the next call.
func TestClosedConnectionIsOpenedAnew(t *testing.T) {
	a := newAuthority(t, "Test CA")
	f := newTLSFar(t, a.issue(tomorrow(), "sip.carrier.test"), func(_ *tlsFar, m packet) []string {
		if m.is("OPTIONS") {
			return nil // closes
		}
		return []string{m.words(486, "", "")}
	})
	n := newNear(t)
	trunk := f.trunk(a, "sip.carrier.test")
	if err := n.Ping(t.Context(), trunk); err == nil || !strings.Contains(err.Error(), "connection") {
		t.Errorf("%v", err)
	}
	if e := n.call(Call{To: "+79161234567", Trunk: trunk}).until(Ended); e.Disposition != dialer.Busy || f.conns.Load() != 2 {
		t.Errorf("%+v over %d connections", e, f.conns.Load())
	}
}

// sips: is TLS all the way: in the Request-URI, To, From and Contact.
func TestSipsURI(t *testing.T) {
	a := newAuthority(t, "Test CA")
	f := newTLSFar(t, a.issue(tomorrow(), "carrier.test"), answering(""))
	n := newNear(t, func(c *Config) {
		c.Resolver = newZone(t, fmt.Sprintf("SRV _sips._tcp.carrier.test 0 0 %d sbc.elsewhere.test", f.port), "A sbc.elsewhere.test 127.0.0.1")
	})
	p := n.call(Call{To: "+79161234567", Trunk: &Trunk{URI: "sips:u@carrier.test", Roots: a.pool()}})
	p.until(Answered)
	m := <-f.got
	if !strings.HasPrefix(m.start, "INVITE sips:+79161234567@carrier.test ") || !strings.HasPrefix(m.header("Contact"), "<sips:dozvon@") || !strings.HasPrefix(m.header("To"), "<sips:") {
		t.Errorf("%s", m.raw)
	}
	if f.name.Load() != "carrier.test" {
		t.Errorf("SNI %q: the domain counts, not the name that DNS gave", f.name.Load())
	}
	p.HangUp("")
	p.until(Ended)
}

// What is no TLS at all is told apart.
func TestNotTLS(t *testing.T) {
	addr, _ := tcpFar(t, 0, func(packet) []string { return []string{} })
	plain, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	go func() {
		for {
			c, err := plain.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "SIP/2.0 400 What\r\n\r\n")
			c.Close()
		}
	}()
	n := newNear(t)
	for _, c := range []struct{ addr, want string }{
		{plain.Addr().String(), "does not speak TLS"},
		{addr, "no TLS connection to " + addr + " within 500ms"},
		{"127.0.0.1:1", "refused the TCP connection"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		err := n.Ping(ctx, &Trunk{URI: "sip:u@" + c.addr + ";transport=tls"})
		cancel()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.addr, err, c.want)
		}
	}
}

// Operators' phones reach us over TLS.
func TestListensOnTLS(t *testing.T) {
	a := newAuthority(t, "Test CA")
	cert := a.issue(tomorrow(), "127.0.0.1")
	port := testports.One(t)
	n := newNear(t, func(c *Config) { c.TLSPort, c.Certificate = port, &cert })
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	conn, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: a.pool(), MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "OPTIONS sip:dozvon@%s SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bKx1\r\nMax-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: tls1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n", addr)
	m, err := readTCP(textproto.NewReader(bufio.NewReader(conn)))
	if err != nil || !strings.HasPrefix(m.start, "SIP/2.0 200") {
		t.Errorf("%s, %v", m.start, err)
	}
	// Our own calls name that port.
	f := newTLSFar(t, a.issue(tomorrow(), "127.0.0.1"), answering(""))
	p := n.call(Call{To: "+79161234567", Trunk: f.trunk(a, "")})
	p.until(Answered)
	if m := <-f.got; m.header("Contact") != fmt.Sprintf("<sip:dozvon@%s;transport=tls>", addr) {
		t.Errorf("Contact %s", m.header("Contact"))
	}
	p.HangUp("")
	p.until(Ended)
	if _, err := Listen(t.Context(), Config{IP: n.Addr().Addr(), TLSPort: port, Certificate: &cert}); err == nil || !strings.Contains(err.Error(), "TLS") {
		t.Errorf("the port is taken: %v", err)
	}
}

// The far end's own requests come over the connection that we opened, and
// their answers go back over it.
func TestFarHangsUpOverTLS(t *testing.T) {
	a := newAuthority(t, "Test CA")
	var invite packet
	f := newTLSFar(t, a.issue(tomorrow(), "127.0.0.1"), func(f *tlsFar, m packet) []string {
		switch {
		case m.is("INVITE"):
			invite = m
			return []string{m.words(200, "Contact: <sip:far@"+f.addr+";transport=tls>\r\n", sdpAt(4000))}
		case m.is("ACK"):
			return []string{fmt.Sprintf("BYE sip:dozvon@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TLS %s;branch=z9hG4bKfar1\r\nMax-Forwards: 70\r\nFrom: %s;tag=far\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 7 BYE\r\nContent-Length: 0\r\n\r\n",
				f.addr, invite.header("To"), invite.header("From"), invite.header("Call-ID"))}
		}
		return []string{}
	})
	p := newNear(t).call(Call{To: "+79161234567", Trunk: f.trunk(a, "")})
	p.until(Answered)
	if e := p.until(Ended); e.Disposition != dialer.Answered || e.Cause.Local {
		t.Errorf("%+v", e)
	}
	for m := range f.got {
		if m.is("SIP/2.0") {
			if m.start != "SIP/2.0 200 OK" || m.header("CSeq") != "7 BYE" || f.conns.Load() != 1 {
				t.Errorf("%s over connection %d", m.raw, f.conns.Load())
			}
			break
		}
	}
}
