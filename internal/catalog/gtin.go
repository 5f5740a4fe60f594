package catalog

import (
	"net/http"
	"strings"

	"plaza.internal/plaza/internal/refusal"
)

var (
	// ErrNotGTIN refuses a code that is not 8, 12, 13 or 14 digits.
	ErrNotGTIN = refusal.New(http.StatusBadRequest, "not_a_gtin", "This is not a product code: 8, 12, 13 or 14 digits are needed.")
	// ErrCheckDigit refuses a code whose last digit does not follow from the others.
	ErrCheckDigit = refusal.New(http.StatusBadRequest, "bad_check_digit", "The last digit of this code does not fit the others.")
)

// ParseGTIN reads a GTIN-8, -12, -13 or -14 and answers it as 14 digits, the one form in which codes are stored
// and compared.
func ParseGTIN(code string) (string, error) {
	code = strings.TrimSpace(code)
	switch len(code) {
	case 8, 12, 13, 14:
	default:
		return "", ErrNotGTIN
	}
	for i := range len(code) {
		if code[i] < '0' || code[i] > '9' {
			return "", ErrNotGTIN
		}
	}
	gtin := strings.Repeat("0", 14-len(code)) + code
	if expected := checkDigit(gtin[:13]); gtin[13] != expected {
		return "", ErrCheckDigit.With("expected", string(expected))
	}
	return gtin, nil
}

// checkDigit is the GS1 digit that follows the 13 digits before it: weights 3 and 1 from the left.
func checkDigit(digits string) byte {
	sum := 0
	for i := range len(digits) {
		digit := int(digits[i] - '0')
		if i%2 == 0 {
			digit *= 3
		}
		sum += digit
	}
	return byte('0' + (10-sum%10)%10)
}

// InStore tells whether a 14-digit code is from a range that GS1 leaves to each shop (prefixes 2, 02 and 04, and
// 0 and 2 among GTIN-8). Two shops use the same such number for different goods, so it means something only
// together with its organisation, which is how every code is looked up here.
func InStore(gtin string) bool {
	if len(gtin) != 14 || gtin[0] != '0' {
		return false
	}
	if strings.HasPrefix(gtin, "000000") {
		return gtin[6] == '0' || gtin[6] == '2'
	}
	return gtin[1] == '2' || gtin[1:3] == "02" || gtin[1:3] == "04"
}
