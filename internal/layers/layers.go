// Package layers holds the test of the import directions: which room may
// know which (docs/ARCHITECTURE.md). It has no code of its own.
package layers
