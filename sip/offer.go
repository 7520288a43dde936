package sip

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"dozvon/audio"
	"dozvon/media"
)

// parley is our side of offer and answer (RFC 3264) on one leg: what we offer
// and what was agreed.
type parley struct {
	local    netip.AddrPort
	laws     []audio.Law
	ptime    time.Duration // of the packets that we ask for
	security media.Security
	vault    vault
	session  uint64   // o= session id
	version  uint64   // o= version, grows with each new description
	last     string   // our last description, for refreshes and repeats
	ours     []crypto // the keys in it
	bare     bool     // no keys in our offers: the far end refused them
	savp     bool     // the keys agreed stand under RTP/SAVP
	agreed   media.Remote
}

// terms fills in how a call wants its sound: its own wishes, else its trunk's.
func (p *parley) terms(c Call) error {
	p.local, p.laws, p.ptime, p.security = c.Local, c.Laws, 0, c.SRTP
	if t := c.Trunk; t != nil && c.Device == nil {
		p.ptime, p.security = t.Ptime, t.SRTP
		if len(p.laws) == 0 {
			p.laws = t.Laws
		}
	}
	if len(p.laws) == 0 {
		p.laws = []audio.Law{audio.ALaw, audio.ULaw}
	}
	if p.ptime == 0 {
		p.ptime = defaultPtime
	}
	if p.ptime < media.PacketTimes[0] || p.ptime > maxPtime {
		return fmt.Errorf("packets of %s are asked for; choose 10 to 60 ms", p.ptime)
	}
	return nil
}

// offer returns our description: every law, comfort noise, telephone-event.
func (p *parley) offer() string {
	if p.last != "" {
		return p.last
	}
	var b strings.Builder
	p.head(&b)
	p.offerKeys()
	fmt.Fprintf(&b, "m=audio %d %s", p.local.Port(), p.profile())
	for _, l := range p.laws {
		fmt.Fprintf(&b, " %d", l.PayloadType())
	}
	fmt.Fprintf(&b, " %d %d\r\n", comfortNoise, eventType)
	for _, l := range p.laws {
		fmt.Fprintf(&b, "a=rtpmap:%d %s/8000\r\n", l.PayloadType(), l)
	}
	writeNoise(&b, comfortNoise)
	writeEvents(&b, eventType)
	p.foot(&b, sendrecv)
	p.last = b.String()
	return p.last
}

func (p *parley) head(b *strings.Builder) {
	p.version++
	family := "IP4"
	if p.local.Addr().Is6() {
		family = "IP6"
	}
	ip := p.local.Addr()
	fmt.Fprintf(b, "v=0\r\no=- %d %d IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\n",
		p.session, p.version, family, ip, family, ip)
}

// foot writes the attributes that every description of ours ends with.
func (p *parley) foot(b *strings.Builder, direction string) {
	for i := range p.ours {
		p.ours[i].write(b)
	}
	fmt.Fprintf(b, "a=ptime:%d\r\na=maxptime:%d\r\na=%s\r\n", p.ptime.Milliseconds(), maxPtime.Milliseconds(), direction)
}

// profile is the profile of our offers. Keys under RTP/AVP are best effort: an
// end that knows nothing of them answers as to any plain offer (decision 010).
func (p *parley) profile() string {
	if p.security == media.Required || p.savp && p.agreed.Crypto.Suite != 0 {
		return "RTP/SAVP"
	}
	return "RTP/AVP"
}

func writeNoise(b *strings.Builder, pt uint8) { fmt.Fprintf(b, "a=rtpmap:%d CN/8000\r\n", pt) }

func writeEvents(b *strings.Builder, pt uint8) {
	fmt.Fprintf(b, "a=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-15\r\n", pt, pt)
}

// Reasons why a description can't be used.
var (
	errNoAudio = errors.New("the far end's SDP has no audio over RTP that we take (RTP/AVP; RTP/SAVP if the srtp setting is offered or required)")
	errNoCodec = errors.New("the far end's SDP has none of the codecs that were offered (PCMA, PCMU)")
	errNoAddr  = errors.New("the far end's SDP has no IP address to send audio to")
	errNoKey   = errors.New("the far end's SDP has no a=crypto line that fits, and SRTP is required: let the far end do SRTP with SDES (AES_CM_128_HMAC_SHA1_80), or set srtp to offered")
)

// misfit says in a few words why the answer to a call can't be used.
func misfit(err error) string {
	if errors.Is(err, errNoKey) {
		return "answered, but without SRTP"
	}
	return "answered, but no common codec"
}

// answered reads the far end's answer to our offer.
func (p *parley) answered(body []byte) (media.Remote, error) {
	d, err := parseSDP(body)
	if err != nil {
		return media.Remote{}, err
	}
	for i := range d.media {
		if s := &d.media[i]; s.kind == "audio" {
			return p.accepted(s)
		}
	}
	return media.Remote{}, errNoAudio
}

