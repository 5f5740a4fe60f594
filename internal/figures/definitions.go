package figures

import (
	_ "embed"
	"encoding/json"
)

//go:embed definitions.json
var definitionsJSON []byte

// Definition says what a figure is, in the languages of the house. It is the one source: screens show it on a tap,
// and docs/figures.md lists it.
type Definition struct {
	Key  string `json:"key"`
	Name Words  `json:"name"`
	Text Words  `json:"text"`
}

// Words are the same in each language.
type Words struct {
	EN string `json:"en"`
	FR string `json:"fr"`
	ZH string `json:"zh"`
}

// Definitions are all of them, in the order in which they are listed.
func Definitions() ([]Definition, error) {
	var list []Definition
	err := json.Unmarshal(definitionsJSON, &list)
	return list, err
}
