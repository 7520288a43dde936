package sip

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/sdp/v3"

	"dozvon/audio"
	"dozvon/media"
)

func newParley(laws ...audio.Law) *parley {
	if laws == nil {
		laws = []audio.Law{audio.ALaw, audio.ULaw}
	}
	return &parley{local: netip.MustParseAddrPort("192.0.2.9:40000"), laws: laws, session: 5, ptime: defaultPtime}
}

// Our descriptions are read by somebody else's parser.
func TestOfferIsValid(t *testing.T) {
	p := newParley()
	offer := p.offer()
	var d sdp.SessionDescription
	if err := d.UnmarshalString(offer); err != nil {
		t.Fatal(err)
	}
	m := d.MediaDescriptions[0].MediaName
	if m.Port.Value != 40000 || strings.Join(m.Formats, " ") != "8 0 13 101" || d.ConnectionInformation.Address.Address != "192.0.2.9" {
		t.Errorf("%+v", m)
	}
	answer, _, err := p.reply([]byte(sdpAt(4000)))
	if err != nil {
		t.Fatal(err)
	}
	var a sdp.SessionDescription
	if err := a.UnmarshalString(answer); err != nil {
		t.Fatalf("%v in\n%s", err, answer)
	}
	if a.Origin.SessionID != d.Origin.SessionID || a.Origin.SessionVersion != d.Origin.SessionVersion+1 {
		t.Errorf("origin %+v after %+v", a.Origin, d.Origin)
	}
	if p.offer() != answer {
		t.Error("an unchanged description keeps its version")
	}
}

