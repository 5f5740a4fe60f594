package bridge

import (
	"bytes"
	"container/list"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/proxy"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

const (
	// PictureBytes is how large a picture or a font of another host may be.
	PictureBytes = 5 << 20
	// PicturesAtOnce is how many of them one person may be fetching for one program.
	PicturesAtOnce = 16
	// PicturesOfProgram is how many everybody together may be fetching for one program.
	PicturesOfProgram = 64
	// PicturesKept is how many bytes of them are kept in memory for the next one who asks.
	PicturesKept = 32 << 20

	pictureWait   = 20 * time.Second
	pictureFresh  = time.Hour // when the host says nothing
	pictureStale  = time.Minute
	pictureOldest = 24 * time.Hour
)

// ErrNoPicture refuses to show as a picture, or as a font, what is neither.
var ErrNoPicture = refusal.New(http.StatusUnsupportedMediaType, "no_picture", "This is neither a picture nor a font.")

// picturePolicy makes a drawing that is opened as a document a picture without scripts.
const picturePolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"

// bindPictures binds what a frame's elements fetch of other hosts. They send no header, so a pass stands in the
// address.
func (b *Bridge) bindPictures(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/mp/{appid}/{hash}/.remote/{pass}", Tag: "bridge", Public: true, Answer: "image/*",
		Summary:  "A picture, a font, a sound or a film of a host that the mini program declares, by ?url=; sounds and films by ranges.",
		Refusals: append([]*refusal.Refusal{programs.ErrNotFound, programs.ErrTakenDown, programs.ErrDeleted, programs.ErrPassInvalid, ErrQuota, ErrNoPicture, ErrNoMedia}, proxy.Refusals()...),
	}, b.handlePicture)
}

func (b *Bridge) handlePicture(e *core.RequestEvent) error {
	if !asksLikeAnElement(e.Request) {
		return ErrNoPicture
	}
	appid, hash, now := e.Request.PathValue("appid"), e.Request.PathValue("hash"), clock.Now(e.App)
	who, err := programs.CheckPass(e.App, appid, hash, e.Request.PathValue("pass"), now)
	if err != nil {
		return err
	}
	program, err := programs.ByPackage(e.App, appid, hash)
	if err != nil {
		return err
	}
	if err := b.quota.spend(bucketKey{appid: appid, user: "pass/" + who}, now); err != nil {
		return err
	}
	c := call{ctx: e.Request.Context(), app: e.App, program: program, now: now, request: newRequest()}
	url := e.Request.URL.Query().Get("url")
	if plays(e.Request) {
		return b.handleMedia(e, c, who, url)
	}
	one, err := b.picture(c, who, url)
	if err != nil {
		return c.unreached(url, err)
	}
	header := e.Response.Header()
	header.Set("Content-Security-Policy", picturePolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Access-Control-Allow-Origin", "*") // a frame's origin is its own, and fonts are fetched as from another
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("Cache-Control", "private, max-age="+strconv.Itoa(int(one.fresh.Seconds())))
	return e.Blob(http.StatusOK, one.kind, one.bytes)
}

// picture is what the host shows at the address, from memory if somebody has asked for it lately.
func (b *Bridge) picture(c call, who, url string) (picture, error) {
	reach, err := c.reach(check.DomainRequest, check.DomainDownload)
	if err != nil {
		return picture{}, err
	}
	if len(url) > proxy.MostURL {
		return picture{}, proxy.ErrURL.With("detail", "the address is too long")
	}
	key := c.program.AppID + " " + url
	if kept, ok := b.pictures.find(key, time.Now()); ok {
		return kept, nil
	}
	response, err := proxy.Of(c.app).Do(c.ctx, proxy.Request{
		URL: url, Header: http.Header{"Accept": {"image/*,font/*;q=0.9,*/*;q=0.5"}}, Timeout: pictureWait, MaxBytes: PictureBytes,
		Lanes: []proxy.Lane{{Key: "picture/" + c.program.AppID + "/" + who, Most: PicturesAtOnce}, {Key: "pictures/" + c.program.AppID, Most: PicturesOfProgram}},
	}, reach)
	if err != nil {
		return picture{}, err
	}
	if response.Status != http.StatusOK {
		return picture{}, proxy.ErrUnreachable.With("status", response.Status)
	}
	kind := kindOf(response.Body, response.Header.Get("Content-Type"))
	if kind == "" {
		return picture{}, ErrNoPicture
	}
	one := picture{kind: kind, bytes: response.Body, fresh: freshFor(response.Header.Get("Cache-Control"))}
	b.pictures.keep(key, one, time.Now())
	return one, nil
}

