package calls

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
	"dozvon/internal/testports"
	"dozvon/sip"
	"dozvon/sip/siptest"
)

// kamailio is a proxy by others in front of the simulated subscribers, as a
// carrier's edge is: it challenges callers, in dialogs too, records its route
// and speaks UDP, TCP and TLS.
type kamailio struct {
	Port, TLSPort int
	Far, Other    string
	FarPort       int
	Dir, Modules  string
	roots         *x509.CertPool
	out           bytes.Buffer
}

// proxyName is the name in Kamailio's certificate.
const proxyName = "edge.carrier.example"

// kamailioHere finds the program and its modules for TLS, or skips the test: before
// anything begins that would miss them.
func kamailioHere(t *testing.T) (bin string, modules []string) {
	t.Helper()
	bin, err := exec.LookPath("kamailio")
	if err != nil {
		t.Skip("kamailio is not installed (Debian packages kamailio and kamailio-tls-modules): the proxy of this test is missing")
	}
	modules, _ = filepath.Glob("/usr/lib/*/kamailio/modules/tls.so")
	if len(modules) == 0 {
		t.Skip("kamailio cannot speak TLS (Debian package kamailio-tls-modules): the proxy of this test is missing")
	}
	return bin, modules
}

// startKamailio starts Kamailio and waits until it answers.
func startKamailio(t *testing.T, far string, farPort int, other string) *kamailio {
	t.Helper()
	bin, modules := kamailioHere(t)
	// A short path: Kamailio's sockets stand in it.
	dir, err := os.MkdirTemp("", "kam")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	k := &kamailio{Port: testports.One(t), TLSPort: testports.One(t), Far: far, FarPort: farPort, Other: other, Dir: dir, Modules: filepath.Dir(modules[0]) + "/"}
	k.roots = certify(t, dir, proxyName)
	text, err := os.ReadFile(filepath.Join("testdata", "kamailio.cfg.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	var conf bytes.Buffer
	if err := template.Must(template.New("kamailio").Parse(string(text))).Execute(&conf, k); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "kamailio.cfg")
	if err := os.WriteFile(file, conf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "-f", file, "-DD", "-E", "-m", "24", "-M", "4", "-Y", dir, "-P", filepath.Join(dir, "pid"))
	cmd.Stdout, cmd.Stderr = &k.out, &k.out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // its workers end with it
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() { _ = cmd.Wait(); close(exited) }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-exited:
		case <-time.After(5 * time.Second):
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			<-exited
		}
	})
	k.awaitUp(t, exited)
	return k
}

// awaitUp asks over UDP until an answer comes, and waits for the TLS port.
func (k *kamailio) awaitUp(t *testing.T, exited <-chan struct{}) {
	t.Helper()
	conn, err := net.Dial("udp4", fmt.Sprintf("127.0.0.1:%d", k.Port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	me := conn.LocalAddr().String()
	ask := fmt.Sprintf("OPTIONS sip:127.0.0.1:%d SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKup;rport\r\nMax-Forwards: 10\r\nFrom: <sip:t@%s>;tag=1\r\nTo: <sip:127.0.0.1>\r\nCall-ID: up\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n", k.Port, me, me)
	buf := make([]byte, 2048)
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); {
		_, _ = conn.Write([]byte(ask))
		_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		if n, err := conn.Read(buf); err == nil && strings.HasPrefix(string(buf[:n]), "SIP/2.0 200") {
			if tls, err := net.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", k.TLSPort)); err == nil {
				tls.Close()
				return
			}
		}
		select {
		case <-exited:
			t.Fatalf("kamailio ended at once:\n%s", &k.out)
		default:
		}
	}
	t.Fatal("kamailio does not answer")
}

