package calls

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/dialer/phonesim"
	"dozvon/internal/pulse"
	"dozvon/internal/testlog"
	"dozvon/internal/testports"
	"dozvon/sip/siptest"
)

// softphone is baresip, a telephone by others. It answers by itself, says a
// tone of 600 Hz, keeps what it hears, and is controlled over TCP.
type softphone struct {
	t      *testing.T
	port   int
	dir    string
	ctrl   net.Conn
	events chan string
	out    *testlog.Buffer
	exited chan struct{}
}

const softphoneModules = "/usr/lib/baresip/modules"

// startSoftphone starts baresip as a user and waits until it listens.
// encryption is its word for it: none, srtp, srtp-mand.
func startSoftphone(t *testing.T, user string, encryption ...string) *softphone {
	t.Helper()
	port := testports.One(t)
	account := fmt.Sprintf("<sip:%s@127.0.0.1:%d>;regint=0;answermode=auto;audio_codecs=pcmu,pcma", user, port)
	if word := strings.Join(encryption, ""); word != "" {
		account += ";mediaenc=" + word
	}
	return runSoftphone(t, port, account)
}

// registeredSoftphone starts baresip as the phone of an account, which logs
// in at a registrar.
func registeredSoftphone(t *testing.T, account, password, registrar, encryption string) *softphone {
	t.Helper()
	return runSoftphone(t, testports.One(t), fmt.Sprintf("<sip:%s@%s>;regint=60;auth_user=%s;auth_pass=%s;answermode=auto;audio_codecs=pcmu,pcma%s",
		account, registrar, account, password, encryption))
}

// baresip finds the program, or skips the test: before anything begins that would
// miss it.
func baresip(t *testing.T) string {
	t.Helper()
	bin, err := exec.LookPath("baresip")
	if err != nil {
		t.Skip("baresip is not installed (Debian package baresip-core): the telephone of this test is missing")
	}
	return bin
}

// runSoftphone starts baresip with one account on a port.
func runSoftphone(t *testing.T, port int, account string) *softphone {
	t.Helper()
	bin := baresip(t)
	p := &softphone{t: t, port: port, dir: t.TempDir(), events: make(chan string, 256), out: &testlog.Buffer{}, exited: make(chan struct{})}
	control := p.configure(account)
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, bin, "-4", "-f", p.dir)
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.dir, p.out, p.out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { cmd.Wait(); close(p.exited) }()
	t.Cleanup(func() { cancel(); <-p.exited })
	p.dial(control)
	return p
}

// configure writes baresip's files and returns its control port.
func (p *softphone) configure(account string) int {
	p.t.Helper()
	tcp, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	control := tcp.Addr().(*net.TCPAddr).Port
	tcp.Close()
	config := fmt.Sprintf(`poll_method epoll
sip_listen 127.0.0.1:%d
call_local_timeout 120
call_max_calls 4
audio_player aubridge,nowhere
audio_source ausine,600
audio_alert aubridge,nowhere
ausrc_srate 48000
ausrc_channels 2
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
rtp_ports 40000-48000
jitter_buffer_delay 5-10
net_interface 127.0.0.1
module_path %s
module g711.so
module ausine.so
module aubridge.so
module sndfile.so
module srtp.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:%d
snd_path %s
`, p.port, softphoneModules, control, p.dir)
	for name, text := range map[string]string{"config": config, "accounts": account + "\n", "contacts": ""} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
	return control
}

// dial connects to the control port once baresip has opened it.
func (p *softphone) dial(port int) {
	p.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(10 * time.Second); p.ctrl == nil; {
		p.ctrl, _ = net.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
		select {
		case <-tick.C:
		case <-p.exited:
			p.t.Fatalf("baresip ended at once:\n%s", p.out)
		case <-deadline:
			p.t.Fatal("baresip did not open its control port")
		}
	}
	read := make(chan struct{})
	go func() { p.read(); close(read) }()
	p.t.Cleanup(func() { p.ctrl.Close(); <-read })
}

