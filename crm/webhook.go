package crm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// maxResponse is how much of a response's body is read.
const maxResponse = 64 << 10

// Webhook sends events to one endpoint.
type Webhook struct {
	url    string
	keys   [][]byte
	client *http.Client
	clock  Clock
}

// WebhookConfig is an endpoint.
type WebhookConfig struct {
	URL       string
	Secrets   []string          // whsec_…; several while a receiver changes over; none: events leave unsigned
	Timeout   time.Duration     // of one try; 0: 10 s
	Transport http.RoundTripper // nil: a pool of its own
	Clock     Clock             // nil: RealClock
}

// NewWebhook checks an endpoint and returns its sender.
func NewWebhook(c WebhookConfig) (*Webhook, error) {
	if _, err := checkURL(c.URL); err != nil {
		return nil, fmt.Errorf("webhook: %w", err)
	}
	w := &Webhook{url: c.URL, client: newClient(c.Transport, c.Timeout), clock: c.Clock}
	if w.clock == nil {
		w.clock = RealClock{}
	}
	for i, s := range c.Secrets {
		key, err := ParseSecret(s)
		if err != nil {
			return nil, fmt.Errorf("webhook %s, secret %d: %w", c.URL, i+1, err)
		}
		w.keys = append(w.keys, key)
	}
	return w, nil
}

// Send posts one event.
func (w *Webhook) Send(ctx context.Context, d Delivery) Answer {
	now := w.clock.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(d.Body))
	if err != nil {
		return Answer{Verdict: Never, Why: "the address cannot be used: " + clean(err.Error(), 200)}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "dozvon")
	req.Header.Set("webhook-id", d.Key)
	req.Header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	if len(w.keys) > 0 {
		req.Header.Set("webhook-signature", sign(w.keys, d.Key, now, d.Body))
	}
	status, header, body, err := exchange(w.client, req)
	if err != nil {
		return unanswered(err)
	}
	v := judgeWebhook(status)
	if v == Sent {
		return Answer{Verdict: Sent}
	}
	return Answer{Verdict: v, Why: refusal(status, body), After: retryAfter(status, header, now)}
}

// exchange sends a request and reads a bounded part of the answer. A body
// that breaks off does not undo a status that has been read.
func exchange(c *http.Client, req *http.Request) (status int, h http.Header, body []byte, err error) {
	resp, err := c.Do(req)
	if err != nil {
		return 0, nil, nil, withoutURL(err)
	}
	body, _ = io.ReadAll(io.LimitReader(resp.Body, maxResponse))
	_ = resp.Body.Close() // what is left unread costs the connection, nothing else
	return resp.StatusCode, resp.Header, body, nil
}

// withoutURL strips the address that net/http puts into its errors: it may
// hold a gateway's password or a person's number.
func withoutURL(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	return err
}

// newClient makes a client that follows no redirects and never waits long.
func newClient(t http.RoundTripper, timeout time.Duration) *http.Client {
	if timeout <= 0 {
		timeout = 10 * time.Second
	}
	if t == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.MaxResponseHeaderBytes = maxResponse
		own.MaxIdleConnsPerHost = 16
		t = own
	}
	return &http.Client{Transport: t, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// checkURL lets http and https addresses with a host pass. The error never
// holds a password.
func checkURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("the address cannot be read: %w; write it as https://host/path", withoutURL(err))
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("the address must start with https:// or http://, not %q", u.Scheme+":")
	}
	if u.Host == "" {
		return nil, errors.New("the address names no host; write it as https://host/path")
	}
	if u.User != nil {
		return nil, fmt.Errorf("the address of host %s must not hold a user or password; use a header with a ${NAME} from the environment", u.Host)
	}
	return u, nil
}
