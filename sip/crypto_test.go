package sip

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pion/sdp/v3"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/media"
)

const (
	key128 = "inline:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0e"
	key256 = "inline:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLg=="
	weak   = "AES_CM_128_HMAC_SHA1_80"
	strong = "AES_256_CM_HMAC_SHA1_80"
)

// counted is the key that the lines above carry: 1, 2, 3 …
func counted(s media.Suite) (k masterKey) {
	for i := range s.KeyBytes() {
		k[i] = byte(i + 1)
	}
	return k
}

func TestCryptoLines(t *testing.T) {
	for _, c := range []struct {
		line  string
		tag   int
		suite media.Suite // 0: refused
	}{
		{"1 " + weak + " " + key128, 1, media.AES128SHA80},
		{"999999999 AES_CM_128_HMAC_SHA1_32 " + key128, 999999999, media.AES128SHA32},
		{"2 " + strong + " " + key256, 2, media.AES256SHA80},
		{"2 AES_256_CM_HMAC_SHA1_32 " + strings.TrimRight(key256, "="), 2, media.AES256SHA32},
		{"2 AES_CM_256_HMAC_SHA1_80 " + key256, 2, media.AES256SHA80},
		{"1 " + weak + " " + key128 + "|2^20", 1, media.AES128SHA80},
		{"1 " + weak + " " + key128 + "|1048576", 1, media.AES128SHA80},
		{"1 " + weak + " " + strings.Replace(key128, "inline", "INLINE", 1) + "|2^48 WSH=128 KDR=0 -MAYBE=1", 1, media.AES128SHA80},
		{"1 " + weak + " " + key128 + "|2^49", 0, 0},
		{"1 " + weak + " " + key128 + "|0", 0, 0},
		{"1 " + weak + " " + key128 + "|2^20|1:4", 0, 0}, // a master key identifier
		{"1 " + weak + " " + key128 + "|1:4", 0, 0},
		{"1 " + weak + " " + key128 + ";" + key128, 0, 0},
		{"1 " + weak + " " + key128 + " UNENCRYPTED_SRTP", 0, 0},
		{"1 " + weak + " " + key128 + " UNENCRYPTED_SRTCP", 0, 0},
		{"1 " + weak + " " + key128 + " UNAUTHENTICATED_SRTP", 0, 0},
		{"1 " + weak + " " + key128 + " KDR=5", 0, 0},
		{"1 " + weak + " " + key128 + " FEC_ORDER=FEC_SRTP", 0, 0},
		{"1 " + weak + " " + key256, 0, 0}, // too long for the suite
		{"1 " + strong + " " + key128, 0, 0},
		{"1 " + weak + " " + key128[:40], 0, 0},
		{"1 " + weak + " inline:", 0, 0},
		{"1 " + weak + " inline:" + strings.Repeat("!", 40), 0, 0},
		{"1 " + weak + " " + strings.TrimPrefix(key128, "inline:"), 0, 0},
		{"1 AEAD_AES_128_GCM " + key128, 0, 0},
		{"1 F8_128_HMAC_SHA1_80 " + key128, 0, 0},
		{"x " + weak + " " + key128, 0, 0},
		{"-1 " + weak + " " + key128, 0, 0},
		{"1234567890 " + weak + " " + key128, 0, 0},
		{"1 " + weak + " " + key128 + " " + strings.Repeat("-", maxCrypto), 0, 0},
		{"1 " + weak, 0, 0},
		{"", 0, 0},
	} {
		got, ok := parseCrypto(c.line)
		if ok != (c.suite != 0) {
			t.Errorf("%q: taken %v", c.line, ok)
		}
		if ok && (got.tag != c.tag || got.suite != c.suite || got.key != counted(c.suite)) {
			t.Errorf("%q: %+v", c.line, got)
		}
	}
}

func secureParley(s media.Security) *parley {
	p := newParley()
	p.security = s
	p.vault.secret = [32]byte{1, 2, 3}
	return p
}

