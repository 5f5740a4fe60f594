package receipts

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"

	"github.com/boombuler/barcode/qr"
)

const (
	quiet  = 4 // modules of white around the code, without which cameras do not find it
	pixels = 4 // of one module in the picture
)

// matrix is a QR code: what is black, without the quiet zone.
type matrix struct {
	size  int
	black func(x, y int) bool
}

// encode makes the code. Level L holds the most: the code is printed or shown whole, and a smaller one reads better.
func encode(text string) (matrix, error) {
	code, err := qr.Encode(text, qr.L, qr.Unicode)
	if err != nil {
		return matrix{}, err
	}
	return matrix{size: code.Bounds().Dx(), black: func(x, y int) bool {
		red, _, _, _ := code.At(x, y).RGBA()
		return red < 0x8000
	}}, nil
}

// runs tells each row's runs of black.
func (m matrix) runs(tell func(x, y, length int)) {
	for y := range m.size {
		for x := 0; x < m.size; x++ {
			length := 0
			for x+length < m.size && m.black(x+length, y) {
				length++
			}
			if length > 0 {
				tell(x, y, length)
				x += length
			}
		}
	}
}

// picture is the code of the text as a data: address, for a page to show.
func picture(text string) (string, error) {
	m, err := encode(text)
	if err != nil {
		return "", err
	}
	side := (m.size + 2*quiet) * pixels
	drawn := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	m.runs(func(x, y, length int) {
		for row := range pixels {
			for column := range length * pixels {
				drawn.SetColorIndex((x+quiet)*pixels+column, (y+quiet)*pixels+row, 1)
			}
		}
	})
	var out bytes.Buffer
	if err := png.Encode(&out, drawn); err != nil {
		return "", err
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(out.Bytes()), nil
}
