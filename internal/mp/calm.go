package mp

import (
	"io"
	"regexp"
)

// calm is a writer for people's eyes: names, messages and files come from servers and projects that others made,
// and nothing of them may steer the terminal. Only the palette's own colours pass.
type calm struct{ io.Writer }

var steers = regexp.MustCompile(`\x{1b}\[(?:31;1|33|32|[0-2])m|[\x00-\x08\x0b-\x1f\x7f-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}]`)

func (c calm) Write(text []byte) (int, error) {
	quiet := steers.ReplaceAllFunc(text, func(found []byte) []byte {
		if found[0] == '\x1b' && len(found) > 1 {
			return found // a colour
		}
		return []byte("\ufffd")
	})
	if _, err := c.Writer.Write(quiet); err != nil {
		return 0, err
	}
	return len(text), nil
}
