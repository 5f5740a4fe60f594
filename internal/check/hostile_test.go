package check_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/weapp"
)

// entry is a file of an archive as an attacker writes it.
type entry struct {
	name    string
	content []byte
	mode    os.FileMode
}

func archiveOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate, NonUTF8: true}
		if e.mode == 0 {
			e.mode = 0o644
		}
		header.SetMode(e.mode)
		f, err := w.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// zeros is an archive of one file of so many zeros, written without holding them.
func zeros(t testing.TB, size int64) []byte {
	t.Helper()
	// What deflating a block gives is repeated: every block begins with the state that the one before left.
	block, sum := make([]byte, 64<<20), crc32.NewIEEE()
	var deflated, chunk, out bytes.Buffer
	compressor, err := flate.NewWriter(&chunk, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	left := size
	for ; left >= int64(len(block)); left -= int64(len(block)) {
		if chunk.Len() == 0 {
			_, err = compressor.Write(block)
			if err := errors.Join(err, compressor.Flush()); err != nil {
				t.Fatal(err)
			}
		}
		deflated.Write(chunk.Bytes())
		sum.Write(block)
	}
	chunk.Reset()
	compressor.Reset(&deflated)
	_, err = compressor.Write(block[:left])
	sum.Write(block[:left])
	if err := errors.Join(err, compressor.Close()); err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(&out)
	f, err := w.CreateRaw(&zip.FileHeader{
		Name: "app.json", Method: zip.Deflate, CRC32: sum.Sum32(),
		CompressedSize64: uint64(deflated.Len()), UncompressedSize64: uint64(size),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write(deflated.Bytes())
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// manyFiles is an archive of n empty files, whose end record may claim fewer.
func manyFiles(n int, claim uint16) []byte {
	var locals, directory bytes.Buffer
	for i := range n {
		name := fmt.Sprintf("%06x", i)
		offset := uint32(locals.Len())
		local := make([]byte, 30)
		copy(local, "PK\x03\x04")
		binary.LittleEndian.PutUint16(local[26:], uint16(len(name)))
		locals.Write(local)
		locals.WriteString(name)
		head := make([]byte, 46)
		copy(head, "PK\x01\x02")
		binary.LittleEndian.PutUint16(head[28:], uint16(len(name)))
		binary.LittleEndian.PutUint32(head[42:], offset)
		directory.Write(head)
		directory.WriteString(name)
	}
	end := make([]byte, 22)
	copy(end, "PK\x05\x06")
	binary.LittleEndian.PutUint16(end[8:], claim)
	binary.LittleEndian.PutUint16(end[10:], claim)
	binary.LittleEndian.PutUint32(end[12:], uint32(directory.Len()))
	binary.LittleEndian.PutUint32(end[16:], uint32(locals.Len()))
	return append(append(locals.Bytes(), directory.Bytes()...), end...)
}

// Archives that want to leave their folder, fill the memory, or be read differently by two readers.
func TestHostileArchives(t *testing.T) {
	good := archiveOf(t, entry{name: "app.json", content: []byte("{}")})
	policy := check.Default()
	policy.Limits.PackageBytes = weapp.MaxArchiveBytes
	for name, test := range map[string]struct {
		archive []byte
		code    string
	}{
		"parent":            {archiveOf(t, entry{name: "../app.json"}), "bad_path"},
		"parent inside":     {archiveOf(t, entry{name: "a/../../app.json"}), "bad_path"},
		"absolute":          {archiveOf(t, entry{name: "/etc/passwd"}), "bad_path"},
		"drive":             {archiveOf(t, entry{name: `C:\app.json`}), "bad_path"},
		"backslash":         {archiveOf(t, entry{name: `a\b.js`}), "bad_path"},
		"not UTF-8":         {archiveOf(t, entry{name: "caf\xe9.js"}), "bad_path"},
		"control":           {archiveOf(t, entry{name: "a\x00b.js"}), "bad_path"},
		"long name":         {archiveOf(t, entry{name: strings.Repeat("a/", 300) + "a.js"}), "bad_path"},
		"link":              {archiveOf(t, entry{name: "a.js", content: []byte("/etc/passwd"), mode: 0o777 | os.ModeSymlink}), "not_a_regular_file"},
		"device":            {archiveOf(t, entry{name: "a.js", mode: 0o777 | os.ModeDevice}), "not_a_regular_file"},
		"twice":             {archiveOf(t, entry{name: "a.js"}, entry{name: "a.js"}), "bad_path"},
		"twice by case":     {archiveOf(t, entry{name: "a.js"}, entry{name: "A.js"}), "bad_path"},
		"file and folder":   {archiveOf(t, entry{name: "a"}, entry{name: "a/b.js"}), "bad_path"},
		"a million files":   {manyFiles(1_000_000, 0xffff), "package_too_large"}, // 84 MB of names
		"300,000 files":     {manyFiles(300_000, 0xffff), "too_many_files"},
		"claims ten":        {manyFiles(300_000, 10), "too_many_files"},
		"claims fewer":      {manyFiles(20, 10), "bad_archive"},
		"4 GB of zeros":     {zeros(t, 4<<30-2), "file_too_large"},
		"1 GB of zeros":     {zeros(t, 1<<30), "file_too_large"},
		"8 MB of zeros":     {archiveOf(t, entry{name: "a.png", content: make([]byte, weapp.MaxFileBytes)}), "archive_bomb"},
		"no archive":        {[]byte("hello"), "bad_archive"},
		"nothing":           {nil, "bad_archive"},
		"cut off":           {good[:len(good)-10], "bad_archive"},
		"only folders":      {archiveOf(t, entry{name: "a/", mode: 0o755 | os.ModeDir}), "bad_archive"},
		"with a tail":       {append(slices.Clone(good), "GIF89a"...), "bad_archive"},
		"in another's tail": {append([]byte("MZ"), good...), "bad_archive"},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			report, err := check.Package(t.Context(), saved(t, test.archive), "shop", policy, filepath.Join(t.TempDir(), "out"))
			if err != nil || len(report.Findings) != 1 || report.Findings[0].Code != test.code || !report.Failed() {
				t.Fatalf("got %v %+v", err, report.Findings)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func numbered(format string, n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, format, i)
	}
	return out.String()
}

// Projects that want to break the compiler. Each is told what is wrong and where, and the next package passes.
func TestHostileProjects(t *testing.T) {
	deep := func(open, end string, n int) string { return strings.Repeat(open, n) + strings.Repeat(end, n) }
	for name, test := range map[string]struct {
		files map[string][]byte
		want  string
	}{
		"WXML 10,000 deep":     {project("pages/a/a.wxml", deep("<view>\n", "</view>", 10_000)), "nested_too_deeply pages/a/a.wxml"},
		"unclosed tags":        {project("pages/a/a.wxml", strings.Repeat("<view ", 50_000)), ""},
		"parentheses":          {project("pages/a/a.wxml", "<view a=\"{{"+deep("(", ")", 50_000)+"}}\"/>"), "nested_too_deeply pages/a/a.wxml"},
		"script 100,000 deep":  {project("pages/a/a.js", deep("[", "]", 100_000)), "nested_too_deeply pages/a/a.js"},
		"functions in another": {project("pages/a/a.js", strings.Repeat("(()=>", 20_000)), "nested_too_deeply pages/a/a.js"},
		"5 MB of WXSS":         {project("pages/a/a.wxss", strings.Repeat(".a{color:red}\n", 5<<20/14)), "file_too_large pages/a/a.wxss"},
		"sheet of brackets":    {project("pages/a/a.wxss", strings.Repeat("{", 900_000)), ""},
		"sheet of sheets":      {project("pages/a/a.wxss", strings.Repeat("@import 'b.wxss';", 10_000), "pages/a/b.wxss", strings.Repeat("@import 'a.wxss';", 10_000)), "too_many_imports"},
		"JSON 100,000 deep":    {project("pages/a/a.json", deep("[", "]", 100_000)), "bad_json pages/a/a.json"},
		"JSON of brackets":     {project("app.json", deep(`{"pages":`, "}", 5_000)), "app.json"},
		"not UTF-8":            {project("pages/a/a.wxml", "<view>\xff\xfe</view>"), "not_utf8 pages/a/a.wxml"},
		"garbage":              {project("pages/a/a.wxml", "\x01\x02<<<>>>{{{{}}}}<!--"), ""},
		"50,000 elements":      {project("pages/a/a.wxml", strings.Repeat("<view>{{a}}</view>\n", 50_000)), "too_many_elements pages/a/a.wxml:5001"},
		"50,000 modules":       {project("pages/a/a.js", numbered("require('m%d');\n", 50_000)), ""},
		"100,000 pages":        {project("app.json", `{"pages":["pages/a/a"`+numbered(`,"p%d"`, 100_000)+`]}`), "missing_page app.json"},
		"20,000 components":    {project("app.json", `{"pages":["pages/a/a"],"usingComponents":{"own":"own"`+numbered(`,"t%d":"own"`, 20_000)+`}}`, "own.wxml", "<view/>"), ""},
		"modules of urls":      {project("pages/a/a.js", numbered("a('https://h%d.example.com/a.js');\n", 20_000)), ""},
		"regexp of secrets":    {project("pages/a/a.js", "const secret = '"+strings.Repeat("aA1", 300_000)+"'"), ""},
		"names of secrets":     {project("pages/a/a.js", strings.Repeat("secret", 150_000)), ""},
		"quotes":               {project("pages/a/a.js", strings.Repeat("`${", 100_000)), "pages/a/a.js"},
		"slashes":              {project("pages/a/a.js", strings.Repeat("=/", 400_000)), "pages/a/a.js"},
		"attributes":           {project("a.svg", "<svg "+strings.Repeat("onload=1 ", 100_000)+">"), "svg_script a.svg"},
		"a manifest of names":  {project("manifest.json", `{"app_id":"shop","name":"S","x_plaza":{"names":{`+strings.Repeat(`"x":"y",`, 7_000)+`"en":"S"}}}`), "manifest.json"},
		"a huge manifest":      {project("manifest.json", strings.Repeat(" ", 70_000)+"{}"), "manifest_too_large manifest.json"},
		"a thousand mistakes":  {project("pages/a/a.js", strings.Repeat("import('https://x.example.com/a');\n", 20_000)), "remote_code pages/a/a.js"},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			report, err := check.Package(t.Context(), packed(t, test.files), "shop", check.Default(), "")
			if err != nil {
				t.Fatalf("%v after %v", err, time.Since(began))
			}
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("took %v", took)
			}
			if all := strings.Join(told(report), "\n"); test.want != "" && (!report.Failed() || !strings.Contains(all, test.want)) {
				t.Errorf("got %.500s", all)
			}
			if len(report.Findings) > weapp.MaxFindings+1 {
				t.Errorf("%d findings", len(report.Findings))
			}
			if next := checked(t, project()); next.Failed() {
				t.Errorf("the next package: %+v", next.Findings)
			}
		})
	}
}

// A report stays small enough for its row, however long the names are that an author thinks of.
func TestTheReportIsBounded(t *testing.T) {
	files := project()
	for i := range 4_000 {
		files[fmt.Sprintf("%s%d.png", strings.Repeat("<&>", 150), i)] = []byte("no picture")
	}
	report := checked(t, files)
	if !report.Failed() && len(report.Findings) < 50 {
		t.Fatalf("%d findings", len(report.Findings))
	}
	for _, f := range report.Findings {
		if len(f.Message) > 310 || len(f.File) > weapp.MaxPathBytes {
			t.Fatalf("%d bytes of message", len(f.Message))
		}
	}
}

// More packages than workers wait for their turn, and one that goes away gives its turn back.
func TestPackagesWaitForTheirTurn(t *testing.T) {
	path := packed(t, project())
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if report, err := check.Package(t.Context(), path, "shop", check.Default(), ""); err != nil || report.Failed() {
				t.Errorf("%v %+v", err, report.Findings)
			}
		})
	}
	gone, cancel := context.WithCancel(t.Context())
	for range 20 {
		all.Go(func() {
			if _, err := check.Package(gone, path, "shop", check.Default(), ""); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	cancel()
	all.Wait()
	if report := checked(t, project()); report.Failed() {
		t.Errorf("%+v", report.Findings)
	}
}

// What a worker may not write is an error of the machine, not of the package, and leaves the next one alone.
func TestABundleThatCannotBeWritten(t *testing.T) {
	_, err := check.Package(t.Context(), packed(t, project()), "shop", check.Default(), filepath.Join(t.TempDir(), "no", "folder"))
	if err == nil || errors.Is(err, check.ErrFailed) {
		t.Fatalf("got %v", err)
	}
	if _, err := check.Package(t.Context(), filepath.Join(t.TempDir(), "none.zip"), "shop", check.Default(), ""); err == nil {
		t.Fatal("a package that is not there")
	}
	if report := checked(t, project()); report.Failed() {
		t.Errorf("%+v", report.Findings)
	}
}