// certify writes server.pem and server.key for a name into dir, signed by an
// authority of its own, which it returns.
func certify(t *testing.T, dir, name string) *x509.CertPool {
	t.Helper()
	key := func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	sign := func(c, by *x509.Certificate, k, byKey *ecdsa.PrivateKey) []byte {
		der, err := x509.CreateCertificate(rand.Reader, c, by, &k.PublicKey, byKey)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	caKey, ownKey := key(), key()
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Carrier CA"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	caDER := sign(ca, ca, caKey, caKey)
	own := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	ownDER := sign(own, ca, ownKey, caKey)
	keyDER, err := x509.MarshalECPrivateKey(ownKey)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{"server.pem": {Type: "CERTIFICATE", Bytes: ownDER}, "server.key": {Type: "EC PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(filepath.Join(dir, file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	authority, err := x509.ParseCertificate(caDER)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	return roots
}

// trunk is a way out through Kamailio.
func (k *kamailio) trunk(transport string) *sip.Trunk {
	port := k.Port
	if transport == "tls" {
		port = k.TLSPort
	}
	return &sip.Trunk{Name: "far", URI: fmt.Sprintf("sip:robot@127.0.0.1:%d;transport=%s", port, transport), Password: "secret",
		CallerID: "74950000000", Roots: k.roots, Server: proxyName}
}

// logIn registers and waits until the registrar has agreed; the rig's end
// logs out.
func logIn(t *testing.T, phone *sip.Endpoint, trunk *sip.Trunk) {
	t.Helper()
	news := make(chan sip.RegistrationEvent, 16)
	if _, err := phone.Register(trunk, func(e sip.RegistrationEvent) { news <- e }); err != nil {
		t.Fatal(err)
	}
	for deadline := time.After(10 * time.Second); ; {
		select {
		case e := <-news:
			switch e.State {
			case sip.Registered:
				return
			case sip.Refused, sip.Lost:
				t.Fatalf("not registered: %v", e.Err)
			}
		case <-deadline:
			t.Fatal("the registrar does not answer")
		}
	}
}

// Whole calls through a proxy by others: authentication of INVITE and BYE,
// Record-Route, CANCEL through it, hang-up from either side, a fork.
func TestThroughKamailio(t *testing.T) {
	t.Parallel()
	kamailioHere(t)
	const forked, second, silent, busy, leaves = "+79160000009", "+79160000008", "+79160000003", "+79160000004", "+79160000005"
	folk := map[string]phonesim.Profile{
		number: person(hears, presses("2")),
		leaves: person(hears, hangs),
		silent: kind(phonesim.RingsOut),
		busy:   kind(phonesim.Busy),
		forked: person(hears, presses("2")),
	}
	for _, transport := range []string{"udp", "tcp", "tls"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			var k *kamailio
			book := siptest.Book{Book: phonesim.Book{Default: kind(phonesim.RingsOut)}}
			other, err := siptest.Start(context.Background(), siptest.Config{Book: book})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { other.Close() })
			r := newRig(t, rigOptions{people: folk, tcp: transport == "tcp", trunkTo: func(addr string, port int) *sip.Trunk {
				k = startKamailio(t, addr, port, other.Addr().String())
				return k.trunk(transport)
			}})
			if err := r.phone.Ping(context.Background(), r.trunk); err != nil {
				t.Error(err)
			}
			logIn(t, r.phone, r.trunk)
			want := map[string]struct {
				d    dialer.Disposition
				list string
			}{
				number: {dialer.Answered, "rejected"}, leaves: {dialer.Answered, "gone"},
				silent: {dialer.NoAnswer, ""}, busy: {dialer.Busy, ""}, forked: {dialer.Answered, "rejected"},
			}
			ids := map[string]dialer.AttemptID{}
			for number := range want {
				ids[number] = r.place(number)
			}
			for number, w := range want {
				if res := r.result(ids[number]); res.Disposition != w.d || res.List != w.list {
					t.Errorf("%s: %s on %q, want %s on %q; %+v", number, res.Disposition, res.List, w.d, w.list, res)
				}
			}
			for number := range folk {
				rec := r.farCall(number, 1)
				if rec.Err != "" {
					t.Errorf("%s: the far end says %q", number, rec.Err)
				}
			}
			if fork := other.Calls(); len(fork) != 1 || fork[0].Number != second || fork[0].CancelAt.IsZero() {
				t.Errorf("the other phone of the fork was not cancelled: %+v", fork)
			}
			if t.Failed() {
				t.Log(k.out.String())
			}
		})
	}
}
