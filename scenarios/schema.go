package scenarios

import "encoding/json"

// Schema is the JSON Schema (draft 2020-12) of the language, made from the
// tables that the parser reads by; editors complete and check with it.
func Schema() []byte {
	var one []any
	for _, v := range verbs() {
		value := shape{"description": v.doc}
		for k, x := range v.shape() {
			value[k] = x
		}
		one = append(one, shape{"type": "object", "additionalProperties": false,
			"required": []string{v.name}, "properties": map[string]any{v.name: value}})
	}
	root := blockShape(rootFields())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "dozvon scenario"
	root["$defs"] = map[string]any{
		"item":  shape{"description": "one line of a step: a verb", "oneOf": one},
		"steps": anyShape(refShape("item"), listShape(refShape("item"))),
	}
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic("scenarios: the schema's tables hold a value that JSON can't: " + err.Error())
	}
	return append(out, '\n')
}
