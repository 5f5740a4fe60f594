package query

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"plaza.internal/plaza/internal/refusal"
)

var now = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

func sent(t testing.TB, source string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(source), &value); err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return value
}

func document(t testing.TB, source string) Document {
	t.Helper()
	value, err := Decode(sent(t, source), now)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return value.(Document)
}

func shown(t testing.TB, value any) string {
	t.Helper()
	text, err := json.Marshal(Encode(value))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What a condition means: each operator, nested, in arrays, with nulls and with fields that are not there.
func TestFilters(t *testing.T) {
	const doc = `{"_id":"1","n":5,"s":"Tea","b":true,"z":null,"e":[],"tags":["red","green"],"nums":[1,10],
		"d":{"$date":1000},"o":{"p":{"q":7}},"list":[{"k":"a","v":1},{"k":"b","v":9}],"deep":[[1,2],[3]]}`
	for source, want := range map[string]bool{
		`{}`: true, `{"n":{"$eq":5}}`: true, `{"n":5}`: true, `{"n":{"$eq":"5"}}`: false, `{"s":{"$eq":"tea"}}`: false,
		`{"n":{"$ne":5}}`: false, `{"n":{"$ne":6}}`: true, `{"gone":{"$ne":6}}`: true, `{"tags":{"$ne":"red"}}`: false,
		`{"n":{"$gt":4}}`: true, `{"n":{"$gt":5}}`: false, `{"n":{"$gte":5}}`: true, `{"n":{"$lt":6,"$gt":4}}`: true,
		`{"n":{"$lt":5}}`: false, `{"n":{"$lte":5}}`: true, `{"s":{"$gt":4}}`: false, `{"s":{"$gte":"Tea"}}`: true,
		`{"gone":{"$lt":5}}`: false, `{"z":{"$lte":5}}`: false, `{"b":{"$eq":true}}`: true, `{"b":{"$eq":1}}`: false,
		`{"z":{"$eq":null}}`: true, `{"gone":{"$eq":null}}`: true, `{"n":{"$eq":null}}`: false, `{"o.gone":{"$eq":null}}`: true,
		`{"n":{"$in":[4,5]}}`: true, `{"n":{"$in":[]}}`: false, `{"gone":{"$in":[null]}}`: true, `{"tags":{"$in":["green","x"]}}`: true,
		`{"n":{"$nin":[4,5]}}`: false, `{"n":{"$nin":[4]}}`: true, `{"gone":{"$nin":[4]}}`: true,
		`{"n":{"$and":[{"$gt":4},{"$lt":6}]}}`: true, `{"n":{"$or":[{"$gt":9},{"$lt":6}]}}`: true, `{"n":{"$nor":[{"$gt":9},{"$lt":6}]}}`: false,
		`{"n":{"$not":{"$gt":9}}}`: true, `{"gone":{"$not":{"$gt":9}}}`: true, `{"n":{"$not":{"$gt":1}}}`: false,
		`{"$and":[{"n":5},{"s":"Tea"}]}`: true, `{"$or":[{"n":6},{"s":"Tea"}]}`: true, `{"$nor":[{"n":6},{"s":"x"}]}`: true,
		`{"$and":[{"n":5},{"s":"x"}]}`: false, `{"$or":[{"n":6},{"$and":[{"b":true}]}]}`: true,
		`{"n":{"$exists":true}}`: true, `{"z":{"$exists":true}}`: true, `{"gone":{"$exists":true}}`: false, `{"gone":{"$exists":false}}`: true,
		`{"list.k":{"$exists":true}}`: true, `{"list.x":{"$exists":false}}`: true,
		`{"tags":{"$size":2}}`: true, `{"e":{"$size":0}}`: true, `{"n":{"$size":1}}`: false,
		`{"n":{"$mod":[3,2]}}`: true, `{"n":{"$mod":[3,1]}}`: false, `{"nums":{"$mod":[5,0]}}`: true, `{"s":{"$mod":[5,0]}}`: false,
		`{"tags":{"$all":["green","red"]}}`: true, `{"tags":{"$all":["red","x"]}}`: false, `{"tags":{"$all":[]}}`: false, `{"n":{"$all":[5]}}`: true,
		`{"tags":"red"}`: true, `{"tags":{"$eq":["red","green"]}}`: true, `{"tags":{"$eq":["green","red"]}}`: false, `{"tags.1":"green"}`: true, `{"tags.2":"green"}`: false,
		`{"nums":{"$gt":5,"$lt":5}}`: true, `{"nums":{"$elemMatch":{"$gt":5,"$lt":10}}}`: false, `{"nums":{"$elemMatch":{"$gt":5,"$lt":11}}}`: true,
		`{"list":{"$elemMatch":{"k":"a","v":{"$gt":5}}}}`: false, `{"list":{"$elemMatch":{"k":"b","v":{"$gt":5}}}}`: true, `{"n":{"$elemMatch":{"$gt":1}}}`: false,
		`{"list.k":"b"}`: true, `{"list.0.k":"b"}`: false, `{"list.1.v":{"$gt":8}}`: true, `{"list.v":{"$lt":0}}`: false,
		`{"s":{"$regex":"^te","$options":"i"}}`: true, `{"s":{"$regex":"^te"}}`: false, `{"tags":{"$regex":"ee"}}`: true, `{"n":{"$regex":"5"}}`: false,
		`{"d":{"$lt":{"$date":1001}}}`: true, `{"d":{"$eq":{"$date":1000}}}`: true, `{"d":{"$lt":5000}}`: false, `{"d":{"$gt":{"$date":-99999}}}`: true,
		`{"o.p.q":7}`: true, `{"o.p":{"$eq":{"q":7}}}`: true, `{"o.p":{"$eq":{"q":8}}}`: false, `{"o.p.q.r":null}`: true, `{"deep":{"$eq":[1,2]}}`: true,
		`{"s":"{openid}"}`: false,
	} {
		filter, err := ParseFilter(sent(t, source), "me")
		if err != nil {
			t.Errorf("%s: %v", source, err)
		} else if got := filter.Match(document(t, doc)); got != want {
			t.Errorf("%s: %t", source, got)
		}
	}
	mine, err := ParseFilter(sent(t, `{"_openid":"{openid}"}`), "me")
	if err != nil || !mine.Match(Document{"_openid": "me"}) || mine.Match(Document{"_openid": "{openid}"}) {
		t.Errorf("{openid}: %v", err)
	}
}

func TestWhatIsNoCondition(t *testing.T) {
	deep := strings.Repeat(`{"$and":[`, 40) + `{"a":1}` + strings.Repeat(`]}`, 40)
	for _, source := range []string{
		`[]`, `"a"`, `{"$where":"1"}`, `{"a":{"$where":1}}`, `{"a":{"$eq":{"$inc":1}}}`, `{"a..b":1}`, `{"":1}`, `{"$or":{}}`, `{"$or":[]}`, `{"$or":[1]}`,
		`{"a":{"$in":1}}`, `{"a":{"$mod":[0,1]}}`, `{"a":{"$mod":1}}`, `{"a":{"$size":"1"}}`, `{"a":{"$exists":1}}`, `{"a":{"$regex":"("}}`,
		`{"a":{"$regex":1}}`, `{"a":{"$regex":"a","$options":"x"}}`, `{"a":{"$gt":null}}`, `{"a":{"$gt":[1]}}`, `{"a":{"$elemMatch":1}}`, deep,
		`{"a":{"$in":[` + strings.Repeat("1,", MaxNodes) + `1]}}`, `{"a":{"$regex":"` + strings.Repeat("a", MaxPattern+1) + `"}}`,
	} {
		if _, err := ParseFilter(sent(t, source), ""); !errors.Is(err, ErrBadQuery) {
			t.Errorf("%.60s: %v", source, err)
		}
	}
}

// What an update does: each operator, on fields that are there, that are not, and inside of others.
func TestUpdates(t *testing.T) {
	const doc = `{"n":5,"s":"Tea","o":{"a":1,"b":2},"l":[3,1,2],"p":[{"k":"a","v":1},{"k":"b","v":9}],"z":null}`
	for source, want := range map[string]string{
		`{"$set":{"n":6}}`: `"n":6`, `{"$set":{"o.c.d":1}}`: `"o":{"a":1,"b":2,"c":{"d":1}}`, `{"$set":{"o":{"x":1}}}`: `"o":{"x":1}`,
		`{"$set":{"l.1":9}}`: `"l":[3,9,2]`, `{"$set":{"l.4":9}}`: `"l":[3,1,2,null,9]`, `{"$set":{"p.0.v":2}}`: `"p":[{"k":"a","v":2},{"k":"b","v":9}]`,
		`{"$set":{"at":{"$serverDate":1000}}}`: `"at":{"$date":1773133201000}`, `{"$set":{"at":{"$date":5}}}`: `"at":{"$date":5}`,
		`{"$unset":{"s":true}}`: `"p":[{"k":"a","v":1},{"k":"b","v":9}],"z":null`, `{"$unset":{"o.a":true}}`: `"o":{"b":2}`, `{"$unset":{"x.y":true}}`: `"s":"Tea"`, `{"$unset":{"l.0":1}}`: `"l":[null,1,2]`,
		`{"$inc":{"n":-7}}`: `"n":-2`, `{"$inc":{"new.x":2}}`: `"new":{"x":2}`, `{"$mul":{"n":3}}`: `"n":15`, `{"$mul":{"new":3}}`: `"new":0`,
		`{"$min":{"n":3}}`: `"n":3`, `{"$min":{"n":9}}`: `"n":5`, `{"$max":{"n":9}}`: `"n":9`, `{"$max":{"n":3}}`: `"n":5`, `{"$max":{"new":3}}`: `"new":3`,
		`{"$rename":{"s":"t"}}`: `"t":"Tea"`, `{"$rename":{"o.a":"o.c"}}`: `"o":{"b":2,"c":1}`, `{"$rename":{"gone":"t"}}`: `"s":"Tea"`,
		`{"$push":{"l":{"each":[4,5]}}}`: `"l":[3,1,2,4,5]`, `{"$push":{"new":{"each":[4]}}}`: `"new":[4]`, `{"$push":{"l":{"each":[7],"position":1}}}`: `"l":[3,7,1,2]`,
		`{"$push":{"l":{"each":[7],"position":-1}}}`: `"l":[3,1,7,2]`, `{"$push":{"l":{"each":[0],"sort":1}}}`: `"l":[0,1,2,3]`, `{"$push":{"l":{"each":[0],"sort":-1,"slice":2}}}`: `"l":[3,2]`,
		`{"$push":{"l":{"each":[9],"slice":-2}}}`: `"l":[2,9]`, `{"$push":{"p":{"each":[{"k":"c","v":5}],"sort":{"v":-1},"slice":2}}}`: `"p":[{"k":"b","v":9},{"k":"c","v":5}]`,
		`{"$pop":{"l":1}}`: `"l":[3,1]`, `{"$pop":{"l":-1}}`: `"l":[1,2]`, `{"$pop":{"new":1}}`: `"n":5`,
		`{"$pull":{"l":1}}`: `"l":[3,2]`, `{"$pull":{"l":{"$gte":2}}}`: `"l":[1]`, `{"$pull":{"p":{"k":"a"}}}`: `"p":[{"k":"b","v":9}]`, `{"$pull":{"p":{"v":{"$gt":5}}}}`: `"p":[{"k":"a","v":1}]`,
		`{"$pullAll":{"l":[1,3,8]}}`: `"l":[2]`, `{"$addToSet":{"l":[1,8,8]}}`: `"l":[3,1,2,8]`, `{"$addToSet":{"new":[1]}}`: `"new":[1]`,
		`{"$set":{"s":"x"},"$inc":{"n":1}}`: `"n":6`,
	} {
		update, err := ParseUpdate(sent(t, source), now)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		changed := document(t, doc)
		if err := update.Apply(changed); err != nil || !strings.Contains(shown(t, changed), want) {
			t.Errorf("%s: %v %s, want %s", source, err, shown(t, changed), want)
		}
	}
	if updated := document(t, doc); shown(t, updated) == "" || strings.Contains(shown(t, updated), "\x01") {
		t.Error("a document is shown as it is kept")
	}
}

func TestWhatIsNoUpdate(t *testing.T) {
	for source, want := range map[string]*refusal.Refusal{
		`{}`: ErrBadData, `[]`: ErrBadData, `{"a":1}`: ErrBadData, `{"$set":1}`: ErrBadData, `{"$set":{}}`: ErrBadData, `{"$eval":{"a":1}}`: ErrBadData,
		`{"$set":{"_id":1}}`: ErrBadData, `{"$set":{"_openid":"x"}}`: ErrBadData, `{"$rename":{"a":"_openid"}}`: ErrBadData, `{"$rename":{"a":1}}`: ErrBadData,
		`{"$set":{"a":1,"a.b":2}}`: ErrBadData, `{"$set":{"a":1},"$inc":{"a":2}}`: ErrBadData, `{"$set":{"$a":1}}`: ErrBadData, `{"$set":{"a":{"$b":1}}}`: ErrBadData,
		`{"$inc":{"n":"1"}}`: ErrBadData, `{"$push":{"l":{}}}`: ErrBadData, `{"$push":{"l":{"each":[],"sort":7}}}`: ErrBadData, `{"$pop":{"l":2}}`: ErrBadData, `{"$pullAll":{"l":1}}`: ErrBadData,
		`{"$set":{"d":{"$date":"x"}}}`: ErrBadData, `{"$set":{"d":{"$date":1e300}}}`: ErrBadData,
		`{"$inc":{"s":1}}`: ErrBadUpdate, `{"$push":{"n":{"each":[1]}}}`: ErrBadUpdate, `{"$addToSet":{"s":[1]}}`: ErrBadUpdate, `{"$set":{"n.x":1}}`: ErrBadUpdate,
		`{"$set":{"l.x":1}}`: ErrBadUpdate, `{"$set":{"l.999999":1}}`: ErrBadUpdate, `{"$mul":{"n":1e307}}`: nil, `{"$mul":{"big":1e308}}`: ErrBadUpdate,
	} {
		update, err := ParseUpdate(sent(t, source), now)
		if err == nil {
			err = update.Apply(document(t, `{"n":5,"s":"Tea","l":[1],"big":1e300}`))
		}
		if want == nil && err != nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: %v", source, err)
		}
	}
}

