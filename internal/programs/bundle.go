package programs

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"mime"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"plaza.internal/plaza/internal/weapp"
)

// A version's folder, pb_data/programs/<package>/, holds the uploaded zip and what was compiled from it. Both
// are single files, so that one hash vouches for everything in them.
const (
	packageFile = "package.zip"
	bundleFile  = "bundle.zip"

	scriptName    = "app.js"
	configName    = "config.json"
	functionsName = "functions.json"
	resourcePath  = "res/"

	unfinished = ".new-*" // a version's folder before it has its name
)

// Bundle is a compiled version in memory, every byte of it verified.
type Bundle struct {
	Config    json.RawMessage
	Script    File
	Resources map[string]File // by the path below res/
	Functions map[string]map[string]string
	size      int64
}

// File is something a frame loads.
type File struct {
	Bytes []byte
	Gzip  []byte // nil when compression does not pay
	Type  string
}

// gzipFrom is the size from which a text file is kept compressed too.
const gzipFrom = 1 << 10

// pack is the one file that holds a compiled bundle. The same bundle always gives the same bytes.
func pack(bundle *weapp.Bundle) ([]byte, error) {
	functions, err := json.Marshal(bundle.Functions) // maps are written in the order of their keys
	if err != nil {
		return nil, err
	}
	contents := map[string][]byte{scriptName: bundle.Script, configName: bundle.Config, functionsName: functions}
	for name, content := range bundle.Resources {
		contents[resourcePath+strings.TrimPrefix(name, resourcePath)] = content
	}
	return archive(contents)
}

// archive zips the files in the order of their names, without times: the same files give the same bytes.
func archive(contents map[string][]byte) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		entry, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err != nil {
			return nil, err
		}
		if _, err := entry.Write(contents[name]); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// store puts a version's two files into its folder, which appears whole or not at all. The caller holds the
// upload lock and has made sure that no version names this package yet, so a folder that is there already was
// left by an upload that did not finish, and nothing runs from it.
func store(root, pkg string, packed, bundle []byte) error {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return err
	}
	if abandoned, err := filepath.Glob(filepath.Join(root, unfinished)); err == nil {
		for _, folder := range abandoned { // of a process that was killed; ours does not exist yet
			_ = os.RemoveAll(folder)
		}
	}
	temporary, err := os.MkdirTemp(root, unfinished)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temporary) }() // gone already, unless something failed
	if err := errors.Join(
		writeDurably(filepath.Join(temporary, packageFile), packed),
		writeDurably(filepath.Join(temporary, bundleFile), bundle),
		syncFolder(temporary),
	); err != nil {
		return err
	}
	folder := filepath.Join(root, pkg)
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.Rename(temporary, folder); err != nil {
		return err
	}
	return syncFolder(root)
}

func writeDurably(name string, content []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}

func syncFolder(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// open reads a version's bundle and compares it with the hash that the database holds. Anything else than
// exactly those bytes is ErrAltered.
func open(root, pkg, hash string) (*Bundle, error) {
	compiled, err := os.ReadFile(filepath.Join(root, pkg, bundleFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrAltered.With("package", pkg)
	}
	if err != nil {
		return nil, fmt.Errorf("open package %s: %w", pkg, err)
	}
	if digest(compiled) != hash {
		return nil, ErrAltered.With("package", pkg)
	}
	bundle, err := unpack(compiled)
	if err != nil {
		return nil, fmt.Errorf("unpack bundle of %s: %w", pkg, err)
	}
	return bundle, nil
}

func unpack(compiled []byte) (*Bundle, error) {
	archive, err := zip.NewReader(bytes.NewReader(compiled), int64(len(compiled)))
	if err != nil {
		return nil, err
	}
	bundle := &Bundle{Resources: map[string]File{}}
	for _, entry := range archive.File {
		content, err := readEntry(entry)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Name, err)
		}
		bundle.size += int64(len(content))
		switch entry.Name {
		case scriptName:
			bundle.Script = newFile(scriptName, content)
		case configName:
			bundle.Config = content
		case functionsName:
			if err := json.Unmarshal(content, &bundle.Functions); err != nil {
				return nil, err
			}
		default:
			name := strings.TrimPrefix(entry.Name, resourcePath)
			bundle.Resources[name] = newFile(name, content)
		}
	}
	if bundle.Script.Bytes == nil || bundle.Config == nil {
		return nil, errors.New("the bundle has no script or no config")
	}
	return bundle, nil
}

func readEntry(entry *zip.File) ([]byte, error) {
	r, err := entry.Open()
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(r)
	return content, errors.Join(err, r.Close())
}

func newFile(name string, content []byte) File {
	file := File{Bytes: content, Type: contentType(name)}
	if len(content) >= gzipFrom && (strings.HasPrefix(file.Type, "text/") || strings.Contains(file.Type, "svg") || strings.Contains(file.Type, "json")) {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		_, err := w.Write(content)
		if errors.Join(err, w.Close()) == nil && out.Len() < len(content) {
			file.Gzip = out.Bytes()
		}
	}
	return file
}

// contentType is by our own list first, so that it does not depend on the machine's. What a document could be
// is never sent as one: the sandbox of the frame does not cover a resource opened by itself.
func contentType(name string) string {
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".json":
		return "application/json"
	case ".svg":
		return "image/svg+xml"
	case ".png", ".gif", ".webp", ".avif", ".bmp":
		return "image/" + ext[1:]
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".woff", ".woff2", ".ttf", ".otf":
		return "font/" + ext[1:]
	case ".mp3":
		return "audio/mpeg"
	case ".wav", ".ogg", ".aac":
		return "audio/" + ext[1:]
	case ".mp4", ".webm":
		return "video/" + ext[1:]
	case ".txt", ".csv", ".md":
		return "text/plain; charset=utf-8"
	default:
		if kind := mime.TypeByExtension(ext); strings.HasPrefix(kind, "image/") || strings.HasPrefix(kind, "audio/") || strings.HasPrefix(kind, "video/") {
			return kind
		}
		return "application/octet-stream"
	}
}
