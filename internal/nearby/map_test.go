package nearby

import (
	"bytes"
	"crypto/x509"
	"encoding/binary"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"plaza.internal/plaza/internal/proxy"
)

// The first tiles of the Hilbert curve, as the format's description numbers them.
func TestTileNumbers(t *testing.T) {
	for want, at := range [][3]int{{0, 0, 0}, {1, 0, 0}, {1, 0, 1}, {1, 1, 1}, {1, 1, 0}, {2, 0, 0}} {
		if got := tileNumber(at[0], at[1], at[2]); got != uint64(want) {
			t.Errorf("%v is %d, want %d", at, got, want)
		}
	}
	if got := tileNumber(12, 3423, 1763); got != 19078479 {
		t.Errorf("12/3423/1763 is %d", got)
	}
}

// archiveFile is a .pmtiles with the tile 1/0/1 in a leaf directory and 0/0/0 in the root.
func archiveFile(picture []byte) []byte {
	directory := func(entries ...[4]uint64) []byte {
		out := binary.AppendUvarint(nil, uint64(len(entries)))
		last := uint64(0)
		for _, e := range entries {
			out, last = binary.AppendUvarint(out, e[0]-last), e[0]
		}
		for column := 1; column < 4; column++ {
			for _, e := range entries {
				value := e[column]
				if column == 3 {
					value++
				}
				out = binary.AppendUvarint(out, value)
			}
		}
		return out
	}
	size := uint64(len(picture))
	leaf := directory([4]uint64{2, 1, size, 0})
	root := directory([4]uint64{0, 1, size, 0}, [4]uint64{1, 0, uint64(len(leaf)), 0})
	metadata := []byte(`{"attribution":"© the town"}`)
	header := make([]byte, archiveHeader)
	copy(header, archiveMagic)
	header[7] = 3
	at := uint64(archiveHeader)
	for i, part := range [][]byte{root, metadata, leaf, picture} {
		binary.LittleEndian.PutUint64(header[8+16*i:], at)
		binary.LittleEndian.PutUint64(header[16+16*i:], uint64(len(part)))
		at += uint64(len(part))
	}
	header[97], header[98], header[99], header[100], header[101] = 1, 1, 2, 0, 1
	return bytes.Join([][]byte{header, root, metadata, leaf, picture}, nil)
}

var aTile = append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 40)...)

// An operator puts a file beside the data: people have a map. A file that is none is told to the operator alone.
func TestAMapFromAFile(t *testing.T) {
	s := newStreet(t)
	if got := s.c.Must(200, "GET", "/api/nearby/map", "", nil); got.Text("kind") != "none" {
		t.Errorf("%s", got.Body)
	}
	file := filepath.Join(s.DataDir(), "maps", "town.pmtiles")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(content []byte) {
		t.Helper()
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write([]byte("no map"))
	told := s.c.Must(200, "PATCH", "/api/nearby/settings", s.operator, map[string]any{"tiles": "file", "center": map[string]any{"lat": 48.85, "lon": 2.35, "label": "Paris"}})
	if told.Text("file_problem") == "" || s.c.Must(200, "GET", "/api/nearby/map", "", nil).Text("kind") != "none" {
		t.Errorf("%s", told.Body)
	}
	write(archiveFile(aTile))
	shown := s.c.Must(200, "GET", "/api/nearby/map", "", nil)
	if shown.Text("kind") != "tiles" || shown.Text("attribution") != "© the town" || shown.Number("max_zoom") != 1 {
		t.Errorf("%s", shown.Body)
	}
	for _, path := range []string{"0/0/0", "1/0/1", "1/0/1.png"} {
		if got := s.c.Must(200, "GET", "/api/nearby/tiles/"+path, "", nil); !bytes.Equal(got.Body, aTile) || got.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Errorf("%s: %v", path, got.Header)
		}
	}
	for _, path := range []string{"1/0/0", "2/0/0", "1/2/0", "-1/0/0", "x/0/0", "99/0/0"} {
		if got := s.c.Do("GET", "/api/nearby/tiles/"+path, "", nil); got.Code() != "no_tile" {
			t.Errorf("%s: %d %s", path, got.Status, got.Body)
		}
	}
	whole := archiveFile(aTile)
	for cut := range len(whole) { // a file that was cut anywhere, or lies about its parts, only has no tiles
		broken := bytes.Clone(whole[:cut])
		if a, err := readArchive(bytes.NewReader(broken), int64(len(broken))); err == nil {
			_, _ = a.tile(1, 0, 1)
		}
		lying := bytes.Clone(whole)
		lying[cut] ^= 0xff
		if a, err := readArchive(bytes.NewReader(lying), int64(len(lying))); err == nil {
			_, _ = a.tile(1, 0, 1)
			_, _ = a.tile(0, 0, 0)
		}
	}
	if got := s.c.Must(200, "GET", "/api/nearby", "", nil); !strings.Contains(string(got.Body), `"label":"Paris"`) {
		t.Errorf("without a place, the town's centre: %s", got.Body)
	}
}

// Tiles of another server are fetched once, through the house's guarded way out.
func TestAMapFromAnotherServer(t *testing.T) {
	s := newStreet(t)
	for template, code := range map[string]string{
		"http://tiles.example/{z}/{x}/{y}.png": "bad_settings", "https://tiles.example/{z}/{x}.png": "bad_settings", "https://{x}.example/{z}/{y}/{x}": "bad_settings",
		"https://{x}.example/{z}/{y}": "bad_settings", "file:///{z}/{x}/{y}": "bad_settings",
	} {
		if got := s.c.Do("PATCH", "/api/nearby/settings", s.operator, map[string]any{"tiles": "template", "template": template, "attribution": "x"}); got.Code() != code {
			t.Errorf("%s: %s", template, got.Body)
		}
	}
	if got := s.c.Do("PATCH", "/api/nearby/settings", s.owner, map[string]any{"tiles": "none"}); got.Status != 403 {
		t.Errorf("by a merchant: %s", got.Body)
	}
	s.c.Must(200, "PATCH", "/api/nearby/settings", s.operator, map[string]any{"tiles": "template", "template": "https://localhost/{z}/{x}/{y}.png", "attribution": "x"})
	if got := s.c.Do("GET", "/api/nearby/tiles/1/0/0", "", nil); got.Status == 200 || got.Status >= 500 && got.Code() == "" {
		t.Errorf("a tile of this machine: %d %s", got.Status, got.Body)
	}
	var asked atomic.Int32
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if strings.HasSuffix(r.URL.Path, "/1.png") {
			_, _ = w.Write([]byte("<html>not a tile</html>"))
			return
		}
		_, _ = w.Write(aTile)
	}))
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	proxy.Use(s, proxy.New(proxy.Options{Named: []proxy.Named{{Host: "example.com", Address: server.Listener.Addr().String()}}, Roots: roots}))
	s.c.Must(200, "PATCH", "/api/nearby/settings", s.operator, map[string]any{"template": "https://example.com/{z}/{x}/{y}.png"})
	for range 3 {
		if got := s.c.Must(200, "GET", "/api/nearby/tiles/1/0/0", "", nil); !bytes.Equal(got.Body, aTile) {
			t.Errorf("%d bytes", len(got.Body))
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times for one tile", n)
	}
	if got := s.c.Do("GET", "/api/nearby/tiles/1/0/1", "", nil); got.Code() != "no_tile" {
		t.Errorf("what is no picture: %d %s", got.Status, got.Body)
	}
}
