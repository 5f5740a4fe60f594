package programs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"golang.org/x/text/unicode/norm"
)

// looksLatin is letters and digits that an eye in a hurry takes for Latin ones.
var looksLatin = map[rune]rune{
	'0': 'o', '1': 'l', 'і': 'i', 'ı': 'i', 'ι': 'i', 'ӏ': 'l', 'ⅼ': 'l', '|': 'l',
	'а': 'a', 'в': 'b', 'с': 'c', 'ԁ': 'd', 'е': 'e', 'ё': 'e', 'һ': 'h', 'н': 'h', 'ј': 'j', 'к': 'k', 'ӄ': 'k', 'м': 'm',
	'о': 'o', 'р': 'p', 'ԛ': 'q', 'ѕ': 's', 'т': 't', 'у': 'y', 'ү': 'y', 'ѵ': 'v', 'ԝ': 'w', 'х': 'x', 'г': 'r', 'п': 'n',
	'α': 'a', 'β': 'b', 'ε': 'e', 'η': 'n', 'κ': 'k', 'μ': 'm', 'ν': 'v', 'ο': 'o', 'ρ': 'p', 'σ': 'o', 'τ': 't', 'υ': 'u',
	'χ': 'x', 'ω': 'w', 'ζ': 'z', 'ɑ': 'a', 'ɡ': 'g', 'ɩ': 'i', 'ʟ': 'l',
}

// likeness is a name as it is read at a glance: two names of one likeness pass for each other.
func likeness(name string) string {
	return strings.Map(func(r rune) rune {
		r = unicode.ToLower(r)
		if latin, ok := looksLatin[r]; ok {
			return latin
		}
		if !unicode.In(r, unicode.L, unicode.N) {
			return -1
		}
		return r
	}, norm.NFKD.String(name))
}

// imitated is the name of a certified organisation, or of what it has in the store, for which this version of
// somebody else's program would pass; "" when there is none.
func imitated(tx core.App, program, version *core.Record) (string, error) {
	m, err := manifestOf(version)
	if err != nil {
		return "", err
	}
	own := map[string]bool{}
	for _, name := range append(slices.Collect(maps.Values(m.Plaza.Names)), m.Name) {
		if like := likeness(name); like != "" {
			own[like] = true
		}
	}
	var others []struct {
		Name  string                `db:"name"`
		Names types.JSONMap[string] `db:"names"`
	}
	err = tx.DB().NewQuery(`SELECT p.name, p.names FROM orgs o JOIN programs p ON p.org = o.id
			WHERE o.certified AND o.id != {:org} AND p.status = 'live'
		UNION ALL SELECT name, NULL FROM orgs WHERE certified AND id != {:org}`).
		Bind(dbx.Params{"org": program.GetString("org")}).All(&others)
	if err != nil {
		return "", fmt.Errorf("names of certified organisations: %w", err)
	}
	for _, other := range others {
		for _, name := range append(slices.Collect(maps.Values(other.Names)), other.Name) {
			if own[likeness(name)] {
				return name, nil
			}
		}
	}
	return "", nil
}
