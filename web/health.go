package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

type readyOutput struct {
	Status int
	Body   struct {
		Ready  bool    `json:"ready"`
		Checks []Check `json:"checks" nullable:"false"`
	}
}

func (a *api) healthRoutes() {
	type alive struct {
		Body struct {
			Status  string `json:"status" example:"ok"`
			Version string `json:"version"`
		}
	}
	huma.Register(a.huma, a.describe(opHealth, http.MethodGet, "/healthz", "health", "The process is alive"),
		func(context.Context, *struct{}) (*alive, error) {
			out := &alive{}
			out.Body.Status, out.Body.Version = "ok", a.c.Version
			return out, nil
		})
	ready := a.describe(opReady, http.MethodGet, "/readyz", "health", "The service can work: the store takes writes, a trunk is up")
	huma.Register(a.huma, ready, func(ctx context.Context, _ *struct{}) (*readyOutput, error) {
		out := &readyOutput{Status: http.StatusOK}
		out.Body.Ready, out.Body.Checks = true, []Check{}
		for _, c := range a.c.Ready.Ready(ctx) {
			out.Body.Checks = append(out.Body.Checks, c)
			if !c.OK {
				out.Body.Ready, out.Status = false, http.StatusServiceUnavailable
			}
		}
		return out, nil
	})
	a.huma.OpenAPI().Paths["/readyz"].Get.Responses["503"] = &huma.Response{Description: "A check fails; the answer says which",
		Content: a.huma.OpenAPI().Paths["/readyz"].Get.Responses["200"].Content}

	metrics := a.describe(opMetrics, http.MethodGet, "/metrics", "health", "Metrics in the Prometheus text format")
	metrics.Responses = map[string]*huma.Response{"200": {Description: "The metrics",
		Content: map[string]*huma.MediaType{"text/plain": {Schema: &huma.Schema{Type: huma.TypeString}}}}}
	show := a.c.Metrics.handler()
	huma.Register(a.huma, metrics, func(context.Context, *struct{}) (*huma.StreamResponse, error) {
		a.c.Metrics.lostEvents(a.c.Events.Lost())
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			r, w := humago.Unwrap(hc)
			show.ServeHTTP(w, r)
		}}, nil
	})
}
