package receipts

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
)

// signerFrom is a signer whose seed is that byte throughout.
func signerFrom(seed byte) signer {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	return signer{private: private, keyID: keyIDOf(private.Public().(ed25519.PublicKey))}
}

func keysOf(signers ...signer) map[string]ed25519.PublicKey {
	keys := map[string]ed25519.PublicKey{}
	for _, s := range signers {
		keys[s.keyID] = s.private.Public().(ed25519.PublicKey)
	}
	return keys
}

var sample = Claims{
	Issuer: "https://plaza.example", Number: "7KQ2-M4XD-0RTV", AppID: "city", Program: "City", Org: "Parking agency", Certified: true,
	Reference: "n-1", Title: "Stationnement – 停车", Lines: [][2]string{{"Immatriculation", "AB-123-CD"}}, Amount: 3500, Currency: "EUR",
	Paid: 1_790_000_000, IssuedAt: 1_790_000_100, Zone: "Europe/Paris", Language: "fr", Demo: true,
}

func tokenOf(t testing.TB, by signer, claims Claims) string {
	t.Helper()
	token, err := by.sign(claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// What was signed comes out as it went in, with the right key and no other.
func TestATokenSaysWhatWasSigned(t *testing.T) {
	by, other := signerFrom(1), signerFrom(2)
	token := tokenOf(t, by, sample)
	got, err := verify(token, keysOf(other, by))
	if err != nil || got.Title != sample.Title || got.Lines[0] != sample.Lines[0] || got.Paid != sample.Paid {
		t.Fatalf("%+v %v", got, err)
	}
	if _, err := verify(token, keysOf(other)); !errors.Is(err, errUnknownKey) {
		t.Errorf("with another key: %v", err)
	}
	if _, err := verify(token, map[string]ed25519.PublicKey{by.keyID: other.private.Public().(ed25519.PublicKey)}); !errors.Is(err, errAltered) {
		t.Errorf("with another key under its name: %v", err)
	}
}

// Changed in one bit, cut, lengthened, signed by another under our key's name, or of another algorithm: none passes.
func TestForgedTokensAreRefused(t *testing.T) {
	by, forger := signerFrom(1), signerFrom(2)
	token := tokenOf(t, by, sample)
	for at := range token {
		for bit := range 6 {
			changed := []byte(token)
			changed[at] ^= 1 << bit
			if _, err := verify(string(changed), keysOf(by)); err == nil {
				t.Fatalf("accepted with byte %d changed to %q", at, changed[at])
			}
		}
	}
	parts := strings.Split(token, ".")
	raw := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	forger.keyID = by.keyID
	for name, wrong := range map[string]string{
		"another signer": tokenOf(t, forger, sample), "no algorithm": raw(`{"alg":"none","kid":"`+by.keyID+`"}`) + "." + parts[1] + ".",
		"a shared secret": raw(`{"alg":"HS256","kid":"`+by.keyID+`"}`) + "." + parts[1] + "." + parts[2],
		"no signature":    parts[0] + "." + parts[1] + ".", "two parts": parts[0] + "." + parts[1], "four parts": token + ".x",
		"a line break": token + "\n", "padding": token + "=", "another's claims": parts[0] + "." + raw(`{"num":"X"}`) + "." + parts[2], "nothing": "",
		"too long": token + strings.Repeat("A", AddressLimit),
	} {
		if _, err := verify(wrong, keysOf(by)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// The browser's tests read what this test keeps: both sides are tried on one receipt.
func TestTheKeptReceiptIsWhatIsSignedNow(t *testing.T) {
	const name = "testdata/receipt.json"
	by := signerFrom(1)
	want, err := json.MarshalIndent(map[string]any{"token": tokenOf(t, by, sample), "keys": []map[string]string{{"kid": by.keyID, "x": by.publicText()}}}, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if os.Getenv("UPDATE_RECEIPT") != "" {
		if err := os.WriteFile(name, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s differs from what is signed now (%v); run with UPDATE_RECEIPT=1", name, err)
	}
}

// Nothing that is fed to the parser breaks it, and what passes is a token that our key signed.
func FuzzVerify(f *testing.F) {
	by := signerFrom(1)
	token := tokenOf(f, by, sample)
	for _, seed := range []string{token, "", "..", token[:len(token)-1], strings.ReplaceAll(token, "A", "B"), token + "\n", "e30.e30.e30"} {
		f.Add(seed)
	}
	keys := keysOf(by)
	f.Fuzz(func(t *testing.T, text string) {
		claims, err := verify(text, keys)
		if err != nil {
			if claims.Number != "" {
				t.Errorf("refused %q and told %+v", text, claims)
			}
			return
		}
		parts := strings.Split(text, ".")
		signature, _ := base64.RawURLEncoding.DecodeString(parts[2])
		if !ed25519.Verify(keys[by.keyID], []byte(parts[0]+"."+parts[1]), signature) {
			t.Errorf("accepted %q", text)
		}
	})
}
