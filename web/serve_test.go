package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// running starts a server on a free port and returns its address and a
// function that stops it and returns what ServeOn said.
func running(t *testing.T, h http.Handler) (address string, stop func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- ServeOn(ctx, l, h) }()
	return l.Addr().String(), func() error { cancel(); return <-done }
}

// TestStopFinishesRequests: a request under way gets its answer, a stream
// ends by itself, and then the server is gone.
func TestStopFinishesRequests(t *testing.T) {
	c := config(t, &fake{})
	c.Events = NewHub()
	runHub(t, c.Events)
	api := New(c)
	entered, release := make(chan struct{}), make(chan struct{})
	address, stop := running(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(entered)
			<-release
			fmt.Fprint(w, "done")
			return
		}
		api.ServeHTTP(w, r)
	}))
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()

	slow := make(chan string, 1)
	go func() {
		resp, err := client.Get("http://" + address + "/slow")
		if err != nil {
			slow <- err.Error()
			return
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		slow <- string(b)
	}()
	<-entered
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+address+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+secretOf(RoleAdmin))
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	stream := bufio.NewScanner(resp.Body)
	stream.Scan() // the welcome: the stream is up

	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	for stream.Scan() { // ends when the server says so
	}
	if err := stream.Err(); err != nil {
		t.Errorf("the stream was torn: %v", err)
	}
	close(release)
	if got := <-slow; got != "done" {
		t.Errorf("the request under way got %q", got)
	}
	if err := <-stopped; err != nil {
		t.Errorf("stopping: %v", err)
	}
	if _, err := net.Dial("tcp", address); err == nil {
		t.Error("somebody still listens")
	}
}

func TestAddressInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	err = Serve(t.Context(), l.Addr().String(), http.NotFoundHandler())
	if err == nil || !strings.Contains(err.Error(), l.Addr().String()) || !strings.Contains(err.Error(), "serve.listen") {
		t.Errorf("error %v", err)
	}
}

// TestRawNonsense: bytes that are no HTTP, and headers without end.
func TestRawNonsense(t *testing.T) {
	address, stop := running(t, New(config(t, &fake{})))
	for _, text := range []string{"\x00\x01\x02\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("y", 80<<10) + "\r\n\r\n",
		"POST /api/v1/dnc HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n"} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, text) // the server may close before it has read all
		line, _ := bufio.NewReader(conn).ReadString('\n')
		if !strings.Contains(line, " 4") {
			t.Errorf("%.30q got %q", text, line)
		}
		conn.Close()
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
