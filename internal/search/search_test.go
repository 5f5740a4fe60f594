package search_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/search"
)

// shelf is an index of a few documents, at places 0, 1, 2 …
func shelf(t testing.TB, names ...string) core.App {
	t.Helper()
	app := apptest.New(t)
	var changes []search.Change
	for i, name := range names {
		changes = append(changes, search.Change{After: &search.Document{Place: int64(i), Names: []string{name}}})
	}
	apply(t, app, changes...)
	return app
}

func apply(t testing.TB, app core.App, changes ...search.Change) {
	t.Helper()
	if err := app.RunInTransaction(func(tx core.App) error { return search.Apply(tx, changes...) }); err != nil {
		t.Fatal(err)
	}
}

func find(t testing.TB, app core.App, query search.Query) search.Result {
	t.Helper()
	if query.Limit == 0 {
		query.Limit = 100
	}
	result, err := search.Find(app, query)
	if err != nil {
		t.Fatalf("%+v: %v", query, err)
	}
	return result
}

func places(result search.Result) []int64 {
	found := []int64{}
	for _, match := range result.Matches {
		found = append(found, match.Place)
	}
	return found
}

// People find what they mean in three languages, however they write it.
func TestWordsOfThreeLanguages(t *testing.T) {
	app := shelf(t,
		"Crème brûlée",         // 0
		"Crêperie de l'Œuvre",  // 1
		"北京烤鸭店",                // 2
		"Café Müller Straße",   // 3
		"Coffee to go",         // 4
		"ラーメン東京",               // 5
		"비빔밥 하우스",              // 6
		"Restaurant du Marché", // 7
		"ＦＵＬＬ　Ｗｉｄｔｈ",           // 8
		"Don't panic 42",       // 9
	)
	for _, c := range []struct {
		query string
		want  []int64
		fixed string
	}{
		{"creme brulee", []int64{0}, ""},
		{"CRÈME", []int64{0}, ""},
		{"oeuvre", []int64{1}, ""},
		{"Œuvre", []int64{1}, ""},
		{"l'oeuvre creperie", []int64{1}, ""},
		{"烤鸭", []int64{2}, ""},
		{"鸭", []int64{2}, ""},
		{"京烤鸭", []int64{2}, ""},
		{"北京 店", []int64{2}, ""},
		{"鸭烤", []int64{}, ""},
		{"cafe", []int64{3}, ""},
		{"muller strasse", []int64{3}, ""},
		{"cof", []int64{4}, ""},
		{"c", []int64{0, 1, 3, 4}, ""},
		{"東京", []int64{5}, ""},
		{"ラーメン", []int64{5}, ""},
		{"らーめん", []int64{}, ""},
		{"비빔", []int64{6}, ""},
		{"restau", []int64{7}, ""},
		{"restau marche", []int64{}, ""}, // only the last word may be unfinished
		{"marche restau", []int64{7}, ""},
		{"full width", []int64{8}, ""},
		{"42", []int64{9}, ""},
		{"dont", []int64{}, ""},
		{"don't", []int64{9}, ""},
		// slips
		{"coffe", []int64{4}, ""}, // a beginning, not a slip
		{"cofee", []int64{4}, "coffee"},
		{"coffeee", []int64{4}, "coffee"},
		{"cofefe", []int64{4}, "coffee"},
		{"koffee", []int64{4}, "coffee"},
		{"resaturant", []int64{7}, "restaurant"},
		{"resttaurant marche", []int64{7}, "restaurant marche"},
		{"gofee", []int64{}, ""}, // two slips
		// nothing to look for
		{"", []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, ""},
		{"   ", []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, ""},
		{`"`, []int64{}, ""},
		{"-*():^", []int64{}, ""},
		// what other engines would take for syntax
		{`"coffee"`, []int64{4}, ""},
		{"coffee OR creme", []int64{}, ""},
		{"names:coffee", []int64{}, ""},
		{"coffee*", []int64{4}, ""},
		{"coffee') --", []int64{4}, ""},
	} {
		result := find(t, app, search.Query{Text: c.query})
		if got := places(result); !slices.Equal(got, c.want) || result.Corrected != c.fixed {
			t.Errorf("%q finds %v (%q), want %v (%q)", c.query, got, result.Corrected, c.want, c.fixed)
		}
	}
}

