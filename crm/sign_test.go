package crm

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	secretA = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	secretB = "whsec_plJ3nmyCDGBKInavdOK15jsl8tVvgKcYxWvMFCKvQbs="
)

// verify is a receiver's side of the Standard Webhooks convention, written
// from its text and without the signer's code: HMAC is spelled out (RFC 2104).
func verify(secret string, h http.Header, body []byte, now time.Time) error {
	id, stamp := h.Get("Webhook-Id"), h.Get("Webhook-Timestamp")
	if id == "" || strings.Contains(id, ".") {
		return fmt.Errorf("webhook-id %q", id)
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return fmt.Errorf("webhook-timestamp: %w", err)
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > 5*time.Minute || age < -5*time.Minute {
		return fmt.Errorf("the message is %v old", age)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return err
	}
	block := make([]byte, 64)
	copy(block, key)
	inner, outer := bytes.Clone(block), bytes.Clone(block)
	for i := range block {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	first := sha256.Sum256(append(inner, []byte(id+"."+stamp+"."+string(body))...))
	mac := sha256.Sum256(append(outer, first[:]...))
	for _, s := range strings.Fields(h.Get("Webhook-Signature")) {
		version, value, _ := strings.Cut(s, ",")
		if got, err := base64.StdEncoding.DecodeString(value); version == "v1" && err == nil && bytes.Equal(got, mac[:]) {
			return nil
		}
	}
	return errors.New("no signature fits")
}

// TestKnownSignature holds the convention's own example.
func TestKnownSignature(t *testing.T) {
	key, err := ParseSecret(secretA)
	if err != nil {
		t.Fatal(err)
	}
	got := sign([][]byte{key}, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
}

func TestSecrets(t *testing.T) {
	for _, bad := range []string{"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_%%%", "whsec_c2hvcnQ=",
		"whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 65))} {
		_, err := ParseSecret(bad)
		if err == nil {
			t.Errorf("%q was taken as a secret", bad)
		} else if len(bad) > 8 && strings.Contains(err.Error(), bad[7:]) {
			t.Errorf("the error tells the secret: %v", err)
		}
	}
}

// received is one request as a receiver saw it.
type received struct {
	header http.Header
	body   []byte
}

// sendOne delivers one event to a receiver that says yes, and returns what it
// saw.
func sendOne(t *testing.T, clock Clock, secrets ...string) received {
	t.Helper()
	got := make(chan received, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- received{r.Header, readAll(t, r)}
	}))
	defer srv.Close()
	hook, err := NewWebhook(WebhookConfig{URL: srv.URL, Secrets: secrets, Clock: clock, Transport: &http.Transport{DisableKeepAlives: true}})
	if err != nil {
		t.Fatal(err)
	}
	d := Delivery{Key: "a1_lead_finished_0_xyz", Body: []byte(`{"type":"lead.finished","data":{"campaign":"кредит"}}`)}
	if a := hook.Send(t.Context(), d); a.Verdict != Sent {
		t.Fatalf("answer %+v", a)
	}
	return <-got
}

func TestRotationOfSecrets(t *testing.T) {
	clock := newJumpClock()
	r := sendOne(t, clock, secretA, secretB)
	for _, s := range []string{secretA, secretB} {
		if err := verify(s, r.header, r.body, clock.Now()); err != nil {
			t.Errorf("a receiver that knows one of the two secrets refuses: %v", err)
		}
	}
	other := "whsec_" + base64.StdEncoding.EncodeToString([]byte("another secret of 24 bytes"))
	if verify(other, r.header, r.body, clock.Now()) == nil {
		t.Error("a stranger's secret fits")
	}
	if verify(secretA, r.header, append(r.body, ' '), clock.Now()) == nil {
		t.Error("a changed body fits")
	}
	if r := sendOne(t, clock); r.header.Get("Webhook-Signature") != "" || r.header.Get("Webhook-Id") == "" {
		t.Errorf("without secrets the headers are %v", r.header)
	}
}

// TestNodeVerifies asks the convention's own library, where node and the
// package standardwebhooks are installed (set NODE_PATH).
func TestNodeVerifies(t *testing.T) {
	const script = `const {Webhook} = require("standardwebhooks"); let s = ""; process.stdin.on("data", d => s += d);
process.stdin.on("end", () => { const m = JSON.parse(s); new Webhook(m.secret).verify(m.body, m.headers); console.log("verified"); });`
	if err := exec.Command("node", "-e", `require("standardwebhooks")`).Run(); err != nil {
		t.Skip("node with the package standardwebhooks is not installed; the verification written in this test stands alone")
	}
	for _, secret := range []string{secretA, secretB} {
		r := sendOne(t, RealClock{}, secretA, secretB)
		headers := map[string]string{}
		for _, name := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
			headers[name] = r.header.Get(name)
		}
		in, err := json.Marshal(map[string]any{"secret": secret, "headers": headers, "body": string(r.body)})
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("node", "-e", script)
		cmd.Stdin = bytes.NewReader(in)
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "verified") {
			t.Errorf("the convention's library refuses: %v\n%s", err, out)
		}
	}
}
