package siptest

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// This file alone knows the YAML library: it turns a document into nodes with
// their places.

type nodeKind uint8

const (
	scalarNode nodeKind = iota
	mapNode
	listNode
	otherNode // anchors, tags and the like, which a book has no use for
)

// node is a value of a YAML document.
type node struct {
	kind         nodeKind
	text         string // of a scalar
	fields       []field
	items        []node
	line, column int
}

// field is one entry of a mapping.
type field struct {
	key   string
	at    node // the key's place
	value node
}

func (n node) scalar() bool { return n.kind == scalarNode }

// maxDepth bounds how deep a document may nest; a book needs five levels.
const maxDepth = 32

// parseYAML reads one document.
func parseYAML(data []byte) (n node, fault *Fault) {
	defer func() { // the library has been seen to panic on garbage
		if p := recover(); p != nil {
			fault = &Fault{What: fmt.Sprintf("this is no YAML: %v", p)}
		}
	}()
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey()) // fields faults them, all at once
	if err != nil {
		return node{}, syntaxFault(err)
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return node{kind: mapNode, line: 1, column: 1}, nil
	}
	if len(file.Docs) > 1 {
		return node{}, &Fault{Line: 1, Column: 1, What: "a book is one YAML document; there are more"}
	}
	return convert(file.Docs[0].Body, 0), nil
}

func convert(a ast.Node, depth int) node {
	n := node{kind: otherNode}
	if a == nil {
		return n
	}
	if t := a.GetToken(); t != nil && t.Position != nil {
		n.line, n.column = t.Position.Line, t.Position.Column
	}
	if depth > maxDepth {
		return n
	}
	switch a := a.(type) {
	case *ast.MappingNode:
		n.kind = mapNode
		for _, v := range a.Values {
			n.addField(v, depth)
		}
		if !a.IsFlowStyle && len(n.fields) > 0 { // the place of a block is its first key, not its first colon
			n.line, n.column = n.fields[0].at.line, n.fields[0].at.column
		}
	case *ast.MappingValueNode:
		n.kind = mapNode
		n.addField(a, depth)
		n.line, n.column = n.fields[0].at.line, n.fields[0].at.column
	case *ast.SequenceNode:
		n.kind = listNode
		for _, v := range a.Values {
			n.items = append(n.items, convert(v, depth+1))
		}
	case *ast.NullNode:
		n.kind = scalarNode
	case *ast.LiteralNode:
		n.kind, n.text = scalarNode, a.Value.Value
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		n.kind, n.text = scalarNode, a.GetToken().Value
	}
	return n
}

func (n *node) addField(v *ast.MappingValueNode, depth int) {
	key := convert(v.Key, depth+1)
	n.fields = append(n.fields, field{key: key.text, at: key, value: convert(v.Value, depth+1)})
}

// fields returns the entries of a mapping, and faults anything else and keys
// that stand twice.
func (r *bookReader) fields(n node, what string) []field {
	if n.kind == scalarNode && n.text == "" {
		return nil // "numbers:" with nothing below
	}
	if n.kind != mapNode {
		r.fault(n, "%s: a mapping (name: value) is expected here", what)
		return nil
	}
	seen := make(map[string]bool, len(n.fields))
	for _, f := range n.fields {
		if seen[f.key] {
			r.fault(f.at, "%s: %q stands twice", what, f.key)
		}
		seen[f.key] = true
	}
	return n.fields
}

// syntaxFault gives the library's syntax error its place.
func syntaxFault(err error) *Fault {
	f := &Fault{What: "this is no YAML: " + err.Error()}
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) && syntax.Token != nil && syntax.Token.Position != nil {
		p := syntax.Token.Position
		f.Line, f.Column, f.What = p.Line, p.Column, "this is no YAML: "+syntax.Message
	}
	return f
}
