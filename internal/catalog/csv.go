package catalog

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// What one import may hold.
const (
	MaxImportBytes = 16 << 20
	MaxImportRows  = 20_000
)

// ErrBadCSV refuses a file that cannot be read as a whole, before anything of it is used; data.problem is
// not_utf8, no_header, missing_column, doubled_column, broken_quotes or too_many_rows, data.line the line.
var ErrBadCSV = refusal.New(http.StatusBadRequest, "bad_csv", "This file cannot be read.")

// columns are the header's names, in the order in which the export writes them.
var columns = [...]string{"gtin", "name", "brand", "quantity", "category", "price", "currency", "vat_bp", "min_age", "archived"}

// needed are the columns without which a file cannot be meant as products.
var needed = [...]string{"gtin", "name", "price"}

// RowError is what is wrong in one row. Row counts as a spreadsheet does: the header is row 1.
type RowError struct {
	Row     int    `json:"row"`
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// row is a good row of the file. Only the columns that the file has are used to update a product.
type row struct {
	number int
	Product
	archived bool
}

// table is a file that was read.
type table struct {
	columns map[string]int
	ignored []string
	rows    []row
	count   int // of rows, the bad ones included
	errors  []RowError
}

// readCSV reads products row by row. A file that is broken as a whole is refused; rows that are wrong by
// themselves are noted and left out.
func readCSV(from io.Reader) (*table, error) {
	text := bufio.NewReaderSize(&utf8Reader{from: from}, 64<<10)
	if start, _ := text.Peek(3); bytes.Equal(start, []byte("\xef\xbb\xbf")) {
		if _, err := text.Discard(3); err != nil {
			return nil, err
		}
	}
	reader := csv.NewReader(text)
	reader.Comma = separator(text)
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	t := &table{columns: map[string]int{}, ignored: []string{}, errors: []RowError{}}
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, badCSV("no_header", 1, "The file is empty.")
	}
	if err != nil {
		return nil, csvError(err)
	}
	if err := t.readHeader(header); err != nil {
		return nil, err
	}
	width := len(header)
	for number := 2; ; number++ {
		fields, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, csvError(err)
		}
		if t.count++; t.count > MaxImportRows {
			return nil, badCSV("too_many_rows", number, "A file has at most %d rows. Split it.", MaxImportRows)
		}
		t.readRow(number, width, fields)
	}
	t.dropDuplicates()
	return t, nil
}

// separator is the one that the header uses: a semicolon, a tab or a comma.
func separator(text *bufio.Reader) rune {
	start, _ := text.Peek(4096)
	first, _, _ := bytes.Cut(start, []byte("\n"))
	best, most := ',', bytes.Count(first, []byte(","))
	for _, other := range ";\t" {
		if n := bytes.Count(first, []byte(string(other))); n > most {
			best, most = other, n
		}
	}
	return best
}

func (t *table) readHeader(header []string) error {
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(columns[:], name) {
			t.ignored = append(t.ignored, clip(name))
			continue
		}
		if _, twice := t.columns[name]; twice {
			return badCSV("doubled_column", 1, "The column %s is there twice.", name)
		}
		t.columns[name] = i
	}
	for _, name := range needed {
		if _, ok := t.columns[name]; !ok {
			return badCSV("missing_column", 1, "The column %s is missing. The first line must name the columns: %s.", name, strings.Join(columns[:], ", "))
		}
	}
	return nil
}

func (t *table) readRow(number, width int, fields []string) {
	wrong := len(t.errors)
	note := func(field, code, message string) {
		t.errors = append(t.errors, RowError{Row: number, Field: field, Code: code, Message: message})
	}
	if len(fields) != width {
		note("", "field_count", "The row has "+strconv.Itoa(len(fields))+" fields, the header "+strconv.Itoa(width)+".")
		return
	}
	text := func(name string, most int) string {
		i, ok := t.columns[name]
		if !ok {
			return ""
		}
		value := unguard(strings.TrimSpace(fields[i]))
		if utf8.RuneCountInString(value) > most {
			note(name, "too_long", "At most "+strconv.Itoa(most)+" characters are allowed.")
			return ""
		}
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' }) {
			note(name, "control_character", "Line breaks and control characters are not allowed here.")
			return ""
		}
		return strings.Clone(value)
	}
	integer := func(name string, low, high int64) int64 {
		before := len(t.errors)
		value := text(name, 20)
		if value == "" && (name != "price" || len(t.errors) > before) {
			return 0
		}
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < low || n > high {
			note(name, "bad_number", strconv.Quote(value)+" is not a whole number from "+strconv.FormatInt(low, 10)+" to "+strconv.FormatInt(high, 10)+".")
		}
		return n
	}
	r := row{number: number, Product: Product{
		Name: text("name", 200), Brand: text("brand", 120), Quantity: text("quantity", 60), Category: text("category", 120),
		Currency: text("currency", 3), VATBasisPoints: integer("vat_bp", 0, 10000), MinAge: integer("min_age", 0, 99),
		Price: ledger.Amount(integer("price", 1, int64(ledger.MaxAmount))),
	}}
	if r.Name == "" && !t.noted(wrong, "name") {
		note("name", "missing", "The name is missing.")
	}
	switch value := strings.ToLower(text("archived", 5)); value {
	case "", "0", "false", "no":
	case "1", "true", "yes":
		r.archived = true
	default:
		note("archived", "bad_flag", strconv.Quote(value)+" is neither true nor false.")
	}
	code := text("gtin", 40)
	gtin, err := ParseGTIN(code)
	var refused *refusal.Refusal
	if errors.As(err, &refused) && !t.noted(wrong, "gtin") {
		note("gtin", refused.Code, gtinSentence(code, refused))
	}
	r.GTIN = gtin
	if len(t.errors) == wrong {
		t.rows = append(t.rows, r)
	}
}

