package bridge

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clouddb"
	"plaza.internal/plaza/internal/programs"
)

// cloudFunctions is a program's code, written as WeChat's documentation does.
var cloudFunctions = map[string]string{
	"clouddb.json": `{"collections":{"todos":{"acl":"PRIVATE","indexes":["due"]},"board":{"acl":"READONLY"}}}`,
	"cloudfunctions/story/index.js": `
const cloud = require('wx-server-sdk')
cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV })
exports.main = async () => {
	const db = cloud.database(), _ = db.command, $ = _.aggregate, seen = []
	const todos = db.collection('todos')
	const { OPENID } = cloud.getWXContext()
	const { _id } = await todos.add({ data: { _openid: OPENID, title: 'Tea', done: false, due: new Date(5), tags: ['a'], style: { color: 'red', size: 1 } } })
	await todos.doc(_id).update({ data: { done: true, style: { color: 'blue' }, tags: _.push(['b', 'c']), count: _.inc(2), made: db.serverDate() } })
	const { data } = await todos.doc(_id).get()
	seen.push(data.style, data.tags, data.count, data.due instanceof Date && data.due.getTime(), data.made instanceof Date)
	await todos.doc(_id).update({ data: { style: _.set({ shape: 'x' }), tags: _.pull(_.in(['a', 'c'])), count: _.remove(), list: _.addToSet(1) } })
	await todos.doc(_id).update({ data: { tags: _.push({ each: ['z', 'y'], position: 0, slice: 3 }), list: _.unshift(0), n: _.max(3), m: _.mul(2) } })
	seen.push((await todos.doc(_id).field({ style: true, tags: true, list: true, n: true, m: true, _id: false }).get()).data)
	for (let i = 0; i < 5; i++) await todos.add({ data: { n: i, due: new Date(1000 * i), title: 'T' + i } })
	const count = async (where) => (await todos.where(where).count()).total
	seen.push([
		await count({ n: _.gt(1).and(_.lt(4)) }), await count({ n: _.or(_.eq(0), _.eq(4)) }), await count(_.or([{ n: 0 }, { title: 'Tea' }])), await count({ title: /^t\d/i }),
		await count({ title: db.RegExp({ regexp: '^T[12]', options: '' }) }), await count({ due: _.gte(new Date(3000)) }), await count({ style: { shape: 'x' } }), await count({ n: _.nin([1, 2, 3]).and(_.exists(true)) }),
		await count({ n: _.not(_.mod(2, 0)), title: _.neq('Tea') }), await count({ tags: _.size(3).and(_.all(['b', 'z'])) }), await count({ tags: _.elemMatch(_.eq('y')) }), await count({ n: _.lt(5), 'style.shape': null }),
	])
	seen.push((await todos.where({ n: _.exists(true) }).orderBy('n', 'desc').skip(1).limit(2).field({ n: true, _id: false }).get()).data)
	seen.push((await todos.aggregate().match({ n: _.gte(0) }).group({ _id: $.mod(['$n', 2]), sum: $.sum('$n'), all: $.push('$title') }).sort({ _id: 1 }).end()).list)
	seen.push((await todos.where({ n: 4 }).remove()).stats.removed)
	for (const failing of [() => todos.doc('none').get(), () => db.collection('gone').get(), () => todos.where({ n: _.inc(1) }), () => todos.add({ data: { a: _.gt(1) } }), () => todos.doc(_id).update({ data: { title: _.inc(1) } })])
		try { await failing(); seen.push('passed') } catch (e) { seen.push(e.errCode || e.message) }
	return seen
}`,
	"cloudfunctions/move/index.js": `
const cloud = require('wx-server-sdk'), db = cloud.database(), _ = db.command
exports.main = async ({ how }) => {
	const board = db.collection('board')
	if (how === 'make') { await board.doc('a').set({ data: { n: 10 } }); await board.doc('b').set({ data: { n: 0 } }); return }
	try {
		await db.runTransaction(async (t) => {
			const a = t.collection('board').doc('a')
			await a.update({ data: { n: _.inc(-3) } })
			if (how === 'throw') throw new Error('stopped')
			if (how === 'rollback') await t.rollback('no')
			if (how === 'bomb') { const hold = []; for (;;) hold.push(new Array(1e6).fill(1)) }
			if (how === 'leave') { globalThis.left = new Promise(() => {}); await globalThis.left }
			await t.collection('board').doc('b').update({ data: { n: _.inc(3) } })
		})
	} catch (e) { return String(e.message || e) }
	const { data } = await board.orderBy('_id', 'asc').get()
	return data.map((doc) => doc.n)
}`,
}

func (town *town) invoke(t *testing.T, name string, event any) apptest.Answer {
	t.Helper()
	return town.send(t, town.customer, "/api/mp/hello/call/"+name, town.launch.Token, map[string]any{"event": event})
}

