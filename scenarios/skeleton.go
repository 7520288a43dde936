package scenarios

import (
	"errors"
	"io/fs"
	"time"

	"dozvon/dialer"
)

type step struct{}

// Test is a test of the scenario's own tests block.
type Test struct{ Name string }

// Session plays a scenario on one call.
type Session struct{}

var errSkeleton = errors.New("scenarios: this commit holds the API only")

// LoadFile loads and checks a scenario file.
func LoadFile(path string) (*Scenario, error) { return nil, errSkeleton }

// LoadFS loads and checks a scenario file of a file system.
func LoadFS(fsys fs.FS, path string) (*Scenario, error) { return nil, errSkeleton }

// CheckLead reports what a lead's columns lack for this scenario.
func (s *Scenario) CheckLead(columns map[string]string) error { return errSkeleton }

// Prompts returns the prompts that are the same for every lead.
func (s *Scenario) Prompts() []Prompt { return nil }

// PromptsFor returns the prompts that depend on the lead.
func (s *Scenario) PromptsFor(lead dialer.Lead) []Prompt { return nil }

// Render fills an effect's templates.
func (s *Scenario) Render(e dialer.Effect, lead dialer.Lead, answers map[string]string) (dialer.Effect, error) {
	return e, errSkeleton
}

// NewSession starts a session for one call of a lead.
func (s *Scenario) NewSession(lead dialer.Lead) *Session { return &Session{} }

// Handle is the session's only entry.
func (s *Session) Handle(now time.Time, ev Event) []Action { return nil }

// Shipped is the file system of the scenarios that come with the program:
// NAME/scenario.yaml, base.csv, subscribers.yaml, README.md, prompts/.
func Shipped() fs.FS { return nil }

// Graph draws the dialogue as Mermaid text.
func (s *Scenario) Graph() string { return "" }

// Schema is the JSON Schema of the language, for editors.
func Schema() []byte { return nil }
