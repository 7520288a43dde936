package sip

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/internal/testports"
)

// A call to a phone goes where the phone registered from, over the connection
// that it opened, with its Contact as Request-URI; so do ACK and BYE, whatever
// address the phone names.
func TestCallToARegisteredPhone(t *testing.T) {
	a := newAuthority(t, "Test CA")
	cert := a.issue(tomorrow(), "127.0.0.1")
	for _, network := range []string{"udp", "tcp", "tls"} {
		n := newNear(t, asRegistrar, func(c *Config) { c.TCP, c.TLSPort, c.Certificate = true, testports.One(t), &cert })
		var s *stranger
		if network == "tls" {
			s = overTLS(t, n, a)
		} else {
			s = newStranger(t, network, n.Endpoint, "127.0.0.1")
		}
		if p := s.enrol("ann", "secret-ann", "SHA-256", contactOfAnn); status(p) != 200 {
			t.Fatal(p.raw)
		}
		phone := n.Devices("ann")[0]
		call := n.call(Call{To: "sip:ann@dozvon.example", Device: &phone, From: "robot"})
		for _, want := range []string{"INVITE", "ACK", "BYE"} {
			m := s.hear()
			if !strings.HasPrefix(m.start, want+" sip:ann@10.0.0.9:5070") {
				t.Fatalf("%s: got %s, want %s to the phone's contact", network, m.start, want)
			}
			switch want {
			case "INVITE":
				if m.header("To") != "<sip:ann@dozvon.example>" {
					t.Errorf("To %s", m.header("To"))
				}
				s.say(echoed(m, "200 OK", "Contact: <sip:ann@10.0.0.9:5070>\r\nContent-Type: application/sdp\r\n", sdpAt(4000)))
				call.until(Answered)
			case "ACK":
				call.HangUp("")
			case "BYE":
				s.say(echoed(m, "200 OK", "", ""))
			}
		}
		if e := call.until(Ended); e.Disposition != dialer.Answered || e.Err != nil {
			t.Errorf("%s: %+v", network, e)
		}
	}
}

// overTLS is a stranger on the port for phones.
func overTLS(t *testing.T, n *near, a *authority) *stranger {
	t.Helper()
	c, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", n.conf.TLSPort), &tls.Config{RootCAs: a.pool(), MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &stranger{t: t, conn: c, r: textproto.NewReader(bufio.NewReader(c))}
}

func echoed(m packet, status, extra, body string) string {
	return string(echo([]byte(m.raw), status, extra, body))
}

// A phone whose connection is gone is not called at the address from which it
// came: nobody listens there, or somebody else does.
func TestPhoneWithoutConnection(t *testing.T) {
	n := newNear(t, func(c *Config) { c.TCP = true })
	other, got := tcpFar(t, 0, func(packet) []string { return nil })
	for _, transport := range []string{"tcp", "tls"} {
		phone := Device{URI: "sip:ann@10.0.0.9", Transport: transport, Source: netip.MustParseAddrPort(other)}
		e := n.call(Call{ID: "gone-" + transport, To: "sip:ann@x", Device: &phone}).until(Ended)
		if e.Disposition != dialer.Failed || e.Err == nil || !strings.Contains(e.Err.Error(), "registers again") {
			t.Errorf("%s: %+v", transport, e)
		}
	}
	select {
	case m := <-got:
		t.Errorf("%s was sent to somebody else", m.start)
	default:
	}
}

// baresip registers by digest over UDP and over TCP, is called where it
// registered, and leaves when it is quit.
func TestBaresipRegisters(t *testing.T) {
	bin, err := exec.LookPath("baresip")
	if err != nil {
		t.Skip("baresip is not installed (Debian package baresip-core): the telephone of this test is missing")
	}
	for _, network := range []string{"udp", "tcp"} {
		told := make(chan int, 8)
		n := newNear(t, asRegistrar, func(c *Config) {
			c.TCP = true
			c.Registrar.Changed = func(user string, n int) { told <- n }
		})
		stop := startBaresip(t, bin, fmt.Sprintf("<sip:ann@%s;transport=%s>;auth_pass=secret-ann;regint=60;answermode=auto;audio_codecs=pcma\n", n.Addr(), network))
		waitFor(t, told, 1)
		phone := n.Devices("ann")[0]
		if phone.Transport != network || !strings.Contains(phone.Agent, "baresip") {
			t.Errorf("%+v", phone)
		}
		call := n.call(Call{ID: "to-baresip-" + network, To: "sip:ann@" + n.Addr().String(), Device: &phone, From: "robot"})
		call.until(Answered)
		call.HangUp("")
		if e := call.until(Ended); e.Disposition != dialer.Answered || e.Err != nil {
			t.Errorf("%s: %+v", network, e)
		}
		stop()
		waitFor(t, told, 0)
	}
}

