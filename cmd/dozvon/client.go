package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"dozvon/app"

	"github.com/spf13/cobra"
)

// client talks to a running service.
type client struct {
	server string
	token  string
	http   *http.Client
}

const (
	defaultServer = "http://127.0.0.1:8080"
	clientTimeout = 2 * time.Minute // a push of many leads takes a while
	maxAnswer     = 64 << 20
)

// serverFlag adds --server to a group of commands.
func serverFlag(c *cobra.Command) {
	c.PersistentFlags().String("server", "", "`URL` of the service (default DOZVON_SERVER or "+defaultServer+"); the token comes from DOZVON_TOKEN")
}

func (p program) client(c *cobra.Command) (*client, error) {
	server, _ := c.Flags().GetString("server")
	if server == "" {
		server, _ = p.env("DOZVON_SERVER")
	}
	if server == "" {
		server = defaultServer
	}
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, app.Usage(fmt.Errorf("%q is no address of a service; write one like %s", server, defaultServer))
	}
	token, _ := p.env("DOZVON_TOKEN")
	if token = strings.TrimSpace(token); token == "" {
		return nil, app.Usage(errors.New("DOZVON_TOKEN is not set; export a token of the service's configuration (serve.tokens)"))
	}
	return &client{server: strings.TrimRight(server, "/"), token: token, http: &http.Client{Timeout: clientTimeout}}, nil
}

// problem is the service's answer to a request that failed (RFC 9457).
type problem struct {
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Errors []struct {
		Message  string `json:"message"`
		Location string `json:"location"`
	} `json:"errors"`
}

// do sends a request; body may be nil. The caller closes the answer.
func (k *client) do(ctx context.Context, method, path string, body []byte, header ...string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, k.server+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+k.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := k.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("the service at %s does not answer (%w); is `dozvon serve` running there?", k.server, errors.Unwrap(err))
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusUnauthorized {
		return nil, fmt.Errorf("the service at %s does not know the token in DOZVON_TOKEN; export one of its configuration (serve.tokens)", k.server)
	}
	return nil, refusal(resp)
}

// refused is the service's no, with its status.
type refused struct {
	status int
	words  string
}

func (r refused) Error() string { return r.words }

func refusal(resp *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	var pr problem
	if json.Unmarshal(text, &pr) != nil || pr.Detail == "" {
		return refused{resp.StatusCode, "the service answered " + resp.Status + "; is it dozvon's?"}
	}
	words := pr.Detail
	for _, e := range pr.Errors {
		words += "\n  " + strings.TrimSpace(e.Location+" "+e.Message)
	}
	return refused{resp.StatusCode, words}
}

// call does a request and decodes its JSON answer into out, if given.
func (k *client) call(ctx context.Context, method, path string, in, out any, header ...string) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	resp, err := k.do(ctx, method, path, body, header...)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(out); err != nil {
		return fmt.Errorf("the service at %s sent an answer that is not its API's: %w", k.server, err)
	}
	return nil
}

// table prints rows with aligned columns.
func table(w io.Writer, header []string, rows [][]string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(header, "\t"))
	for _, r := range rows {
		fmt.Fprintln(t, strings.Join(r, "\t"))
	}
	t.Flush()
}

// seg escapes a segment of a path.
func seg(s string) string { return url.PathEscape(s) }

// when prints a moment for people; "" if there is none.
func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05")
}