// Our offers are read by somebody else's parser, and no key is used twice.
func TestOffersOfKeys(t *testing.T) {
	seen := map[string]bool{}
	for policy, want := range map[media.Security]struct {
		profile string
		suites  string
	}{
		media.Plain:    {"RTP/AVP", ""},
		media.Offered:  {"RTP/AVP", weak + " " + strong},
		media.Required: {"RTP/SAVP", weak + " " + strong + " AES_CM_128_HMAC_SHA1_32 AES_256_CM_HMAC_SHA1_32"},
	} {
		p := secureParley(policy)
		p.vault.secret[9] = byte(policy)
		offer := p.offer()
		var d sdp.SessionDescription
		if err := d.UnmarshalString(offer); err != nil {
			t.Fatal(err)
		}
		m := d.MediaDescriptions[0]
		var suites []string
		for _, a := range m.Attributes {
			if a.Key != "crypto" {
				continue
			}
			f := strings.Fields(a.Value)
			key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(f[2], "inline:"))
			if err != nil || len(key) != map[bool]int{true: 46, false: 30}[strings.Contains(f[1], "256")] {
				t.Errorf("%s: %d bytes of key, %v", a.Value, len(key), err)
			}
			if f[0] != fmt.Sprint(len(suites)+1) || seen[string(key)] || bytes.Equal(key, make([]byte, len(key))) {
				t.Errorf("%s: tag or key is not its own", a.Value)
			}
			seen[string(key)] = true
			suites = append(suites, f[1])
		}
		if got := strings.Join(m.MediaName.Protos, "/"); got != want.profile || strings.Join(suites, " ") != want.suites {
			t.Errorf("%s: %s %s", policy, got, suites)
		}
		if p.offer() != offer {
			t.Errorf("%s: a repeated offer changed", policy)
		}
	}
}

func sdpWith(profile string, lines ...string) []byte {
	s := "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 5000 " + profile + " 8\r\n"
	for _, l := range lines {
		s += "a=crypto:" + l + "\r\n"
	}
	return []byte(s)
}

func TestAnswersWithKeys(t *testing.T) {
	ok := "1 " + weak + " " + key128
	for _, c := range []struct {
		name   string
		policy media.Security
		sdp    []byte
		suite  media.Suite
		err    error
	}{
		{"off takes plain", media.Plain, sdpWith("RTP/AVP"), 0, nil},
		{"off reads past keys", media.Plain, sdpWith("RTP/AVP", ok), 0, nil},
		{"off refuses SRTP", media.Plain, sdpWith("RTP/SAVP", ok), 0, errNoAudio},
		{"offered takes plain", media.Offered, sdpWith("RTP/AVP"), 0, nil},
		{"offered takes keys", media.Offered, sdpWith("RTP/AVP", ok), media.AES128SHA80, nil},
		{"offered takes SAVP", media.Offered, sdpWith("RTP/SAVP", ok), media.AES128SHA80, nil},
		{"offered: SAVP without a key", media.Offered, sdpWith("RTP/SAVP"), 0, errNoKey},
		{"offered: a line that does not fit is no key", media.Offered, sdpWith("RTP/AVP", "1 "+strong+" "+key128), 0, nil},
		{"required refuses plain", media.Required, sdpWith("RTP/AVP"), 0, errNoKey},
		{"required refuses SAVP without a key", media.Required, sdpWith("RTP/SAVP"), 0, errNoKey},
		{"required takes keys", media.Required, sdpWith("RTP/SAVP", ok), media.AES128SHA80, nil},
		{"required takes best effort", media.Required, sdpWith("RTP/AVP", ok), media.AES128SHA80, nil},
		{"required takes feedback profiles", media.Required, sdpWith("RTP/SAVPF", ok), media.AES128SHA80, nil},
		{"256", media.Required, sdpWith("RTP/SAVP", "2 "+strong+" "+key256), media.AES256SHA80, nil},
		{"short tags", media.Required, sdpWith("RTP/SAVP", "3 AES_CM_128_HMAC_SHA1_32 "+key128), media.AES128SHA32, nil},
		{"a tag of its own", media.Required, sdpWith("RTP/SAVP", "1 "+strong+" "+key256), media.AES256SHA80, nil},
		{"a suite that was not offered", media.Offered, sdpWith("RTP/SAVP", "1 AES_CM_128_HMAC_SHA1_32 "+key128), 0, errNoKey},
		{"a tag that stands twice", media.Required, sdpWith("RTP/SAVP", ok, "1 "+weak+" inline:"+strings.Repeat("z", 40)), 0, errNoKey},
		{"a line that stands twice", media.Required, sdpWith("RTP/SAVP", ok, ok), media.AES128SHA80, nil},
		{"encryption by DTLS", media.Required, sdpWith("UDP/TLS/RTP/SAVP", ok), 0, errNoAudio},
		{"keys and no codec", media.Required, bytes.Replace(sdpWith("RTP/SAVP", ok), []byte("SAVP 8"), []byte("SAVP 18"), 1), 0, errNoCodec},
	} {
		p := secureParley(c.policy)
		p.offer()
		got, err := p.answered(c.sdp)
		if !errors.Is(err, c.err) || got.Crypto.Suite != c.suite && err == nil {
			t.Errorf("%s: %v, %v", c.name, got.Crypto, err)
			continue
		}
		if c.suite == 0 || err != nil {
			continue
		}
		mine, known := p.chosen(crypto{suite: c.suite})
		if !known || got.Crypto.Send != mine.key || got.Crypto.Recv != counted(c.suite) {
			t.Errorf("%s: the keys are not those of the lines", c.name)
		}
	}
}