// Values of all kinds have one order; documents sort by it, stable, arrays by their least or greatest element.
func TestOrder(t *testing.T) {
	ascending := []string{`null`, `-1`, `2`, `10`, `"B"`, `"a"`, `{"x":1}`, `[5]`, `false`, `true`, `{"$date":-5}`, `{"$date":7}`}
	for i := range ascending {
		for j := range ascending {
			a, b := document(t, `{"v":`+ascending[i]+`}`)["v"], document(t, `{"v":`+ascending[j]+`}`)["v"]
			if got := Compare(a, b); (got < 0) != (i < j) || (got == 0) != (i == j) {
				t.Errorf("%s against %s: %d", ascending[i], ascending[j], got)
			}
		}
	}
	order, err := ParseOrder(sent(t, `[["a","desc"],["b",1]]`))
	if err != nil {
		t.Fatal(err)
	}
	keys := func(source string) []any { return order.Keys(document(t, source)) }
	if order.Compare(keys(`{"a":[1,9]}`), keys(`{"a":8}`)) >= 0 || order.Compare(keys(`{"a":1,"b":1}`), keys(`{"a":1,"b":2}`)) >= 0 || order.Compare(keys(`{}`), keys(`{"a":0}`)) <= 0 {
		t.Error("the order is another")
	}
	for _, source := range []string{`{}`, `[1]`, `[["a"]]`, `[["a","up"]]`, `[["","asc"]]`} {
		if _, err := ParseOrder(sent(t, source)); !errors.Is(err, ErrBadQuery) {
			t.Errorf("%s: %v", source, err)
		}
	}
}

