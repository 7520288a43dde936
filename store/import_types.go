package store

import (
	"io"
	"time"

	"dozvon/store/base"
)

// ImportSpec says what to import and how to read it.
type ImportSpec struct {
	Campaign string
	File     string    // path of a CSV or XLSX base; or
	Reader   io.Reader // its bytes (spooled to a temporary file if it can't seek)
	Name     string    // name of the base for people; the file's name if empty

	Map         map[string]string // target (phone, timezone, external_id, a scenario column) → header or 1-based column number
	Region      string            // default region of numbers, ISO 3166; "RU" if empty
	DefaultZone string            // zone of leads whose row and number tell none
	Columns     []base.Column     // the scenario's columns

	CheckRow func(columns map[string]string) error // the scenario's check of one row; its error becomes the reason; nil: none
	NextAt   time.Time                             // leads are due from this moment
	Progress func(Progress)                        // called about every 8,000 rows, from Import's own goroutine; nil: none
}

// Progress tells how far an import has come.
type Progress struct {
	Bytes, Total   int64 // read so far and size of the base, in bytes as stored in the file
	Rows, Rejected int
}

// Report is the result of an import. Rows = Accepted + Known + Rejected.
type Report struct {
	Base        int64  // id of the base
	Fingerprint string // sha256 of its bytes
	Format      base.Format
	Header      []string
	Mapping     map[string]string // target → header
	Rows        int
	Accepted    int            // new leads
	Known       int            // rows whose lead an earlier run of the same import has made
	Rejected    int            // rows recorded with a reason
	Reasons     map[string]int // rejected rows by class of reason: see the Reject constants
}

// Classes of reasons in Report.Reasons and in front of each recorded reason.
const (
	RejectPhone     = "bad phone"
	RejectZone      = "bad time zone"
	RejectRow       = "bad row"   // can't be read, or the scenario refuses it
	RejectDuplicate = "duplicate" // within the base, or of a lead of the campaign
	RejectDNC       = "do-not-call"
	RejectForbidden = "forbidden destination" // the limits do not allow calls there
)
