package nearby

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// An archive is one file with all tiles of a map (PMTiles, version 3). A tile's number is its place on a Hilbert curve
// through all zooms; directories tell where the tiles of a stretch of numbers lie. The file is the operator's, but it
// is read as if it were not: no number of it is believed beyond its own size.

const (
	archiveMagic  = "PMTiles"
	archiveHeader = 127
	// directoryBytes is how large a directory may be, unpacked.
	directoryBytes = 32 << 20
	// tileBytes is how large a tile may be.
	tileBytes = 2 << 20
	// directoriesKept is how many leaf directories stay read.
	directoriesKept = 64
	leafDepth       = 4
	archivesKey     = "plaza.nearby.archive"
	mapFileKey      = "plaza.nearby.mapfile"
)

var (
	errNoArchive = errors.New("there is no file maps/town.pmtiles in the data folder")
	errArchive   = errors.New("this is no PMTiles file of version 3 with pictures")
)

// UseMapFile names the .pmtiles file in place of maps/town.pmtiles in the data folder.
func UseMapFile(app core.App, path string) { app.Store().Set(mapFileKey, path) }

// archives holds the one archive of an app, opened when somebody first asks, and again when the file is another one.
type archives struct {
	path string
	mu   sync.Mutex
	last *archive
}

func archiveOf(app core.App) *archives {
	path, _ := app.Store().Get(mapFileKey).(string)
	if path == "" {
		path = filepath.Join(app.DataDir(), "maps", "town.pmtiles")
	}
	return app.Store().GetOrSet(archivesKey, func() any { return &archives{path: path} }).(*archives)
}

// found is the file's name if it is there, and why it cannot be used.
func (a *archives) found() (name, problem string) {
	if _, err := os.Stat(a.path); err != nil {
		return "", ""
	}
	if _, err := a.open(); err != nil {
		problem = err.Error()
	}
	return filepath.Base(a.path), problem
}

func (a *archives) open() (*archive, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	info, err := os.Stat(a.path)
	if err != nil {
		return nil, errNoArchive
	}
	if a.last != nil && a.last.size == info.Size() && a.last.changed.Equal(info.ModTime()) {
		return a.last, nil
	}
	file, err := os.Open(a.path)
	if err != nil {
		return nil, err
	}
	opened, err := readArchive(file, info.Size())
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	opened.changed = info.ModTime()
	// The one before stays open for who reads it now; its file goes with the garbage.
	a.last = opened
	return opened, nil
}

// archive is an opened file. It is safe for concurrent use.
type archive struct {
	file             io.ReaderAt
	size             int64
	changed          time.Time
	root             []entry
	leaves, tiles    int64 // where they begin
	packed           byte  // how directories are packed: 1 not, 2 gzip
	kind             string
	minZoom, maxZoom int
	attribution      string

	mu   sync.Mutex
	kept map[int64][]entry
}

// entry is a stretch of numbers: of tiles that are the same, or, with a run of 0, of a leaf directory.
type entry struct {
	number      uint64
	run, length uint32
	offset      int64
}

var tileKinds = map[byte]string{2: "image/png", 3: "image/jpeg", 4: "image/webp", 5: "image/avif"}

func readArchive(file io.ReaderAt, size int64) (*archive, error) {
	header := make([]byte, archiveHeader)
	if _, err := file.ReadAt(header, 0); err != nil || string(header[:7]) != archiveMagic || header[7] != 3 {
		return nil, errArchive
	}
	at := func(i int) int64 { return int64(binary.LittleEndian.Uint64(header[i:])) }
	a := &archive{
		file: file, size: size, leaves: at(40), tiles: at(56), packed: header[97], kind: tileKinds[header[99]],
		minZoom: int(header[100]), maxZoom: int(header[101]), kept: map[int64][]entry{},
	}
	if a.kind == "" || header[98] > 1 || a.maxZoom > deepestZoom || a.minZoom > a.maxZoom || a.leaves < 0 || a.tiles < 0 {
		return nil, errArchive
	}
	var err error
	if a.root, err = a.directory(at(8), at(16)); err != nil {
		return nil, err
	}
	if told, err := a.unpack(at(24), at(32)); err == nil { // without metadata there is a map all the same
		var metadata struct {
			Attribution string `json:"attribution"`
		}
		if json.Unmarshal(told, &metadata) == nil && len(metadata.Attribution) <= 1000 {
			a.attribution = metadata.Attribution
		}
	}
	return a, nil
}