func TestProjections(t *testing.T) {
	const doc = `{"_id":"1","a":1,"o":{"x":1,"y":2},"l":[{"x":1,"y":2},3]}`
	for source, want := range map[string]string{
		`{"a":true}`: `{"_id":"1","a":1}`, `{"o.x":true,"l.y":1}`: `{"_id":"1","l":[{"y":2}],"o":{"x":1}}`, `{"a":1,"_id":0}`: `{"a":1}`,
		`{"a":false,"l":0}`: `{"_id":"1","o":{"x":1,"y":2}}`, `{"o.x":false,"l.x":false,"a":false}`: `{"_id":"1","l":[{"y":2},3],"o":{"y":2}}`,
		`{"_id":false,"o":false,"l":false}`: `{"a":1}`, `{"gone":true}`: `{"_id":"1"}`,
	} {
		projection, err := ParseProjection(sent(t, source))
		if err != nil {
			t.Errorf("%s: %v", source, err)
		} else if got := shown(t, projection.Apply(document(t, doc))); got != want {
			t.Errorf("%s: %s, want %s", source, got, want)
		}
	}
	for _, source := range []string{`{"a":1,"l":0}`, `{"a":"x"}`, `[]`} {
		if _, err := ParseProjection(sent(t, source)); !errors.Is(err, ErrBadQuery) {
			t.Errorf("%s: %v", source, err)
		}
	}
}

