// Package matrix holds the test that docs/matrix.md, the table from what
// dozvon must survive to the tests that show it, names tests that exist.
package matrix
