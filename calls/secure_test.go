package calls

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
	"dozvon/media"
	"dozvon/sip"
	"dozvon/sip/siptest"
)

// What becomes of a call whose trunk wants SRTP so much and whose far end so
// much: offered never loses a call that plain would have made.
func TestEverySecurityAgainstEveryFarEnd(t *testing.T) {
	all := []media.Security{media.Plain, media.Offered, media.Required}
	for _, ours := range all {
		for _, theirs := range all {
			t.Run(ours.String()+" to "+theirs.String(), func(t *testing.T) {
				t.Parallel()
				r := newRig(t, rigOptions{people: people(person(hears, presses("2"), phonesim.Step{Wait: 5 * time.Second})),
					far: func(c *siptest.Config) { c.Book.SRTP = theirs },
					trunkTo: func(far string, _ int) *sip.Trunk {
						return &sip.Trunk{Name: "far", URI: "sip:robot@" + far, SRTP: ours}
					}})
				res := r.result(r.place(number))
				possible := ours == theirs || ours == media.Offered || theirs == media.Offered
				if possible && (res.List != "rejected" || res.Keys != "2") || !possible && res.Disposition != dialer.Failed {
					t.Errorf("%+v", res)
				}
			})
		}
	}
}

// An encrypted person is joined to a plain operator with packets of another
// length; both are heard.
func TestEncryptedPersonAndPlainOperator(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: people(wants), operators: staff{"op1": talker},
		far: func(c *siptest.Config) { c.Book.SRTP = media.Offered },
		trunkTo: func(far string, _ int) *sip.Trunk {
			return &sip.Trunk{Name: "far", URI: "sip:robot@" + far, SRTP: media.Required}
		}})
	res := r.result(r.place(number))
	bridged(t, r, res, "op1")
	if c := r.farCall(number, 1); c.HeardOperator < 500*time.Millisecond {
		t.Errorf("the person heard %v of the operator", c.HeardOperator)
	}
	r.close()
	left, right := r.recording(res)
	tone(t, "the person, left", left, siptest.VoicePersonHz, true)
	tone(t, "the operator, right", right, siptest.VoiceOperatorHz, true)
}

// baresip offers and takes keys under RTP/AVP (mediaenc=srtp), or insists on
// RTP/SAVP (srtp-mand). Each word of ours meets each of its.
func TestBaresipEncrypted(t *testing.T) {
	for _, c := range []struct {
		ours   media.Security
		theirs string
		ok     bool
	}{
		{media.Required, "srtp-mand", true},
		{media.Required, "srtp", true},
		{media.Offered, "srtp", true},
		{media.Offered, "", true},
		{media.Plain, "srtp", true},
		{media.Required, "", false},
	} {
		t.Run(c.ours.String()+" to "+c.theirs, func(t *testing.T) {
			t.Parallel()
			phone := startSoftphone(t, number, c.theirs)
			r := newRig(t, rigOptions{trunk: fmt.Sprintf("sip:robot@127.0.0.1:%d", phone.port), operators: staff{"op1": talker}})
			r.trunk.SRTP = c.ours
			id := r.place(number)
			if !c.ok {
				if res := r.result(id); res.Disposition != dialer.Failed {
					t.Errorf("%+v", res)
				}
				return
			}
			phone.until("CALL_ESTABLISHED")
			phone.command("sndcode", "1")
			res := r.result(id)
			bridged(t, r, res, "op1")
			phone.until("CALL_CLOSED")
			r.close()
			left, right := r.recording(res)
			tone(t, "baresip, left", left, 600, true)
			tone(t, "the operator, right", right, siptest.VoiceOperatorHz, true)
			tone(t, "the robot at baresip", phone.heard(), promptHz, true)
			secure := c.ours != media.Plain && c.theirs != ""
			if said := strings.Contains(phone.out.String(), "SRTP is Enabled"); said != secure {
				t.Errorf("baresip says SRTP %v, want %v:\n%s", said, secure, phone.out)
			}
		})
	}
}

// baresip sends packets as long as our trunk asks for, encrypted or not.
func TestBaresipSendsOtherLengths(t *testing.T) {
	for _, length := range []time.Duration{10, 60} {
		t.Run(fmt.Sprintf("%d ms", length), func(t *testing.T) {
			t.Parallel()
			phone := startSoftphone(t, number, "srtp")
			r := newRig(t, rigOptions{trunk: fmt.Sprintf("sip:robot@127.0.0.1:%d", phone.port), operators: staff{"op1": talker}})
			r.trunk.Ptime = length * time.Millisecond
			if length > 30 {
				r.trunk.SRTP = media.Required
			}
			id := r.place(number)
			phone.until("CALL_ESTABLISHED")
			phone.command("sndcode", "1")
			res := r.result(id)
			bridged(t, r, res, "op1")
			phone.until("CALL_CLOSED")
			r.close()
			left, right := r.recording(res)
			tone(t, "baresip, left", left, 600, true)
			tone(t, "the robot, right", right, promptHz, true)
			tone(t, "the operator at baresip", phone.heard(), siptest.VoiceOperatorHz, true)
		})
	}
}

// linphone asks for packets of other lengths, and hears them.
func TestLinphoneAsksForOtherLengths(t *testing.T) {
	for _, length := range []int{30, 40} {
		t.Run(fmt.Sprintf("%d ms", length), func(t *testing.T) {
			t.Parallel()
			phone := startLinphone(t, "srtp", fmt.Sprintf("download_ptime=%d", length))
			r := newRig(t, rigOptions{trunk: fmt.Sprintf("sip:robot@127.0.0.1:%d", phone.port)})
			r.trunk.SRTP = media.Offered
			id := r.place(number)
			phone.until("connected")
			phone.say("2")
			if res := r.result(id); res.List != "rejected" || res.Keys != "2" {
				t.Errorf("%+v", res)
			}
			r.close()
			tone(t, "the robot at linphone", phone.heard(), promptHz, true)
		})
	}
}