func TestPipelines(t *testing.T) {
	docs := []string{`{"_id":"1","g":"a","n":1,"l":[1,2]}`, `{"_id":"2","g":"b","n":5,"l":[]}`, `{"_id":"3","g":"a","n":4}`}
	for source, want := range map[string]string{
		`[{"$match":{"n":{"$gt":1}}},{"$count":"total"}]`: `[{"total":2}]`,
		`[{"$group":{"_id":"$g","sum":{"$sum":"$n"},"avg":{"$avg":"$n"},"min":{"$min":"$n"},"max":{"$max":"$n"},"first":{"$first":"$n"},"last":{"$last":"$n"},"all":{"$push":"$n"},"set":{"$addToSet":"$g"},"count":{"$sum":1}}},{"$sort":[["_id",1]]},{"$limit":1}]`: `[{"_id":"a","all":[1,4],"avg":2.5,"count":2,"first":1,"last":4,"max":4,"min":1,"set":["a"],"sum":5}]`,
		`[{"$group":{"_id":null,"n":{"$sum":"$gone"},"a":{"$avg":"$gone"},"m":{"$max":"$gone"}}}]`:                     `[{"_id":null,"a":null,"m":null,"n":0}]`,
		`[{"$group":{"_id":{"g":"$g","big":{"$gt":["$n",3]}}}},{"$count":"c"}]`:                                        `[{"c":3}]`,
		`[{"$unwind":"$l"},{"$project":{"l":1}}]`:                                                                      `[{"_id":"1","l":1},{"_id":"1","l":2}]`,
		`[{"$unwind":{"path":"$l","preserveNullAndEmptyArrays":true}},{"$count":"c"}]`:                                 `[{"c":4}]`,
		`[{"$sort":[["n",-1]]},{"$skip":1},{"$limit":1},{"$project":{"_id":0,"n":1,"twice":{"$multiply":["$n",2]}}}]`:  `[{"n":4,"twice":8}]`,
		`[{"$addFields":{"s":{"$concat":["$g","-",{"$literal":"$x"}]}}},{"$match":{"s":"b-$x"}},{"$project":{"s":1}}]`: `[{"_id":"2","s":"b-$x"}]`,
		`[{"$match":{"_id":"1"}},{"$project":{"_id":0,"a":{"$add":["$n",1]},"b":{"$subtract":["$n",1]},"c":{"$divide":["$n",0]},"d":{"$size":"$l"},"e":{"$ifNull":["$gone","x"]},"f":{"$cond":[{"$eq":["$g","a"]},"y","n"]},"g":{"$mod":[7,4]}}}]`: `[{"a":2,"b":0,"c":null,"d":2,"e":"x","f":"y","g":3}]`,
		`[{"$match":{"_id":"1"}},{"$project":{"n":false,"l":false}}]`: `[{"_id":"1","g":"a"}]`,
	} {
		pipeline, err := ParsePipeline(sent(t, source), "", now)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		var in []Document
		for _, each := range docs {
			if doc := document(t, each); pipeline.First.Match(doc) {
				in = append(in, doc)
			}
		}
		out, err := pipeline.Run(in, nil)
		list := []any{}
		for _, doc := range out {
			list = append(list, doc)
		}
		if got := shown(t, list); err != nil || got != want {
			t.Errorf("%s: %v %s, want %s", source, err, got, want)
		}
	}
	for _, source := range []string{
		`{}`, `[]`, `[{}]`, `[{"$lookup":{}}]`, `[{"$out":"x"}]`, `[{"$group":{}}]`, `[{"$group":{"_id":1,"a":1}}]`, `[{"$group":{"_id":1,"a":{"$eval":1}}}]`, `[{"$limit":-1}]`,
		`[{"$unwind":"l"}]`, `[{"$count":"$x"}]`, `[{"$project":{}}]`, `[{"$project":{"a":{"$function":1}}}]`, `[{"$project":{"a":{"$subtract":[1]}}}]`, `[{"$sort":[["a","up"]]}]`,
	} {
		if _, err := ParsePipeline(sent(t, source), "", now); !errors.Is(err, ErrBadQuery) {
			t.Errorf("%s: %v", source, err)
		}
	}
}

