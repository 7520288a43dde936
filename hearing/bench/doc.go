// Package bench measures how well dozvon hears, against what is demanded of
// it, and writes docs/hearing.md. `make hearing` runs it (cmd/hearing).
//
// A Bar is a benchmark: the data it runs on, and a function that measures and
// tells a Report what it found. Demands lists what the figures must be at
// least. To add a bar, write a file with a function that returns it, and name
// that function in All.
//
// It must never change what it measures: engines are used as the program uses
// them, with their own defaults, and nothing here is tuned on.
package bench
