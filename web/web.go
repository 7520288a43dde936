package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Config is what the API stands on. Every port is required.
type Config struct {
	Leads      Leads
	Campaigns  Campaigns
	Calls      Calls
	Lists      Lists
	DNC        DNC
	Deliveries Deliveries
	Ready      Readiness

	Announcements Announcements

	Tokens  []Token
	Events  *Hub     // live events; its Run must be running. Nil: the stream stays silent
	Metrics *Metrics // nil: one of its own
	Version string   // of the program
	Log     *slog.Logger

	MaxBody   int64         // bytes of a request's body; 0: 8 MiB
	MaxLeads  int           // leads of one push; 0: 10,000
	Heartbeat time.Duration // of a silent event stream; 0: 15 s
}

// api is the handler's parts.
type api struct {
	c    Config
	mux  *http.ServeMux
	huma huma.API
}

// New returns the API.
func New(c Config) http.Handler {
	a := newAPI(c)
	return a.outer(a.mux)
}

func newAPI(c Config) *api {
	c.setDefaults()
	mux := http.NewServeMux()
	hc := huma.DefaultConfig("dozvon", c.Version)
	hc.Info.Description = "An outbound voice robot: leads go in, calls are made, lists and events come out."
	hc.DocsPath, hc.SchemasPath, hc.CreateHooks = "", "", nil // no pages, no foreign scripts, no links in answers
	hc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "A token of the configuration (serve.tokens)"},
	}
	a := &api{c: c, mux: mux, huma: humago.New(mux, hc)}
	a.huma.UseMiddleware(a.authorize)
	a.leadRoutes()
	a.campaignRoutes()
	a.callRoutes()
	a.listRoutes()
	a.dncRoutes()
	a.deliveryRoutes()
	a.announcementRoutes()
	a.eventRoutes()
	a.healthRoutes()
	return a
}

func (c *Config) setDefaults() {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Metrics == nil {
		c.Metrics = NewMetrics(c.Version)
	}
	if c.Events == nil {
		c.Events = NewHub()
	}
	if c.MaxBody <= 0 {
		c.MaxBody = 8 << 20
	}
	if c.MaxLeads <= 0 {
		c.MaxLeads = 10_000
	}
	if c.Heartbeat <= 0 {
		c.Heartbeat = 15 * time.Second
	}
}

// describe makes the description of an operation that every one shares.
func (a *api) describe(id operation, method, path, tag, summary string) huma.Operation {
	op := huma.Operation{OperationID: string(id), Method: method, Path: path, Tags: []string{tag}, Summary: summary,
		MaxBodyBytes: a.c.MaxBody, BodyReadTimeout: bodyTimeout}
	if !public[id] {
		op.Security = []map[string][]string{{"token": {}}}
		op.Errors = []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict,
			http.StatusUnprocessableEntity, http.StatusInternalServerError}
	}
	return op
}

// one registers an operation that answers with one thing.
func one[I, O any](a *api, op huma.Operation, do func(context.Context, *I) (O, error)) {
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*struct{ Body O }, error) {
		v, err := do(ctx, in)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return &struct{ Body O }{v}, nil
	})
}

// many registers an operation that answers with an array, never with null.
func many[I, O any](a *api, op huma.Operation, do func(context.Context, *I) ([]O, error)) {
	type answer struct {
		Body []O `nullable:"false"`
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*answer, error) {
		list, err := do(ctx, in)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		if list == nil {
			list = []O{}
		}
		return &answer{Body: list}, nil
	})
}

// none registers an operation that has nothing to say once it is done.
func none[I any](a *api, op huma.Operation, do func(context.Context, *I) error) {
	op.DefaultStatus = http.StatusNoContent
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*struct{}, error) {
		if err := do(ctx, in); err != nil {
			return nil, a.fail(ctx, err)
		}
		return nil, nil
	})
}

// record writes a line about something that a caller has changed.
func (a *api) record(ctx context.Context, what string, args ...any) {
	a.c.Log.Info(what, append(args, "token", caller(ctx).name, "request", requestID(ctx))...)
}
