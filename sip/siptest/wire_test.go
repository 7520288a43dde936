package siptest

import (
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	sipgo "github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"

	"dozvon/audio"
	"dozvon/media"
)

const inviteText = "INVITE sip:+79990000001@127.0.0.1:5060;user=phone SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bK.abc\r\n" +
	"Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK.other\r\n" +
	"f: \"Bank\" <sip:robot@10.0.0.1>;tag=1\r\nTo: <sip:+79990000001@127.0.0.1>\r\n" +
	"i: call-1@host\r\nCSeq: 7 INVITE\r\nContent-Length: 0\r\n\r\n"

func TestGlance(t *testing.T) {
	e, ok := glance([]byte(inviteText))
	want := Entry{What: Invited, Call: "call-1@host", Number: "+79990000001", From: "robot", Branch: "z9hG4bK.abc", CSeq: 7}
	if !ok || e != want {
		t.Errorf("glance sees %+v, %v", e, ok)
	}
	again := strings.Replace(inviteText, "To: <sip:+79990000001@127.0.0.1>", "To: <sip:+79990000001@127.0.0.1>;tag=x", 1)
	if _, ok := glance([]byte(again)); ok {
		t.Error("a re-INVITE counts as an INVITE")
	}
	bye := strings.NewReplacer("INVITE", "BYE").Replace(again)
	if e, ok := glance([]byte(bye)); !ok || e.What != ByeCame {
		t.Errorf("a BYE is seen as %+v, %v", e, ok)
	}
	for _, text := range []string{"", "SIP/2.0 200 OK\r\n\r\n", "INVITE\n", "OPTIONS sip:x SIP/2.0\r\nCall-ID: a\r\n\r\n", "INVITE sip:1@h SIP/2.0\r\n\r\nCall-ID: body\r\n"} {
		if e, ok := glance([]byte(text)); ok {
			t.Errorf("%q is seen as %+v", text, e)
		}
	}
}

func FuzzGlance(f *testing.F) {
	f.Add([]byte(inviteText))
	f.Add([]byte("ACK sip:@;: \nVia:;branch=;branch\ni:\xff\nCSeq: 99999999999999999999\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if e, ok := glance(data); ok && (e.Call == "" || strings.ContainsAny(e.Call+e.Branch, "\n")) {
			t.Fatalf("glance sees %+v", e)
		}
	})
}

// TestDigestAgainstAnotherImplementation checks credentials that an
// independent library computes.
func TestDigestAgainstAnotherImplementation(t *testing.T) {
	for _, algorithm := range []string{"MD5", "SHA-256"} {
		c := &Credentials{User: "robot", Password: "pass, \"word\"", Algorithm: algorithm}
		chal, err := digest.ParseChallenge(c.challenge("n0nce"))
		if err != nil {
			t.Fatal(err)
		}
		answer := func(method, password string) string {
			cred, err := digest.Digest(chal, digest.Options{Method: method, URI: "sip:1@h", Username: "robot", Password: password})
			if err != nil {
				t.Fatal(err)
			}
			return cred.String()
		}
		if v := answer("INVITE", c.Password); !c.accepts("INVITE", v, "n0nce") {
			t.Errorf("%s: right credentials are refused: %s", algorithm, v)
		}
		right := answer("INVITE", c.Password)
		for name, bad := range map[string]bool{
			"a wrong password": c.accepts("INVITE", answer("INVITE", "guess"), "n0nce"),
			"another method":   c.accepts("BYE", right, "n0nce"),
			"another nonce":    c.accepts("INVITE", right, "stale"),
			"no credentials":   c.accepts("INVITE", "Basic abc", "n0nce"),
		} {
			if bad {
				t.Errorf("%s: %s is accepted", algorithm, name)
			}
		}
	}
}

func FuzzDigestParams(f *testing.F) {
	f.Add(`username="a\"b", realm="x, y",nc=1,=,response=""`)
	f.Fuzz(func(t *testing.T, s string) {
		for name := range digestParams(s) {
			if strings.ContainsAny(name, "=") {
				t.Fatalf("name %q", name)
			}
		}
	})
}

const offerText = "v=0\r\no=- 1 1 IN IP4 10.1.1.1\r\ns=-\r\nc=IN IP4 10.1.1.1\r\nt=0 0\r\n" +
	"m=audio 4000 RTP/AVP 0 96 8 101\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n"