func waitFor(t *testing.T, told <-chan int, want int) {
	t.Helper()
	for deadline := time.After(15 * time.Second); ; {
		select {
		case n := <-told:
			if n == want {
				return
			}
		case <-deadline:
			t.Fatalf("never %d phones", want)
		}
	}
}

// startBaresip runs baresip with one account; stop ends it in an orderly way.
func startBaresip(t *testing.T, bin, account string) (stop func()) {
	t.Helper()
	dir := t.TempDir()
	config := "poll_method epoll\nsip_listen 127.0.0.1:0\naudio_player aubridge,nowhere\naudio_source ausine,600\naudio_alert aubridge,nowhere\n" +
		"ausrc_srate 48000\nausrc_channels 2\nausrc_format s16\nauplay_format s16\nauenc_format s16\naudec_format s16\n" +
		"net_interface 127.0.0.1\nmodule_path /usr/lib/baresip/modules\nmodule g711.so\nmodule ausine.so\nmodule aubridge.so\nmodule_tmp account.so\nmodule_app menu.so\n"
	for name, text := range map[string]string{"config": config, "accounts": account, "contacts": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	cmd := exec.CommandContext(ctx, bin, "-4", "-f", dir)
	out := &bytes.Buffer{}
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := false
	stop = func() {
		if !done {
			done = true
			cancel()
			_ = cmd.Wait()
			if t.Failed() {
				t.Log(out.String())
			}
		}
	}
	t.Cleanup(stop)
	return stop
}

// sipsak logs in by digest and registers.
func TestSipsakRegisters(t *testing.T) {
	bin, err := exec.LookPath("sipsak")
	if err != nil {
		t.Skip("sipsak is not installed (Debian package sipsak): the client of this test is missing")
	}
	n := newNear(t, asRegistrar)
	_, port, _ := net.SplitHostPort(n.Addr().String())
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	run := func(password string) (string, error) {
		out, err := exec.CommandContext(ctx, bin, "-U", "-C", "sip:ann@10.0.0.9:5070", "-x", "120", "-u", "ann", "-a", password,
			"-s", "sip:ann@127.0.0.1:"+port, "-v").CombinedOutput()
		return string(out), err
	}
	if out, err := run("wrong"); err == nil || n.Devices("ann") != nil {
		t.Errorf("a wrong password: %s, %v", out, n.Devices("ann"))
	}
	if out, err := run("secret-ann"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if all := n.Devices("ann"); len(all) != 1 || all[0].URI != "sip:ann@10.0.0.9:5070" {
		t.Errorf("%+v", all)
	}
}

// linphone, which prefers SHA-256 where it is offered, registers and
// unregisters.
func TestLinphoneRegisters(t *testing.T) {
	bin, err := exec.LookPath("linphonec")
	if err != nil {
		t.Skip("linphonec is not installed (Debian package linphone-cli): the telephone of this test is missing")
	}
	told := make(chan int, 8)
	n := newNear(t, asRegistrar, func(c *Config) { c.Registrar.Changed = func(_ string, n int) { told <- n } })
	dir := t.TempDir()
	rc := fmt.Sprintf("[sip]\nsip_port=%d\nsip_tcp_port=0\nsip_tls_port=0\nuse_ipv6=0\nguess_hostname=0\ncontact=sip:ann@127.0.0.1\ndefault_proxy=0\n[video]\nenabled=0\ncapture=0\ndisplay=0\n[proxy_0]\nreg_proxy=<sip:%s>\nreg_identity=sip:ann@%s\nreg_expires=120\nreg_sendregister=1\n"+
		"[auth_info_0]\nusername=ann\npasswd=secret-ann\nrealm=test\n", testports.One(t), n.Addr(), n.Addr().Addr())
	if err := os.MkdirAll(filepath.Join(dir, ".local/share/linphone"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "rc"), []byte(rc), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, "-c", filepath.Join(dir, "rc"))
	cmd.Env, cmd.Dir = append(os.Environ(), "HOME="+dir), dir
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, told, 1)
	if phone := n.Devices("ann")[0]; !strings.Contains(strings.ToLower(phone.Agent), "linphone") {
		t.Errorf("%+v", phone)
	}
	fmt.Fprintln(in, "quit")
	waitFor(t, told, 0)
	_ = cmd.Wait()
}
