// Command schema writes the JSON Schema of the scenario language; go generate
// runs it after a change of the language.
package main

import (
	"fmt"
	"os"

	"dozvon/scenarios"
)

func main() {
	if err := os.WriteFile("scenario.schema.json", scenarios.Schema(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}
