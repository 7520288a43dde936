package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dozvon/internal/reason"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxFile is more than any honest configuration needs.
const maxFile = 1 << 20

// Fault is one thing wrong in a configuration file.
type Fault struct {
	File   string
	Line   int // 0: the whole file
	Column int
	What   string // what is wrong and what to do
}

func (f Fault) Error() string {
	if f.Line == 0 {
		return f.File + ": " + f.What
	}
	return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.What)
}

// Faults is every fault of a file at once.
type Faults []Fault

func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Load reads a configuration file, or a folder with dozvon.yaml and
// campaigns/NAME.yaml. getenv gives secrets; a ${NAME} that it
// does not know is a fault. The error is Faults where the file is wrong.
func Load(path string, getenv func(string) (string, bool)) (*Config, error) {
	if isFolder(path) {
		return loadFolder(path, getenv)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("configuration %s cannot be read: %w; check the path given to --config", path, reason.Of(err))
	}
	if info.Size() > maxFile {
		return nil, Faults{{File: path, What: fmt.Sprintf("the file has %d bytes, a configuration has at most %d; is it the right file?", info.Size(), maxFile)}}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("configuration %s cannot be read: %w; check its rights", path, reason.Of(err))
	}
	return Parse(path, text, getenv)
}

// Parse is Load on text; file is used in faults and for relative paths.
func Parse(file string, text []byte, getenv func(string) (string, bool)) (*Config, error) {
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, Faults{yamlFault(file, err)}
	}
	c := &Config{dir: filepath.Dir(file), getenv: getenv}
	if err := yaml.UnmarshalWithOptions(text, c, yaml.Strict()); err != nil {
		return nil, Faults{yamlFault(file, err)}
	}
	ck := &checker{file: file, tree: tree, getenv: getenv}
	ck.expand(reflect.ValueOf(c).Elem(), "$")
	c.defaults()
	ck.validate(c)
	if len(ck.faults) > 0 {
		slices.SortStableFunc(ck.faults, func(a, b Fault) int { return a.Line - b.Line })
		return nil, ck.faults
	}
	return c, nil
}

// hasTrunk reports whether a trunk of that name is configured.
func (c *Config) hasTrunk(name string) bool {
	return slices.ContainsFunc(c.Trunks, func(t Trunk) bool { return t.Name == name })
}

// Default is the configuration of a run without a file.
func Default() *Config {
	c := &Config{dir: "."}
	c.defaults()
	return c
}

func (c *Config) defaults() {
	set := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	set(&c.SIP.Listen, "0.0.0.0:0")
	set(&c.SIP.UserAgent, "dozvon")
	set(&c.Media.Ports, "20000-39998")
	set(&c.Numbers.Region, "RU")
	set(&c.Speech.Format, "wav")
	set(&c.Serve.Listen, "127.0.0.1:8080")
	for i := range c.Trunks {
		t := &c.Trunks[i]
		set(&t.Name, "trunk"+strconv.Itoa(i+1))
		if t.Lines == 0 {
			t.Lines = DefaultLines
		}
	}
}

// DefaultLines is how many calls a trunk carries at once if nothing is said:
// few enough to be polite to any provider.
const DefaultLines = 10

// Path makes a path of the file absolute to the file's own folder.
func (c *Config) Path(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.dir, p)
}

