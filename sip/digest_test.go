package sip

import (
	"crypto/md5"
	"encoding/hex"
	"strings"
	"testing"
)

// The example of RFC 7616 section 3.9.1.
func TestDigestByTheRFC(t *testing.T) {
	base := challenge{realm: "http-auth@example.org", nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
		opaque: "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", qop: true}
	for algorithm, want := range map[string]string{
		"MD5":     "8ca523f5e9506fed4657c9700eebdbec",
		"SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
	} {
		c := base
		c.algorithm = algorithm
		got := c.answer("Mufasa", "Circle of Life", "GET", "/dir/index.html", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", 1)
		if !strings.Contains(got, `response="`+want+`"`) || !strings.Contains(got, "nc=00000001") {
			t.Errorf("%s: %s", algorithm, got)
		}
	}
}

// Without qop: RFC 2069, which RFC 3261 section 22.4 keeps for old servers.
func TestDigestWithoutQop(t *testing.T) {
	c := challenge{realm: "r", nonce: "n"}
	h := func(s string) string { d := md5.Sum([]byte(s)); return hex.EncodeToString(d[:]) }
	want := h(h("u:r:p") + ":n:" + h("BYE:sip:x"))
	if got := c.answer("u", "p", "BYE", "sip:x", "c", 1); !strings.Contains(got, want) || strings.Contains(got, "qop") {
		t.Error(got)
	}
}

func TestParseChallenge(t *testing.T) {
	c, ok := parseChallenge(`Digest realm="a \"b\", c", nonce=abc , opaque="", algorithm=sha-256, qop="auth-int, AUTH", stale=TRUE, new="x,y"`, true)
	want := challenge{proxy: true, realm: `a "b", c`, nonce: "abc", algorithm: "sha-256", qop: true, stale: true}
	if !ok || c != want {
		t.Errorf("%+v", c)
	}
	for _, bad := range []string{"", "Basic realm=x", "Digest", "Digest realm=x", `Digest nonce="x", algorithm="a b"`, "Digest nonce"} {
		if _, ok := parseChallenge(bad, false); ok {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestBestChallenge(t *testing.T) {
	md := challenge{nonce: "1", algorithm: "MD5"}
	sha := challenge{nonce: "2", algorithm: "SHA-256"}
	odd := challenge{nonce: "3", algorithm: "SHA-512-256"}
	proxy := challenge{nonce: "4", proxy: true}
	got := best([]challenge{odd, md, sha, proxy})
	if len(got) != 2 || got[0] != sha || got[1] != proxy {
		t.Errorf("%+v", got)
	}
	if got := best([]challenge{odd}); got != nil {
		t.Errorf("%+v", got)
	}
}

func FuzzChallenge(f *testing.F) {
	f.Add(`Digest realm="r", nonce="n", algorithm=MD5, qop="auth"`)
	f.Add(`Digest realm="\\\"`)
	f.Add(`Digest =,=,nonce==`)
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := parseChallenge(s, false)
		if !ok || !c.known() {
			return
		}
		if v := c.answer("u", "p", "INVITE", "sip:x", "c", 1); strings.ContainsAny(v, "\r\n\x00") {
			t.Fatalf("%q answers %q", s, v)
		}
	})
}
