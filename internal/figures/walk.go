package figures

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pocketbase/dbx"

	"plaza.internal/plaza/internal/ledger"
)

// way is what a batch adds to the pages of its day, put together first: a row is written once, however often the
// person went to and fro.
type way struct {
	names map[string]string // under which name each page is counted
	fresh int               // pages that the day does not have yet
	pages map[string]*Page
	steps map[Step]int
}

// walk goes to the pages of the events. Each launch has one exit at any time, at the page where it is: the exit
// moves along, so that nobody has to say goodbye.
func (d diary) walk(at *session, events []Event) error {
	w := way{names: map[string]string{}, pages: map[string]*Page{}, steps: map[Step]int{}}
	for _, event := range events {
		if event.Kind != KindPage {
			continue
		}
		name, err := d.name(&w, event.Path)
		if err != nil {
			return err
		}
		page := w.page(name)
		page.Views++
		page.Exits++
		switch {
		case at.path == "":
			page.Entries++
		case at.day == d.day:
			w.steps[Step{From: at.path, To: name}]++
			w.page(at.path).Exits--
		default: // at midnight
			w.steps[Step{From: at.path, To: name}]++
			if err := d.leave(at); err != nil {
				return err
			}
		}
		at.path, at.day = name, d.day
	}
	return d.write(w)
}

func (w way) page(name string) *Page {
	if w.pages[name] == nil {
		w.pages[name] = &Page{Path: name}
	}
	return w.pages[name]
}

// leave takes back the exit that was counted on another day.
func (d diary) leave(at *session) error {
	_, err := ledger.Statement(d.tx, `UPDATE figures_pages SET exits = exits - 1
		WHERE program = {:program} AND day = {:left} AND path = {:path}`).
		Bind(dbx.Params{"program": d.program, "left": at.day, "path": at.path}).Execute()
	return err
}

// write adds the way to the tables. The order is always the same, so that what the day has no room for does not
// depend on chance.
func (d diary) write(w way) error {
	for _, name := range slices.Sorted(maps.Keys(w.pages)) {
		page := w.pages[name]
		err := d.execute(`INSERT INTO figures_pages (program, day, path, views, entries, exits)
			VALUES ({:program}, {:day}, {:path}, {:views}, {:entries}, {:exits}) ON CONFLICT DO UPDATE SET
			views = views + excluded.views, entries = entries + excluded.entries, exits = exits + excluded.exits`,
			dbx.Params{"path": name, "views": page.Views, "entries": page.Entries, "exits": page.Exits})
		if err != nil {
			return err
		}
	}
	steps := slices.SortedFunc(maps.Keys(w.steps), func(a, b Step) int {
		return strings.Compare(a.From+"\n"+a.To, b.From+"\n"+b.To)
	})
	for _, step := range steps {
		if err := d.step(step, w.steps[step]); err != nil {
			return err
		}
	}
	return nil
}

// name is the one under which a page is counted: its own, or otherPath when the day has too many or it is none.
func (d diary) name(w *way, path string) (string, error) {
	path, ok := pageName(path)
	if !ok {
		return otherPath, nil
	}
	if name := w.names[path]; name != "" {
		return name, nil
	}
	var known bool
	var others int
	params := dbx.Params{"program": d.program, "day": d.day, "path": path}
	err := ledger.Statement(d.tx, `SELECT EXISTS (SELECT 1 FROM figures_pages
		WHERE program = {:program} AND day = {:day} AND path = {:path})`).Bind(params).Row(&known)
	if err == nil && !known {
		err = ledger.Statement(d.tx, "SELECT COUNT(*) FROM figures_pages WHERE program = {:program} AND day = {:day}").
			Bind(dbx.Params{"program": d.program, "day": d.day}).Row(&others)
	}
	if err != nil {
		return "", err
	}
	w.names[path] = path
	switch {
	case known:
	case others+w.fresh >= PathsPerDay:
		w.names[path] = otherPath
	default:
		w.fresh++
	}
	return w.names[path], nil
}

// pageName is a page without what is asked of it; false when it is none.
func pageName(path string) (string, bool) {
	path, _, _ = strings.Cut(strings.TrimPrefix(path, "/"), "?")
	path, _, _ = strings.Cut(path, "#")
	return path, path != "" && len(path) <= pathLimit && utf8.ValidString(path) && strings.IndexFunc(path, unicode.IsControl) < 0
}

func (d diary) step(step Step, times int) error {
	params := dbx.Params{"program": d.program, "day": d.day, "origin": step.From, "target": step.To, "count": times}
	done, err := ledger.Statement(d.tx, `UPDATE figures_steps SET count = count + {:count}
		WHERE program = {:program} AND day = {:day} AND origin = {:origin} AND target = {:target}`).Bind(params).Execute()
	if err != nil {
		return err
	}
	if known, err := done.RowsAffected(); err != nil || known > 0 {
		return err
	}
	_, err = ledger.Statement(d.tx, `INSERT INTO figures_steps (program, day, origin, target, count)
		SELECT {:program}, {:day}, {:origin}, {:target}, {:count}
		WHERE (SELECT COUNT(*) FROM figures_steps WHERE program = {:program} AND day = {:day}) < {:limit}`).
		Bind(dbx.Params{"program": d.program, "day": d.day, "origin": step.From, "target": step.To, "count": times, "limit": StepsPerDay}).Execute()
	return err
}