// accepted reads the stream of an answer. We do not offer to multiplex RTCP.
func (p *parley) accepted(s *stream) (media.Remote, error) {
	if !s.open() || s.secured() && p.security == media.Plain {
		return media.Remote{}, errNoAudio
	}
	keys, err := p.agree(s)
	if err != nil {
		return media.Remote{}, err
	}
	r, err := s.remote(p.laws)
	r.Crypto, r.RTCP, p.savp = keys, s.control(false), s.secured()
	return r, err
}

// remote turns a stream into what the media room needs, apart from its keys.
func (s *stream) remote(laws []audio.Law) (media.Remote, error) {
	law, pt, ok := s.law(laws)
	if !ok {
		return media.Remote{}, errNoCodec
	}
	if !s.addr.IsValid() || s.addr.IsMulticast() {
		return media.Remote{}, errNoAddr
	}
	hold := s.addr.IsUnspecified() // RFC 3264 section 8.4: the old way to hold
	return media.Remote{
		Addr:        netip.AddrPortFrom(s.addr, uint16(s.port)),
		Law:         law,
		PayloadType: pt,
		EventType:   s.events(),
		Noise:       s.noise(),
		Ptime:       s.packetTime(),
		Inactive:    hold || s.direction == sendonly || s.direction == inactive,
	}, nil
}

// reply answers the far end's offer: the first audio stream that we can carry
// is taken, an encrypted one rather than a plain one, with the codec agreed
// before if it is still offered; every other stream is refused by port 0 (RFC
// 3264 section 6).
func (p *parley) reply(body []byte) (string, media.Remote, error) {
	d, err := parseSDP(body)
	if err != nil {
		return "", media.Remote{}, err
	}
	taken, remote, line, err := p.pick(&d)
	if err != nil {
		return "", media.Remote{}, err
	}
	p.ours = nil
	if remote.Crypto.Suite != 0 {
		p.ours = []crypto{line}
	}
	var b strings.Builder
	p.head(&b)
	for i := range d.media {
		s := &d.media[i]
		if i == taken {
			p.accept(&b, s, remote)
		} else {
			fmt.Fprintf(&b, "m=%s 0 %s %s\r\n", s.kind, s.proto, strings.Join(s.formats, " "))
		}
	}
	p.last = b.String()
	return p.last, remote, nil
}

// pick chooses the stream of an offer that we take, and our key for it.
func (p *parley) pick(d *description) (taken int, r media.Remote, line crypto, err error) {
	err = errNoAudio
	for _, secure := range []bool{true, false} {
		for i := range d.media {
			s := &d.media[i]
			if !s.open() || secure && p.security == media.Plain || !secure && s.secured() {
				continue
			}
			var keys media.Crypto
			if secure {
				var ok bool
				if line, keys, ok = p.answerKeys(s); !ok {
					continue
				}
			} else if p.security == media.Required {
				err = errNoKey
				continue
			}
			if r, err = s.remote(p.preferred(s)); err == nil {
				r.Crypto, r.RTCP, p.savp = keys, s.control(true), s.secured()
				return i, r, line, nil
			}
		}
	}
	return 0, media.Remote{}, crypto{}, err
}

// preferred returns the laws to look for: the agreed one alone while the far
// end still offers it.
func (p *parley) preferred(s *stream) []audio.Law {
	if p.agreed.Addr.IsValid() {
		now := []audio.Law{p.agreed.Law}
		if _, _, ok := s.law(now); ok {
			return now
		}
	}
	return p.laws
}

// accept writes our side of a stream that we take.
func (p *parley) accept(b *strings.Builder, s *stream, r media.Remote) {
	fmt.Fprintf(b, "m=audio %d %s %d", p.local.Port(), s.proto, r.PayloadType)
	for _, pt := range []uint8{r.Noise, r.EventType} {
		if pt != 0 {
			fmt.Fprintf(b, " %d", pt)
		}
	}
	fmt.Fprintf(b, "\r\na=rtpmap:%d %s/8000\r\n", r.PayloadType, r.Law)
	if r.Noise != 0 {
		writeNoise(b, r.Noise)
	}
	if r.EventType != 0 {
		writeEvents(b, r.EventType)
	}
	if s.mux {
		b.WriteString("a=rtcp-mux\r\n")
	}
	p.foot(b, mirrored(s.direction))
}

// mirrored is our direction for a direction of the far end (RFC 3264 section
// 6.1).
func mirrored(direction string) string {
	switch direction {
	case sendonly:
		return recvonly
	case recvonly:
		return sendonly
	case inactive:
		return inactive
	}
	return sendrecv
}
