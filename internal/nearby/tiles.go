package nearby

import (
	"bytes"
	"container/list"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/proxy"
)

const (
	// tilesKeptBytes is how many bytes of another server's tiles are kept in memory.
	tilesKeptBytes = 48 << 20
	// tileFresh is how long a tile that was fetched is good.
	tileFresh = 24 * time.Hour
	tileWait  = 15 * time.Second
	// TilesAtOnce is how many tiles are fetched from another server at a time, for everybody together.
	TilesAtOnce = 8
	tilesKey    = "plaza.nearby.tiles"
)

// Tile is the picture of a place of the map, and its kind.
func Tile(ctx context.Context, app core.App, z, x, y int, now time.Time) ([]byte, string, error) {
	if z < 0 || z > deepestZoom || x < 0 || y < 0 || x >= 1<<z || y >= 1<<z {
		return nil, "", ErrNoTile
	}
	s, err := SettingsOf(app)
	if err != nil {
		return nil, "", err
	}
	switch s.Tiles {
	case TilesFile:
		a, err := archiveOf(app).open()
		if err != nil {
			return nil, "", ErrNoTile
		}
		tile, err := a.tile(z, x, y)
		return tile, a.kind, err
	case TilesTemplate:
		if z < s.MinZoom || z > s.MaxZoom {
			return nil, "", ErrNoTile
		}
		return fetchTile(ctx, app, tileAddress(s.Template, z, x, y), now)
	}
	return nil, "", ErrNoTile
}

func tileAddress(template string, z, x, y int) string {
	return strings.NewReplacer("{z}", strconv.Itoa(z), "{x}", strconv.Itoa(x), "{y}", strconv.Itoa(y)).Replace(template)
}

// fetchTile is a tile of the server that the operator has named, and of no other.
func fetchTile(ctx context.Context, app core.App, address string, now time.Time) ([]byte, string, error) {
	kept := app.Store().GetOrSet(tilesKey, func() any { return &tilesKept{order: list.New(), byURL: map[string]*list.Element{}} }).(*tilesKept)
	if one, ok := kept.find(address, now); ok {
		return one.picture, one.kind, nil
	}
	named, err := url.Parse(address)
	if err != nil {
		return nil, "", ErrNoTile
	}
	answer, err := proxy.Of(app).Do(ctx, proxy.Request{
		URL: address, Header: http.Header{"Accept": {"image/*"}, "User-Agent": {"Plaza (nearby map)"}}, Timeout: tileWait, MaxBytes: tileBytes,
		Lanes: []proxy.Lane{{Key: "nearby-tiles", Most: TilesAtOnce}},
	}, func(host string) bool { return host == named.Host })
	if err != nil {
		return nil, "", err
	}
	kind := http.DetectContentType(answer.Body)
	if answer.Status != http.StatusOK || !strings.HasPrefix(kind, "image/") || bytes.HasPrefix(answer.Body, []byte("<")) {
		return nil, "", ErrNoTile.With("status", answer.Status)
	}
	kept.keep(keptTile{url: address, picture: answer.Body, kind: kind, until: now.Add(tileFresh)})
	return answer.Body, kind, nil
}

type keptTile struct {
	url, kind string
	picture   []byte
	until     time.Time
}

// tilesKept is the tiles that were fetched lately, those that nobody asks for going first.
type tilesKept struct {
	mu    sync.Mutex
	bytes int
	order *list.List // the latest first
	byURL map[string]*list.Element
}

func (k *tilesKept) find(address string, now time.Time) (keptTile, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	element := k.byURL[address]
	if element == nil || !now.Before(element.Value.(keptTile).until) {
		return keptTile{}, false
	}
	k.order.MoveToFront(element)
	return element.Value.(keptTile), true
}

func (k *tilesKept) keep(one keptTile) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if old := k.byURL[one.url]; old != nil {
		k.forget(old)
	}
	k.byURL[one.url] = k.order.PushFront(one)
	k.bytes += len(one.picture)
	for k.bytes > tilesKeptBytes {
		k.forget(k.order.Back())
	}
}

func (k *tilesKept) forget(element *list.Element) {
	one := k.order.Remove(element).(keptTile)
	delete(k.byURL, one.url)
	k.bytes -= len(one.picture)
}