// A far end that repeats lines it does not understand sends plain RTP.
func TestAnEchoIsNoKey(t *testing.T) {
	p := secureParley(media.Offered)
	if r, err := p.answered([]byte(p.offer())); err != nil || r.Crypto.Suite != 0 {
		t.Errorf("%v, %v", r.Crypto, err)
	}
	p = secureParley(media.Required)
	if _, err := p.answered([]byte(p.offer())); !errors.Is(err, errNoKey) {
		t.Errorf("%v", err)
	}
}

func TestRepliesWithKeys(t *testing.T) {
	line := "7 " + weak + " " + key128
	other := "1 " + strong + " " + key256
	for _, c := range []struct {
		name   string
		policy media.Security
		sdp    []byte
		line   string // of our answer, up to the key; empty: plain
		err    error
	}{
		{"off, plain", media.Plain, sdpWith("RTP/AVP"), "", nil},
		{"off, best effort", media.Plain, sdpWith("RTP/AVP", line), "", nil},
		{"off, SRTP", media.Plain, sdpWith("RTP/SAVP", line), "", errNoAudio},
		{"offered, plain", media.Offered, sdpWith("RTP/AVP"), "", nil},
		{"offered, best effort", media.Offered, sdpWith("RTP/AVP", line), "a=crypto:7 " + weak, nil},
		{"offered, SRTP", media.Offered, sdpWith("RTP/SAVP", other, line), "a=crypto:1 " + strong, nil},
		{"offered, SRTP without a key", media.Offered, sdpWith("RTP/SAVP", "1 AEAD_AES_256_GCM "+key128), "", errNoAudio},
		{"the older spelling comes back", media.Offered, sdpWith("RTP/SAVP", "4 AES_CM_256_HMAC_SHA1_32 "+key256), "a=crypto:4 AES_CM_256_HMAC_SHA1_32", nil},
		{"required, plain", media.Required, sdpWith("RTP/AVP"), "", errNoKey},
		{"required, SRTP", media.Required, sdpWith("RTP/SAVP", "1 "+weak+" "+key128+" UNENCRYPTED_SRTP", "2 "+weak+" "+key128), "a=crypto:2 " + weak, nil},
		{"encrypted before plain", media.Offered, append(sdpWith("RTP/AVP"), "m=audio 5002 RTP/SAVP 8\r\na=crypto:"+line+"\r\n"...), "a=crypto:7 " + weak, nil},
		{"required, a choice", media.Required, append(sdpWith("RTP/AVP"), "m=audio 5002 RTP/SAVP 8\r\na=crypto:"+line+"\r\n"...), "a=crypto:7 " + weak, nil},
	} {
		p := secureParley(c.policy)
		answer, r, err := p.reply(c.sdp)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if err != nil {
			continue
		}
		if strings.Count(answer, "a=crypto:") != strings.Count(c.line, "a=crypto:") || !strings.Contains(answer, c.line) || (r.Crypto.Suite != 0) != (c.line != "") {
			t.Errorf("%s: %v in\n%s", c.name, r.Crypto, answer)
		}
		if r.Crypto.Suite != 0 && (r.Crypto.Recv != counted(r.Crypto.Suite) || r.Crypto.Send == r.Crypto.Recv) {
			t.Errorf("%s: wrong keys", c.name)
		}
	}
}