func TestOfferAndAnswer(t *testing.T) {
	cases := []struct {
		name, from, to string // replacement in offerText
		prefer         audio.Law
		law            audio.Law
		event          uint8
		direction      string
		err            bool
	}{
		{name: "preferred law", prefer: audio.ALaw, law: audio.ALaw, event: 101, direction: "sendrecv"},
		{name: "other law", prefer: audio.ULaw, law: audio.ULaw, event: 101, direction: "sendrecv"},
		{name: "only one", from: " 0 96 8 ", to: " 0 96 ", prefer: audio.ALaw, law: audio.ULaw, event: 101, direction: "sendrecv"},
		{name: "no events", from: " 8 101", to: " 8", prefer: audio.ALaw, law: audio.ALaw, direction: "sendrecv"},
		{name: "hold", from: "t=0 0\r\n", to: "t=0 0\r\na=sendonly\r\n", law: audio.ALaw, event: 101, direction: "recvonly"},
		{name: "inactive", from: "event/8000\r\n", to: "event/8000\r\na=inactive\r\n", law: audio.ALaw, event: 101, direction: "inactive"},
		{name: "no codec", from: "0 96 8 101", to: "96 101", err: true},
		{name: "no audio", from: "m=audio", to: "m=video", err: true},
		{name: "no address", from: "c=IN IP4 10.1.1.1\r\n", to: "", err: true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			o, err := parseSDP([]byte(strings.Replace(offerText, c.from, c.to, 1)))
			if c.err {
				if err == nil {
					t.Fatalf("accepted as %+v", o)
				}
				return
			}
			if err != nil || !o.choose(c.prefer) {
				t.Fatal(err)
			}
			if o.law != c.law || o.event != c.event || o.direction() != c.direction {
				t.Errorf("agreed %v, event %d, %s", o.law, o.event, o.direction())
			}
			if want := netip.MustParseAddrPort("10.1.1.1:4000"); o.addr != want {
				t.Errorf("sound goes to %v", o.addr)
			}
			back, err := parseSDP(o.describe(netip.MustParseAddrPort("127.0.0.1:10000")))
			if err != nil || len(back.laws) != 1 || back.laws[0] != c.law || back.event != c.event {
				t.Errorf("our answer reads as %+v, %v", back, err)
			}
		})
	}
}

func FuzzSDP(f *testing.F) {
	f.Add([]byte(offerText))
	f.Add([]byte(strings.Replace(offerText, "RTP/AVP", "RTP/SAVP", 1) + "a=crypto:" + lineOf128 + "\r\na=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:|\r\n"))
	f.Add([]byte("v=0\r\no=- 1 1 IN IP6 ::1\r\ns=-\r\nc=IN IP6 ::1\r\nt=0 0\r\nm=audio 0 RTP/AVP 8\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := parseSDP(data)
		if err != nil {
			return
		}
		if !o.choose(audio.ALaw) {
			t.Fatal("a description without a codec was accepted")
		}
		if o.seal(media.Offered, sealed{}) != (o.keys.Suite != 0 || !strings.HasPrefix(o.profile, "RTP/SAVP")) {
			t.Fatalf("%s with keys of %s", o.profile, o.keys)
		}
		if _, err := parseSDP(o.describe(netip.MustParseAddrPort("127.0.0.1:2"))); err != nil {
			t.Fatalf("our answer to it cannot be read: %v", err)
		}
	})
}

func TestInfoKeys(t *testing.T) {
	cases := []struct{ kind, body, want string }{
		{"application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "5"},
		{"application/dtmf-relay", "Signal= *\nDuration= 160", "*"},
		{"application/dtmf", "#", "#"},
		{"application/dtmf", "12", ""},
		{"application/dtmf-relay", "Signal=flash", ""},
		{"text/plain", "5", ""},
	}
	for _, c := range cases {
		req := sipgo.NewRequest(sipgo.INFO, sipgo.Uri{User: "1", Host: "h"})
		kind := sipgo.ContentTypeHeader(c.kind)
		req.AppendHeader(&kind)
		req.SetBody([]byte(c.body))
		got := ""
		if k, ok := infoKey(req); ok {
			got = string(k)
		}
		if got != c.want {
			t.Errorf("%s %q is key %q, want %q", c.kind, c.body, got, c.want)
		}
	}
}

// feed lets the ear hear sound in frames of 20 ms.
func feed(e *ear, pcm []int16) { feedTo(e.hear, pcm) }

// feedTo gives sound to whoever hears it, in frames of 20 ms.
func feedTo(hear func(audio.Frame), pcm []int16) {
	for len(pcm) >= audio.FrameSamples {
		hear(audio.Frame{PCM: pcm[:audio.FrameSamples]})
		pcm = pcm[audio.FrameSamples:]
	}
}

func TestEarTellsVoicesApart(t *testing.T) {
	person, operator := builtIn()[VoicePerson].PCM(), builtIn()[VoiceOperator].PCM()
	both := append([]int16(nil), person...)
	audio.Mix(both, operator)
	quiet := make([]int16, len(person))
	for i := range quiet { // the noise of a line
		quiet[i] = int16(20 * math.Sin(float64(i)))
	}
	cases := map[string]struct {
		pcm                     []int16
		voice, person, operator bool
	}{
		"person": {person, true, true, false}, "operator": {operator, true, false, true},
		"both": {both, true, true, true}, "greeting": {builtIn()[Greeting].PCM(), true, false, false},
		"line noise": {quiet, false, false, false},
	}
	for name, c := range cases {
		e := newEar()
		feed(e, c.pcm)
		most := audio.Duration(len(c.pcm)) * 3 / 4
		if got := [3]bool{e.heard() > most, e.person.duration() > most, e.operator.duration() > most}; got != [3]bool{c.voice, c.person, c.operator} {
			t.Errorf("%s: heard %v, person %v, operator %v of %v", name, e.heard(), e.person.duration(), e.operator.duration(), audio.Duration(len(c.pcm)))
		}
	}
}

func TestEarWakes(t *testing.T) {
	e := newEar()
	ready := e.wakeAt(100 * time.Millisecond)
	voice := builtIn()[VoicePerson].PCM()
	feed(e, voice[:4*audio.FrameSamples])
	if ready() {
		t.Error("80 ms are taken for 100")
	}
	select {
	case <-e.wake:
		t.Error("woken too early")
	default:
	}
	feed(e, voice[:audio.FrameSamples])
	<-e.wake
	if !ready() {
		t.Error("100 ms were not noticed")
	}
}
