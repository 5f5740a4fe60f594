package weapp

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Unzip reads a zip archive into a map of paths; see UnzipFrom.
func Unzip(archive []byte) (map[string][]byte, error) {
	return UnzipFrom(bytes.NewReader(archive), int64(len(archive)))
}

// UnzipFrom reads a zip archive of size bytes into a map of paths, refusing whatever could leave the project or
// fill the memory. A single folder that holds everything is taken off, and the litter of desktop systems is
// left out.
func UnzipFrom(archive io.ReaderAt, size int64) (map[string][]byte, error) {
	if size > MaxArchiveBytes {
		return nil, ErrProjectTooLarge.With("limit", MaxArchiveBytes)
	}
	if err := measure(archive, size); err != nil {
		return nil, err
	}
	reader, err := zip.NewReader(archive, size)
	if err != nil {
		return nil, ErrBadArchive.With("detail", err.Error())
	}
	u := unpacking{files: map[string][]byte{}, folded: map[string]bool{}, folders: map[string]bool{}}
	for _, entry := range reader.File {
		if err := u.add(entry); err != nil {
			return nil, err
		}
	}
	if len(u.files) == 0 {
		return nil, ErrBadArchive.Saying("The archive holds no files.")
	}
	return withoutTop(u.files), nil
}

// unpacking is an archive as far as it was read.
type unpacking struct {
	files   map[string][]byte
	folded  map[string]bool // names without case
	folders map[string]bool // folders that files are in, without case
	total   int64
}

func (u *unpacking) add(entry *zip.File) error {
	name, err := entryName(entry)
	if err != nil || name == "" {
		return err
	}
	// Two names that differ by case are one file on some systems, and so are a file and a folder of one name:
	// which one wins must not be luck.
	key := fold(name)
	if u.folded[key] || u.folders[key] {
		return ErrBadPath.With("file", name).Saying("The archive holds the file twice: %s", name)
	}
	u.folded[key] = true
	if len(u.folded) > MaxFiles {
		return ErrTooManyFiles.With("limit", MaxFiles)
	}
	for i, c := range key {
		if c != '/' {
			continue
		}
		if u.folded[key[:i]] {
			return ErrBadPath.With("file", name).Saying("The archive holds the file twice, once as a folder: %s", name)
		}
		u.folders[key[:i]] = true
	}
	if u.files[name], err = inflate(entry, name, MaxTotalBytes-u.total); err != nil {
		return err
	}
	u.total += int64(len(u.files[name]))
	return nil
}

// fold is a name as systems compare it that do not tell case.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, name)
}

// The parts of a zip that measure reads. A directory entry has at least 46 bytes; the end record has 22 and
// may have a comment behind it.
const (
	directoryEntry = 46
	endRecord      = 22
	maxComment     = 1<<16 - 1
	maxEntries     = 2 * MaxFiles // folders have entries, too
	entrySignature = "PK\x01\x02"
	endSignature   = "PK\x05\x06"
	// The locator of a second, larger end record; it has 20 bytes and stands before the first.
	locatorSignature = "PK\x06\x07"
	locatorLength    = 20
)

// measure walks over the archive's directory and counts its entries before anything is allocated for them:
// the number that the archive claims is only a claim, and a million empty files need few bytes.
func measure(archive io.ReaderAt, size int64) error {
	tail := make([]byte, min(size, endRecord+maxComment))
	if _, err := archive.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return ErrBadArchive.With("detail", err.Error())
	}
	at := bytes.LastIndex(tail, []byte(endSignature))
	if at < 0 || len(tail)-at < endRecord {
		return ErrBadArchive.With("detail", "there is no end of the directory")
	}
	end := tail[at:]
	claimed := int(binary.LittleEndian.Uint16(end[10:]))
	length, offset := int64(binary.LittleEndian.Uint32(end[12:])), int64(binary.LittleEndian.Uint32(end[16:]))
	switch {
	case claimed > maxEntries:
		return ErrTooManyFiles.With("limit", MaxFiles)
	case at >= locatorLength && bytes.HasPrefix(tail[at-locatorLength:], []byte(locatorSignature)):
		return ErrBadArchive.With("detail", "zip64 is for archives that are too large here")
	case offset+length != size-int64(len(tail)-at), len(end)-endRecord != int(binary.LittleEndian.Uint16(end[20:])):
		// Something stands before the archive or behind its directory: readers differ in what they make of it.
		return ErrBadArchive.With("detail", "the directory is not where the archive says")
	}
	found, err := countEntries(io.NewSectionReader(archive, offset, length))
	switch {
	case err != nil:
		return ErrBadArchive.With("detail", err.Error())
	case found > maxEntries:
		return ErrTooManyFiles.With("limit", MaxFiles)
	case found != claimed:
		return ErrBadArchive.With("detail", "the directory does not hold the files that it claims")
	}
	return nil
}

