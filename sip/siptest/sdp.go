package siptest

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"dozvon/audio"
)

// offer is the audio of a session description, and what was agreed on it.
type offer struct {
	addr    netip.AddrPort
	laws    []audio.Law         // as listed, best first
	types   map[audio.Law]uint8 // their payload types
	event   uint8               // telephone-event at 8 kHz; 0: none
	deaf    bool                // the other side wants to hear nothing: on hold
	mute    bool                // the other side says nothing
	ours    bool                // we offered, the ACK answers
	law     audio.Law           // agreed
	payload uint8               // of the law agreed
	version uint64              // of our own descriptions so far
	sealed
}

var (
	errNoAudio = errors.New("no audio is offered over RTP/AVP, or RTP/SAVP where the book has srtp")
	errNoCodec = errors.New("neither PCMA nor PCMU is offered")
)

// parseSDP reads the first audio stream of a description.
func parseSDP(body []byte) (offer, error) {
	var d sdp.SessionDescription
	if err := d.Unmarshal(body); err != nil {
		return offer{}, fmt.Errorf("SDP: %w", err)
	}
	for _, m := range d.MediaDescriptions {
		profile := strings.Join(m.MediaName.Protos, "/")
		if m.MediaName.Media == "audio" && (strings.HasPrefix(profile, "RTP/AVP") || strings.HasPrefix(profile, "RTP/SAVP")) {
			return audioOf(&d, m)
		}
	}
	return offer{}, errNoAudio
}

func audioOf(d *sdp.SessionDescription, m *sdp.MediaDescription) (offer, error) {
	conn := m.ConnectionInformation
	if conn == nil {
		conn = d.ConnectionInformation
	}
	if conn == nil || conn.Address == nil {
		return offer{}, errors.New("SDP: no c= line says where the sound goes")
	}
	ip, err := netip.ParseAddr(conn.Address.Address)
	port := m.MediaName.Port.Value
	if err != nil || port < 0 || port > 65535 {
		return offer{}, errors.New("SDP: the address of the sound is none")
	}
	o := offer{addr: netip.AddrPortFrom(ip, uint16(port)), types: map[audio.Law]uint8{}}
	o.profile = strings.Join(m.MediaName.Protos, "/")
	for _, a := range m.Attributes {
		o.attribute(a.Key)
		if a.Key == "crypto" {
			o.lines = append(o.lines, a.Value)
		}
	}
	for _, a := range d.Attributes {
		o.attribute(a.Key)
	}
	if ip.IsUnspecified() {
		o.deaf = true // hold by the older way (RFC 3264 8.4)
	}
	o.codecs(m)
	if len(o.laws) == 0 {
		return offer{}, errNoCodec
	}
	return o, nil
}

func (o *offer) attribute(key string) {
	switch key {
	case "inactive":
		o.deaf, o.mute = true, true
	case "sendonly":
		o.deaf = true
	case "recvonly":
		o.mute = true
	}
}

// codecs reads the payload types that we know.
func (o *offer) codecs(m *sdp.MediaDescription) {
	names := map[string]string{"8": "PCMA/8000", "0": "PCMU/8000"}
	for _, a := range m.Attributes {
		if pt, name, ok := strings.Cut(a.Value, " "); ok && a.Key == "rtpmap" {
			names[pt] = strings.ToUpper(strings.TrimSuffix(name, "/1"))
		}
	}
	for _, f := range m.MediaName.Formats {
		pt, err := strconv.ParseUint(f, 10, 7)
		if err != nil {
			continue
		}
		switch names[f] {
		case "PCMA/8000":
			o.add(audio.ALaw, uint8(pt))
		case "PCMU/8000":
			o.add(audio.ULaw, uint8(pt))
		case "TELEPHONE-EVENT/8000":
			o.event = uint8(pt)
		}
	}
}

func (o *offer) add(law audio.Law, pt uint8) {
	if _, ok := o.types[law]; !ok {
		o.laws, o.types[law] = append(o.laws, law), pt
	}
}

// choose agrees on the preferred law, or else on the first that is offered.
func (o *offer) choose(prefer audio.Law) bool {
	if len(o.laws) == 0 {
		return false
	}
	o.law = o.laws[0]
	if _, ok := o.types[prefer]; ok {
		o.law = prefer
	}
	o.payload = o.types[o.law]
	return true
}

// offerOurs is what we offer to an INVITE without a description.
func offerOurs(prefer audio.Law) offer {
	return offer{ours: true, law: prefer, payload: prefer.PayloadType(), event: 101}
}

// describe writes our description for what was agreed.
func (o *offer) describe(local netip.AddrPort) []byte {
	o.version++
	family := "IP4"
	if local.Addr().Is6() {
		family = "IP6"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "v=0\r\no=siptest 1 %d IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\n",
		o.version, family, local.Addr(), family, local.Addr())
	profile := o.profile
	if profile == "" {
		profile = "RTP/AVP"
	}
	fmt.Fprintf(&b, "m=audio %d %s %d", local.Port(), profile, o.payload)
	if o.event != 0 {
		fmt.Fprintf(&b, " %d", o.event)
	}
	fmt.Fprintf(&b, "\r\na=rtpmap:%d %s/8000\r\n", o.payload, o.law)
	if o.event != 0 {
		fmt.Fprintf(&b, "a=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-15\r\n", o.event, o.event)
	}
	if o.answer != "" {
		fmt.Fprintf(&b, "a=crypto:%s\r\n", o.answer)
	}
	fmt.Fprintf(&b, "a=ptime:20\r\na=%s\r\n", o.direction())
	return []byte(b.String())
}

// direction is what we may do, given what the other side wants (RFC 3264 6.1).
func (o *offer) direction() string {
	switch {
	case o.deaf && o.mute:
		return "inactive"
	case o.deaf:
		return "recvonly"
	case o.mute:
		return "sendonly"
	}
	return "sendrecv"
}

// sdp is our description of the call's sound.
func (c *call) sdp() []byte { return c.offer.describe(c.reach()) }