// A re-offer of the keys in use keeps ours; a new key of the far end gets a
// new one of ours; the far end reads ours where we say it stands.
func TestRekeying(t *testing.T) {
	p := secureParley(media.Required)
	reply := func(line string) media.Crypto {
		t.Helper()
		answer, r, err := p.reply(sdpWith("RTP/SAVP", line))
		if err != nil {
			t.Fatal(err)
		}
		d, err := parseSDP([]byte(answer))
		if err != nil || len(d.media[0].crypto) != 1 || d.media[0].crypto[0].key != r.Crypto.Send {
			t.Fatalf("%v in\n%s", err, answer)
		}
		p.agreed = r
		return r.Crypto
	}
	first := reply("1 " + weak + " " + key128)
	if again := reply("3 " + weak + " " + key128); again != first {
		t.Error("the same offer changed our key")
	}
	second := reply("1 " + weak + " inline:" + strings.Repeat("z", 40))
	if second.Recv == first.Recv || second.Send == first.Send {
		t.Error("a new key of the far end left ours as it was")
	}
	third := reply("1 AES_CM_128_HMAC_SHA1_32 inline:" + strings.Repeat("z", 40))
	if third.Send == second.Send {
		t.Error("a key of ours serves two suites")
	}
	// A whole offer of ours, to a re-INVITE without one: the key in use stays.
	offer := p.anew()
	r, err := p.answered(sdpWith("RTP/SAVP", "3 AES_CM_128_HMAC_SHA1_32 "+key128))
	if strings.Count(offer, "a=crypto:") != 4 || err != nil || r.Crypto.Send != third.Send || r.Crypto.Recv != counted(media.AES128SHA32) {
		t.Errorf("delayed offer: %v, %v", r.Crypto, err)
	}
	if r, err = p.answered(sdpWith("RTP/SAVP", "1 "+weak+" "+key128)); err != nil || r.Crypto.Send == third.Send || r.Crypto.Send == second.Send {
		t.Errorf("another suite: %v, %v", r.Crypto, err)
	}
	// A call that only offered SRTP, and has it now, says so in its offers.
	p = secureParley(media.Offered)
	_, p.agreed, err = p.reply(sdpWith("RTP/SAVP", "1 "+weak+" "+key128))
	if offer := p.anew(); err != nil || !strings.Contains(offer, "RTP/SAVP") {
		t.Errorf("%v in\n%s", err, offer)
	}
}

func TestKeysAreNotPrinted(t *testing.T) {
	r := media.Remote{Crypto: media.Crypto{Suite: media.AES128SHA80, Send: counted(media.AES128SHA80)}}
	for _, f := range []string{"%v", "%+v", "%s", "%#v"} {
		if s := fmt.Sprintf(f, r); strings.Contains(s, "1, 2, 3") || strings.Contains(s, "1 2 3") || strings.Contains(s, "0x1, 0x2") {
			t.Errorf("%s prints the key: %s", f, s)
		}
	}
}

// On the wire: a call that must be encrypted and is answered in plain is ended
// at once, and a re-INVITE in plain is refused while the call goes on.
func TestRequiredOnTheWire(t *testing.T) {
	secure := strings.Replace(sdpAt(4000), "RTP/AVP", "RTP/SAVP", 1) + "a=crypto:1 " + weak + " " + key128 + "\r\n"
	for _, c := range []struct {
		name, answer string
	}{{"plain", sdpAt(4000)}, {"secure", secure}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFar(t, func(f *far, m packet) {
				switch {
				case m.is("INVITE"):
					f.reply(m, 200, "a", f.contact(), c.answer)
				case m.is("BYE"):
					f.reply(m, 200, "a", "", "")
				}
			})
			n := newNear(t)
			p := n.call(Call{To: f.uri(), SRTP: media.Required})
			if c.name == "plain" {
				e := p.final()
				if e.Disposition != dialer.Failed || !errors.Is(e.Err, errNoKey) || e.Cause.Text != "answered, but without SRTP" {
					t.Errorf("%+v", e)
				}
				f.await("ACK", 1)
				f.await("BYE", 1)
				return
			}
			if e := p.until(Answered); e.Remote.Crypto.Suite != media.AES128SHA80 {
				t.Errorf("%+v", e.Remote)
			}
			invite := f.await("INVITE", 1)
			f.ask(invite, "a", "INVITE", 1, f.contact()+"Content-Type: application/sdp\r\n", sdpAt(4002))
			f.await("SIP/2.0 488", 1)
			moved := strings.Replace(secure, key128, "inline:"+strings.Repeat("z", 40), 1)
			f.ask(invite, "a", "INVITE", 2, f.contact()+"Content-Type: application/sdp\r\n", moved)
			ok := f.await("SIP/2.0 200", 1)
			f.ask(invite, "a", "ACK", 2, "", "")
			e := p.until(Reoffered)
			d, err := parseSDP([]byte(ok.raw[strings.Index(ok.raw, "\r\n\r\n")+4:]))
			if err != nil || d.media[0].crypto[0].key != e.Remote.Crypto.Send || e.Remote.Crypto.Recv == counted(media.AES128SHA80) {
				t.Errorf("rekeyed: %v, %+v", err, e.Remote)
			}
			// A re-INVITE without an offer gets ours, with keys; a plain answer ends the call.
			f.ask(invite, "a", "INVITE", 3, f.contact(), "")
			if ok := f.await("SIP/2.0 200", 2); !strings.Contains(ok.raw, "RTP/SAVP") || strings.Count(ok.raw, "a=crypto:") != 4 {
				t.Errorf("our offer:\n%s", ok.raw)
			}
			f.ask(invite, "a", "ACK", 3, "Content-Type: application/sdp\r\n", sdpAt(4004))
			if end := p.final(); !errors.Is(end.Err, errNoKey) {
				t.Errorf("%+v", end)
			}
			f.await("BYE", 1)
		})
	}
}

