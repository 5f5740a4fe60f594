package receipts

import (
	"bytes"
	_ "embed" // the font
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"

	"plaza.internal/plaza/internal/ledger"
)

// face shows Latin and the characters of GB 2312. A sheet takes along only what it shows of it.
//
//go:embed font/NotoSansSC-Regular.ttf
var face []byte

// The sheet, in millimetres: A4 with one column.
const (
	margin      = 22.0
	sheetWidth  = 210.0 - 2*margin
	sheetHeight = 297.0
	labelWidth  = 52.0
	lineHeight  = 7.0
	codeSide    = 66.0 // a code of version 25 has 117 modules, half a millimetre each
	family      = "face"
)

var (
	ink  = [3]int{24, 27, 31}
	soft = [3]int{96, 104, 112}
	rule = [3]int{214, 218, 222}
	mark = [3]int{178, 74, 12} // of what is only a demonstration
)

// Paper is the receipt of the token as a PDF with the code that verifies it. It says what the token says and no more.
func Paper(token string) ([]byte, error) {
	claims, err := Unverified(token)
	if err != nil {
		return nil, err
	}
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.AddUTF8FontFromBytes(family, "", face)
	issued := time.Unix(claims.IssuedAt, 0).UTC()
	pdf.SetCreationDate(issued)
	pdf.SetModificationDate(issued)
	words := wordsOf(claims.Language)
	pdf.SetTitle(words.receipt+" "+claims.Number, true)
	pdf.SetLang(claims.Language)
	pdf.SetMargins(margin, margin, margin)
	pdf.SetAutoPageBreak(true, margin)
	pdf.AddPage()
	s := sheet{Fpdf: pdf, claims: claims, words: words}
	s.head()
	s.lines()
	if err := s.code(claims.Issuer + verifyPath + token); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("paper of receipt %s: %w", claims.Number, err)
	}
	return out.Bytes(), nil
}

// Unverified reads the claims of a token that the house itself has just made or kept.
func Unverified(token string) (claims Claims, err error) {
	_, rest, _ := strings.Cut(token, ".")
	body, _, _ := strings.Cut(rest, ".")
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err == nil {
		err = json.Unmarshal(raw, &claims)
	}
	if err != nil {
		return claims, fmt.Errorf("kept token: %w", err)
	}
	return claims, nil
}

// sheet is one paper while it is drawn.
type sheet struct {
	*fpdf.Fpdf
	claims Claims
	words  words
}

// say writes a paragraph in a size and a colour, and goes on below it.
func (s sheet) say(text string, size, height float64, color [3]int) {
	s.SetFont(family, "", size)
	s.SetTextColor(color[0], color[1], color[2])
	s.write(text, sheetWidth, height)
}

// printable is the character, or a box for one beyond the basic plane, such as a picture, at which the library panics.
// The token says what was signed.
func printable(r rune) rune {
	const basicPlane = 0xffff
	if r > basicPlane {
		return '□'
	}
	return r
}

// write breaks the text into lines of that width, which begin where the pen stands. The library's own breaking loses
// the character at which it breaks a line of Chinese.
func (s sheet) write(text string, width, height float64) {
	left := s.GetX()
	if s.claims.Language != "zh" {
		text = narrow.Replace(text)
	}
	text = strings.Map(printable, text)
	for _, line := range wrap(text, width-2*s.GetCellMargin(), s.GetStringWidth) {
		s.SetX(left)
		s.CellFormat(width, height, line, "", 2, "L", false, 0, "")
	}
	s.SetX(margin)
}

// narrow are signs which the face draws as wide as a Chinese character.
var narrow = strings.NewReplacer("’", "'", "‘", "'", "“", "\"", "”", "\"", "…", "...")

// wrap breaks at spaces and around Chinese characters, and inside a word only when it is longer than a line.
func wrap(text string, width float64, measure func(string) float64) []string {
	var lines []string
	rest := []rune(text)
	for len(rest) > 0 {
		fits, breaks := 0, 0
		for fits < len(rest) && (fits == 0 || measure(string(rest[:fits+1])) <= width) {
			fits++
			if fits == len(rest) || rest[fits] == ' ' || unicode.Is(unicode.Han, rest[fits]) || unicode.Is(unicode.Han, rest[fits-1]) && !unicode.IsPunct(rest[fits]) {
				breaks = fits
			}
		}
		if breaks == 0 {
			breaks = fits
		}
		lines = append(lines, strings.TrimRight(string(rest[:breaks]), " "))
		rest = []rune(strings.TrimLeft(string(rest[breaks:]), " "))
	}
	return lines
}