func TestRules(t *testing.T) {
	facts := Facts{OpenID: "me", Doc: document(t, `{"_openid":"me","n":5,"tags":["a"],"o":{"x":true},"team":["you","me"]}`), Data: document(t, `{"n":6}`), Now: Date(1000)}
	for source, want := range map[string]bool{
		`true`: true, `false`: false, `doc._openid == auth.openid`: true, `doc._openid===auth.openid`: true, `auth.openid == doc.other`: false, `doc.a == doc.b`: false,
		`doc.n > 4 && doc.n <= 5`: true, `doc.n > 5 || doc.o.x == true`: true, `!(doc.n == 5)`: false, `doc.n != 5`: false, `doc.gone == null`: true, `doc.gone != null`: false,
		`auth.openid in doc.team`: true, `doc.n in [1, 5, 'x']`: true, `"a" in doc.tags`: true, `'b' in doc.tags`: false, `doc.tags[0] == 'a'`: true, `doc['n'] == 5`: true,
		`request.data.n >= 6`: true, `request.data.n > doc.n`: true, `doc.s > 4`: false, `now > 0`: false, `doc.n`: false, `doc.o.x`: true, `doc.n > "4"`: false, `doc == null`: false,
	} {
		rule, err := ParseRule(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
		} else if got := rule.Allows(facts); got != want {
			t.Errorf("%s: %t", source, got)
		}
	}
	for _, source := range []string{
		``, `doc.`, `auth.name`, `auth`, `process.exit()`, `doc.n = 5`, `doc.n ==`, `(true`, `true)`, `'open`, `"a\"`, `get('x')`, `doc.$x`, `[1`, `doc[1`, `true true`, `-1 > 2`, `#`,
		strings.Repeat("(", 60) + "true" + strings.Repeat(")", 60), strings.Repeat("!", 60) + "true", strings.Repeat("a", 1001), "\xff",
	} {
		if _, err := ParseRule(source); err == nil {
			t.Errorf("%.40q is a rule", source)
		}
	}
	if (Rule{}).Allows(facts) {
		t.Error("no rule allows")
	}
}

