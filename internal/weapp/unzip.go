package weapp

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"unicode/utf8"
)

// Unzip reads a zip archive into a map of paths, refusing whatever could leave the project or fill the memory.
// A single folder that holds everything is taken off, and the litter of desktop systems is left out.
func Unzip(archive []byte) (map[string][]byte, error) {
	if len(archive) > MaxArchiveBytes {
		return nil, ErrProjectTooLarge.With("limit", MaxArchiveBytes)
	}
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, ErrBadArchive.With("detail", err.Error())
	}
	if len(reader.File) > 2*MaxFiles { // folders have entries, too
		return nil, ErrTooManyFiles.With("limit", MaxFiles)
	}
	files, folded, total := map[string][]byte{}, map[string]bool{}, int64(0)
	for _, entry := range reader.File {
		name, err := entryName(entry)
		if err != nil {
			return nil, err
		}
		if name == "" {
			continue
		}
		// Two names that differ by case are one file on some systems: which one wins must not be luck.
		if lower := strings.ToLower(name); folded[lower] {
			return nil, ErrBadPath.With("file", name).Saying("The archive holds the file twice: %s", name)
		} else if folded[lower] = true; len(folded) > MaxFiles {
			return nil, ErrTooManyFiles.With("limit", MaxFiles)
		}
		if files[name], err = inflate(entry, name, MaxTotalBytes-total); err != nil {
			return nil, err
		}
		total += int64(len(files[name]))
	}
	if len(files) == 0 {
		return nil, ErrBadArchive.Saying("The archive holds no files.")
	}
	return withoutTop(files), nil
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
	limit := int64(MaxFileBytes)
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