// The name itself comes first, then names that begin so, then names that have the words, then anything else,
// each of them by place.
func TestOrderOfMatches(t *testing.T) {
	app := apptest.New(t)
	document := func(place int64, name, words string) search.Change {
		return search.Change{After: &search.Document{Place: place, Names: []string{name}, Words: []string{words}}}
	}
	apply(t, app,
		document(1, "Tea", "and coffee"), document(2, "Good coffee", ""), document(3, "Coffee house", ""), document(70_000, "Coffee", ""),
		document(80_000, "coffee!", ""), document(200_000, "Iced Coffee", ""))
	want := []int64{70_000, 80_000, 3, 2, 200_000, 1}
	if got := places(find(t, app, search.Query{Text: "Coffee"})); !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	// The same in pages, by counting and by going on from the last.
	var counted, followed []int64
	after := search.Position{}
	for page := range 6 {
		counted = append(counted, places(find(t, app, search.Query{Text: "coffee", Skip: page, Limit: 1}))...)
		result := find(t, app, search.Query{Text: "coffee", After: after, Limit: 1})
		last := result.Matches[0]
		after = search.At(last.Tier, last.Place)
		followed = append(followed, last.Place)
		if result.More != (page < 5) {
			t.Errorf("page %d: more is %v", page, result.More)
		}
	}
	if !slices.Equal(counted, want) || !slices.Equal(followed, want) {
		t.Errorf("by counting %v, by following %v, want %v", counted, followed, want)
	}
}

