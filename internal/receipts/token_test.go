package receipts

import "crypto/ed25519"

func testSigner() signer {
	private := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	return signer{private: private, keyID: keyIDOf(private.Public().(ed25519.PublicKey))}
}
