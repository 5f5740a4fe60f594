package check_test

import (
	"strings"
	"testing"

	"plaza.internal/plaza/internal/check"
)

// A name is what people see of it: nothing in it hides, turns the others round or runs over the lines above.
func TestNamesShowAllOfThemselves(t *testing.T) {
	for _, name := range []string{
		"Market", "Marché d’été", "集市", strings.Repeat("国", 60), "Café", "Cafe\u0301", "a <b>c</b>", "2048", "!", "👩\u200d🍳 Recipes", "❤\ufe0f\u200d🔥", "Tools 🛠\ufe0f",
	} {
		if !check.IsName(name) {
			t.Errorf("%+q is refused", name)
		}
	}
	for _, name := range []string{
		"", "  ", "\u2800", "\u3164", "\ufeff", "\u180e", "\u115f\u1160", "\u00a0", "Ma\u200brket", "Ma\u00adrket", "Mar\u200dket", "Mar\u2060ket",
		"\u202etekraM", "\u2066x", "\U000e0041Market", "Mar\nket", "Mar\u2028ket", "a" + strings.Repeat("\u0300", 4), strings.Repeat("国", 61), "\u0301",
	} {
		if check.IsName(name) {
			t.Errorf("%+q is allowed", name)
		}
	}
}