// What the index finds is what a look at every document finds, after any mixture of changes, whether the lists
// are short or maps of bits, and Build makes the same index as many Applies.
func TestFindsWhatALookAtEverythingFinds(t *testing.T) {
	app := apptest.New(t)
	r := rand.New(rand.NewPCG(7, 7))
	words := strings.Fields("a be cat dogs eagle falcon garden harbour 面 包 店 铺")
	said := func() string {
		n := 1 + r.IntN(4)
		out := make([]string, n)
		for i := range out {
			out[i] = words[min(r.IntN(len(words)), r.IntN(len(words)))]
		}
		return strings.Join(out, " ")
	}
	documents := map[int64]search.Document{}
	make1 := func(place int64) search.Document {
		return search.Document{Place: place, Names: []string{said()}, Words: []string{said()}, Tags: []string{fmt.Sprint("t", r.IntN(3))}}
	}
	var changes []search.Change
	for place := range int64(6000) {
		d := make1(place * 13)
		documents[d.Place] = d
		changes = append(changes, search.Change{After: &d})
	}
	apply(t, app, changes...)
	changes = nil
	for place := range int64(3000) {
		before := documents[place*26]
		delete(documents, before.Place)
		change := search.Change{Before: &before}
		if r.IntN(2) == 0 {
			after := make1(before.Place + int64(r.IntN(2)))
			documents[after.Place] = after
			change.After = &after
		}
		changes = append(changes, change)
	}
	apply(t, app, changes...)
	check := func(when string) {
		for range 200 {
			text, tag := said(), fmt.Sprint("t", r.IntN(3))
			want := map[int64]bool{}
			for place, d := range documents {
				all := append(strings.Fields(d.Names[0]), strings.Fields(d.Words[0])...)
				fits := d.Tags[0] == tag
				for i, word := range strings.Fields(text) {
					last := i == len(strings.Fields(text))-1
					fits = fits && slices.ContainsFunc(all, func(w string) bool {
						return w == word || (last && word < "一" && strings.HasPrefix(w, word))
					})
				}
				if fits {
					want[place] = true
				}
			}
			result := find(t, app, search.Query{Text: text, Tags: []string{tag}, Limit: 10_000})
			got := places(result)
			if len(got) != len(want) || (result.Corrected == "" && result.Total != len(want)) || !result.Exact {
				t.Fatalf("%s: %q in %s: %d found (%d told), want %d", when, text, tag, len(got), result.Total, len(want))
			}
			for _, place := range got {
				if !want[place] {
					t.Fatalf("%s: %q finds %d, which is %+v", when, text, place, documents[place])
				}
			}
		}
	}
	check("after changes")
	type row struct {
		Term   string `db:"term"`
		Block  int64  `db:"block"`
		Count  int    `db:"count"`
		Places string `db:"places"`
	}
	rows := func() (all []row) {
		if err := app.DB().NewQuery("SELECT term, block, count, hex(places) AS places FROM search_postings ORDER BY term, block").All(&all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	applied := rows()
	order := slices.SortedFunc(func(yield func(search.Document) bool) {
		for _, d := range documents {
			if !yield(d) {
				return
			}
		}
	}, func(a, b search.Document) int { return int(a.Place - b.Place) })
	err := app.RunInTransaction(func(tx core.App) error {
		return search.Build(tx, func(yield func(search.Document, error) bool) {
			for _, d := range order {
				if !yield(d, nil) {
					return
				}
			}
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if built := rows(); !slices.Equal(built, applied) {
		t.Errorf("built %d rows, applied %d, not the same", len(built), len(applied))
	}
	check("after a build")
	changes = nil
	for _, d := range order {
		changes = append(changes, search.Change{Before: &d})
	}
	apply(t, app, changes...)
	if left := rows(); len(left) > 0 {
		t.Errorf("%d rows are left of nothing: %+v", len(left), left[0])
	}
}

// A change that is rolled back leaves nothing.
func TestAChangeThatFailsLeavesNothing(t *testing.T) {
	app := shelf(t, "Alpha")
	failed := fmt.Errorf("failed")
	err := app.RunInTransaction(func(tx core.App) error {
		if err := search.Apply(tx, search.Change{After: &search.Document{Place: 9, Names: []string{"Beta"}}}); err != nil {
			return err
		}
		return failed
	})
	if err == nil {
		t.Fatal("it did not fail")
	}
	if got := places(find(t, app, search.Query{Text: "beta"})); len(got) > 0 {
		t.Errorf("found %v", got)
	}
}

// Whatever is typed is answered, and never by an error.
func FuzzFind(f *testing.F) {
	for _, seed := range []string{"", "coffee", `"`, "a OR b NEAR(c)", "烤鸭店铺烤鸭", "\x00\xff", strings.Repeat("a b ", 100), "İ ß œ ﷺ", "a\u0300\u0300", "ーーー", "%_'\";--"} {
		f.Add(seed)
	}
	app := shelf(f, "Coffee", "北京烤鸭店", "ラーメン", "Crème")
	f.Fuzz(func(t *testing.T, text string) {
		result, err := search.Find(app, search.Query{Text: text, Limit: 3})
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if len(result.Matches) > 3 || result.Total < len(result.Matches) {
			t.Errorf("%q: %+v", text, result)
		}
	})
}

// Whatever a document is called, it is found by its name and can be taken out again.
func FuzzName(f *testing.F) {
	for _, seed := range []string{"Coffee", "北京烤鸭店", "ー", "ラーメン屋", "ǅ", "ﬁne", "x\u0301\u0302", strings.Repeat("longword", 20), "日本 Nippon 日本"} {
		f.Add(seed)
	}
	app := shelf(f)
	f.Fuzz(func(t *testing.T, name string) {
		if len(name) > 100 {
			return
		}
		d := search.Document{Place: 5, Names: []string{name}}
		apply(t, app, search.Change{After: &d})
		found := find(t, app, search.Query{Text: name})
		apply(t, app, search.Change{Before: &d})
		if got := places(found); len(got) != 1 && strings.ContainsFunc(name, func(r rune) bool { return r >= 'a' && r <= 'z' }) {
			t.Errorf("%q is not found by its name: %v", name, got)
		}
		var left int
		if err := app.DB().NewQuery("SELECT COUNT(*) FROM search_postings").Row(&left); err != nil || left > 0 {
			t.Errorf("%q leaves %d rows (%v)", name, left, err)
		}
	})
}
