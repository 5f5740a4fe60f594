package programs

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"

	"github.com/boombuler/barcode/qr"
)

const (
	quiet       = 4 // modules of white around the code, without which cameras do not find it
	imageSize   = 512
	smallestQR  = 64
	largestQR   = 2_048
	blackInGray = 0x8000
)

// matrix is a QR code: what is black, without the quiet zone.
type matrix struct {
	size  int
	black func(x, y int) bool
}

// encodeQR makes the code of a text. Level M survives 15 % of it being dirty.
func encodeQR(text string) (matrix, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return matrix{}, fmt.Errorf("QR code: %w", err)
	}
	return matrix{size: code.Bounds().Dx(), black: func(x, y int) bool {
		r, _, _, _ := code.At(x, y).RGBA()
		return r < blackInGray
	}}, nil
}

// svg is the code as a picture of any size: one path, each row's runs of black.
func (m matrix) svg() []byte {
	var path strings.Builder
	for y := range m.size {
		for x := 0; x < m.size; x++ {
			run := 0
			for x+run < m.size && m.black(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	side := m.size + 2*quiet
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="%s"/></svg>`, side, side, imageSize, imageSize, side, side, path.String())
}

// png is the code as a square of size pixels. Its modules are whole pixels, so that none is blurred; what does
// not divide goes to the quiet zone.
func (m matrix) png(size int) ([]byte, error) {
	scale := max(size/(m.size+2*quiet), 1)
	size = max(size, scale*(m.size+2*quiet))
	edge := (size - scale*m.size) / 2
	picture := image.NewPaletted(image.Rect(0, 0, size, size), color.Palette{color.White, color.Black})
	for y := range scale * m.size {
		for x := range scale * m.size {
			if m.black(x/scale, y/scale) {
				picture.SetColorIndex(edge+x, edge+y, 1)
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		return nil, fmt.Errorf("QR picture: %w", err)
	}
	return out.Bytes(), nil
}
