package weapp

import "testing"

// WeChat reads a pattern's backslashes as they are written; a string of JavaScript would lose them.
func TestPatternsKeepTheirBackslashes(t *testing.T) {
	for source, want := range map[string]string{
		`getRegExp('^-?\d+(\.\d+)?$')`:   `getRegExp('^-?\\d+(\\.\\d+)?$')`,
		`getRegExp("\\d+", "g")`:         `getRegExp("\\d+", "g")`,
		`getRegExp('it\'s\n\s')`:         `getRegExp('it\'s\n\\s')`,
		`var text = 'a\d'; getDate(1)`:   `var text = 'a\d'; getDate(1)`,
		`getRegExp(pattern, 'g') + '\d'`: `getRegExp(pattern, 'g') + '\d'`,
	} {
		if got := wxsPattern.ReplaceAllStringFunc(source, keepBackslashes); got != want {
			t.Errorf("%s became %s, not %s", source, got, want)
		}
	}
}
