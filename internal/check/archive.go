package check

import (
	"archive/zip"
	"bytes"
	"io"
	"maps"
	"slices"
)

// Archive zips the files in the order of their names, without times: the same files give the same bytes.
func Archive(contents map[string][]byte) ([]byte, error) {
	var out bytes.Buffer
	if err := writeArchive(&out, contents); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func writeArchive(out io.Writer, contents map[string][]byte) error {
	w := zip.NewWriter(out)
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		entry, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err != nil {
			return err
		}
		if _, err := entry.Write(contents[name]); err != nil {
			return err
		}
	}
	return w.Close()
}
