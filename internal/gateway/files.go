package gateway

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
)

const (
	cacheForever = "public, max-age=31536000, immutable" // the name holds a hash of the content
	cacheCheck   = "no-cache"                            // ask each time, answered by the ETag
	gzipLeast    = 1024                                  // bytes under which compressing gains nothing
)

// file is one embedded file, ready to send.
type file struct {
	kind  string // Content-Type
	etag  string
	plain []byte
	br    []byte // made by the UI's build; nil when it would not be smaller
	gz    func() []byte
}

// files is the embedded UI, kept in memory: embed.FS has no modification times, so validators are made here.
type files map[string]*file

func loadFiles(dist fs.FS) (files, error) {
	out := files{}
	err := fs.WalkDir(dist, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(name, ".br") || path.Base(name) == ".gitkeep" {
			return err
		}
		plain, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(plain)
		kind := mime.TypeByExtension(path.Ext(name))
		if kind == "" {
			kind = "application/octet-stream"
		}
		br, _ := fs.ReadFile(dist, name+".br")
		out[name] = &file{
			kind: kind, etag: `"` + hex.EncodeToString(sum[:12]) + `"`, plain: plain, br: br,
			gz: sync.OnceValue(func() []byte { return compress(plain) }),
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the embedded UI: %w", err)
	}
	return out, nil
}

func compress(plain []byte) []byte {
	if len(plain) < gzipLeast {
		return nil
	}
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is valid
	if _, err := w.Write(plain); err != nil || w.Close() != nil || out.Len() >= len(plain) {
		return nil
	}
	return out.Bytes()
}

// pages maps what is not a file to the page that routes it: both surfaces are single-page apps.
func page(name string) (string, bool) {
	switch {
	case name == "console" || strings.HasPrefix(name, "console/"):
		return "console/index.html", !looksLikeFile(name)
	default:
		return "index.html", !looksLikeFile(name)
	}
}

// looksLikeFile keeps a missing asset a 404: answering a page to a script that an upgrade has removed would
// leave the client blank.
func looksLikeFile(name string) bool {
	return strings.HasPrefix(name, "assets/") || strings.HasPrefix(name, "frame/") || path.Ext(name) != ""
}

func (fs files) serve(e *core.RequestEvent) error {
	name := strings.Trim(path.Clean("/"+e.Request.PathValue("path")), "/")
	if name == "console" && !strings.HasSuffix(e.Request.URL.Path, "/") {
		return e.Redirect(http.StatusMovedPermanently, "/console/")
	}
	found, ok := fs[name]
	if !ok || strings.HasSuffix(name, "index.html") {
		fallback, allowed := page(name)
		if strings.HasSuffix(name, "index.html") {
			fallback, allowed = name, ok
		}
		if found, ok = fs[fallback]; !ok || !allowed {
			return notBuilt(e, fs, allowed)
		}
		e.Response.Header().Set("Content-Security-Policy", pagePolicy(e))
		e.Response.Header().Set("X-Frame-Options", "DENY")
		name = fallback
	}
	send(e, name, found)
	return nil
}

// notBuilt tells a developer who runs the server from a fresh clone what to do; anybody else gets a 404.
func notBuilt(e *core.RequestEvent, fs files, wantsPage bool) error {
	if wantsPage && len(fs) == 0 {
		return e.String(http.StatusNotFound, "The web app is not built into this binary: run `make build`.\n")
	}
	return router.ErrFileNotFound
}

func send(e *core.RequestEvent, name string, f *file) {
	header := e.Response.Header()
	header.Set("Content-Type", f.kind)
	header.Set("Vary", "Accept-Encoding")
	header.Set("Cache-Control", cacheCheck)
	if strings.HasPrefix(name, "assets/") || strings.HasPrefix(name, "frame/frame-") {
		header.Set("Cache-Control", cacheForever)
	}
	if strings.HasPrefix(name, "frame/") {
		// Program frames have an opaque origin: without this their errors are unreadable.
		header.Set("Access-Control-Allow-Origin", "*")
	}
	body, etag := f.plain, f.etag
	accepts := e.Request.Header.Get("Accept-Encoding")
	switch {
	case f.br != nil && strings.Contains(accepts, "br"):
		body, etag = f.br, strings.TrimSuffix(f.etag, `"`)+`-br"`
		header.Set("Content-Encoding", "br")
	case strings.Contains(accepts, "gzip") && f.gz() != nil:
		body, etag = f.gz(), strings.TrimSuffix(f.etag, `"`)+`-gz"`
		header.Set("Content-Encoding", "gzip")
	}
	header.Set("ETag", etag)
	http.ServeContent(e.Response, e.Request, "", time.Time{}, bytes.NewReader(body))
}

var plainHost = regexp.MustCompile(`^[A-Za-z0-9.\-:\[\]]+$`)

// pagePolicy is the content policy of Plaza's own pages. frame-src names the program path alone: a program's
// sandboxed frame can navigate itself, and this is what stops it from carrying data to another origin.
func pagePolicy(e *core.RequestEvent) string {
	frames := "'none'"
	if host := e.Request.Host; plainHost.MatchString(host) {
		scheme := "http://"
		if e.IsTLS() || e.Request.Header.Get("X-Forwarded-Proto") == "https" {
			scheme = "https://"
		}
		frames = scheme + host + "/mp/"
	}
	return "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; " +
		"media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; frame-src " + frames +
		"; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
}
