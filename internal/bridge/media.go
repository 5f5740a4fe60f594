package bridge

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/proxy"
	"plaza.internal/plaza/internal/refusal"
)

const (
	// MediaPiece is how many bytes of a sound or a film of another host are brought at a time: players ask for the next
	// piece themselves, so the length of a film does not matter.
	MediaPiece = 2 << 20
	// MediaWhole is how large one may be whose host sends it only in one piece.
	MediaWhole = 16 << 20
	// MediaAtOnce is how many pieces one person may be fetching for one program.
	MediaAtOnce = 6
	// MediaOfProgram is how many everybody together may be fetching for one program.
	MediaOfProgram = 24
)

// ErrNoMedia refuses to play what is neither sound nor film.
var ErrNoMedia = refusal.New(http.StatusUnsupportedMediaType, "no_media", "This is neither a sound nor a film.")

// elements are what may ask below remotePath, as browsers name them: what shows a picture, sets a font or plays. A
// frame that is sent there as to a page would carry out what it knows in the address.
var elements = []string{"", "empty", "image", "font", "audio", "video", "track"}

// plays tells whether a player asks.
func plays(request *http.Request) bool {
	dest := request.Header.Get("Sec-Fetch-Dest")
	return dest == "audio" || dest == "video" || request.Header.Get("Range") != ""
}

// handleMedia answers a piece of a sound or a film.
func (b *Bridge) handleMedia(e *core.RequestEvent, c call, who, url string) error {
	reach, err := c.reach(check.DomainRequest, check.DomainDownload)
	if err != nil {
		return err
	}
	if len(url) > proxy.MostURL {
		return proxy.ErrURL.With("detail", "the address is too long")
	}
	header := e.Response.Header()
	header.Set("Content-Security-Policy", picturePolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("Cache-Control", "private, max-age="+strconv.Itoa(int(pictureFresh.Seconds())))

	key := "media " + c.program.AppID + " " + url
	if kept, ok := b.pictures.find(key, time.Now()); ok {
		return servePlayed(e, kept)
	}
	from, err := startOf(e.Request.Header.Get("Range"))
	if err != nil {
		return err
	}
	answer, err := proxy.Of(c.app).Do(c.ctx, proxy.Request{
		URL: url, Timeout: pictureWait, MaxBytes: MediaWhole,
		Header: http.Header{"Accept": {"audio/*,video/*"}, "Range": {fmt.Sprintf("bytes=%d-%d", from, from+MediaPiece-1)}},
		Lanes:  []proxy.Lane{{Key: "media/" + c.program.AppID + "/" + who, Most: MediaAtOnce}, {Key: "media/" + c.program.AppID, Most: MediaOfProgram}},
	}, reach)
	if err != nil {
		return c.unreached(url, err)
	}
	kind := playedKind(answer.Body, answer.Header.Get("Content-Type"), from)
	switch {
	case answer.Status == http.StatusRequestedRangeNotSatisfiable:
		return e.NoContent(answer.Status)
	case answer.Status != http.StatusOK && answer.Status != http.StatusPartialContent:
		return c.unreached(url, proxy.ErrUnreachable.With("status", answer.Status))
	case kind == "":
		return ErrNoMedia
	case answer.Status == http.StatusPartialContent:
		said, err := rangeOf(answer.Header.Get("Content-Range"), from, int64(len(answer.Body)))
		if err != nil {
			return c.unreached(url, proxy.ErrUnreachable.With("detail", err.Error()))
		}
		header.Set("Accept-Ranges", "bytes")
		header.Set("Content-Range", said)
		return e.Blob(answer.Status, kind, answer.Body)
	}
	one := picture{kind: kind, bytes: answer.Body, fresh: freshFor(answer.Header.Get("Cache-Control"))}
	if len(one.bytes) <= PictureBytes {
		b.pictures.keep(key, one, time.Now())
	}
	return servePlayed(e, one)
}

// servePlayed answers the part that the player asks for of what is there as a whole.
func servePlayed(e *core.RequestEvent, one picture) error {
	e.Response.Header().Set("Content-Type", one.kind)
	http.ServeContent(e.Response, e.Request, "", time.Time{}, bytes.NewReader(one.bytes))
	return nil
}

// startOf is where the range begins that a player asks for; players ask for one, and from its beginning on.
func startOf(asked string) (int64, error) {
	if asked == "" {
		return 0, nil
	}
	first, _, ok := strings.Cut(strings.TrimPrefix(asked, "bytes="), "-")
	from, err := strconv.ParseInt(first, 10, 64)
	if !ok || err != nil || from < 0 || from > 1<<53 || strings.Contains(asked, ",") {
		return 0, proxy.ErrURL.With("detail", "no such range")
	}
	return from, nil
}

var errRange = errors.New("the host sent another range")

// rangeOf is the range that the host says it sent, when that is what was asked for and what came.
func rangeOf(said string, from, size int64) (string, error) {
	var first, last int64
	var total string
	if _, err := fmt.Sscanf(said, "bytes %d-%d/%s", &first, &last, &total); err != nil || first != from || last-first+1 != size {
		return "", errRange
	}
	if all, err := strconv.ParseInt(total, 10, 64); total != "*" && (err != nil || all <= last) {
		return "", errRange
	}
	return fmt.Sprintf("bytes %d-%d/%s", first, last, total), nil
}

// playedKind is the kind of a sound or a film: what its host says, unless its beginning shows something else; "" is
// neither.
func playedKind(content []byte, said string, from int64) string {
	said, _, _ = strings.Cut(strings.ToLower(said), ";")
	said = strings.TrimSpace(said)
	named := strings.HasPrefix(said, "audio/") || strings.HasPrefix(said, "video/") || said == "application/ogg"
	if from > 0 {
		if named {
			return said
		}
		return "application/octet-stream" // a player goes by what the beginning was
	}
	shown := http.DetectContentType(content)
	if strings.HasPrefix(shown, "audio/") || strings.HasPrefix(shown, "video/") || shown == "application/ogg" {
		return shown
	}
	if named && shown == "application/octet-stream" {
		return said
	}
	return ""
}

// asksLikeAnElement tells whether a request below remotePath comes of something that shows or plays.
func asksLikeAnElement(request *http.Request) bool {
	return slices.Contains(elements, request.Header.Get("Sec-Fetch-Dest"))
}
