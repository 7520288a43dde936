package web

import (
	"context"
	"sync/atomic"
	"time"

	"dozvon/dialer"
)

// Event is something that happened, for those who watch.
type Event struct {
	Type     string        `json:"type" doc:"attempt.placed, attempt.ended, lead.finished, campaign.changed, …"`
	At       time.Time     `json:"at"`
	Campaign string        `json:"campaign,omitempty"`
	Lead     dialer.LeadID `json:"lead,omitempty"`
	Data     any           `json:"data,omitempty"`
}

// Sizes of the queues, in events.
const (
	hubQueue    = 1024
	clientQueue = 256
)

// Hub hands events to every client that watches. The goroutine of Run owns
// the clients; a client that does not keep up is dropped, and nobody waits
// for anybody.
type Hub struct {
	in      chan Event
	join    chan chan Event
	leave   chan chan Event
	stopped chan struct{}
	lost    atomic.Int64
	size    int // of a client's queue
}

// NewHub returns a Hub; Run starts it.
func NewHub() *Hub {
	return &Hub{in: make(chan Event, hubQueue), join: make(chan chan Event), leave: make(chan chan Event),
		stopped: make(chan struct{}), size: clientQueue}
}

// Publish tells an event. It never blocks: when the queue is full the event
// is lost for all who watch, and counted.
func (h *Hub) Publish(e Event) {
	select {
	case h.in <- e:
	default:
		h.lost.Add(1)
	}
}

// Lost is the number of events that Publish found no room for.
func (h *Hub) Lost() int64 { return h.lost.Load() }

// Run hands events out until ctx ends; then every stream ends. It runs once.
func (h *Hub) Run(ctx context.Context) {
	clients := map[chan Event]bool{}
	defer func() {
		close(h.stopped)
		for c := range clients {
			close(c)
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-h.join:
			clients[c] = true
		case c := <-h.leave:
			if clients[c] {
				delete(clients, c)
				close(c)
			}
		case e := <-h.in:
			for c := range clients {
				select {
				case c <- e:
				default:
					delete(clients, c)
					close(c)
				}
			}
		}
	}
}

// watch joins a client. Its channel is closed when it is dropped or the hub
// stops; leave must be called once. ok is false if the hub does not run.
func (h *Hub) watch(ctx context.Context) (events <-chan Event, leave func(), ok bool) {
	c := make(chan Event, h.size)
	select {
	case h.join <- c:
	case <-h.stopped:
		return nil, nil, false
	case <-ctx.Done():
		return nil, nil, false
	}
	return c, func() {
		select {
		case h.leave <- c:
		case <-h.stopped:
		}
	}, true
}