// read is a part of the file.
func (a *archive) read(offset, length, most int64) ([]byte, error) {
	if offset < 0 || length <= 0 || length > most || offset > a.size-length {
		return nil, errArchive
	}
	out := make([]byte, length)
	_, err := a.file.ReadAt(out, offset)
	return out, err
}

func (a *archive) unpack(offset, length int64) ([]byte, error) {
	raw, err := a.read(offset, length, directoryBytes)
	if err != nil || a.packed == 1 {
		return raw, err
	}
	if a.packed != 2 {
		return nil, errArchive
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, errArchive
	}
	out, err := io.ReadAll(io.LimitReader(unzipped, directoryBytes+1))
	if err != nil || len(out) > directoryBytes {
		return nil, errArchive
	}
	return out, nil
}

// directory reads entries: all numbers, then all runs, lengths and offsets, each as a varint.
func (a *archive) directory(offset, length int64) ([]entry, error) {
	raw, err := a.unpack(offset, length)
	if err != nil {
		return nil, err
	}
	failed := false
	next := func() uint64 {
		value, n := binary.Uvarint(raw)
		if n <= 0 {
			failed = true
			return 0
		}
		raw = raw[n:]
		return value
	}
	count := next()
	if failed || count > uint64(len(raw)) {
		return nil, errArchive
	}
	out := make([]entry, count)
	number := uint64(0)
	for i := range out {
		number += next()
		out[i].number = number
	}
	for i := range out {
		out[i].run = uint32(next())
	}
	for i := range out {
		out[i].length = uint32(next())
	}
	for i := range out {
		value := next()
		switch {
		case value > 0:
			out[i].offset = int64(value - 1)
		case i > 0:
			out[i].offset = out[i-1].offset + int64(out[i-1].length)
		}
	}
	if failed {
		return nil, errArchive
	}
	return out, nil
}

// leaf is a directory below the root, from memory if it was read lately.
func (a *archive) leaf(offset int64, length uint32) ([]entry, error) {
	a.mu.Lock()
	kept := a.kept[offset]
	a.mu.Unlock()
	if kept != nil {
		return kept, nil
	}
	read, err := a.directory(a.leaves+offset, int64(length))
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.kept) >= directoriesKept {
		clear(a.kept)
	}
	a.kept[offset] = read
	return read, nil
}

// tile is the picture at a place, ErrNoTile where the map has none.
func (a *archive) tile(z, x, y int) ([]byte, error) {
	if z < a.minZoom || z > a.maxZoom {
		return nil, ErrNoTile
	}
	number, directory := tileNumber(z, x, y), a.root
	for range leafDepth {
		found, ok := entryOf(directory, number)
		switch {
		case !ok:
			return nil, ErrNoTile
		case found.run > 0:
			tile, err := a.read(a.tiles+found.offset, int64(found.length), tileBytes)
			if err != nil {
				return nil, fmt.Errorf("tile %d/%d/%d: %w", z, x, y, err)
			}
			return tile, nil
		}
		var err error
		if directory, err = a.leaf(found.offset, found.length); err != nil {
			return nil, fmt.Errorf("tile %d/%d/%d: %w", z, x, y, err)
		}
	}
	return nil, errArchive
}

// entryOf is the entry that a number falls into.
func entryOf(directory []entry, number uint64) (entry, bool) {
	low, high := 0, len(directory)
	for low < high {
		if middle := (low + high) / 2; directory[middle].number <= number {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low == 0 {
		return entry{}, false
	}
	found := directory[low-1]
	return found, found.run == 0 || number-found.number < uint64(found.run)
}

// tileNumber is the place of a tile on the Hilbert curve of its zoom, after all tiles of lesser zooms.
func tileNumber(z, x, y int) uint64 {
	number := (uint64(1)<<(2*uint(z)) - 1) / 3
	for side := 1 << uint(z) >> 1; side > 0; side >>= 1 {
		rx, ry := 0, 0
		if x&side > 0 {
			rx = 1
		}
		if y&side > 0 {
			ry = 1
		}
		number += uint64(side) * uint64(side) * uint64((3*rx)^ry)
		if ry == 0 {
			if rx == 1 {
				x, y = side-1-x&(side-1), side-1-y&(side-1)
			}
			x, y = y, x
		}
	}
	return number
}