// head says what it is, whose, and what for.
func (s sheet) head() {
	who := s.claims.Org
	if s.claims.Program != who {
		who += " · " + s.claims.Program
	}
	s.say(who, 10, 6, soft)
	s.say(s.words.receipt, 26, 13, ink)
	s.say(s.claims.Number, 12, 7, ink)
	if s.claims.Demo {
		s.Ln(3)
		s.SetFillColor(mark[0], mark[1], mark[2])
		s.SetTextColor(255, 255, 255)
		s.SetFont(family, "", 11)
		s.CellFormat(sheetWidth, 9, s.words.demo, "", 1, "C", true, 0, "")
	}
	s.Ln(6)
	s.say(s.claims.Title, 15, 8, ink)
	s.Ln(3)
}

// lines are the program's rows, then what the house knows.
func (s sheet) lines() {
	for _, line := range s.claims.Lines {
		s.line(line[0], line[1])
	}
	if s.claims.Amount > 0 {
		label := s.words.stated
		if s.claims.Paid > 0 {
			label = s.words.paid
		}
		s.line(label, money(s.claims.Amount, s.claims.Currency))
	}
	if s.claims.Paid > 0 {
		s.line(s.words.paidAt, s.moment(s.claims.Paid))
	}
	s.line(s.words.issuedAt, s.moment(s.claims.IssuedAt))
	s.line(s.words.reference, s.claims.Reference)
}

// line is one row above a rule; what is long goes on below itself.
func (s sheet) line(label, value string) {
	s.SetDrawColor(rule[0], rule[1], rule[2])
	s.SetLineWidth(0.2)
	s.Line(margin, s.GetY(), margin+sheetWidth, s.GetY())
	top := s.GetY() + 1.2
	s.SetFont(family, "", 10)
	s.SetTextColor(soft[0], soft[1], soft[2])
	s.SetXY(margin, top)
	s.write(label, labelWidth, lineHeight-1.4)
	end := s.GetY()
	s.SetTextColor(ink[0], ink[1], ink[2])
	s.SetXY(margin+labelWidth, top)
	s.write(value, sheetWidth-labelWidth, lineHeight-1.4)
	s.SetXY(margin, max(end, s.GetY())+1.2)
}

// code draws the QR code with what it is good for beside it.
func (s sheet) code(address string) error {
	m, err := encode(address)
	if err != nil {
		return fmt.Errorf("code of receipt %s: %w", s.claims.Number, err)
	}
	s.Ln(8)
	if s.GetY()+codeSide > sheetHeight-margin {
		s.AddPage()
	}
	top, module := s.GetY(), codeSide/float64(m.size)
	s.SetFillColor(0, 0, 0)
	m.runs(func(x, y, length int) {
		s.Rect(margin+float64(x)*module, top+float64(y)*module, float64(length)*module, module, "F")
	})
	beside := margin + codeSide + 8
	for n, text := range []string{s.words.check, s.words.how, s.claims.Issuer + "/verify"} {
		color, size := soft, 9.5
		if n == 0 {
			color, size = ink, 12
		}
		s.SetFont(family, "", size)
		s.SetTextColor(color[0], color[1], color[2])
		s.SetXY(beside, max(s.GetY()+2, top))
		s.write(text, margin+sheetWidth-beside, 5.4)
	}
	return nil
}

// moment is a time in the payee's zone, which it names.
func (s sheet) moment(unix int64) string {
	at := time.Unix(unix, 0).UTC()
	if zone, err := time.LoadLocation(s.claims.Zone); err == nil {
		at = at.In(zone)
	}
	return at.Format("2006-01-02 15:04:05 MST")
}

// money is an amount with the code of its currency, which reads the same in every language.
func money(amount ledger.Amount, currency string) string {
	digits := 2
	switch {
	case slices.Contains(strings.Fields("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"), currency):
		digits = 0
	case slices.Contains(strings.Fields("BHD IQD JOD KWD LYD OMR TND"), currency):
		digits = 3
	}
	text := strconv.FormatInt(int64(amount), 10)
	if digits == 0 {
		return currency + " " + text
	}
	if short := digits + 1 - len(text); short > 0 {
		text = strings.Repeat("0", short) + text
	}
	return currency + " " + text[:len(text)-digits] + "." + text[len(text)-digits:]
}
