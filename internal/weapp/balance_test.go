package weapp

import (
	"fmt"
	"strings"
	"testing"
)

// WeChat's tools refuse an element that stays open, unless it can hold nothing.
func TestUnbalancedTemplates(t *testing.T) {
	for _, test := range []struct {
		name, markup, where string
	}{
		{"closed", "<view><text>a</text></view>", ""},
		{"an input holds nothing", "<view>\n<input type=\"text\">\n<image src=\"a.png\"></view>", ""},
		{"open", "<view>\n  <text>a\n</view>", "2:4"},
		{"open at the end", "<view>", "1:2"},
		{"an end of nothing", "<view>\n</view></text>", "2:8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			bundle, err := Compile(t.Context(), map[string][]byte{
				"app.json": []byte(`{"pages":["a"]}`), "a.js": []byte("Page({})"), "a.wxml": []byte(test.markup),
			})
			if err != nil {
				t.Fatal(err)
			}
			var where []string
			for _, f := range bundle.Findings {
				if f.Severity == SeverityError {
					where = append(where, fmt.Sprintf("%d:%d", f.Line, f.Column))
				}
			}
			if got := strings.Join(where, " "); got != test.where {
				t.Errorf("errors at %q, want %q: %v", got, test.where, bundle.Findings)
			}
		})
	}
}
