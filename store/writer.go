package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// groupMax is how many queued jobs share one commit.
const groupMax = 64

// writer is the one owner of the writing connection: a goroutine that takes
// jobs from a queue and commits all that wait there together, so that many
// callers share one flush of the disk.
type writer struct {
	queue chan *job
	quit  chan struct{} // closed by stop: no job is taken any more
	done  chan struct{} // closed when the goroutine has ended
}

// job is one all-or-nothing change. do may run a second time, on a fresh
// transaction, if another job of its group failed: it must start anew.
type job struct {
	ctx  context.Context
	do   func(*tx) error
	done chan error
}

// tx is a transaction of the writer. Statements are prepared once per
// connection and found again by their text.
type tx struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func startWriter(conn *sql.Conn) *writer {
	w := &writer{queue: make(chan *job, groupMax), quit: make(chan struct{}), done: make(chan struct{})}
	go w.run(&tx{conn: conn, stmts: map[string]*sql.Stmt{}})
	return w
}

// write runs do in a transaction and returns when it is committed or has
// failed. A context that ends while the job waits in the queue takes it out;
// a job that has begun is finished.
func (w *writer) write(ctx context.Context, do func(*tx) error) error {
	j := &job{ctx: ctx, do: do, done: make(chan error, 1)}
	select {
	case <-w.quit: // both cases below may be ready: closed wins
		return ErrClosed
	default:
	}
	select {
	case w.queue <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.quit:
		return ErrClosed
	}
	select {
	case err := <-j.done:
		return err
	case <-w.done: // the writer ended; it may have answered just before
		select {
		case err := <-j.done:
			return err
		default:
			return ErrClosed
		}
	}
}

// stop ends the writer; jobs that it has begun are finished.
func (w *writer) stop() {
	close(w.quit)
	<-w.done
}

func (w *writer) run(t *tx) {
	defer close(w.done)
	defer t.close()
	for {
		select {
		case <-w.quit:
			return
		case j := <-w.queue:
			t.commitGroup(w.gather(j))
		}
	}
}

// gather takes what else waits in the queue, without waiting.
func (w *writer) gather(first *job) []*job {
	group := []*job{first}
	for len(group) < groupMax {
		select {
		case j := <-w.queue:
			group = append(group, j)
		default:
			return group
		}
	}
	return group
}

// commitGroup commits all jobs together. If anything fails, each gets a
// transaction of its own, so that no job suffers from another one's fault.
func (t *tx) commitGroup(group []*job) {
	live := group[:0]
	for _, j := range group {
		if err := j.ctx.Err(); err != nil {
			j.done <- err
			continue
		}
		live = append(live, j)
	}
	if len(live) > 1 && t.commit(live...) == nil {
		for _, j := range live {
			j.done <- nil
		}
		return
	}
	for _, j := range live {
		j.done <- t.commit(j)
	}
}

func (t *tx) commit(jobs ...*job) (err error) {
	if _, err = t.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil { // a fault in an Encoder or a check must not stop every later write
			err = fmt.Errorf("a change panicked: %v", p)
		}
		if err != nil {
			// After a full disk SQLite has rolled back by itself; then this
			// fails harmlessly.
			_, _ = t.exec("ROLLBACK")
		}
	}()
	for _, j := range jobs {
		if err = j.do(t); err != nil {
			return err
		}
	}
	_, err = t.exec("COMMIT")
	return err
}

func (t *tx) stmt(query string) (*sql.Stmt, error) {
	if s := t.stmts[query]; s != nil {
		return s, nil
	}
	s, err := t.conn.PrepareContext(context.Background(), query)
	if err == nil {
		t.stmts[query] = s
	}
	return s, err
}

// exec runs a statement and returns how many rows it changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	s, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	r, err := s.Exec(args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// insert runs an INSERT and returns the id of the new row.
func (t *tx) insert(query string, args ...any) (int64, error) {
	s, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	r, err := s.Exec(args...)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

// get scans the first row; found is false if there is none.
func (t *tx) get(query string, args []any, into ...any) (found bool, err error) {
	s, err := t.stmt(query)
	if err != nil {
		return false, err
	}
	err = s.QueryRow(args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (t *tx) close() {
	for _, s := range t.stmts {
		s.Close()
	}
}
