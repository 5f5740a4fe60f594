package receipts

// words are what the paper says of itself, in its language.
type words struct {
	receipt, demo, paid, stated, paidAt, issuedAt, reference, check, how string
}

// wordsOf is the words of one of the languages that receipts have.
func wordsOf(language string) words {
	switch language {
	case "fr":
		return words{
			receipt: "Reçu", demo: "DÉMONSTRATION – ce reçu ne prouve aucun paiement réel",
			paid: "Payé", stated: "Montant déclaré", paidAt: "Payé le", issuedAt: "Établi le", reference: "Référence",
			check: "Vérifier ce reçu",
			how:   "Scannez ce code : la page affiche ce qui a été signé et dit si le reçu est authentique, même sans connexion. Comparez-le avec ce papier.",
		}
	case "zh":
		return words{
			receipt: "收据", demo: "演示 – 本收据不证明任何真实付款",
			paid: "已付", stated: "声明金额", paidAt: "付款时间", issuedAt: "开具时间", reference: "参考号",
			check: "核验本收据",
			how:   "扫描此码：页面会显示签名的内容，并说明收据是否真实，离线也可以。请与本纸核对。",
		}
	}
	return words{
		receipt: "Receipt", demo: "DEMO – this receipt proves no real payment",
		paid: "Paid", stated: "Amount stated", paidAt: "Paid on", issuedAt: "Issued on", reference: "Reference",
		check: "Check this receipt",
		how:   "Scan this code: the page shows what was signed and says whether the receipt is genuine, also offline. Compare it with this paper.",
	}
}
