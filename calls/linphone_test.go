package calls

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/dialer/phonesim"
	"dozvon/internal/testlog"
	"dozvon/internal/testports"
	"dozvon/media"
)

// linphone is a telephone by others again, with a voice of its own: it
// answers by itself, says a tone of 500 Hz and keeps what it hears.
type linphone struct {
	t     *testing.T
	port  int
	dir   string
	in    io.Writer
	out   testlog.Buffer
	ended chan struct{}
}

const linphoneHz = 500

// startLinphone starts linphonec and waits until it listens. srtp is its word
// for encryption: none, srtp, or "mandatory"; rtp are more lines of its settings
// for RTP.
func startLinphone(t *testing.T, srtp string, rtp ...string) *linphone {
	t.Helper()
	bin, err := exec.LookPath("linphonec")
	if err != nil {
		t.Skip("linphonec is not installed (Debian package linphone-cli): the telephone of this test is missing")
	}
	p := &linphone{t: t, port: testports.One(t), dir: t.TempDir(), ended: make(chan struct{})}
	p.configure(srtp, strings.Join(rtp, "\n"))
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, bin, "-a", "-c", filepath.Join(p.dir, "rc"))
	cmd.Env = append(os.Environ(), "HOME="+p.dir)
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.dir, &p.out, io.Discard
	if p.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = cmd.Wait(); close(p.ended) }()
	t.Cleanup(func() { cancel(); <-p.ended })
	p.say("soundcard use files")
	p.until("Using wav files")
	p.say("play " + filepath.Join(p.dir, "voice.wav"))
	p.say("record " + filepath.Join(p.dir, "heard.wav"))
	return p
}

func (p *linphone) configure(srtp, rtp string) {
	p.t.Helper()
	encryption, mandatory := "none", 0
	switch srtp {
	case "srtp":
		encryption = "srtp"
	case "mandatory":
		encryption, mandatory = "srtp", 1
	}
	text := fmt.Sprintf(`[sip]
sip_port=%d
sip_tcp_port=0
sip_tls_port=0
default_proxy=-1
use_ipv6=0
media_encryption=%s
media_encryption_mandatory=%d
guess_hostname=0
contact=sip:linphone@127.0.0.1
[rtp]
audio_rtp_port=48002-52000
%s
[video]
enabled=0
capture=0
display=0
`, p.port, encryption, mandatory, rtp)
	if err := os.MkdirAll(filepath.Join(p.dir, ".local/share/linphone"), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.dir, "rc"), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(p.dir, "voice.wav"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close()
	if err := audio.WriteWAV(f, 1, audio.Tone([]float64{linphoneHz}, 30*time.Second, 0.3)); err != nil {
		p.t.Fatal(err)
	}
}

// say gives an order; digits are keys to press.
func (p *linphone) say(command string) {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.in, command); err != nil {
		p.t.Fatal(err)
	}
}

// until waits for words of linphone's.
func (p *linphone) until(words string) {
	p.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(15 * time.Second); !strings.Contains(p.out.String(), words); {
		select {
		case <-tick.C:
		case <-p.ended:
			p.t.Fatalf("linphonec ended:\n%s", p.out.String())
		case <-deadline:
			p.t.Fatalf("linphonec did not say %q:\n%s", words, p.out.String())
		}
	}
}

// heard is what linphone heard, complete once it has ended.
func (p *linphone) heard() []int16 {
	p.t.Helper()
	p.say("quit")
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
		p.t.Fatal("linphonec does not end")
	}
	clip, err := audio.LoadFile(filepath.Join(p.dir, "heard.wav"))
	if err != nil {
		p.t.Fatal(err)
	}
	return clip.PCM()
}

