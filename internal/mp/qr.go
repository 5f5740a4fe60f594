package mp

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/boombuler/barcode/qr"
	"github.com/spf13/cobra"
)

// quiet is the light border that a reader needs to find the code.
const quiet = 2

// link is what a QR code opens.
type link struct {
	Path    string `json:"path,omitempty"`
	Query   string `json:"query,omitempty"`
	Scene   int    `json:"scene,omitempty"`
	Place   string `json:"place,omitempty"`
	Name    string `json:"name,omitempty"`
	Version int    `json:"version,omitempty"`
}

func (t *tool) qrCommand() *cobra.Command {
	var wanted link
	var trial string
	command := &cobra.Command{
		Use:   "qr",
		Short: "Draw a QR code that opens the program, one of its pages, or a trial version",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return t.qr(c, wanted, trial) },
	}
	set := command.Flags()
	set.StringVar(&wanted.Path, "path", "", "the page, pages/detail/detail (default: the first)")
	set.StringVar(&wanted.Query, "query", "", "its query, id=7&from=poster")
	set.IntVar(&wanted.Scene, "scene", 0, "a number from 1 to 9999 that tells the program where the code was found")
	set.StringVar(&wanted.Place, "place", "", "id of the place that the code hangs in")
	set.StringVar(&wanted.Name, "name", "", "what you call this code")
	set.StringVar(&trial, "trial", "", "a version (number, name or latest) that only testers and makers may open")
	return command
}

func (t *tool) qr(c *cobra.Command, wanted link, trial string) error {
	p, err := t.open()
	if err != nil {
		return err
	}
	if trial != "" {
		if wanted.Version, err = p.number(c.Context(), trial); err != nil {
			return err
		}
	}
	var raw json.RawMessage
	if err := p.do(c.Context(), call{method: http.MethodPost, path: p.path("/links"), body: wanted}, &raw); err != nil {
		return err
	}
	if t.json {
		return t.document(raw)
	}
	var made struct {
		URL string `json:"url"`
	}
	if err := json.Unmarshal(raw, &made); err != nil {
		return err
	}
	address := made.URL
	if strings.HasPrefix(address, "/") {
		address = p.url + address
	}
	if err := drawQR(t.Err, address, bool(t.paint(t.Err))); err != nil {
		return err
	}
	t.print("%s", address)
	return nil
}

// drawQR draws the text as a QR code, two rows of it in one line. With colours it is black on white whatever
// the terminal's own are; without, light is drawn, as terminals are dark.
func drawQR(out io.Writer, text string, coloured bool) error {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return wrong(ExitUsage, "qr_too_long", "A shorter --path or --query helps.", "The link does not fit into a QR code: %v", err)
	}
	width := code.Bounds().Dx()
	dark := func(x, y int) bool {
		if x < 0 || y < 0 || x >= width || y >= width {
			return false
		}
		r, _, _, _ := code.At(x, y).RGBA()
		return r == 0
	}
	var b strings.Builder
	for y := -quiet; y < width+quiet; y += 2 {
		if coloured {
			b.WriteString("\x1b[97;40m") // light is the ink, dark the paper
		}
		for x := -quiet; x < width+quiet; x++ {
			b.WriteString(half(!dark(x, y), !dark(x, y+1) && y+1 < width+quiet))
		}
		if coloured {
			b.WriteString("\x1b[0m")
		}
		b.WriteByte('\n')
	}
	_, err = io.WriteString(out, b.String())
	return err
}

// half is the sign whose upper and lower half are light as told.
func half(upper, lower bool) string {
	switch {
	case upper && lower:
		return "█"
	case upper:
		return "▀"
	case lower:
		return "▄"
	}
	return " "
}