func TestSchemas(t *testing.T) {
	schema, err := ParseSchema([]byte(`{"collections":{"a":{"acl":"READONLY","indexes":["n","n","o.x"]},"b":{"rules":{"read":true,"write":"doc._openid == auth.openid","delete":false}},"c":{}}}`))
	if err != nil {
		t.Fatal(err)
	}
	a, declared := schema.Collection("a")
	b, _ := schema.Collection("b")
	c, _ := schema.Collection("c")
	if !declared || len(a.Indexes) != 2 || a.Read.String() != "true" || !a.Update.OwnerOnly() || b.Delete.String() != "false" || !b.Create.OwnerOnly() || !c.Read.OwnerOnly() {
		t.Errorf("%+v %+v %+v", a, b, c)
	}
	if other, declared := schema.Collection("other"); declared || !other.Read.OwnerOnly() {
		t.Error("a collection that nobody declares is not its creators'")
	}
	for _, source := range []string{
		`[]`, `{"collection":{}}`, `{"collections":{"a b":{}}}`, `{"collections":{"a":{"acl":"OPEN"}}}`, `{"collections":{"a":{"acl":"PRIVATE","rules":{}}}}`,
		`{"collections":{"a":{"rules":{"see":true}}}}`, `{"collections":{"a":{"rules":{"read":1}}}}`, `{"collections":{"a":{"rules":{"read":"eval()"}}}}`, `{"collections":{"a":{"indexes":["a..b"]}}}`,
	} {
		if _, err := ParseSchema([]byte(source)); err == nil {
			t.Errorf("%s is a schema", source)
		}
	}
}

