package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

type listInput struct {
	Campaign string `path:"name" maxLength:"100"`
	List     string `path:"list" maxLength:"100"`
	Format   string `query:"format" enum:"csv,xlsx,json" default:"json"`
}

// formats are the forms of a list.
var formats = map[string]struct {
	mediaType string
	write     func(io.Writer, []string, leadSeq) error
}{
	"csv":  {"text/csv; charset=utf-8", writeCSV},
	"xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", writeXLSX},
	"json": {"application/json", writeJSON},
}

func (a *api) listRoutes() {
	many(a, a.describe(opListLists, http.MethodGet, "/api/v1/campaigns/{name}/lists", "lists", "Every list of a campaign with its size"),
		func(ctx context.Context, in *campaignInput) ([]ListCount, error) {
			return a.c.Lists.Lists(ctx, in.Campaign, onlyOf(ctx))
		})
	op := a.describe(opGetList, http.MethodGet, "/api/v1/campaigns/{name}/lists/{list}", "lists", "The leads that ended on a list, as CSV, XLSX or JSON")
	binary := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	view := a.huma.OpenAPI().Components.Schemas.Schema(typeOf[LeadView](), true, "LeadView")
	op.Responses = map[string]*huma.Response{"200": {Description: "The list, streamed", Content: map[string]*huma.MediaType{
		"text/csv":                {Schema: &huma.Schema{Type: huma.TypeString}},
		formats["xlsx"].mediaType: {Schema: binary},
		"application/json":        {Schema: &huma.Schema{Type: huma.TypeArray, Items: view}},
	}}}
	huma.Register(a.huma, op, a.list)
}

func (a *api) list(ctx context.Context, in *listInput) (*huma.StreamResponse, error) {
	columns, leads, err := a.c.Lists.List(ctx, in.Campaign, in.List, onlyOf(ctx))
	if err != nil {
		return nil, a.fail(ctx, err)
	}
	form := formats[in.Format]
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		_, w := humago.Unwrap(hc)
		w.Header().Set("Content-Type", form.mediaType)
		w.Header().Set("Cache-Control", "no-store")
		name := map[string]string{"filename": in.Campaign + "-" + in.List + "." + in.Format}
		if d := mime.FormatMediaType("attachment", name); d != "" {
			w.Header().Set("Content-Disposition", d)
		}
		out := &patient{w: w, control: http.NewResponseController(w)}
		err := form.write(out, columns, leads)
		switch {
		case err == nil:
		case !out.begun:
			w.Header().Del("Content-Disposition")
			failed := problem(http.StatusInternalServerError, "")
			_ = errors.As(a.fail(ctx, err), &failed) // fail makes nothing else
			writeProblem(w, failed.Status, failed.Detail)
		default:
			// The status has left: an answer that breaks off is the only way to
			// tell that the list is not whole.
			a.c.Log.Error("a list broke off", "request", requestID(ctx), "campaign", in.Campaign, "list", in.List, "error", err)
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

// patient writes a long answer: each part gets its own time, the whole does
// not.
type patient struct {
	w       io.Writer
	control *http.ResponseController
	begun   bool
}

func (p *patient) Write(b []byte) (int, error) {
	p.begun = true
	if err := p.control.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, fmt.Errorf("web: %w", err)
	}
	n, err := p.w.Write(b)
	if err != nil {
		return n, fmt.Errorf("web: %w", err)
	}
	return n, nil
}
