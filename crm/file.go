package crm

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// File is a sink that appends each delivery as a line of JSON: the default of
// the demo, and a log of events where no endpoint is configured. Its Worker
// must have Parallel 1, which keeps the lines in order as well.
type File struct {
	f    *os.File
	torn bool // the last write broke off inside a line
}

// OpenFile opens or creates the file.
func OpenFile(path string) (*File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("the folder of %s cannot be made: %w", path, err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be written: %w", path, err)
	}
	return &File{f: f}, nil
}

// line puts the idempotency key before the body's own fields.
type line struct {
	ID string `json:"id"`
	*envelopeLine
	*messageLine
}

type envelopeLine struct {
	Type      json.RawMessage `json:"type"`
	Timestamp json.RawMessage `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

type messageLine struct {
	Campaign string   `json:"campaign"`
	Phone    string   `json:"phone"`
	Text     string   `json:"text"`
	Name     string   `json:"name,omitempty"`
	Lead     leadData `json:"lead"`
}

// Send appends one line.
func (s *File) Send(_ context.Context, d Delivery) Answer {
	l, err := lineOf(d)
	if err != nil {
		return Answer{Verdict: Never, Why: err.Error()}
	}
	b := append(encodeJSON(l), '\n')
	if s.torn {
		b = append([]byte{'\n'}, b...)
	}
	n, err := s.f.Write(b)
	if err != nil {
		s.torn = s.torn || n > 0
		return Answer{Verdict: Again, Why: "the file cannot be written: " + err.Error()}
	}
	s.torn = false
	return Answer{Verdict: Sent}
}

// Close closes the file; call it after the Worker has ended.
func (s *File) Close() error { return s.f.Close() }

func lineOf(d Delivery) (line, error) {
	if d.Kind == KindSMS {
		m, err := readMessage(d)
		if err != nil {
			return line{}, err
		}
		return line{ID: d.Key, messageLine: &messageLine{Campaign: m.Campaign, Phone: m.SMS.Phone,
			Text: m.SMS.Text, Name: m.SMS.Name, Lead: m.Lead}}, nil
	}
	var e envelopeLine
	if err := json.Unmarshal(d.Body, &e); err != nil {
		return line{}, fmt.Errorf("crm: event %s has an unreadable body: %w", d.Key, err)
	}
	return line{ID: d.Key, envelopeLine: &e}, nil
}
