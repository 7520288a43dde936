package crm

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Verdict is what an answer means for a delivery.
type Verdict uint8

// Verdicts.
const (
	Sent  Verdict = iota // delivered
	Again                // not now: try again later
	Never                // will never work: a dead letter at once
	Gone                 // the endpoint wants no more deliveries at all
)

// Answer is the result of one try.
type Answer struct {
	Verdict Verdict
	Why     string        // for every verdict but Sent: what happened, for people
	After   time.Duration // the receiver asked for this pause; 0: it did not
}

// Sender performs one try of one delivery. It must return soon after ctx has
// ended. Calls for different leads may overlap.
type Sender interface {
	Send(ctx context.Context, d Delivery) Answer
}

// judgeWebhook is the one place that says which answers to a webhook are final: 2xx
// is success and 410 turns the endpoint off; all else may pass.
func judgeWebhook(status int) Verdict {
	switch {
	case status >= 200 && status < 300:
		return Sent
	case status == http.StatusGone:
		return Gone
	default:
		return Again
	}
}

// judgeGateway does the same for gateways of text messages: a request that
// the gateway calls wrong stays wrong, and trying again may cost money.
func judgeGateway(status int) Verdict {
	switch {
	case status >= 200 && status < 300:
		return Sent
	case status == http.StatusUnauthorized, status == http.StatusPaymentRequired, status == http.StatusForbidden,
		status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests:
		return Again // credentials and accounts get put right by people
	case status >= 400 && status < 500:
		return Never
	default:
		return Again
	}
}

// unanswered is the answer when no usable response came: refused, reset,
// timed out, not HTTP. All of that may pass.
func unanswered(err error) Answer {
	why := "no answer: " + clean(err.Error(), 200)
	if errors.Is(err, context.DeadlineExceeded) {
		why = "no answer in time"
	}
	return Answer{Verdict: Again, Why: why}
}

// refusal says in words what a response other than success was.
func refusal(status int, body []byte) string {
	why := fmt.Sprintf("answered %d %s", status, http.StatusText(status))
	if status >= 300 && status < 400 {
		why += " (redirects are not followed: set the final address)"
	}
	if text := clean(string(body), 120); text != "" {
		why += ": " + text
	}
	return why
}

// retryAfter reads the Retry-After of a 429 or 503 (RFC 9110 section 10.2.3):
// seconds, or a date. Zero if there is none.
func retryAfter(status int, h http.Header, now time.Time) time.Duration {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return 0
	}
	v := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseUint(v, 10, 31); err == nil {
		return min(time.Duration(n)*time.Second, maxRetryAfter)
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(0, min(t.Sub(now), maxRetryAfter))
	}
	return 0
}

// clean makes foreign text fit for a line of a log or a table.
func clean(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}

// maskNumbers hides all but the last four digits of runs of seven and more:
// a gateway's words may hold a person's number, and logs must not.
func maskNumbers(s string) string {
	b := []byte(s)
	for i := 0; i < len(b); {
		j := i
		for j < len(b) && b[j] >= '0' && b[j] <= '9' {
			j++
		}
		if j-i >= 7 {
			for k := i; k < j-4; k++ {
				b[k] = '*'
			}
		}
		i = max(j, i+1)
	}
	return string(b)
}