// Some ends refuse keys under RTP/AVP with 488. The call that plain would have
// made is made, unless a phone has rung by then.
func TestKeysThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		name    string
		policy  media.Security
		refuses int
		invites int
		ok      bool
	}{
		{"offered", media.Offered, 488, 2, true},
		{"offered, refused for all", media.Offered, 606, 2, true},
		{"offered, refused for another reason", media.Offered, 403, 1, false},
		{"required", media.Required, 488, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFar(t, func(f *far, m packet) {
				switch {
				case m.is("INVITE") && strings.Contains(m.raw, "a=crypto"):
					f.reply(m, c.refuses, "a", "", "")
				case m.is("INVITE"):
					f.reply(m, 200, "b", f.contact(), sdpAt(4000))
				case m.is("BYE"):
					f.reply(m, 200, "b", "", "")
				}
			})
			p := newNear(t).call(Call{To: f.uri(), SRTP: c.policy})
			if c.ok {
				if e := p.until(Answered); e.Remote.Crypto.Suite != 0 {
					t.Errorf("%+v", e.Remote)
				}
				first, second := f.await("INVITE", 1), f.await("INVITE", 2)
				if first.header("Call-ID") != second.header("Call-ID") || first.header("From") != second.header("From") || first.header("CSeq") == second.header("CSeq") {
					t.Errorf("the repeat is another call:\n%s\n%s", first.raw, second.raw)
				}
				p.HangUp("test")
			}
			e := p.final()
			if c.ok != (e.Disposition == dialer.Answered) {
				t.Errorf("%+v", e)
			}
			if c.policy == media.Required && !strings.Contains(e.Err.Error(), "SRTP") {
				t.Errorf("nobody will guess that SRTP is the matter: %v", e.Err)
			}
			if n := f.count("INVITE"); n != c.invites {
				t.Errorf("%d INVITEs, want %d", n, c.invites)
			}
		})
	}
}

func TestKeysRefusedAfterItRang(t *testing.T) {
	l := newLine(t)
	l.m.talk.security = media.Offered
	l.want(l.feed(connected{"udp"}), "INVITE 1")
	l.feed(l.resp(180, "a", ""))
	l.want(l.feed(l.resp(488, "a", "")), "ended failed, drop")
}

