package scenarios

import (
	"embed"
	"io/fs"
)

//go:generate go run ./internal/schema
//go:generate go run ./internal/render

//go:embed all:shipped
var shippedFiles embed.FS

// Shipped holds the scenarios that come with the program, a folder each:
// NAME/scenario.yaml, README.md, base.csv, subscribers.yaml and prompts/,
// whose NAME/prompts is a layer of a tts.Cache.
func Shipped() fs.FS {
	sub, err := fs.Sub(shippedFiles, "shipped")
	if err != nil {
		panic("scenarios: the embedded files have no folder shipped: " + err.Error())
	}
	return sub
}

// ShippedNames lists the scenarios that come with the program, in the order
// in which the demo shows them.
func ShippedNames() []string {
	return []string{"lead-verification", "meeting-reminder", "cold-base"}
}

// LoadShipped loads a scenario that comes with the program.
func LoadShipped(name string) (*Scenario, error) {
	return LoadFS(Shipped(), name+"/scenario.yaml")
}
