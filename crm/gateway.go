package crm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

// GatewayConfig is an HTTP gateway for text messages. URL, Headers and Body
// are templates with {{phone}} (E.164), {{phone_digits}} (without the plus),
// {{text}} and {{id}} (stable across tries, for gateways that know repeats),
// and ${NAME} for the environment.
type GatewayConfig struct {
	Method  string // default: POST, or GET without a Body
	URL     string
	Headers map[string]string
	Body    string // values are escaped by the Content-Type header; default of that: application/json
	// SuccessPath names a field of a JSON answer, with dots and indexes
	// (result.0.status), that must equal SuccessIs. Empty: the status decides.
	SuccessPath string
	SuccessIs   string
	Timeout     time.Duration // of one try; 0: 10 s
	Transport   http.RoundTripper
	Clock       Clock                       // nil: RealClock
	Env         func(string) (string, bool) // nil: the process's environment
}

// Gateway sends text messages.
type Gateway struct {
	c       GatewayConfig
	url     template
	headers map[string]template
	body    template
	client  *http.Client
}

// NewGateway checks the templates and returns the sender.
func NewGateway(c GatewayConfig) (*Gateway, error) {
	c.setDefaults()
	g := &Gateway{c: c, headers: map[string]template{}, client: newClient(c.Transport, c.Timeout)}
	if err := g.parseURL(); err != nil {
		return nil, fmt.Errorf("sms.url: %w", err)
	}
	contentType := "application/json"
	for name, value := range c.Headers {
		if !httpguts.ValidHeaderFieldName(name) {
			return nil, fmt.Errorf("sms.headers: %q is no name of a header", clean(name, 60))
		}
		t, err := parseTemplate(value, c.Env, func(string) func(string) string { return headerEscape })
		if err != nil {
			return nil, fmt.Errorf("sms.headers, %s: %w", name, err)
		}
		if !httpguts.ValidHeaderFieldValue(t.fill(nil)) {
			return nil, fmt.Errorf("sms.headers, %s: the value holds a line break or another control character; remove it", name)
		}
		name = http.CanonicalHeaderKey(name)
		if name == "Content-Type" {
			contentType = t.fill(nil)
		}
		g.headers[name] = t
	}
	if err := g.parseBody(contentType); err != nil {
		return nil, fmt.Errorf("sms.body: %w", err)
	}
	return g, nil
}

func (c *GatewayConfig) setDefaults() {
	if c.Env == nil {
		c.Env = os.LookupEnv
	}
	if c.Clock == nil {
		c.Clock = RealClock{}
	}
	c.Method = strings.ToUpper(strings.TrimSpace(c.Method))
	if c.Method == "" {
		c.Method = http.MethodPost
		if c.Body == "" {
			c.Method = http.MethodGet
		}
	}
}

func (g *Gateway) parseURL() error {
	t, err := parseTemplate(g.c.URL, g.c.Env, escapeInURL)
	if err != nil {
		return err
	}
	// Two unlike samples must lead to the same host, or a value could name one.
	a, err := checkURL(t.fill(values{}))
	if err != nil {
		return err
	}
	b, err := checkURL(t.fill(values{"phone": "7", "phone_digits": "7", "text": "7", "id": "7"}))
	if err != nil || a.Host != b.Host || a.Scheme != b.Scheme {
		return errors.New("a {{value}} stands in the scheme or host; only the path and the query may hold one")
	}
	g.url = t
	return nil
}

func (g *Gateway) parseBody(contentType string) error {
	if g.c.Body == "" {
		return nil
	}
	escape, err := escapeInBody(contentType)
	if err != nil {
		return err
	}
	if g.body, err = parseTemplate(g.c.Body, g.c.Env, func(string) func(string) string { return escape }); err != nil {
		return err
	}
	if _, ok := g.headers["Content-Type"]; !ok {
		g.headers["Content-Type"] = template{{literal: contentType}}
	}
	if !strings.Contains(contentType, "json") {
		return nil
	}
	// Outside of quotes these samples are no JSON.
	const hostile = `a"b, {c]`
	sample := values{"phone": hostile, "phone_digits": hostile, "text": hostile, "id": hostile}
	if !json.Valid([]byte(g.body.fill(sample))) {
		return errors.New(`this is no JSON once it is filled; put every {{value}} inside quotes, as in {"to": "{{phone}}"}`)
	}
	return nil
}

// Send sends one text message.
func (g *Gateway) Send(ctx context.Context, d Delivery) Answer {
	m, err := readMessage(d)
	if err != nil {
		return Answer{Verdict: Never, Why: err.Error()}
	}
	v := values{"phone": m.SMS.Phone, "phone_digits": strings.TrimPrefix(m.SMS.Phone, "+"), "text": m.SMS.Text, "id": m.SMS.ID}
	req, err := http.NewRequestWithContext(ctx, g.c.Method, g.url.fill(v), bytes.NewReader([]byte(g.body.fill(v))))
	if err != nil {
		return Answer{Verdict: Never, Why: "the request cannot be made: " + clean(withoutURL(err).Error(), 200)}
	}
	for name, t := range g.headers {
		req.Header.Set(name, t.fill(v))
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "dozvon")
	}
	status, header, body, err := exchange(g.client, req)
	if err != nil {
		return unanswered(err)
	}
	if v := judgeGateway(status); v != Sent {
		return Answer{Verdict: v, Why: refusal(status, body), After: retryAfter(status, header, g.c.Clock.Now())}
	}
	return g.judgeBody(body)
}

// judgeBody looks at the field that tells success, if one is configured. Not
// finding it may be a gateway's bad moment, so the try is repeated.
func (g *Gateway) judgeBody(body []byte) Answer {
	if g.c.SuccessPath == "" {
		return Answer{Verdict: Sent}
	}
	got, ok := lookUp(body, g.c.SuccessPath)
	switch {
	case !ok:
		return Answer{Verdict: Again, Why: fmt.Sprintf("the answer has no field %s: %s", g.c.SuccessPath, clean(string(body), 120))}
	case got != g.c.SuccessIs:
		return Answer{Verdict: Again, Why: fmt.Sprintf("the answer's %s is %q, not %q: %s",
			g.c.SuccessPath, clean(got, 40), g.c.SuccessIs, clean(string(body), 120))}
	default:
		return Answer{Verdict: Sent}
	}
}

// lookUp finds a field of a JSON text by its path and returns it as text.
func lookUp(body []byte, path string) (string, bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return "", false
	}
	for _, name := range strings.Split(path, ".") {
		switch node := v.(type) {
		case map[string]any:
			next, ok := node[name]
			if !ok {
				return "", false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(node) {
				return "", false
			}
			v = node[i]
		default:
			return "", false
		}
	}
	switch v.(type) {
	case map[string]any, []any:
		return "", false
	}
	return fmt.Sprint(v), true
}

func readMessage(d Delivery) (message, error) {
	var m message
	if err := json.Unmarshal(d.Body, &m); err != nil {
		return m, fmt.Errorf("crm: text message %s has an unreadable body: %w", d.Key, err)
	}
	return m, nil
}
