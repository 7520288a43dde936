package scenarios

// shape is a piece of JSON Schema that describes a value.
type shape map[string]any

func textShape() shape           { return shape{"type": "string"} }
func boolShape() shape           { return shape{"type": "boolean"} }
func intShape(a, b int) shape    { return shape{"type": "integer", "minimum": a, "maximum": b} }
func enumShape(v []string) shape { return shape{"enum": v} }
func refShape(name string) shape { return shape{"$ref": "#/$defs/" + name} }
func listShape(of shape) shape   { return shape{"type": "array", "items": of} }
func mapShape(of shape) shape    { return shape{"type": "object", "additionalProperties": of} }
func anyShape(of ...shape) shape { return shape{"anyOf": of} }

// someShape is one value or a list of them.
func someShape(of shape) shape { return anyShape(of, listShape(of)) }

func wordShape() shape {
	return shape{"type": "string", "pattern": `^[\p{L}\p{N}_][\p{L}\p{N}_-]{0,63}$`}
}

// keyShape is a value that YAML may read as a number: keys, versions.
func keyShape() shape { return shape{"type": []string{"string", "integer"}} }

func durationShape() shape {
	return shape{"type": "string", "pattern": `^(\d+(ms|s|m|h|d|w|y))+$`, "examples": []string{"30s", "5m", "2h"}}
}

// blockShape is the shape of a mapping that a table describes.
func blockShape[T any](fields []field[T]) shape {
	props, need := map[string]any{}, []string{}
	for _, f := range fields {
		one := shape{"description": f.doc}
		for k, v := range f.shape {
			one[k] = v
		}
		props[f.name] = one
		if f.need {
			need = append(need, f.name)
		}
	}
	s := shape{"type": "object", "additionalProperties": false, "properties": props}
	if len(need) > 0 {
		s["required"] = need
	}
	return s
}