// Whatever a program sends is a condition, an update or a pipeline that runs, or a refusal with a name.
func FuzzLanguage(f *testing.F) {
	for _, seed := range []string{
		`{"a.b":{"$gt":1,"$lt":{"$date":5}}}`, `{"$or":[{"a":{"$elemMatch":{"k":1}}},{"b":{"$regex":"x+","$options":"i"}}]}`, `{"a":{"$not":{"$in":[1,null,"x"]}}}`,
		`{"$set":{"a.0.b":1},"$inc":{"n":1},"$push":{"l":{"each":[1],"position":-3,"slice":-1,"sort":{"k":1}}}}`, `{"$pull":{"l":{"k":{"$gt":1}}},"$rename":{"a":"b"},"$pop":{"x":-1}}`,
		`[{"$match":{"n":1}},{"$group":{"_id":{"a":"$n"},"s":{"$sum":"$n"}}},{"$unwind":"$l"},{"$project":{"a":{"$add":["$n",1]}}}]`, `[["a","asc"],["b.c",-1]]`, `"doc.n > 1 && auth.openid in doc.l"`,
	} {
		f.Add(seed)
	}
	const doc = `{"_id":"1","n":5,"s":"Tea","a":[{"b":[1,{"c":null}]}],"l":[3,{"k":2}],"x":{},"d":{"$date":9}}`
	f.Fuzz(func(t *testing.T, source string) {
		var value any
		if json.Unmarshal([]byte(source), &value) != nil {
			return
		}
		isRefusal := func(err error) {
			var no *refusal.Refusal
			if err != nil && !errors.As(err, &no) {
				t.Errorf("%q: %v has no name", source, err)
			}
		}
		filter, err := ParseFilter(value, "me")
		isRefusal(err)
		if err == nil && filter.Match(document(t, doc)) {
			promised(t, filter, document(t, doc))
		}
		update, err := ParseUpdate(value, now)
		isRefusal(err)
		if err == nil {
			changed := document(t, doc)
			if err := update.Apply(changed); err == nil {
				if text, err := Format(changed); err == nil {
					if again, err := Parse(text); err != nil || Compare(again, changed) != 0 {
						t.Errorf("%q: %s is read back as another: %v", source, text, err)
					}
				}
			} else {
				isRefusal(err)
			}
		}
		pipeline, err := ParsePipeline(value, "me", now)
		isRefusal(err)
		if err == nil {
			_, err = pipeline.Run([]Document{document(t, doc), document(t, doc)}, nil)
			isRefusal(err)
		}
		if order, err := ParseOrder(value); err == nil {
			order.Keys(document(t, doc))
		}
		if projection, err := ParseProjection(value); err == nil {
			projection.Apply(document(t, doc))
		}
		if text, ok := value.(string); ok {
			if rule, err := ParseRule(text); err == nil {
				rule.Allows(Facts{OpenID: "me", Doc: document(t, doc)})
			}
		}
	})
}

// promised checks the promise of Needs: a document that matches stands in an index where the need looks for it.
func promised(t *testing.T, filter Filter, doc Document) {
	t.Helper()
	for _, need := range filter.Needs() {
		found := false
		for _, entry := range GeoEntries(doc, need.Path) {
			for _, cells := range need.Cells {
				found = found || entry.(float64) >= cells[0] && entry.(float64) <= cells[1]
			}
		}
		for _, entry := range Entries(doc, need.Path) {
			for _, value := range need.In {
				found = found || equal(entry, value)
			}
			found = found || need.From != nil && Compare(entry, need.From) >= 0 || need.To != nil && Compare(entry, need.To) <= 0
		}
		if !found {
			t.Errorf("the document matches, but an index on %s would not find it", need.Path)
		}
	}
}