// read takes netstrings of JSON and keeps the types of events.
func (p *softphone) read() {
	in := bufio.NewReader(p.ctrl)
	for {
		var n int
		if _, err := fmt.Fscanf(in, "%d:", &n); err != nil || n < 0 || n > 1<<16 {
			return
		}
		body := make([]byte, n+1) // and a comma
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		var m struct {
			Event bool   `json:"event"`
			Type  string `json:"type"`
		}
		if json.Unmarshal(body[:n], &m) == nil && m.Event {
			select {
			case p.events <- m.Type:
			default:
			}
		}
	}
}

// until waits for an event.
func (p *softphone) until(kind string) {
	p.t.Helper()
	var seen []string
	for deadline := time.After(15 * time.Second); ; {
		select {
		case e := <-p.events:
			if e == kind {
				return
			}
			seen = append(seen, e)
		case <-deadline:
			p.t.Fatalf("baresip did not say %s, only %v", kind, seen)
		}
	}
}

// command gives an order, such as sndcode with keys to press.
func (p *softphone) command(name, params string) {
	p.t.Helper()
	body, err := json.Marshal(map[string]string{"command": name, "params": params, "token": "test"})
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(p.ctrl, "%d:%s,", len(body), body); err != nil {
		p.t.Fatal(err)
	}
}

// heard is what baresip decoded of the last call.
func (p *softphone) heard() []int16 {
	p.t.Helper()
	files, err := filepath.Glob(filepath.Join(p.dir, "dump-*-dec.wav"))
	if err != nil || len(files) == 0 {
		p.t.Fatalf("baresip kept no sound: %v\n%s", err, p.out)
	}
	clip, err := audio.LoadFile(files[len(files)-1])
	if err != nil {
		p.t.Fatal(err)
	}
	return clip.PCM()
}

func TestBaresipAsThePersonCalled(t *testing.T) {
	t.Parallel()
	phone := startSoftphone(t, number)
	r := newRig(t, rigOptions{trunk: fmt.Sprintf("sip:robot@127.0.0.1:%d", phone.port), operators: staff{"op1": talker}})
	id := r.place(number)
	phone.until("CALL_ESTABLISHED")
	phone.command("sndcode", "1")
	res := r.result(id)
	bridged(t, r, res, "op1")
	if res.Keys != "1" {
		t.Errorf("keys %q", res.Keys)
	}
	phone.until("CALL_CLOSED")
	r.close()
	left, right := r.recording(res)
	tone(t, "baresip, left", left, 600, true)
	tone(t, "the robot, right", right, promptHz, true)
	tone(t, "the operator, right", right, siptest.VoiceOperatorHz, true)
	tone(t, "the operator at baresip", phone.heard(), siptest.VoiceOperatorHz, true)
}

func TestBaresipAsTheOperator(t *testing.T) {
	t.Parallel()
	machine := pulse.Watch(t)
	phone := startSoftphone(t, "op1")
	address := fmt.Sprintf("sip:op1@127.0.0.1:%d", phone.port)
	r := newRig(t, rigOptions{addresses: []string{address},
		people: people(person(hears, presses("1"), talks, phonesim.Step{Wait: 3 * time.Second}, hangs))})
	id := r.place(number)
	phone.until("CALL_ESTABLISHED")
	res := r.result(id)
	if !res.Bridged || res.Operator != address || res.List != "connected" {
		t.Errorf("%+v", res)
	}
	phone.until("CALL_CLOSED")
	if c := r.farCall(number, 1); c.HeardOperator.Seconds() < machine.Bar(1, 0.3) {
		t.Errorf("the person heard %v of baresip (machine stalled for %.0f %% of the time)", c.HeardOperator, 100*machine.Stalled())
	}
	r.close()
	left, right := r.recording(res)
	tone(t, "the person, left", left, siptest.VoicePersonHz, true)
	tone(t, "the music, right", right, musicHz, true)
	tone(t, "baresip, right", right, 600, true)
	tone(t, "baresip, left", left, 600, false)
	heard := phone.heard()
	tone(t, "the whisper at baresip", heard, whisperHz, true)
	tone(t, "the person at baresip", heard, siptest.VoicePersonHz, true)
	tone(t, "the music at baresip", heard, musicHz, false)
}