// Secret returns the trunk's password: the text itself, or what its file holds.
func (t Trunk) Secret(c *Config) (string, error) {
	if t.PasswordFile == "" {
		return t.Password, nil
	}
	b, err := os.ReadFile(c.Path(t.PasswordFile))
	if err != nil {
		return "", fmt.Errorf("the password file of trunk %s cannot be read: %w; check password_file and the file's rights", t.Name, reason.Of(err))
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// Env gives the variables that templates name (see templated).
func (c *Config) Env(name string) (string, bool) {
	if c.getenv == nil {
		return os.LookupEnv(name)
	}
	return c.getenv(name)
}

// Filled is a template's text with its variables in place; that they are set is
// known since the file was read.
func (c *Config) Filled(s string) string {
	return variable.ReplaceAllStringFunc(s, func(m string) string {
		v, _ := c.Env(m[2 : len(m)-1])
		return v
	})
}

// templated are parts whose ${NAME} is filled in by those who send: they escape
// it for the place where it stands, and keep it out of what they say.
func templated(path string) bool {
	rest, ok := strings.CutPrefix(path, "$.sms.")
	if !ok {
		rest, ok = strings.CutPrefix(path, "$.speech.http.")
	}
	if !ok {
		rest, ok = strings.CutPrefix(path, "$.hearing.transcribe.")
	}
	if !ok {
		if rest, ok = strings.CutPrefix(path, "$.hearing.vosk."); ok {
			_, rest, _ = strings.Cut(rest, ".")
		}
	}
	return ok && (rest == "url" || rest == "body" || strings.HasPrefix(rest, "headers.") || strings.HasPrefix(rest, "form."))
}

var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// secretFields must never be written out in a configuration file.
var secretFields = map[string]bool{"password": true, "token": true, "secrets": true}

type checker struct {
	file   string
	tree   *ast.File
	getenv func(string) (string, bool)
	faults Faults
}

func (k *checker) fault(path, format string, args ...any) {
	f := Fault{File: k.file, What: fmt.Sprintf(format, args...)}
	f.Line, f.Column = k.position(path)
	k.faults = append(k.faults, f)
}

// position finds the line of a path, or of its nearest parent that is there.
func (k *checker) position(path string) (line, column int) {
	for path != "" && path != "$" {
		if p, err := yaml.PathString(path); err == nil {
			if n, err := p.FilterFile(k.tree); err == nil && n != nil && n.GetToken() != nil {
				pos := n.GetToken().Position
				return pos.Line, pos.Column
			}
		}
		path = path[:strings.LastIndexAny(path, ".[")]
	}
	return 0, 0
}

// expand replaces ${NAME} in every string and refuses secrets in clear.
func (k *checker) expand(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			k.expand(v.Elem(), path)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if tag := v.Type().Field(i).Tag.Get("yaml"); tag != "" {
				k.expand(v.Field(i), path+"."+tag)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			k.expand(v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
	case reflect.Map:
		k.expandMap(v, path)
	case reflect.String:
		v.SetString(k.expandText(v.String(), path))
	}
}

func (k *checker) expandMap(v reflect.Value, path string) {
	for _, key := range v.MapKeys() {
		entry := reflect.New(v.Type().Elem()).Elem()
		entry.Set(v.MapIndex(key))
		k.expand(entry, path+"."+key.String())
		v.SetMapIndex(key, entry)
	}
}

func (k *checker) expandText(s, path string) string {
	field := path[strings.LastIndex(path, ".")+1:]
	field, _, _ = strings.Cut(field, "[")
	if secretFields[field] && s != "" && !variable.MatchString(s) {
		k.fault(path, "a secret stands in clear in the file; write ${NAME} here and put the value into the environment variable NAME")
	}
	return variable.ReplaceAllStringFunc(s, func(m string) string {
		name := m[2 : len(m)-1]
		value, ok := k.getenv(name)
		if !ok {
			k.fault(path, "the environment variable %s is not set; export it before starting dozvon", name)
		}
		if templated(path) {
			return m
		}
		return value
	})
}

func yamlFault(file string, err error) Fault {
	f := Fault{File: file, What: "it is not valid YAML"}
	var own Fault
	if errors.As(err, &own) {
		own.File = file
		return own
	}
	var y yaml.Error
	if errors.As(err, &y) {
		f.What = y.GetMessage() + "; see docs/configuration.md for the fields"
		if t := y.GetToken(); t != nil && t.Position != nil {
			f.Line, f.Column = t.Position.Line, t.Position.Column
		}
	}
	return f
}