func result(answer apptest.Answer) string {
	out, err := json.Marshal(answer.JSON()["result"])
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// The SDK in a function is WeChat's: the code of its documentation runs and gives what it says.
func TestTheDatabaseOfAFunction(t *testing.T) {
	town := newTown(t)
	town.publish(t, cloudFunctions)
	town.open(t)
	got := result(town.invoke(t, "story", nil))
	want := `[{"color":"blue","size":1},["a","b","c"],2,5,true,` +
		`{"list":[0,1],"m":0,"n":3,"style":{"shape":"x"},"tags":["z","y","b"]},` +
		`[3,2,2,5,2,2,1,2,2,1,1,5],[{"n":3},{"n":3}],` +
		`[{"_id":0,"all":["T0","T2","T4"],"sum":6},{"_id":1,"all":["Tea","T1","T3"],"sum":7}],1,` +
		`-1,-502005,"$inc is for updates","$gt cannot stand here",-502000]`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A transaction is whole or was not, however its function ends; and the next one has its turn.
func TestATransactionOfAFunctionThatEndsBadly(t *testing.T) {
	town := newTown(t)
	town.publish(t, cloudFunctions)
	town.open(t)
	town.invoke(t, "move", map[string]any{"how": "make"})
	// The bomb's worker is killed for want of memory, or on a busy machine for want of time.
	for _, c := range []struct{ how, want string }{
		{"throw", `"stopped"`}, {"rollback", `"no"`}, {"bomb", "function_"}, {"", "[7,3]"}, {"leave", "function_unsettled"}, {"", "[4,6]"},
	} {
		answer := town.invoke(t, "move", map[string]any{"how": c.how})
		if got := answer.Code() + result(answer); !strings.Contains(got, c.want) {
			t.Errorf("%q: %s, want %s", c.how, got, c.want)
		}
	}
}

// Pages have the database by its rules, as the person of the launch; what they send names neither program nor person.
func TestTheDatabaseOfAPage(t *testing.T) {
	town := newTown(t)
	town.publish(t, cloudFunctions)
	town.open(t)
	added := town.page(t, "clouddb.add", map[string]any{"collection": "todos", "data": map[string]any{"n": 1}, "appid": "other", "openid": "x"})
	if added.Status != 200 || len(added.Text("_id")) != 32 {
		t.Fatalf("%d %s", added.Status, added.Body)
	}
	got := town.page(t, "clouddb.get", map[string]any{"collection": "todos"})
	openID := town.page(t, "clouddb.aggregate", map[string]any{"collection": "todos", "stages": []any{map[string]any{"$project": map[string]any{"_openid": 1}}}})
	if !strings.Contains(string(got.Body), added.Text("_id")) || !strings.Contains(string(openID.Body), `"_openid":"o`) {
		t.Errorf("%s %s", got.Body, openID.Body)
	}
	other, err := programs.Launch(town.App, town.stranger, "hello", programs.Opening{}, now)
	if err != nil {
		t.Fatal(err)
	}
	theirs := town.send(t, town.stranger, "/api/mp/hello/bridge/clouddb.get", other.Token, map[string]any{"args": map[string]any{"collection": "todos"}})
	if string(bytes.TrimSpace(theirs.Body)) != `{"data":[]}` {
		t.Errorf("another person sees %s", theirs.Body)
	}
	key := map[string]string{"Idempotency-Key": "k-1"}
	args := map[string]any{"args": map[string]any{"collection": "todos", "data": map[string]any{"n": 2}}}
	first := town.send(t, town.customer, "/api/mp/hello/bridge/clouddb.add", town.launch.Token, args, key)
	again := town.send(t, town.customer, "/api/mp/hello/bridge/clouddb.add", town.launch.Token, args, key)
	if first.Text("_id") == "" || first.Text("_id") != again.Text("_id") {
		t.Errorf("%s, again %s", first.Body, again.Body)
	}
}

// A phone that waits hears what the other one writes, and nothing once the program is stopped.
func TestTwoPhones(t *testing.T) {
	town := newTown(t)
	town.publish(t, cloudFunctions)
	town.open(t)
	watch := func(seen string, wait int) apptest.Answer {
		return town.page(t, "clouddb.watch", map[string]any{"collection": "todos", "seen": seen, "wait": wait})
	}
	begin := watch("", 0)
	if !strings.Contains(string(begin.Body), `"docs":[]`) {
		t.Fatalf("nothing yet is a state, too: %s", begin.Body)
	}
	answers := make(chan apptest.Answer)
	go func() { answers <- watch(begin.Text("seen"), 20) }()
	town.page(t, "clouddb.add", map[string]any{"collection": "todos", "data": map[string]any{"title": "Tea"}})
	heard := <-answers
	if !strings.Contains(string(heard.Body), "Tea") {
		t.Fatalf("%d %s", heard.Status, heard.Body)
	}
	began := time.Now()
	go func() { answers <- watch(heard.Text("seen"), 20) }()
	for waiting := true; waiting; { // until it is known to wait, writes that change nothing it sees wake it
		town.setStatus(t, "taken_down")
		files := clouddb.Of(town.App)
		s := files.Session("hello", clouddb.Caller{Server: true, Now: now})
		if _, err := s.Add(t.Context(), clouddb.Write{Collection: "todos", Data: map[string]any{"_openid": "nobody"}}); err != nil {
			t.Fatal(err)
		}
		select {
		case heard = <-answers:
			waiting = false
		case <-time.After(10 * time.Millisecond):
		}
	}
	if heard.Code() != "program_taken_down" || time.Since(began) > 10*time.Second {
		t.Errorf("after the end: %d %s", heard.Status, heard.Body)
	}
}

// A declaration that makes no sense is refused with the package, not when people use it.
func TestABadDeclarationIsAFinding(t *testing.T) {
	town := newTown(t)
	folder := fstest.MapFS{
		"x/manifest.json": {Data: []byte(`{"app_id":"other","name":"Other","version":{"name":"1"}}`)}, "x/app.json": {Data: []byte(`{"pages":["a"]}`)},
		"x/a.wxml": {Data: []byte("<view/>")}, "x/a.js": {Data: []byte("Page({})")}, "x/clouddb.json": {Data: []byte(`{"collections":{"a":{"acl":"OPEN"}}}`)},
	}
	packed, err := programs.Zip(folder, "x")
	if err != nil {
		t.Fatal(err)
	}
	_, err = programs.Upload(town.App, programs.Owner{Org: town.shop.Id}, "other", bytes.NewReader(packed), "", town.stranger.Id, now)
	if err == nil || !strings.Contains(strings.ToLower(err.Error()), "package_invalid") {
		t.Errorf("%v", err)
	}
}
