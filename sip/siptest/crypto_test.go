package siptest

import (
	"strings"
	"testing"

	"dozvon/audio"
	"dozvon/media"
)

const lineOf128 = "1 AES_CM_128_HMAC_SHA1_80 inline:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0e"

func TestSealing(t *testing.T) {
	for _, c := range []struct {
		profile, line string
		policy        media.Security
		ok, secure    bool
	}{
		{"RTP/AVP", "", media.Plain, true, false},
		{"RTP/AVP", lineOf128, media.Plain, true, false},
		{"RTP/SAVP", lineOf128, media.Plain, false, false},
		{"RTP/AVP", "", media.Offered, true, false},
		{"RTP/AVP", lineOf128, media.Offered, true, true},
		{"RTP/SAVP", lineOf128 + "|2^20", media.Offered, true, true},
		{"RTP/SAVP", "", media.Offered, false, false},
		{"RTP/AVP", "", media.Required, false, false},
		{"RTP/SAVP", lineOf128, media.Required, true, true},
		{"RTP/SAVP", lineOf128 + "|2^20|1:4", media.Required, false, false},
		{"RTP/SAVP", lineOf128 + " UNENCRYPTED_SRTP", media.Required, false, false},
		{"RTP/SAVP", lineOf128[:60], media.Required, false, false},
		{"RTP/SAVP", strings.Replace(lineOf128, "AES_CM_128_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_80", 1), media.Required, false, false},
	} {
		text := strings.Replace(offerText, "RTP/AVP", c.profile, 1)
		if c.line != "" {
			text += "a=crypto:" + c.line + "\r\n"
		}
		o, err := parseSDP([]byte(text))
		if err != nil || !o.choose(audio.ALaw) {
			t.Fatal(err)
		}
		ok := o.seal(c.policy, sealed{})
		if ok != c.ok || (o.keys.Suite != 0) != c.secure || c.secure && o.keys.Recv[29] != 30 {
			t.Errorf("%s, %s, %q: %v, %s", c.policy, c.profile, c.line, ok, o.keys)
		}
		again := o
		if again.sealed = (sealed{profile: o.profile, lines: o.lines}); again.seal(c.policy, o.sealed) && again.answer != o.answer {
			t.Errorf("%s: the same line again changed our key", c.policy)
		}
	}
}
