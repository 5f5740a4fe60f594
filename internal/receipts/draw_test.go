package receipts

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"plaza.internal/plaza/internal/ledger"
)

// The paper is a PDF of the same bytes for the same token, in each language, with as much on it as fits a code.
func TestPaperIsMadeOfTheTokenAlone(t *testing.T) {
	for _, language := range []string{"en", "fr", "zh"} {
		claims := sample
		claims.Language, claims.Lines = language, nil
		for range MaxLines {
			claims.Lines = append(claims.Lines, [2]string{"停车 label", strings.Repeat("一二 ab ", 4)})
		}
		token := tokenOf(t, signerFrom(1), claims)
		first, err := Paper(token)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Paper(token)
		if err != nil || !bytes.Equal(first, again) || !bytes.HasPrefix(first, []byte("%PDF-")) || len(first) > 200_000 {
			t.Errorf("%s: %d bytes, the same again: %v, %v", language, len(first), bytes.Equal(first, again), err)
		}
		if folder := os.Getenv("LOOK"); folder != "" {
			if err := os.WriteFile(folder+"/"+language+".pdf", first, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := Paper("no.token"); err == nil {
		t.Error("made a paper of nothing")
	}
}

// No character is lost where a line breaks, whatever the script.
func TestWrappingLosesNothing(t *testing.T) {
	measure := func(text string) float64 { return float64(len([]rune(text))) }
	for _, text := range []string{
		"页面会显示签名的内容，并说明收据是否真实，离线也可以。请与本纸核对。", "a few short words and averyveryverylongwordwithoutanyspace here", "mixed 中文 and Latin，再来", "", " ", "x",
	} {
		for width := 1.0; width < 30; width++ {
			lines := wrap(text, width, measure)
			if got, want := strings.ReplaceAll(strings.Join(lines, ""), " ", ""), strings.ReplaceAll(text, " ", ""); got != want {
				t.Errorf("%q at %v became %q", text, width, lines)
			}
			for _, line := range lines {
				if measure(line) > width {
					t.Errorf("%q is longer than %v", line, width)
				}
			}
		}
	}
}

func TestMoneyOnPaper(t *testing.T) {
	for _, c := range []struct {
		amount   ledger.Amount
		currency string
		want     string
	}{{3500, "EUR", "EUR 35.00"}, {5, "EUR", "EUR 0.05"}, {1234, "JPY", "JPY 1234"}, {1, "TND", "TND 0.001"}, {100, "USD", "USD 1.00"}} {
		if got := money(c.amount, c.currency); got != c.want {
			t.Errorf("%d %s is %q, want %q", c.amount, c.currency, got, c.want)
		}
	}
}

func BenchmarkPaper(b *testing.B) {
	token := tokenOf(b, signerFrom(1), sample)
	for b.Loop() {
		if _, err := Paper(token); err != nil {
			b.Fatal(err)
		}
	}
}
