package scenarios

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// This file is the only one that knows the YAML library: it turns a file
// into a plain tree with positions, within limits that no honest scenario
// comes near and that keep a hostile one (deep nesting, aliases of aliases)
// from taking time or memory.
const (
	maxFileBytes = 256 << 10
	maxDepth     = 32
	maxNodes     = 20000
)

// kind is what a node of the tree is.
type kind uint8

const (
	scalar kind = iota
	mapping
	sequence
	null
)

// node is a value of the file with its place.
type node struct {
	kind      kind
	text      string // scalar: as written, quotes removed
	quoted    bool   // scalar: was written in quotes or as a block
	items     []*node
	pairs     []pair
	line, col int
}

type pair struct{ key, value *node }

// get returns the value of a key of a mapping, or nil.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for _, p := range n.pairs {
		if p.key.text == key {
			return p.value
		}
	}
	return nil
}

// parseYAML returns the tree of a file, or nil with the faults logged.
func parseYAML(src []byte, log *faultLog) (root *node) {
	switch {
	case len(src) > maxFileBytes:
		log.at(nil, "keep texts short and split the dialogue into scenarios", "the file has %d bytes; at most %d are read", len(src), maxFileBytes)
		return nil
	case !utf8.Valid(src):
		log.at(nil, "save it as UTF-8", "the file is no UTF-8 text")
		return nil
	}
	text := strings.TrimPrefix(string(src), "\ufeff")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	log.lines = strings.Split(text, "\n")
	if n := bracketDepth(text); n > maxDepth {
		log.at(nil, "write it flatter", "brackets are nested %d deep; at most %d are read", n, maxDepth)
		return nil
	}
	// The library has panicked on odd input before; a scenario must never
	// take the program down.
	defer func() {
		if r := recover(); r != nil {
			log.at(nil, "check its indentation and quotes", "the file can't be read as YAML")
			root = nil
		}
	}()
	file, err := parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		logSyntax(err, log)
		return nil
	}
	var docs []*ast.DocumentNode
	for _, d := range file.Docs {
		if d.Body != nil {
			docs = append(docs, d)
		}
	}
	if len(docs) == 0 {
		log.at(nil, "start with name: and dialogue:", "the file is empty")
		return nil
	}
	if len(docs) > 1 {
		log.at(nil, "remove the line with --- between them", "the file holds %d documents; a scenario is one", len(docs))
		return nil
	}
	c := converter{log: log, anchors: map[string]ast.Node{}}
	root = c.convert(docs[0].Body, 0)
	if c.stopped {
		return nil
	}
	return root
}

// bracketDepth is how deep flow brackets nest at most, quotes ignored: an
// upper bound found before the library recurses.
func bracketDepth(s string) int {
	depth, deepest := 0, 0
	for _, c := range []byte(s) {
		switch c {
		case '[', '{':
			depth++
			deepest = max(deepest, depth)
		case ']', '}':
			depth = max(depth-1, 0)
		}
	}
	return deepest
}

func logSyntax(err error, log *faultLog) {
	var se *yaml.SyntaxError
	if errors.As(err, &se) && se.Token != nil && se.Token.Position != nil {
		log.add(Fault{File: log.file, Line: se.Token.Position.Line, Column: se.Token.Position.Column,
			What: "not YAML: " + se.Message, Do: "check the indentation, the quotes and the colons of this line and the one before"})
		return
	}
	log.at(nil, "check its indentation and quotes", "not YAML: %v", err)
}

// converter turns the library's tree into ours.
type converter struct {
	log     *faultLog
	anchors map[string]ast.Node
	open    map[string]bool
	count   int
	stopped bool
}

func (c *converter) convert(in ast.Node, depth int) *node {
	out := &node{kind: null, line: 1, col: 1}
	if in == nil || c.stopped {
		return out
	}
	if t := in.GetToken(); t != nil && t.Position != nil {
		out.line, out.col = t.Position.Line, t.Position.Column
	}
	if c.count++; c.count > maxNodes || depth > maxDepth {
		c.stopped = true
		c.log.at(out, "write it shorter and flatter, without aliases of aliases", "the file grows beyond %d values or %d levels", maxNodes, maxDepth)
		return out
	}
	switch v := in.(type) {
	case *ast.NullNode:
	case *ast.StringNode:
		out.kind, out.text = scalar, v.Value
		out.quoted = v.Token.Type == token.SingleQuoteType || v.Token.Type == token.DoubleQuoteType
	case *ast.LiteralNode:
		out.kind, out.text, out.quoted = scalar, strings.TrimRight(v.Value.Value, "\n"), true
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		out.kind, out.text = scalar, in.GetToken().Value
	case *ast.SequenceNode:
		out.kind = sequence
		for _, item := range v.Values {
			out.items = append(out.items, c.convert(item, depth+1))
		}
	case *ast.MappingNode:
		out.kind = mapping
		for _, mv := range v.Values {
			c.pair(out, mv, depth)
		}
		if len(out.pairs) > 0 && !v.IsFlowStyle {
			out.line, out.col = out.pairs[0].key.line, out.pairs[0].key.col
		}
	case *ast.MappingValueNode:
		out.kind = mapping
		c.pair(out, v, depth)
	case *ast.AnchorNode:
		if v.Name != nil {
			c.anchors[v.Name.String()] = v.Value
		}
		return c.convert(v.Value, depth)
	case *ast.AliasNode:
		return c.alias(v, out, depth)
	default:
		c.log.at(out, "write the value plainly", "%s is not used in scenarios", describe(in))
	}
	return out
}

// pair adds a key with its value, and reports a key that stands twice.
func (c *converter) pair(to *node, mv *ast.MappingValueNode, depth int) {
	if mv.Key == nil || mv.Key.IsMergeKey() {
		c.log.at(to, "write the keys out", "merge keys (<<) are not used in scenarios")
		return
	}
	key := c.convert(mv.Key, depth+1)
	if mk, ok := mv.Key.(*ast.MappingKeyNode); ok {
		key = c.convert(mk.Value, depth+1)
	}
	if key.kind != scalar {
		c.log.at(key, "use a plain word", "a key must be a word")
		return
	}
	if old := to.get(key.text); old != nil {
		c.log.at(key, "keep one of them", "%q stands twice (first in line %d)", key.text, old.line)
		return
	}
	value := c.convert(mv.Value, depth+1)
	if value.kind == null || value.line < key.line {
		value.line, value.col = key.line, key.col
	}
	to.pairs = append(to.pairs, pair{key, value})
}

// alias puts the anchor's value in place; the limits on count and depth hold
// for what it grows to.
func (c *converter) alias(v *ast.AliasNode, at *node, depth int) *node {
	name := ""
	if v.Value != nil {
		name = v.Value.String()
	}
	target, ok := c.anchors[name]
	if !ok {
		c.log.at(at, "define it before with &"+name, "the alias *%s names nothing", name)
		return at
	}
	if c.open[name] {
		c.log.at(at, "write the value out", "the alias *%s contains itself", name)
		return at
	}
	if c.open == nil {
		c.open = map[string]bool{}
	}
	c.open[name] = true
	defer delete(c.open, name)
	return c.convert(target, depth+1)
}

func describe(in ast.Node) string {
	if t, ok := in.(*ast.TagNode); ok {
		return fmt.Sprintf("the tag %.20s", t.Start.Value)
	}
	return "a " + strings.ToLower(in.Type().String())
}
