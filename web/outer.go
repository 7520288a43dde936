package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"
)

// What surrounds every request: an id, a limit on the body, a log line, and a
// floor under panics.

// notes is what inner parts of a request tell its log line. One goroutine,
// that of the request, owns it.
type notes struct {
	id    string
	token string
}

type notesKey struct{}

func note(ctx context.Context, do func(*notes)) {
	if n, ok := ctx.Value(notesKey{}).(*notes); ok {
		do(n)
	}
}

func requestID(ctx context.Context) string {
	id := ""
	note(ctx, func(n *notes) { id = n.id })
	return id
}

var soundID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// idOf takes the caller's X-Request-Id if it is harmless, or makes one.
func idOf(r *http.Request) string {
	if id := r.Header.Get("X-Request-Id"); soundID.MatchString(id) {
		return id
	}
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return hex.EncodeToString(b)
}

// written watches what a handler answers.
type written struct {
	http.ResponseWriter
	status int
}

func (w *written) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *written) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *written) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (a *api) outer(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(plain http.ResponseWriter, r *http.Request) {
		began := time.Now()
		n := &notes{id: idOf(r)}
		r = r.WithContext(context.WithValue(r.Context(), notesKey{}, n))
		r.Body = http.MaxBytesReader(plain, r.Body, a.c.MaxBody)
		w := &written{ResponseWriter: plain}
		w.Header().Set("X-Request-Id", n.id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, pattern := mux.Handler(r)
		defer func() {
			// The pattern, not the path: a path may hold a person's number.
			a.c.Metrics.request(pattern, w.status, time.Since(began))
			a.c.Log.Info("request", "request", n.id, "token", n.token, "method", r.Method, "route", pattern,
				"status", w.status, "took", time.Since(began).Round(time.Microsecond))
		}()
		defer a.floor(w, n.id)
		if pattern == "" {
			unknown(mux, w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// floor catches a panic: the caller learns the request's id and nothing else.
func (a *api) floor(w *written, id string) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	a.c.Log.Error("a handler panicked; this is a fault of dozvon, please report it", "request", id,
		"panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	if w.status != 0 { // too late to say anything: break the answer off
		panic(http.ErrAbortHandler)
	}
	writeProblem(w, http.StatusInternalServerError, "Something went wrong inside the service. Look for request "+id+" in its log.")
}

// unknown answers a request that no route takes: 404, or 405 with Allow.
func unknown(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	probe := &silent{header: http.Header{}}
	h, _ := mux.Handler(r)
	h.ServeHTTP(probe, r)
	if allow := probe.header.Get("Allow"); probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", allow)
		writeProblem(w, http.StatusMethodNotAllowed, fmt.Sprintf("This address takes %s, not %s.", allow, r.Method))
		return
	}
	writeProblem(w, http.StatusNotFound, "There is nothing at this address. The API is described at /openapi.json.")
}

// silent keeps what the mux would have said.
type silent struct {
	header http.Header
	status int
}

func (s *silent) Header() http.Header         { return s.header }
func (s *silent) WriteHeader(status int)      { s.status = status }
func (s *silent) Write(b []byte) (int, error) { return len(b), nil }