// fontKinds are fonts by their first bytes, which the standard library does not tell by name.
var fontKinds = map[string]string{"wOFF": "font/woff", "wOF2": "font/woff2", "OTTO": "font/otf", "\x00\x01\x00\x00": "font/ttf", "true": "font/ttf"}

// kindOf is the kind of a picture or a font by what it holds, whatever it says that it is; "" is neither. A drawing
// must say that it is one as well, since its text could be anything.
func kindOf(content []byte, said string) string {
	if len(content) < 4 {
		return ""
	}
	if font, ok := fontKinds[string(content[:4])]; ok {
		return font
	}
	if len(content) > 12 && string(content[4:8]) == "ftyp" && (bytes.HasPrefix(content[8:], []byte("avif")) || bytes.HasPrefix(content[8:], []byte("avis"))) {
		return "image/avif"
	}
	if kind := http.DetectContentType(content); strings.HasPrefix(kind, "image/") {
		return kind
	}
	said, _, _ = strings.Cut(strings.ToLower(said), ";")
	head := bytes.TrimSpace(bytes.TrimPrefix(content, []byte("\ufeff")))
	if strings.TrimSpace(said) == "image/svg+xml" && bytes.HasPrefix(head, []byte("<")) && bytes.Contains(head[:min(len(head), chunk)], []byte("<svg")) {
		return "image/svg+xml"
	}
	return ""
}

// freshFor is how long a picture is kept, by what its host says.
func freshFor(control string) time.Duration {
	fresh := pictureFresh
	for part := range strings.SplitSeq(strings.ToLower(control), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "no-store", "no-cache":
			return pictureStale
		case "max-age":
			if seconds, err := strconv.Atoi(strings.Trim(value, `"`)); err == nil {
				fresh = time.Duration(min(max(seconds, 0), int(pictureOldest/time.Second))) * time.Second
			}
		}
	}
	return max(fresh, pictureStale)
}

// picture is one that was fetched.
type picture struct {
	kind  string
	bytes []byte
	fresh time.Duration
}

// pictures are those that were asked for lately; those that nobody asks for go first.
type pictures struct {
	mu    sync.Mutex
	by    map[string]*list.Element
	order list.List // of *keptPicture, the latest asked for first
	size  int
}

type keptPicture struct {
	picture
	key   string
	until time.Time
}

// keptAround is about what keeping a picture takes beside its bytes and its address.
const keptAround = 512

// room is what the picture takes: a host may show a million addresses of it, each of them longer than it is.
func (k *keptPicture) room() int { return len(k.bytes) + len(k.key) + keptAround }

func (p *pictures) find(key string, now time.Time) (picture, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := p.by[key]
	if !ok {
		return picture{}, false
	}
	kept := at.Value.(*keptPicture)
	if now.After(kept.until) {
		p.forget(at)
		return picture{}, false
	}
	p.order.MoveToFront(at)
	return kept.picture, true
}

func (p *pictures) keep(key string, one picture, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.by == nil {
		p.by = map[string]*list.Element{}
	}
	if at, ok := p.by[key]; ok {
		p.forget(at)
	}
	p.by[key] = p.order.PushFront(&keptPicture{picture: one, key: key, until: now.Add(one.fresh)})
	p.size += p.by[key].Value.(*keptPicture).room()
	for p.size > PicturesKept {
		p.forget(p.order.Back())
	}
}

func (p *pictures) forget(at *list.Element) {
	kept := p.order.Remove(at).(*keptPicture)
	delete(p.by, kept.key)
	p.size -= kept.room()
}
