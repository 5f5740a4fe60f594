package receipts

import (
	"os"
	"testing"
)

func TestLook(t *testing.T) {
	seed := make([]byte, 32)
	_ = seed
	for _, lang := range []string{"en", "fr", "zh"} {
		c := Claims{Issuer: "https://plaza.example", Number: "7KQ2-M4XD-0RTV", AppID: "city", Program: "Ville · 城市", Org: "Agence du stationnement de Paris", Reference: "FPS-2026-000123", Title: "Avis de stationnement – 停车罚单 缴费 Œuvre", Amount: 3500, Currency: "EUR", Paid: 1790000000, IssuedAt: 1790000100, Zone: "Europe/Paris", Language: lang, Demo: lang != "fr",
			Lines: [][2]string{{"Notice", "FPS-2026-000123"}, {"Immatriculation", "AB-123-CD"}, {"违法行为", "超时停车，未按规定缴费。北京市朝阳区建国路八十八号"}, {"Barème", "Montant minoré, jusqu’au 12 décembre 2026 inclus, sans majoration quelconque ni frais de dossier"}}}
		by := testSigner()
		token, err := by.sign(c)
		if err != nil {
			t.Fatal(err)
		}
		paper, err := Paper(token)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(lang, len(token), len(paper))
		_ = os.WriteFile("/tmp/font-d/"+lang+".pdf", paper, 0o600)
	}
}

func BenchmarkPaper(b *testing.B) {
	token, _ := testSigner().sign(Claims{Issuer: "https://plaza.example", Number: "7KQ2-M4XD-0RTV", Title: "停车", Language: "zh"})
	for b.Loop() {
		_, _ = Paper(token)
	}
}
