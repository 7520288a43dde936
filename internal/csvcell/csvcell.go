// Package csvcell keeps the values of CSV files data when a spreadsheet opens
// them. It knows nothing of the files.
package csvcell

import "strings"

// Harmless returns a value that a spreadsheet does not take for a formula: one
// that it would take for one gets an apostrophe in front, which spreadsheets
// do not show. Such are values that begin with =, @, a tab or a line break,
// and those that begin with + or - and are not a number or a phone number. All
// other values stay as they came, so that programs read them back unchanged.
// (OWASP, "CSV Injection".)
func Harmless(s string) string {
	if s == "" {
		return s
	}
	switch s[0] {
	case '=', '@', '\t', '\r', '\n':
		return "'" + s
	case '+', '-':
		if strings.Trim(s, "0123456789+-.,() ") != "" {
			return "'" + s
		}
	}
	return s
}
