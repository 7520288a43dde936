package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

type eventsInput struct {
	Campaign string `query:"campaign" maxLength:"100" doc:"Only this campaign's events"`
}

func (a *api) eventRoutes() {
	op := a.describe(opEvents, http.MethodGet, "/api/v1/events", "events", "What happens, as it happens (server-sent events)")
	op.Description = "Each message has the event's type as its name and JSON as its data. A client that reads too slowly is dropped; it may connect again."
	schema := a.huma.OpenAPI().Components.Schemas.Schema(typeOf[Event](), true, "Event")
	op.Responses = map[string]*huma.Response{"200": {Description: "A stream without end",
		Content: map[string]*huma.MediaType{"text/event-stream": {Schema: schema}}}}
	op.Errors = append(op.Errors, http.StatusServiceUnavailable)
	huma.Register(a.huma, op, func(ctx context.Context, in *eventsInput) (*huma.StreamResponse, error) {
		events, leave, ok := a.c.Events.watch(ctx)
		if !ok {
			return nil, problem(http.StatusServiceUnavailable, "Live events have ended because the service is stopping. Connect again later.")
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			defer leave()
			_, w := humago.Unwrap(hc)
			a.c.Metrics.watching(1)
			defer a.c.Metrics.watching(-1)
			s := stream{w: w, control: http.NewResponseController(w), campaign: in.Campaign}
			s.run(ctx, events, a.c.Heartbeat)
		}}, nil
	})
}

// stream is one client's stream of events.
type stream struct {
	w        http.ResponseWriter
	control  *http.ResponseController
	campaign string
}

// run writes events until the client leaves, is dropped, or the service stops.
func (s stream) run(ctx context.Context, events <-chan Event, heartbeat time.Duration) {
	s.w.Header().Set("Content-Type", "text/event-stream")
	s.w.Header().Set("Cache-Control", "no-store")
	s.w.WriteHeader(http.StatusOK)
	if s.say(": welcome\n\n") != nil {
		return
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-stopping(ctx):
			return
		case <-beat.C:
			if s.say(": still here\n\n") != nil {
				return
			}
		case e, ok := <-events:
			if !ok || s.tell(e) != nil {
				return
			}
		}
	}
}

func (s stream) tell(e Event) error {
	if s.campaign != "" && e.Campaign != s.campaign {
		return nil
	}
	b, err := json.Marshal(e)
	if err != nil { // the data of one event must not end the stream
		b = []byte(`{"type":"unreadable"}`)
	}
	name := strings.Map(func(r rune) rune {
		if r < 0x20 {
			return -1
		}
		return r
	}, e.Type)
	return s.say(fmt.Sprintf("event: %s\ndata: %s\n\n", name, b))
}

// say writes one message; a client that takes none of it in time is gone.
func (s stream) say(text string) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(writeTimeout)) // not every writer has one
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}
