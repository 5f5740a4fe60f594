package catalog

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// Text comes through whole however it is cut into pieces, and a bad byte is refused however it is.
func TestTextIsCheckedAcrossPieces(t *testing.T) {
	text := strings.Repeat("café 水 🥖\n", 9000)
	for name, cut := range map[string]func(io.Reader) io.Reader{"one byte": iotest.OneByteReader, "halves": iotest.HalfReader, "data with error": iotest.DataErrReader} {
		got, err := io.ReadAll(&utf8Reader{from: cut(strings.NewReader(text))})
		if err != nil || string(got) != text {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		for _, bad := range []string{"\xff", "\xc3", "\xf0\x9f\xa5", "\xed\xa0\x80"} {
			if _, err := io.ReadAll(&utf8Reader{from: cut(strings.NewReader(text + bad))}); !errors.Is(err, ErrBadCSV) {
				t.Errorf("%s, %q: %v", name, bad, err)
			}
		}
	}
}

// Whatever a file holds, it is either refused or read, row by row; and what was accepted is a product that can be stored.
func FuzzReadCSV(f *testing.F) {
	f.Add("gtin,name,price\n96385074,Gum,100\n")
	f.Add("gtin;name;price;vat_bp\n3017620422003;\"a;b\";1;x\n")
	f.Add("\xef\xbb\xbfgtin\tname\tprice\n\"\n")
	f.Add("gtin,name,price\n96385074,'=1,5\n96385074,x,5\n")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := readCSV(strings.NewReader(text))
		if err != nil {
			if !errors.Is(err, ErrBadCSV) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if !utf8.ValidString(text) {
			t.Fatalf("%q was read", text)
		}
		for _, r := range table.rows {
			if gtin, err := ParseGTIN(r.GTIN); err != nil || gtin != r.GTIN || r.Name == "" || r.Price < 1 || r.VATBasisPoints < 0 || r.MinAge < 0 {
				t.Fatalf("%q: %+v", text, r)
			}
		}
	})
}

// A guarded cell is no formula, and the guard comes off again.
func FuzzGuard(f *testing.F) {
	for _, cell := range []string{"", "=1", "'", "''=1", "-", "plain", "\t=1"} {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		guarded := guard(cell)
		if guarded != "" && strings.ContainsRune("=+-@\t\r", rune(guarded[0])) || unguard(guarded) != cell {
			t.Fatalf("%q → %q → %q", cell, guarded, unguard(guarded))
		}
	})
}
