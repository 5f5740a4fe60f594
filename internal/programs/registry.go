package programs

import (
	"io/fs"
	"path/filepath"
	"sync"

	"github.com/pocketbase/pocketbase/core"
)

const storeKey = "plaza.programs"

// cacheLimit is how many bytes of compiled programs stay in memory; the least recently opened go first.
const cacheLimit = 64 << 20

// registry is what this process keeps of the programs besides the database: the launch key, the bundles in
// memory, and whose turn it is to store a package.
type registry struct {
	root    string // pb_data/programs
	dist    fs.FS  // the built user interface, for the frame's script
	uploads turns  // by the package's hash
	signer  func() (*signer, error)
	guesses guesses // at server keys

	mu      sync.Mutex
	bundles map[string]*shelf
	size    int64
	turn    int64
}

// shelf is one bundle's place in the cache; whoever comes first loads it, the others wait for that.
type shelf struct {
	load   func() (*Bundle, error)
	size   int64
	opened int64
}

func newRegistry(app core.App, dist fs.FS) *registry {
	return &registry{
		root:    filepath.Join(app.DataDir(), "programs"),
		dist:    dist,
		bundles: map[string]*shelf{},
		signer:  sync.OnceValues(func() (*signer, error) { return newSigner(app.DataDir()) }),
	}
}

// registryOf is the app's registry. Verbs work on an app that Register has not seen, as in a command.
func registryOf(app core.App) *registry {
	return app.Store().GetOrSet(storeKey, func() any { return newRegistry(app, nil) }).(*registry)
}

// bundle is a version's verified bundle, from memory if it is there.
func (r *registry) bundle(version Version) (*Bundle, error) {
	key := version.Package + version.Bundle
	r.mu.Lock()
	place, ok := r.bundles[key]
	if !ok {
		place = &shelf{load: sync.OnceValues(func() (*Bundle, error) {
			return open(r.root, version.Package, version.Bundle)
		})}
		r.bundles[key] = place
	}
	r.turn++
	place.opened = r.turn
	r.mu.Unlock()

	bundle, err := place.load()
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		if r.bundles[key] == place {
			delete(r.bundles, key) // a restored file is found at the next try
		}
		return nil, err
	}
	if place.size == 0 && r.bundles[key] == place {
		place.size = bundle.size + 1
		r.size += place.size
		r.makeRoom(place)
	}
	return bundle, nil
}

// makeRoom drops the bundles that were opened longest ago until the rest fit, but never the one just loaded.
func (r *registry) makeRoom(keep *shelf) {
	for r.size > cacheLimit {
		oldestKey := ""
		for key, place := range r.bundles {
			if place != keep && place.size > 0 && (oldestKey == "" || place.opened < r.bundles[oldestKey].opened) {
				oldestKey = key
			}
		}
		if oldestKey == "" {
			return
		}
		r.size -= r.bundles[oldestKey].size
		delete(r.bundles, oldestKey)
	}
}

// turns lets one at a time do something with the same name, and any number with different names.
type turns struct {
	mu    sync.Mutex
	lines map[string]*line
}

type line struct {
	sync.Mutex
	people int // who have the turn or wait for it
}

// take waits for the turn and gives the function that ends it.
func (t *turns) take(name string) (done func()) {
	t.mu.Lock()
	if t.lines == nil {
		t.lines = map[string]*line{}
	}
	l := t.lines[name]
	if l == nil {
		l = &line{}
		t.lines[name] = l
	}
	l.people++
	t.mu.Unlock()

	l.Lock()
	return func() {
		l.Unlock()
		t.mu.Lock()
		defer t.mu.Unlock()
		if l.people--; l.people == 0 {
			delete(t.lines, name)
		}
	}
}
