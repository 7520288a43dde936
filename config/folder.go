package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"dozvon/internal/reason"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

// mainFile is the configuration itself within a folder of configuration.
const mainFile = "dozvon.yaml"

// loadFolder reads a folder of configuration: dozvon.yaml, and a file per
// campaign, campaigns/NAME.yaml, with the fields of a campaign. Every fault of
// every file is told at once.
func loadFolder(dir string, getenv func(string) (string, bool)) (*Config, error) {
	c, err := Load(filepath.Join(dir, mainFile), getenv)
	var faults Faults
	if err != nil && !errors.As(err, &faults) {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(dir, "campaigns", "*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("the folder %s cannot be read: %w; check its rights", dir, reason.Of(err))
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		camp, wrong := loadCampaign(file, getenv)
		faults = append(faults, wrong...)
		if c == nil || len(wrong) > 0 {
			continue
		}
		if _, twice := c.Campaigns[name]; twice {
			faults = append(faults, Fault{File: file, What: fmt.Sprintf("the campaign %s stands in %s too; keep one", name, mainFile)})
			continue
		}
		if c.Campaigns == nil {
			c.Campaigns = map[string]Campaign{}
		}
		c.Campaigns[name] = camp
		for _, t := range camp.Trunks {
			if !c.hasTrunk(t) {
				faults = append(faults, Fault{File: file, What: fmt.Sprintf("the trunk %s is not in %s", t, mainFile)})
			}
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return c, nil
}

// loadCampaign reads the file of one campaign. The path of its scenario is
// relative to the file.
func loadCampaign(file string, getenv func(string) (string, bool)) (c Campaign, _ Faults) {
	text, err := os.ReadFile(file)
	if err != nil {
		return c, Faults{{File: file, What: fmt.Sprintf("it cannot be read: %v; check its rights", reason.Of(err))}}
	}
	tree, err := parser.ParseBytes(text, 0)
	if err == nil {
		err = yaml.UnmarshalWithOptions(text, &c, yaml.Strict())
	}
	if err != nil {
		return c, Faults{yamlFault(file, err)}
	}
	ck := &checker{file: file, tree: tree, getenv: getenv}
	ck.expand(reflect.ValueOf(&c).Elem(), "$")
	if c.Scenario == "" {
		ck.fault("$.scenario", "a campaign needs a scenario: a path, or the name of a shipped one")
	}
	if filepath.Ext(c.Scenario) != "" && !filepath.IsAbs(c.Scenario) {
		c.Scenario = filepath.Join(filepath.Dir(file), c.Scenario)
		if abs, err := filepath.Abs(c.Scenario); err == nil {
			c.Scenario = abs
		}
	}
	return c, ck.faults
}

// isFolder reports whether the path is a folder that can be looked at.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&fs.ModeDir != 0
}