// countEntries counts the entries of a directory, up to one more than there may be.
func countEntries(directory io.Reader) (int, error) {
	in := bufio.NewReaderSize(directory, 4<<10)
	var head [directoryEntry]byte
	for n := 0; ; n++ {
		_, err := io.ReadFull(in, head[:])
		if errors.Is(err, io.EOF) || n > maxEntries {
			return n, nil
		}
		if err != nil || string(head[:4]) != entrySignature {
			return 0, errors.New("the directory holds something else than files")
		}
		more := 0
		for _, field := range []int{28, 30, 32} { // name, extra, comment
			more += int(binary.LittleEndian.Uint16(head[field:]))
		}
		if _, err := in.Discard(more); err != nil {
			return 0, errors.New("the directory is cut off")
		}
	}
}

// entryName is the path of an entry, or nothing for what is left out.
func entryName(entry *zip.File) (string, error) {
	name := entry.Name
	if !utf8.ValidString(name) {
		return "", ErrBadPath.With("file", strings.ToValidUTF8(name, "?")).Saying("A file name is not UTF-8.")
	}
	mode := entry.Mode()
	if mode.IsDir() {
		if !safePath(strings.TrimSuffix(name, "/")) {
			return "", ErrBadPath.With("file", name)
		}
		return "", nil
	}
	if !mode.IsRegular() {
		return "", ErrNotRegular.With("file", name)
	}
	if !safePath(name) {
		return "", ErrBadPath.With("file", name)
	}
	last := name[strings.LastIndexByte(name, '/')+1:]
	if strings.HasPrefix(name, "__MACOSX/") || last == ".DS_Store" || last == "Thumbs.db" ||
		strings.HasPrefix(name, ".git/") || strings.Contains(name, "/.git/") {
		return "", nil
	}
	return name, nil
}

// inflate unpacks one entry, at most left bytes. The sizes in the archive are only claims, so what counts is
// what really comes out.
func inflate(entry *zip.File, name string, left int64) ([]byte, error) {
	limit := int64(limitOf(name))
	if entry.UncompressedSize64 > uint64(limit) {
		return nil, ErrFileTooLarge.With("file", name).With("limit", limit)
	}
	if ratio := int64(entry.CompressedSize64)*MaxInflation + inflationLenient; limit > ratio {
		limit = ratio
	}
	limit = min(limit, left)
	unpacked, err := entry.Open()
	if err != nil {
		return nil, ErrBadArchive.With("file", name).With("detail", err.Error())
	}
	defer func() { _ = unpacked.Close() }() // reading is all that was done: nothing can be lost
	content, err := io.ReadAll(io.LimitReader(unpacked, limit+1))
	switch {
	case int64(len(content)) > limit && limit == left:
		return nil, ErrProjectTooLarge.With("limit", MaxTotalBytes)
	case int64(len(content)) > limit:
		return nil, ErrArchiveBomb.With("file", name)
	case err != nil:
		return nil, ErrBadArchive.With("file", name).With("detail", err.Error())
	}
	return content, nil
}

// withoutTop takes off the one folder that holds all files, which is what zipping a folder adds.
func withoutTop(files map[string][]byte) map[string][]byte {
	top := ""
	for name := range files {
		first, _, nested := strings.Cut(name, "/")
		if !nested || top != "" && first != top {
			return files
		}
		top = first
	}
	out := make(map[string][]byte, len(files))
	for name, content := range files {
		out[strings.TrimPrefix(name, top+"/")] = content
	}
	// "cloudfunctions/…" alone is a project without pages, not a project in a folder of that name.
	if top+"/" == defaultFunctionRoot || top == "pages" {
		return files
	}
	return out
}
