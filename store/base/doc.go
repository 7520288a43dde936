// Package base reads a base of leads from a CSV or XLSX file as people's
// spreadsheets write it: it finds out encoding and delimiter, finds the columns
// by their headers, and turns phone numbers and time zones into their one
// canonical form.
//
// Input is hostile: every length is bounded, nothing panics, and a row that
// can't be read is reported with its line instead of ending the file. The
// package must never know a database, a campaign or a call.
package base