// The shapes of sound that far ends describe, apart from keys.
func TestShapes(t *testing.T) {
	ms := time.Millisecond
	at := netip.MustParseAddrPort
	for _, c := range []struct {
		name, media string
		want        media.Remote
	}{
		{"ptime 10", "0\r\na=ptime:10", media.Remote{Law: audio.ULaw, Ptime: 10 * ms}},
		{"ptime 30", "8\r\na=ptime:30", media.Remote{PayloadType: 8, Ptime: 30 * ms}},
		{"ptime 40", "8\r\na=ptime:40", media.Remote{PayloadType: 8, Ptime: 40 * ms}},
		{"ptime 60", "8\r\na=ptime:60", media.Remote{PayloadType: 8, Ptime: 60 * ms}},
		{"longer than we send", "8\r\na=ptime:200", media.Remote{PayloadType: 8, Ptime: 60 * ms}},
		{"shorter than we send", "8\r\na=ptime:5", media.Remote{PayloadType: 8, Ptime: 10 * ms}},
		{"between", "8\r\na=ptime:50", media.Remote{PayloadType: 8, Ptime: 40 * ms}},
		{"no length", "8\r\na=ptime:-3\r\na=ptime:NaN\r\na=ptime:x", media.Remote{PayloadType: 8, Ptime: 20 * ms}},
		{"maxptime wins", "8\r\na=maxptime:30\r\na=ptime:60", media.Remote{PayloadType: 8, Ptime: 30 * ms}},
		{"maxptime alone", "8\r\na=maxptime:10", media.Remote{PayloadType: 8, Ptime: 10 * ms}},
		{"maxptime above", "8\r\na=maxptime:150", media.Remote{PayloadType: 8, Ptime: 20 * ms}},
		{"comfort noise", "8 13", media.Remote{PayloadType: 8, Noise: 13, Ptime: 20 * ms}},
		{"comfort noise, dynamic", "8 98 99\r\na=rtpmap:98 CN/16000\r\na=rtpmap:99 cn/8000", media.Remote{PayloadType: 8, Noise: 99, Ptime: 20 * ms}},
		{"G.722 before PCMA", "9 8 101\r\na=rtpmap:9 G722/8000\r\na=rtpmap:101 telephone-event/8000", media.Remote{PayloadType: 8, EventType: 101, Ptime: 20 * ms}},
		{"events elsewhere", "0 127\r\na=rtpmap:127 telephone-event/8000", media.Remote{Law: audio.ULaw, EventType: 127, Ptime: 20 * ms}},
		{"RTCP elsewhere", "8\r\na=rtcp:7000", media.Remote{PayloadType: 8, Ptime: 20 * ms, RTCP: at("192.0.2.1:7000")}},
		{"RTCP at another host", "8\r\na=rtcp:7000 IN IP4 192.0.2.7", media.Remote{PayloadType: 8, Ptime: 20 * ms, RTCP: at("192.0.2.7:7000")}},
		{"RTCP nowhere", "8\r\na=rtcp:7000 IN IP4 host.example", media.Remote{PayloadType: 8, Ptime: 20 * ms}},
		{"RTCP to everybody", "8\r\na=rtcp:7000 IN IP4 224.0.0.1", media.Remote{PayloadType: 8, Ptime: 20 * ms}},
		{"RTCP port 0", "8\r\na=rtcp:0", media.Remote{PayloadType: 8, Ptime: 20 * ms}},
	} {
		body := []byte("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 5000 RTP/AVP " + c.media + "\r\n")
		c.want.Addr = at("192.0.2.1:5000")
		answered, err := newParley().answered(body)
		if err != nil || answered != c.want {
			t.Errorf("%s: answer %+v, %v", c.name, answered, err)
		}
		if _, replied, err := newParley().reply(body); err != nil || replied != c.want {
			t.Errorf("%s: reply %+v, %v", c.name, replied, err)
		}
	}
}

func TestOurOwnShape(t *testing.T) {
	p := newParley()
	call := Call{Local: p.local, Trunk: &Trunk{Ptime: 30 * time.Millisecond, Laws: []audio.Law{audio.ULaw}, SRTP: media.Required}, SRTP: media.Offered}
	if err := p.terms(call); err != nil {
		t.Fatal(err)
	}
	offer := p.offer()
	for _, line := range []string{"m=audio 40000 RTP/SAVP 0 13 101\r\n", "a=rtpmap:13 CN/8000\r\n", "a=ptime:30\r\n", "a=maxptime:60\r\n"} {
		if !strings.Contains(offer, line) {
			t.Errorf("no %q in\n%s", line, offer)
		}
	}
	call.Device = &Device{} // a phone of our own: the trunk says nothing
	if err := p.terms(call); err != nil || p.security != media.Offered || p.ptime != 20*time.Millisecond || len(p.laws) != 2 {
		t.Errorf("%v: %+v", err, p)
	}
	for _, bad := range []time.Duration{time.Millisecond, -time.Second, 61 * time.Millisecond} {
		if p.terms(Call{Trunk: &Trunk{Ptime: bad}}) == nil {
			t.Errorf("packets of %s are taken", bad)
		}
	}
	// RTCP beside RTP only if the far end asks for it.
	answer, r, err := newParley().reply([]byte("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 5000 RTP/AVP 8 13\r\na=rtcp:5000\r\na=rtcp-mux\r\n"))
	if err != nil || !strings.Contains(answer, "a=rtcp-mux\r\n") || !strings.Contains(answer, "RTP/AVP 8 13\r\n") || r.RTCP != r.Addr {
		t.Errorf("%v %+v in\n%s", err, r, answer)
	}
}
