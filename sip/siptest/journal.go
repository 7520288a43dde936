package siptest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// What says what happened to a call, as a word of the journal.
type What string

// Words of the journal.
const (
	Started    What = "started"    // the server came up; calls before it are of an earlier one
	Stopped    What = "stopped"    // the server went down in order
	Invited    What = "invite"     // an INVITE outside a dialog came, retransmissions included
	Challenged What = "challenged" // it was answered with 401 or 407
	Admitted   What = "admitted"   // a profile was drawn for the call
	Rung       What = "ringing"    // 180 sent
	Early      What = "early"      // 183 sent
	Answered   What = "answered"   // 200 sent, repetitions included
	Refused    What = "refused"    // a final answer other than 2xx
	Acked      What = "ack"
	Cancelled  What = "cancel"
	Reinvited  What = "reinvite"
	ByeCame    What = "bye"     // BYE of the caller
	HungUp     What = "hangup"  // BYE of the far end
	KeyHeard   What = "key"     // the caller pressed
	KeyPressed What = "pressed" // the subscriber pressed
	Ended      What = "ended"   // nothing more follows, save a late ACK
)

// Entry is one line of the journal.
type Entry struct {
	At       time.Time `json:"at"`
	What     What      `json:"what"`
	Call     string    `json:"call,omitempty"` // Call-ID
	Number   string    `json:"number,omitempty"`
	From     string    `json:"from,omitempty"`
	Branch   string    `json:"branch,omitempty"`
	CSeq     uint32    `json:"cseq,omitempty"`
	Nth      int       `json:"nth,omitempty"`
	Profile  string    `json:"profile,omitempty"`
	Operator bool      `json:"operator,omitempty"`
	Code     int       `json:"code,omitempty"`
	Keys     string    `json:"keys,omitempty"`
	By       Party     `json:"by,omitempty"`
	Err      string    `json:"err,omitempty"`
	Sound    *Sound    `json:"sound,omitempty"`
}

// Sound sums up what a far end heard and how many packets it saw.
type Sound struct {
	Heard         time.Duration `json:"heard"`
	HeardPerson   time.Duration `json:"heard_person,omitempty"`
	HeardOperator time.Duration `json:"heard_operator,omitempty"`
	PacketsIn     uint64        `json:"packets_in"`
	PacketsOut    uint64        `json:"packets_out"`
}

// writeEntry appends one line with a single write, so that a killed process
// leaves at most one torn line, the last.
func writeEntry(w io.Writer, e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// ReadJournal reads the lines that Config.Journal received. A torn last line
// (the server was killed while writing) is left out; any other line that is
// no entry is an error with its number.
func ReadJournal(r io.Reader) ([]Entry, error) {
	var entries []Entry
	in := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return entries, nil // without its line break, what is left is torn
		}
		if err != nil {
			return entries, fmt.Errorf("journal: line %d: %w", n, err)
		}
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			return entries, fmt.Errorf("journal: line %d is not an entry: %w", n, err)
		}
		entries = append(entries, e)
	}
}

// ReadJournalFile reads a journal from a file.
func ReadJournalFile(path string) ([]Entry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadJournal(f)
}
