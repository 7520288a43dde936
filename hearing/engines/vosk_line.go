package engines

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// line is one connection to a server. Its replies are read from the start, so
// that one who talks unasked, or goes, is found out while nobody waits.
type line struct {
	ws      *websocket.Conn
	born    time.Time
	cancel  context.CancelFunc
	replies chan []byte
	gone    chan struct{} // closed when nothing comes any more; err says why
	err     error
}

// maxAhead is how many replies may lie there: more than were asked for are a
// flood.
const maxAhead = 16

func dialLine(ctx context.Context, url string, client *http.Client, header http.Header) (*line, error) {
	//nolint:bodyclose // the library closes it, or has read it into memory
	ws, resp, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: client, HTTPHeader: header})
	if err != nil {
		if resp != nil && resp.StatusCode != http.StatusSwitchingProtocols {
			return nil, fmt.Errorf("it answered %.60s in place of a WebSocket", resp.Status)
		}
		return nil, connectError(err)
	}
	ws.SetReadLimit(maxReply)
	reading, cancel := context.WithCancel(context.Background())
	l := &line{ws: ws, born: time.Now(), cancel: cancel, replies: make(chan []byte, maxAhead), gone: make(chan struct{})}
	go l.read(reading)
	return l, nil
}

// connectError keeps the address, which may hold a secret, out of an error.
func connectError(err error) error {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("no connection in time")
	}
	return fmt.Errorf("no connection: %s", excerpt([]byte(err.Error())))
}

func (l *line) read(ctx context.Context) {
	defer close(l.gone)
	for {
		kind, b, err := l.ws.Read(ctx)
		switch {
		case err != nil:
			l.err = readError(err)
			return
		case kind != websocket.MessageText:
			l.err = fmt.Errorf("%w: it is no text", errGarbage)
			return
		}
		select {
		case l.replies <- b:
		default:
			l.err = fmt.Errorf("%w: a flood of messages", errGarbage)
			return
		}
	}
}

func readError(err error) error {
	var closed websocket.CloseError
	if errors.As(err, &closed) {
		return fmt.Errorf("it hung up (%d)", closed.Code)
	}
	if errors.Is(err, websocket.ErrMessageTooBig) {
		return fmt.Errorf("%w: a message of more than %d KiB", errGarbage, maxReply>>10)
	}
	return fmt.Errorf("the connection broke: %s", excerpt([]byte(err.Error())))
}

// fresh reports whether a connection that nobody used can be used.
func (l *line) fresh() bool {
	select {
	case <-l.gone:
		return false
	default:
		return len(l.replies) == 0
	}
}

func (l *line) sendText(ctx context.Context, b []byte) error {
	return writeError(l.ws.Write(ctx, websocket.MessageText, b))
}

func (l *line) sendSound(ctx context.Context, b []byte) error {
	return writeError(l.ws.Write(ctx, websocket.MessageBinary, b))
}

func writeError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("it takes nothing any more: %s", excerpt([]byte(err.Error())))
}

// await waits for one reply.
func (l *line) await(ctx context.Context) (reply, error) {
	select {
	case b := <-l.replies:
		return readReply(b)
	case <-ctx.Done():
		return reply{}, ctx.Err()
	case <-l.gone:
	}
	select { // what came before it went
	case b := <-l.replies:
		return readReply(b)
	default:
		return reply{}, l.err
	}
}

// close hangs up at once and waits until nothing of the connection is left.
func (l *line) close() {
	l.cancel()
	_ = l.ws.CloseNow() // it is given up
	<-l.gone
}

// probe goes through the protocol once: a grammar, some silence, the end.
func (l *line) probe(ctx context.Context) error {
	err := errors.Join(l.sendText(ctx, configMessage(nil)), l.sendSound(ctx, make([]byte, chunkBytes)), l.sendText(ctx, []byte(endMessage)))
	if err != nil {
		return err
	}
	if _, err := l.await(ctx); err != nil {
		return err
	}
	r, err := l.await(ctx)
	if err == nil && !r.final {
		return fmt.Errorf("%w: a guess in answer to %s", errGarbage, endMessage)
	}
	return err
}
