package miniprograms_test

import (
	"context"
	"io/fs"
	"testing"

	miniprograms "plaza.internal/plaza/mini_programs"

	"plaza.internal/plaza/internal/weapp"
)

// What ships compiles without a single finding: it is the example that creators copy.
func TestFirstPartyProgramsAreClean(t *testing.T) {
	folders, err := fs.ReadDir(miniprograms.Files, ".")
	if err != nil {
		t.Fatal(err)
	}
	programs := 0
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		programs++
		bundle, err := weapp.Compile(context.Background(), read(t, folder.Name()))
		if err != nil {
			t.Errorf("%s: %v", folder.Name(), err)
			continue
		}
		for _, finding := range bundle.Findings {
			t.Errorf("%s/%s:%d:%d: %s: %s", folder.Name(), finding.File, finding.Line, finding.Column, finding.Code, finding.Message)
		}
	}
	if programs == 0 {
		t.Error("there is no first-party program")
	}
}

func read(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	root, err := fs.Sub(miniprograms.Files, folder)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	err = fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[path], err = fs.ReadFile(root, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
