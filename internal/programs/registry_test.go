package programs

import "testing"

// Memory for compiled programs is bounded: what was opened longest ago goes, what was just loaded stays.
func TestCacheDropsWhatWasOpenedLongestAgo(t *testing.T) {
	r := &registry{bundles: map[string]*shelf{}}
	put := func(key string, size int64) {
		r.turn++
		place := &shelf{size: size, opened: r.turn}
		r.bundles[key] = place
		r.size += size
		r.makeRoom(place)
	}
	put("a", cacheLimit/2)
	put("b", cacheLimit/2)
	r.turn++
	r.bundles["a"].opened = r.turn
	put("c", cacheLimit/4)
	if r.bundles["a"] == nil || r.bundles["b"] != nil || r.bundles["c"] == nil {
		t.Errorf("the cache holds %v", r.bundles)
	}
	put("huge", 2*cacheLimit)
	if len(r.bundles) != 1 || r.bundles["huge"] == nil || r.size != 2*cacheLimit {
		t.Errorf("the cache holds %v, %d bytes", r.bundles, r.size)
	}
}
