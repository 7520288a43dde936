package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Timeouts of the server. Streams lengthen the write timeout part by part.
const (
	headerTimeout = 5 * time.Second
	bodyTimeout   = 30 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	graceTimeout  = 10 * time.Second
	maxHeader     = 32 << 10
)

type stoppingKey struct{}

// stopping is closed when the server begins to stop; streams end then.
func stopping(ctx context.Context) <-chan struct{} {
	c, _ := ctx.Value(stoppingKey{}).(chan struct{})
	return c
}

// Serve answers requests at addr (host:port) until ctx ends. Then it takes no
// new ones, ends streams, and gives requests under way 10 s.
func Serve(ctx context.Context, addr string, h http.Handler) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("the API cannot listen at %s: %w; choose another address with serve.listen", addr, err)
	}
	return ServeOn(ctx, l, h)
}

// ServeOn is Serve on a listener, which it closes.
func ServeOn(ctx context.Context, l net.Listener, h http.Handler) error {
	stop := make(chan struct{})
	srv := &http.Server{Handler: h, ReadHeaderTimeout: headerTimeout, ReadTimeout: bodyTimeout + headerTimeout,
		WriteTimeout: writeTimeout + bodyTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context {
			return context.WithValue(context.WithoutCancel(ctx), stoppingKey{}, stop)
		}}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("the API stopped: %w", err)
	case <-ctx.Done():
	}
	close(stop)
	grace, done := context.WithTimeout(context.WithoutCancel(ctx), graceTimeout)
	defer done()
	err := srv.Shutdown(grace)
	if err != nil {
		err = fmt.Errorf("requests were cut off after %v: %w", graceTimeout, errors.Join(err, srv.Close()))
	}
	<-failed
	return err
}
