package check

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The largest package that there may be passes within a worker's memory.
func TestTheLargestPackage(t *testing.T) {
	random := rand.NewChaCha8([32]byte{})
	files := map[string][]byte{
		"manifest.json":  []byte(`{"app_id":"shop","name":"Shop"}`),
		"app.json":       []byte(`{"pages":["pages/a/a"]}`),
		"pages/a/a.wxml": []byte(`<view/>`),
	}
	for i := range 18 { // 18 MB that do not pack, 45 MB that do
		noise := make([]byte, 1<<20)
		_, _ = random.Read(noise)
		files["noise/"+strings.Repeat("a", i+1)+".bin"] = noise
	}
	for i := range 45 {
		files["text/"+strings.Repeat("b", i+1)+".json"] = []byte(`["` + strings.Repeat("lorem ipsum dolor sit amet, ", 37_000) + `"]`)
	}
	archive, err := Archive(files)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "package.zip")
	if err := os.WriteFile(path, archive, 0o600); err != nil {
		t.Fatal(err)
	}
	policy := Default()
	policy.Limits.MainBytes = policy.Limits.TotalBytes
	began := time.Now()
	report, err := Package(t.Context(), path, "shop", policy, filepath.Join(t.TempDir(), "bundle.zip"))
	if err != nil || report.Failed() {
		t.Fatalf("%v %+v", err, report.Findings)
	}
	t.Logf("%d bytes, unpacked %d, bundle %d, %v", report.Sizes.Package, report.Sizes.Total, report.BundleSize, time.Since(began))
}
