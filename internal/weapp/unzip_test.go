package weapp

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"plaza.internal/plaza/internal/refusal"
)

// archive zips names and contents, in order; a name that ends in @ is a symbolic link.
func archive(t *testing.T, entries ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i < len(entries); i += 2 {
		header := &zip.FileHeader{Name: strings.TrimSuffix(entries[i], "@"), Method: zip.Deflate, NonUTF8: true}
		header.SetMode(0o644)
		if strings.HasSuffix(entries[i], "@") {
			header.SetMode(0o777 | 1<<27) // fs.ModeSymlink
		}
		if strings.HasSuffix(entries[i], "/") {
			header.SetMode(0o755 | 1<<31) // fs.ModeDir
		}
		f, err := w.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(entries[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What an author zips: a folder or its content, with what the desktop adds.
func TestUnzip(t *testing.T) {
	for name, entries := range map[string][]string{
		"plain":     {"app.json", "{}", "pages/", "", "pages/a/a.js", "1"},
		"in folder": {"shop/", "", "shop/app.json", "{}", "shop/pages/a/a.js", "1", "__MACOSX/shop/._app.json", "x", "shop/.DS_Store", "x", "shop/.git/config", "x"},
		"store":     {"app.json", "{}", "pages/a/a.js", "1"},
	} {
		files, err := Unzip(archive(t, entries...))
		if err != nil || !slices.Equal(slices.Sorted(maps.Keys(files)), []string{"app.json", "pages/a/a.js"}) || string(files["app.json"]) != "{}" {
			t.Errorf("%s: %v, %v", name, slices.Collect(maps.Keys(files)), err)
		}
	}
}

// An archive whose directory and end record say different things is refused before entries are read.
func TestUnzipCountsBeforeItReads(t *testing.T) {
	honest := archive(t, "app.json", "{}", "a.js", "1")
	end := len(honest) - endRecord
	forged := func(change func(b []byte) []byte) []byte { return change(bytes.Clone(honest)) }
	many := append([]byte{}, honest[:end]...)
	directory := bytes.Index(honest, []byte(entrySignature))
	entry := honest[directory : directory+directoryEntry+len("app.json")]
	for range 300_000 {
		many = append(many, entry...)
	}
	many = append(many, honest[end:]...)
	binary.LittleEndian.PutUint32(many[len(many)-endRecord+12:], uint32(len(many)-endRecord-directory))
	for name, test := range map[string]struct {
		archive []byte
		want    *refusal.Refusal
	}{
		"claims fewer": {forged(func(b []byte) []byte { b[end+10] = 1; return b }), ErrBadArchive},
		"claims more":  {forged(func(b []byte) []byte { b[end+10] = 3; return b }), ErrBadArchive},
		"claims many":  {forged(func(b []byte) []byte { b[end+10], b[end+11] = 0xff, 0xff; return b }), ErrTooManyFiles},
		"holds many":   {many, ErrTooManyFiles},
		"moved":        {forged(func(b []byte) []byte { b[end+16]++; return b }), ErrBadArchive},
		"prefixed":     {append([]byte("#!/bin/sh\n"), honest...), ErrBadArchive},
		"zip64 locator": {forged(func(b []byte) []byte {
			return slices.Insert(b, end, append([]byte(locatorSignature), make([]byte, 16)...)...)
		}), ErrBadArchive},
		"cut":          {honest[:len(honest)-1], ErrBadArchive},
		"empty":        {nil, ErrBadArchive},
		"file, folder": {archive(t, "a", "1", "a/b", "2"), ErrBadPath},
		"folder, file": {archive(t, "a/b", "2", "A", "1"), ErrBadPath},
		"Kelvin":       {archive(t, "k.js", "2", "\u212a.js", "1"), ErrBadPath},
	} {
		if _, err := Unzip(test.archive); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	before := testing.AllocsPerRun(1, func() { _, _ = Unzip(many) })
	if before > 100 {
		t.Errorf("%v allocations for an archive that is refused by its number", before)
	}
}

func TestUnzipRefuses(t *testing.T) {
	many := []string{}
	for i := range MaxFiles + 1 {
		many = append(many, fmt.Sprint("f", i), "")
	}
	var bombs []string
	for i := range 20 {
		bombs = append(bombs, fmt.Sprint(i), strings.Repeat("ab", 1<<21))
	}
	large := []string{}
	noise := make([]byte, 4<<20)
	for i, state := 0, uint32(1); i < len(noise); i++ {
		state = state*1664525 + 1013904223
		noise[i] = byte(state >> 28) // four bits of eight: packs to about a half
	}
	for i := range 17 {
		large = append(large, fmt.Sprint(i), string(noise[i:]))
	}
	good := archive(t, "app.json", "{}")
	for name, c := range map[string]struct {
		zip  []byte
		want *refusal.Refusal
	}{
		"nothing":           {nil, ErrBadArchive},
		"noise":             {[]byte("PK\x03\x04 no zip at all"), ErrBadArchive},
		"cut":               {good[:len(good)/2], ErrBadArchive},
		"empty":             {archive(t), ErrBadArchive},
		"climbs":            {archive(t, "../app.json", "{}"), ErrBadPath},
		"climbs inside":     {archive(t, "a/../../app.json", "{}"), ErrBadPath},
		"dot":               {archive(t, "./app.json", "{}"), ErrBadPath},
		"absolute":          {archive(t, "/etc/passwd", "x"), ErrBadPath},
		"drive":             {archive(t, "C:/x", "x"), ErrBadPath},
		"backslash":         {archive(t, `a\..\b`, "x"), ErrBadPath},
		"climbing folder":   {archive(t, "../a/", ""), ErrBadPath},
		"twice":             {archive(t, "a.js", "1", "a.js", "2"), ErrBadPath},
		"twice but by case": {archive(t, "a.js", "1", "A.js", "2"), ErrBadPath},
		"not utf-8":         {archive(t, "\xff\xfe.js", "1"), ErrBadPath},
		"control character": {archive(t, "a\nb.js", "1"), ErrBadPath},
		"link":              {archive(t, "x@", "/etc/passwd"), ErrNotRegular},
		"too many":          {archive(t, many...), ErrTooManyFiles},
		"bomb":              {archive(t, bombs...), ErrArchiveBomb},
		"one large file":    {archive(t, "x", strings.Repeat("a", MaxFileBytes+1)), ErrFileTooLarge},
		"large in total":    {archive(t, large...), ErrProjectTooLarge},
		"large archive":     {make([]byte, MaxArchiveBytes+1), ErrProjectTooLarge},
	} {
		if files, err := Unzip(c.zip); !errors.Is(err, c.want) || files != nil {
			t.Errorf("%s: got %v with %d files, want %v", name, err, len(files), c.want)
		}
	}
}

// The sizes in an archive are claims: a file that says 10 bytes and gives more is caught.
func TestUnzipDoesNotBelieveSizes(t *testing.T) {
	packed := archive(t, "a.txt", strings.Repeat("a", 1<<20))
	lying := bytes.ReplaceAll(packed, []byte{0, 0, 16, 0}, []byte{10, 0, 0, 0})
	if bytes.Equal(packed, lying) {
		t.Fatal("the size was not found")
	}
	if files, err := Unzip(lying); err == nil {
		t.Errorf("unpacked %d bytes", len(files["a.txt"]))
	}
}