func TestAnswers(t *testing.T) {
	ms20 := 20 * time.Millisecond
	at := netip.MustParseAddrPort
	for _, c := range []struct {
		name, sdp string
		want      media.Remote
		err       error
	}{
		{"session address", "v=0\nc=IN IP4 192.0.2.1\nm=audio 5000 RTP/AVP 8 101\na=rtpmap:101 telephone-event/8000\n",
			media.Remote{Addr: at("192.0.2.1:5000"), PayloadType: 8, EventType: 101, Ptime: ms20}, nil},
		{"media address and ptime", "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 5000 RTP/AVP 0\r\nc=IN IP4 192.0.2.2/127\r\na=ptime:30\r\n",
			media.Remote{Addr: at("192.0.2.2:5000"), Law: audio.ULaw, Ptime: 30 * time.Millisecond}, nil},
		{"the answer's order counts", "v=0\nc=IN IP4 192.0.2.1\nm=audio 5000 RTP/AVP 18 0 8\n",
			media.Remote{Addr: at("192.0.2.1:5000"), Law: audio.ULaw, Ptime: ms20}, nil},
		{"dynamic types", "v=0\nc=IN IP4 192.0.2.1\nm=audio 5000 RTP/AVP 97 96\na=rtpmap:97 pcma/8000/1\na=rtpmap:96 TELEPHONE-EVENT/8000\n",
			media.Remote{Addr: at("192.0.2.1:5000"), PayloadType: 97, EventType: 96, Ptime: ms20}, nil},
		{"wide events are not ours", "v=0\nc=IN IP4 192.0.2.1\nm=audio 5000 RTP/AVP 8 96\na=rtpmap:96 telephone-event/16000\n",
			media.Remote{Addr: at("192.0.2.1:5000"), PayloadType: 8, Ptime: ms20}, nil},
		{"sendonly", "v=0\nc=IN IP4 192.0.2.1\na=sendonly\nm=audio 5000 RTP/AVP 8\n",
			media.Remote{Addr: at("192.0.2.1:5000"), PayloadType: 8, Ptime: ms20, Inactive: true}, nil},
		{"recvonly listens", "v=0\nc=IN IP4 192.0.2.1\nm=audio 5000 RTP/AVP 8\na=recvonly\n",
			media.Remote{Addr: at("192.0.2.1:5000"), PayloadType: 8, Ptime: ms20}, nil},
		{"inactive", "v=0\nc=IN IP4 192.0.2.1\nm=audio 5000 RTP/AVP 8\na=inactive\n",
			media.Remote{Addr: at("192.0.2.1:5000"), PayloadType: 8, Ptime: ms20, Inactive: true}, nil},
		{"old hold", "v=0\nc=IN IP4 0.0.0.0\nm=audio 5000 RTP/AVP 8\n",
			media.Remote{Addr: at("0.0.0.0:5000"), PayloadType: 8, Ptime: ms20, Inactive: true}, nil},
		{"IPv6", "v=0\nc=IN IP6 2001:db8::1\nm=audio 5000 RTP/AVP 8\n",
			media.Remote{Addr: at("[2001:db8::1]:5000"), PayloadType: 8, Ptime: ms20}, nil},
		{"video beside", "v=0\nc=IN IP4 192.0.2.1\nm=video 0 RTP/AVP 99\nm=audio 5000 RTP/AVP 8\n",
			media.Remote{Addr: at("192.0.2.1:5000"), PayloadType: 8, Ptime: ms20}, nil},
		{"port 0", "v=0\nc=IN IP4 192.0.2.1\nm=audio 0 RTP/AVP 8\n", media.Remote{}, errNoAudio},
		{"no audio", "v=0\nc=IN IP4 192.0.2.1\n", media.Remote{}, errNoAudio},
		{"SRTP", "v=0\nc=IN IP4 192.0.2.1\nm=audio 5000 RTP/SAVP 8\n", media.Remote{}, errNoAudio},
		{"another codec", "v=0\nc=IN IP4 192.0.2.1\nm=audio 5000 RTP/AVP 18\n", media.Remote{}, errNoCodec},
		{"a name", "v=0\nc=IN IP4 media.example.com\nm=audio 5000 RTP/AVP 8\n", media.Remote{}, errNoAddr},
	} {
		got, err := newParley().answered([]byte(c.sdp))
		if err != c.err || err == nil && got != c.want {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

func TestReplies(t *testing.T) {
	p := newParley()
	offer := "v=0\nc=IN IP4 192.0.2.1\nm=video 6000 RTP/AVP 99\nm=audio 5000 RTP/SAVP 8\nm=audio 5002 RTP/AVP 0 8 96\na=rtpmap:96 telephone-event/8000\na=sendonly\nm=audio 5004 RTP/AVP 8\n"
	p.agreed = media.Remote{Addr: netip.MustParseAddrPort("192.0.2.1:4000"), Law: audio.ALaw, PayloadType: 8}
	answer, remote, err := p.reply([]byte(offer))
	if err != nil {
		t.Fatal(err)
	}
	if remote.Addr.Port() != 5002 || remote.Law != audio.ALaw || !remote.Inactive {
		t.Errorf("the agreed codec is kept: %+v", remote)
	}
	for _, line := range []string{"m=video 0 RTP/AVP 99\r\n", "m=audio 0 RTP/SAVP 8\r\n", "m=audio 40000 RTP/AVP 8 96\r\n", "m=audio 0 RTP/AVP 8\r\n",
		"a=recvonly\r\n", "a=rtpmap:96 telephone-event/8000\r\n"} {
		if !strings.Contains(answer, line) {
			t.Errorf("no %q in\n%s", line, answer)
		}
	}
	if _, r, _ := p.reply([]byte("v=0\nc=IN IP4 192.0.2.1\nm=audio 5000 RTP/AVP 0\n")); r.Law != audio.ULaw {
		t.Errorf("the codec changes when the agreed one is gone: %+v", r)
	}
}

func TestMirrored(t *testing.T) {
	for d, want := range map[string]string{sendrecv: sendrecv, sendonly: recvonly, recvonly: sendonly, inactive: inactive} {
		if got := mirrored(d); got != want {
			t.Errorf("%s: %s", d, got)
		}
	}
}

func FuzzSDP(f *testing.F) {
	f.Add([]byte(sdpAt(4000)))
	f.Add([]byte("v=0\nm=audio 1 RTP/AVP 8\na=ptime:1e9\na=rtpmap:999 x\na=rtpmap:8\nc=IN IP4"))
	f.Add([]byte("v=0\r\nm=audio 5000/2 RTP/AVP 8 8 8\r\na=inactive\r\nm=image 1 udptl t38\r\n"))
	f.Add([]byte("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 5000 RTP/SAVP 8 13\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 " + key128 + "|2^20 WSH=64\r\na=crypto:2 AES_256_CM_HMAC_SHA1_32 " + key256 + "\r\na=rtcp:5001 IN IP4 192.0.2.1\r\na=rtcp-mux\r\na=maxptime:60\r\n"))
	f.Add([]byte("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 1 RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:====|2^99|1:4\r\nm=audio 2 RTP/AVP 8\r\na=crypto:1 x inline:" + strings.Repeat("A", 600) + "\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, policy := range []media.Security{media.Plain, media.Offered, media.Required} {
			p := secureParley(policy)
			p.offer()
			if remote, err := p.answered(b); err == nil {
				checkRemote(t, policy, remote)
			}
			checkReply(t, p, b)
		}
	})
}

// checkReply answers an offer and reads the answer back.
func checkReply(t *testing.T, p *parley, offer []byte) {
	t.Helper()
	answer, remote, err := p.reply(offer)
	if err != nil {
		return
	}
	checkRemote(t, p.security, remote)
	d, err := parseSDP([]byte(answer))
	if err != nil {
		t.Fatalf("our answer can't be read: %v\n%q", err, answer)
	}
	open := 0
	for _, m := range d.media {
		if m.port == 0 {
			continue
		}
		open++
		if keys := len(m.crypto); keys > 1 || (keys == 1) != (remote.Crypto.Suite != 0) || keys == 1 && m.crypto[0].key != remote.Crypto.Send {
			t.Fatalf("%d keys in\n%s", keys, answer)
		}
	}
	if open != 1 {
		t.Fatalf("%d open streams in\n%s", open, answer)
	}
}

// checkRemote holds for whatever a far end describes.
func checkRemote(t *testing.T, policy media.Security, r media.Remote) {
	t.Helper()
	if !r.Addr.IsValid() || !slices.Contains(media.PacketTimes[:], r.Ptime) || r.RTCP.IsValid() && r.RTCP.Port() == 0 {
		t.Fatalf("%+v", r)
	}
	secure := r.Crypto.Suite != 0
	if policy == media.Plain && secure || policy == media.Required && !secure || secure && r.Crypto.Send == r.Crypto.Recv {
		t.Fatalf("%s: %+v", policy, r)
	}
}