// noted tells whether the row whose errors begin at from has one in the field.
func (t *table) noted(from int, field string) bool {
	return slices.ContainsFunc(t.errors[from:], func(e RowError) bool { return e.Field == field })
}

// gtinSentence explains the one mistake that spreadsheets make for people.
func gtinSentence(code string, refused *refusal.Refusal) string {
	if strings.ContainsAny(code, "eE") && strings.ContainsAny(code, ".,+") {
		return strconv.Quote(code) + " was a code before a spreadsheet made a number of it. Format the column as text."
	}
	return strconv.Quote(code) + ": " + refused.Message
}

// dropDuplicates leaves out every row whose code another row has too: which of them is meant is not ours to say.
func (t *table) dropDuplicates() {
	first := make(map[string]int, len(t.rows))
	doubled := map[string]bool{}
	for _, r := range t.rows {
		if other, twice := first[r.GTIN]; twice {
			doubled[r.GTIN] = true
			t.errors = append(t.errors, RowError{
				Row: r.number, Field: "gtin", Code: "duplicate_gtin",
				Message: "The code is also in row " + strconv.Itoa(other) + ". Neither row was used.",
			})
			continue
		}
		first[r.GTIN] = r.number
	}
	if len(doubled) == 0 {
		return
	}
	for gtin := range doubled {
		t.errors = append(t.errors, RowError{
			Row: first[gtin], Field: "gtin", Code: "duplicate_gtin", Message: "The code is in several rows. None of them was used.",
		})
	}
	t.rows = slices.DeleteFunc(t.rows, func(r row) bool { return doubled[r.GTIN] })
}

// guard keeps a spreadsheet from taking a cell for a formula; unguard takes the guard off again.
func guard(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r'", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func unguard(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.ContainsRune("=+-@\t\r'", rune(cell[1])) {
		return cell[1:]
	}
	return cell
}

func badCSV(problem string, line int, sentence string, args ...any) error {
	return ErrBadCSV.With("problem", problem).With("line", line).Saying(sentence, args...)
}

func csvError(err error) error {
	var broken *csv.ParseError
	if errors.As(err, &broken) {
		return badCSV("broken_quotes", broken.Line, "The quotation marks around line %d do not match.", broken.Line)
	}
	return err
}

// clip keeps an answer small when a file's header is not one.
func clip(text string) string {
	if utf8.RuneCountInString(text) > 40 {
		return string([]rune(text)[:40]) + "…"
	}
	return text
}

// utf8Reader passes text on and refuses bytes that are not UTF-8, for good: a reader above it that looks ahead may
// swallow the first refusal, and must not go on behind the hole.
type utf8Reader struct {
	from  io.Reader
	chunk [32 << 10]byte
	ready []byte // checked, not yet passed on
	rest  []byte // the beginning of a character whose end has not come yet
	line  int
	err   error
}

func (u *utf8Reader) Read(into []byte) (int, error) {
	for len(u.ready) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		u.fill()
	}
	n := copy(into, u.ready)
	u.ready = u.ready[n:]
	return n, nil
}

// fill reads and checks the next chunk. What is good before a bad byte is dropped with it.
func (u *utf8Reader) fill() {
	n := copy(u.chunk[:], u.rest)
	more, err := u.from.Read(u.chunk[n:])
	text := u.chunk[:n+more]
	u.rest, u.err = nil, err
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size <= 1 {
			if err == nil && !utf8.FullRune(text[i:]) {
				u.ready, u.rest = text[:i], text[i:]
				return
			}
			u.err = badCSV("not_utf8", u.line+1, "Line %d is not UTF-8 text. Save the file as CSV UTF-8.", u.line+1)
			return
		}
		if r == '\n' {
			u.line++
		}
		i += size
	}
	u.ready = text
}