// Whatever the two sides think of encryption, they come together where that
// can be, and don't where one insists and the other refuses.
func TestLinphoneAsThePersonCalled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		theirs string
		ours   media.Security
		talk   bool
	}{
		{"none", media.Plain, true}, {"none", media.Offered, true}, {"none", media.Required, true}, // it takes what it would not ask for
		{"srtp", media.Plain, true}, {"srtp", media.Offered, true}, {"srtp", media.Required, true},
		{"mandatory", media.Plain, false}, {"mandatory", media.Required, true},
	} {
		t.Run(c.theirs+" and "+c.ours.String(), func(t *testing.T) {
			t.Parallel()
			phone := startLinphone(t, c.theirs)
			r := newRig(t, rigOptions{trunk: fmt.Sprintf("sip:robot@127.0.0.1:%d", phone.port)})
			r.trunk.SRTP = c.ours
			id := r.place(number)
			if !c.talk {
				if res := r.result(id); res.Disposition != dialer.Failed || res.Cause.SIP != 488 {
					t.Errorf("%+v", res)
				}
				return
			}
			phone.until("connected")
			r.reaches(id, dialer.AttemptTalking) // a key before that is nobody's
			phone.say("2")
			res := r.result(id)
			if res.List != "rejected" || res.Keys != "2" {
				t.Errorf("%+v", res)
			}
			r.close()
			left, _ := r.recording(res)
			tone(t, "linphone, left", left, linphoneHz, true)
			tone(t, "the robot at linphone", phone.heard(), promptHz, true)
		})
	}
}

func TestLinphoneAsTheOperator(t *testing.T) {
	t.Parallel()
	phone := startLinphone(t, "none")
	address := fmt.Sprintf("sip:linphone@127.0.0.1:%d", phone.port)
	r := newRig(t, rigOptions{addresses: []string{address},
		people: people(person(hears, presses("1"), talks, phonesim.Step{Wait: 3 * time.Second}, hangs))})
	res := r.result(r.place(number))
	if !res.Bridged || res.Operator != address || res.List != "connected" {
		t.Errorf("%+v", res)
	}
	if c := r.farCall(number, 1); c.HeardOperator == 0 && c.Heard < time.Second {
		t.Errorf("the person heard %v", c.Heard)
	}
	r.close()
	left, right := r.recording(res)
	tone(t, "linphone, right", right, linphoneHz, true)
	tone(t, "linphone, left", left, linphoneHz, false)
}

func TestLinphoneHoldsAndResumes(t *testing.T) {
	t.Parallel()
	phone := startLinphone(t, "none")
	person := newRawPhone(t, "person", personHz, audio.ALaw)
	address := fmt.Sprintf("sip:linphone@127.0.0.1:%d", phone.port)
	r := newRig(t, rigOptions{scenario: talkJob, nobody: true, trunk: person.address(), addresses: []string{address}})
	id := r.place(number)
	person.asked("ACK")
	person.hears(linphoneHz)
	phone.say("pause")
	person.hears(musicHz)
	phone.say("resume")
	person.hears(linphoneHz)
	phone.say("terminate")
	if res := r.result(id); !res.Bridged || res.Operator != address || res.List != "connected" {
		t.Errorf("%+v", res)
	}
}

// linphone's transfer button is a REFER: the person goes on with a colleague,
// who is called through dozvon, and to nobody else.
func TestLinphoneTransfers(t *testing.T) {
	t.Parallel()
	phone := startLinphone(t, "none")
	person, colleague := newRawPhone(t, "person", personHz, audio.ALaw), newRawPhone(t, "op2", operatorHz, audio.ALaw)
	address := fmt.Sprintf("sip:linphone@127.0.0.1:%d", phone.port)
	r := newRig(t, rigOptions{scenario: talkJob, nobody: true, trunk: person.address(), addresses: []string{address, colleague.address()}})
	id := r.place(number)
	person.asked("ACK")
	person.hears(linphoneHz)
	phone.say("transfer " + colleague.address())
	colleague.asked("ACK")
	person.hears(operatorHz)
	colleague.hears(personHz)
	person.send("BYE", "", "", "")
	if res := r.result(id); !res.Bridged || res.Operator != colleague.address() || res.List != "connected" {
		t.Errorf("%+v", res)
	}
}
