package query

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// piped runs a pipeline over documents; others are what a lookup finds.
func piped(t *testing.T, source string, docs []string, others ...string) (string, error) {
	t.Helper()
	pipeline, err := ParsePipeline(sent(t, source), "me", now)
	if err != nil {
		return "", err
	}
	take := func(filter Filter, all []string) (in []Document) {
		for _, each := range all {
			if doc := document(t, each); filter.Match(doc) {
				promised(t, filter, doc)
				in = append(in, doc)
			}
		}
		return in
	}
	out, err := pipeline.Run(take(pipeline.First, docs), func(_ string, filter Filter) ([]Document, error) { return take(filter, others), nil })
	list := []any{}
	for _, doc := range out {
		list = append(list, doc)
	}
	return shown(t, list), err
}

// Every operator of WeChat's list gives what MongoDB's documentation says.
func TestOperators(t *testing.T) {
	const doc = `{"_id":"1","n":-7.5,"t":"Héllo","l":[3,1,2,3],"o":{"x":1,"y":2},"d":{"$date":1773133200123},"none":null,"e":[]}` // 2026-03-10 09:00:00.123 UTC, a Tuesday
	for source, want := range map[string]string{
		`{"$abs":"$n"}`: `7.5`, `{"$ceil":"$n"}`: `-7`, `{"$floor":"$n"}`: `-8`, `{"$trunc":"$n"}`: `-7`, `{"$trunc":["$n",0]}`: `-7`, `{"$round":[2.5]}`: `2`,
		`{"$sqrt":9}`: `3`, `{"$sqrt":-1}`: `null`, `{"$exp":0}`: `1`, `{"$ln":1}`: `0`, `{"$log10":1000}`: `3`, `{"$log":[8,2]}`: `3`, `{"$pow":[2,10]}`: `1024`, `{"$divide":[1,0]}`: `null`, `{"$mod":[7,4]}`: `3`,
		`{"$add":[1,2,3]}`: `6`, `{"$add":["$d",1000]}`: `{"$date":1773133201123}`, `{"$add":["$d","$d"]}`: `null`, `{"$subtract":["$d",{"$date":1773133200000}]}`: `123`, `{"$subtract":["$d",123]}`: `{"$date":1773133200000}`,
		`{"$cmp":[1,2]}`: `-1`, `{"$ifNull":["$none","x"]}`: `"x"`, `{"$cond":{"if":{"$gt":[2,1]},"then":"y","else":"n"}}`: `"y"`,
		`{"$switch":{"branches":[{"case":{"$eq":[1,2]},"then":"a"},{"case":true,"then":"b"}],"default":"c"}}`: `"b"`, `{"$switch":{"branches":[],"default":"c"}}`: `"c"`,
		`{"$sum":"$l"}`: `9`, `{"$avg":[1,2,"$none"]}`: `1.5`, `{"$min":"$l"}`: `1`, `{"$max":["$l",9]}`: `[3,1,2,3]`, `{"$stdDevPop":[2,4,4,4,5,5,7,9]}`: `2`, `{"$stdDevSamp":[1]}`: `null`,
		`{"$toUpper":"$t"}`: `"HÉLLO"`, `{"$toLower":"$none"}`: `""`, `{"$strLenCP":"$t"}`: `5`, `{"$strLenBytes":"$t"}`: `6`, `{"$substrCP":["$t",1,3]}`: `"éll"`, `{"$substrBytes":["$t",0,1]}`: `"H"`, `{"$substrBytes":["$t",0,2]}`: `null`,
		`{"$substr":["$t",3,-1]}`: `"llo"`, `{"$split":["a-b-c","-"]}`: `["a","b","c"]`, `{"$indexOfCP":["$t","l"]}`: `2`, `{"$indexOfBytes":["$t","l"]}`: `3`, `{"$indexOfCP":["$t","z"]}`: `-1`, `{"$strcasecmp":["a","B"]}`: `-1`,
		`{"$trim":{"input":"  a  "}}`: `"a"`, `{"$ltrim":{"input":"xxa","chars":"x"}}`: `"a"`, `{"$rtrim":{"input":"a "}}`: `"a"`, `{"$concat":["$t","!"]}`: `"Héllo!"`, `{"$concat":["$t","$none"]}`: `null`,
		`{"$size":"$l"}`: `4`, `{"$isArray":"$l"}`: `true`, `{"$arrayElemAt":["$l",-1]}`: `3`, `{"$arrayElemAt":["$l",9]}`: `-`, `{"$concatArrays":["$l",[9],"$e"]}`: `[3,1,2,3,9]`, `{"$slice":["$l",2]}`: `[3,1]`, `{"$slice":["$l",-2]}`: `[2,3]`,
		`{"$slice":["$l",1,2]}`: `[1,2]`, `{"$slice":["$l",-3,2]}`: `[1,2]`, `{"$range":[0,6,2]}`: `[0,2,4]`, `{"$range":[3,0,-1]}`: `[3,2,1]`, `{"$range":[0,1e9]}`: `null`, `{"$range":[0,5,0]}`: `null`, `{"$reverseArray":"$l"}`: `[3,2,1,3]`,
		`{"$in":[2,"$l"]}`: `true`, `{"$indexOfArray":["$l",3,1]}`: `3`, `{"$arrayToObject":[[["a",1],["b",2]]]}`: `{"a":1,"b":2}`, `{"$arrayToObject":{"$objectToArray":"$o"}}`: `{"x":1,"y":2}`,
		`{"$objectToArray":"$o"}`: `[{"k":"x","v":1},{"k":"y","v":2}]`, `{"$mergeObjects":["$o",{"y":9},"$none"]}`: `{"x":1,"y":9}`, `{"$setUnion":["$l",[4]]}`: `[1,2,3,4]`, `{"$setIntersection":["$l",[3,9]]}`: `[3]`,
		`{"$setDifference":["$l",[3]]}`: `[1,2]`, `{"$setEquals":["$l",[1,2,3]]}`: `true`, `{"$setIsSubset":[[1],"$l"]}`: `true`, `{"$allElementsTrue":["$l"]}`: `true`, `{"$anyElementTrue":["$e"]}`: `false`,
		`{"$zip":{"inputs":[[1,2],[3]]}}`: `[[1,3]]`, `{"$zip":{"inputs":[[1,2],[3]],"useLongestLength":true,"defaults":[0,9]}}`: `[[1,3],[2,9]]`,
		`{"$map":{"input":"$l","as":"x","in":{"$multiply":["$$x",2]}}}`: `[6,2,4,6]`, `{"$filter":{"input":"$l","as":"x","cond":{"$gt":["$$x",1]}}}`: `[3,2,3]`,
		`{"$reduce":{"input":"$l","initialValue":0,"in":{"$add":["$$value","$$this"]}}}`: `9`, `{"$let":{"vars":{"a":1,"b":"$o"},"in":{"$add":["$$a","$$b.y"]}}}`: `3`, `"$$ROOT.o.x"`: `1`, `"$$CURRENT.n"`: `-7.5`,
		`{"$type":"$d"}`: `"date"`, `{"$type":"$gone"}`: `"missing"`, `{"$toInt":"12"}`: `12`, `{"$toInt":"12.7"}`: `12`, `{"$toDouble":"x"}`: `null`, `{"$toString":12.5}`: `"12.5"`, `{"$toString":"$d"}`: `"2026-03-10T09:00:00.123Z"`,
		`{"$toBool":0}`: `false`, `{"$toDate":0}`: `{"$date":0}`, `{"$toDate":"2026-03-10T09:00:00.123Z"}`: `{"$date":1773133200123}`, `{"$toLong":"$d"}`: `1773133200123`, `{"$convert":{"input":"x","to":"int","onError":"no","onNull":1}}`: `"no"`,
		`{"$year":"$d"}`: `2026`, `{"$month":"$d"}`: `3`, `{"$dayOfMonth":"$d"}`: `10`, `{"$dayOfWeek":"$d"}`: `3`, `{"$isoDayOfWeek":"$d"}`: `2`, `{"$dayOfYear":"$d"}`: `69`, `{"$hour":"$d"}`: `9`, `{"$hour":{"date":"$d","timezone":"+08:00"}}`: `17`,
		`{"$hour":{"date":"$d","timezone":"Europe/Paris"}}`: `10`, `{"$minute":"$d"}`: `0`, `{"$second":"$d"}`: `0`, `{"$millisecond":"$d"}`: `123`, `{"$week":"$d"}`: `10`, `{"$isoWeek":"$d"}`: `11`, `{"$isoWeekYear":"$d"}`: `2026`, `{"$year":"$n"}`: `null`,
		`{"$dateToString":{"date":"$d"}}`: `"2026-03-10T09:00:00.123Z"`, `{"$dateToString":{"date":"$d","format":"%Y/%m/%d %H:%M:%S.%L %j %u %w %V %G %z %%","timezone":"+08:00"}}`: `"2026/03/10 17:00:00.123 069 2 3 11 2026 +0800 %"`,
		`{"$dateToString":{"date":"$none","onNull":"never"}}`: `"never"`, `{"$dateToString":{"date":"$d","format":"%Q"}}`: `null`, `{"$dateFromString":{"dateString":"2026-03-10","timezone":"Asia/Shanghai"}}`: `{"$date":1773072000000}`,
		`{"$dateFromString":{"dateString":"10.03.2026","format":"%d.%m.%Y"}}`: `{"$date":1773100800000}`, `{"$dateFromString":{"dateString":"x","onError":0}}`: `0`,
		`{"$dateToParts":{"date":"$d"}}`: `{"day":10,"hour":9,"millisecond":123,"minute":0,"month":3,"second":0,"year":2026}`, `{"$dateFromParts":{"year":2026,"month":3,"day":10,"hour":9,"millisecond":123}}`: `{"$date":1773133200123}`,
		`{"$dateFromParts":{"isoWeekYear":2026,"isoWeek":11,"isoDayOfWeek":2}}`: `{"$date":1773100800000}`, `{"$dateFromParts":{"year":"x"}}`: `null`,
	} {
		got, err := piped(t, `[{"$project":{"_id":0,"v":`+source+`}}]`, []string{doc})
		if full := `[{"v":` + want + `}]`; err != nil || got != full && (want != "-" || got != "[{}]") {
			t.Errorf("%s: %s %v, want %s", source, got, err, want)
		}
	}
}

// The stages give what WeChat's documentation says.
func TestStages(t *testing.T) {
	docs := []string{
		`{"_id":"1","by":"ann","n":1,"tags":["a","b"],"o":{"k":1}}`, `{"_id":"2","by":"bob","n":12,"tags":["b"],"o":{"k":2}}`,
		`{"_id":"3","by":"ann","n":25,"tags":[],"o":{"k":3}}`, `{"_id":"4","by":"eve","n":50,"o":{"k":4}}`,
	}
	others := []string{`{"_id":"ann","name":"Ann","t":"a","k":1}`, `{"_id":"bob","name":"Bob","t":"b","k":5}`, `{"_id":"cat","name":"Cat","t":"b","k":2}`}
	for source, want := range map[string]string{
		`[{"$lookup":{"from":"people","localField":"by","foreignField":"_id","as":"who"}},{"$project":{"_id":1,"who.name":1}}]`:                                                                     `[{"_id":"1","who":[{"name":"Ann"}]},{"_id":"2","who":[{"name":"Bob"}]},{"_id":"3","who":[{"name":"Ann"}]},{"_id":"4","who":[]}]`,
		`[{"$lookup":{"from":"people","localField":"tags","foreignField":"t","as":"who"}},{"$project":{"_id":0,"n":{"$size":"$who"}}}]`:                                                             `[{"n":3},{"n":2},{"n":0},{"n":0}]`,
		`[{"$lookup":{"from":"people","let":{"k":"$o.k"},"pipeline":[{"$match":{"$expr":{"$gte":["$k","$$k"]}}},{"$project":{"_id":1}}],"as":"x.more"}},{"$project":{"_id":0,"x.more":1}}]`:         `[{"x":{"more":[{"_id":"ann"},{"_id":"bob"},{"_id":"cat"}]}},{"x":{"more":[{"_id":"bob"},{"_id":"cat"}]}},{"x":{"more":[{"_id":"bob"}]}},{"x":{"more":[{"_id":"bob"}]}}]`,
		`[{"$lookup":{"from":"people","pipeline":[{"$count":"c"}],"as":"x"}},{"$limit":1},{"$project":{"_id":0,"x":1}}]`:                                                                            `[{"x":[{"c":3}]}]`,
		`[{"$bucket":{"groupBy":"$n","boundaries":[0,10,30],"default":"rest"}}]`:                                                                                                                    `[{"_id":0,"count":1},{"_id":10,"count":2},{"_id":"rest","count":1}]`,
		`[{"$bucket":{"groupBy":"$n","boundaries":[0,10,100],"output":{"all":{"$push":"$_id"}}}}]`:                                                                                                  `[{"_id":0,"all":["1"]},{"_id":10,"all":["2","3","4"]}]`,
		`[{"$bucketAuto":{"groupBy":"$n","buckets":2}}]`:                                                                                                                                            `[{"_id":{"max":25,"min":1},"count":2},{"_id":{"max":50,"min":25},"count":2}]`,
		`[{"$replaceRoot":{"newRoot":"$o"}},{"$limit":2}]`:                                                                                                                                          `[{"k":1},{"k":2}]`,
		`[{"$replaceRoot":{"newRoot":{"$mergeObjects":[{"by":"$by"},"$o"]}}},{"$limit":1}]`:                                                                                                         `[{"by":"ann","k":1}]`,
		`[{"$sample":{"size":99}},{"$count":"c"}]`:                                                                                                                                                  `[{"c":4}]`,
		`[{"$sample":{"size":2}},{"$count":"c"}]`:                                                                                                                                                   `[{"c":2}]`,
		`[{"$match":{"$expr":{"$gt":["$n",{"$multiply":["$o.k",10]}]}}},{"$project":{"_id":1}}]`:                                                                                                    `[{"_id":"4"}]`,
		`[{"$unwind":{"path":"$tags","includeArrayIndex":"i"}},{"$project":{"tags":1,"i":1}},{"$limit":2}]`:                                                                                         `[{"_id":"1","i":0,"tags":"a"},{"_id":"1","i":1,"tags":"b"}]`,
		`[{"$group":{"_id":null,"sd":{"$stdDevPop":"$o.k"},"all":{"$mergeObjects":"$o"}}},{"$project":{"_id":0,"all":1,"sd":{"$round":["$sd",2]}}}]`:                                                `[{"all":{"k":4},"sd":1.12}]`,
		`[{"$addFields":{"o.l":{"$add":["$o.k",1]},"deep.er":true}},{"$match":{"o.l":2}},{"$project":{"_id":0,"o":1,"deep":1}}]`:                                                                    `[{"deep":{"er":true},"o":{"k":1,"l":2}}]`,
		`[{"$match":{"n":1}},{"$addFields":{"m":{"$let":{"vars":{"x":"$n"},"in":{"$map":{"input":"$tags","as":"t","in":{"$concat":["$$t",{"$toString":"$$x"}]}}}}}}},{"$project":{"_id":0,"m":1}}]`: `[{"m":["a1","b1"]}]`,
	} {
		if got, err := piped(t, source, docs, others...); err != nil || got != want {
			t.Errorf("%s:\n%s %v, want\n%s", source, got, err, want)
		}
	}
	for _, source := range []string{
		`[{"$lookup":{"from":"a b","localField":"x","foreignField":"y","as":"z"}}]`, `[{"$lookup":{"from":"a","localField":"x","as":"z"}}]`, `[{"$lookup":{"from":"a","pipeline":[],"as":"z"}}]`,
		`[{"$lookup":{"from":"a","let":{"x":"$$y"},"pipeline":[{"$limit":1}],"as":"z"}}]`, `[{"$project":{"a":"$$nobody"}}]`, `[{"$project":{"a":{"$map":{"input":"$l"}}}}]`, `[{"$project":{"a":{"$trim":{"text":"x"}}}}]`,
		`[{"$bucket":{"groupBy":"$n","boundaries":[2,1]}}]`, `[{"$bucket":{"groupBy":"$n","boundaries":[1]}}]`, `[{"$bucketAuto":{"groupBy":"$n","buckets":0}}]`, `[{"$sample":{"size":0}}]`, `[{"$replaceRoot":{}}]`,
		`[{"$limit":1},{"$geoNear":{"near":{"type":"Point","coordinates":[0,0]},"key":"p","distanceField":"d"}}]`, `[{"$geoNear":{"near":1,"key":"p","distanceField":"d"}}]`,
		`[` + strings.Repeat(`{"$limit":1},`, 30) + `{"$limit":1}]`, `[{"$lookup":{"from":"a","pipeline":[` + strings.Repeat(`{"$limit":1},`, 30) + `{"$limit":1}],"as":"z"}}]`,
	} {
		if _, err := ParsePipeline(sent(t, source), "", now); !errors.Is(err, ErrBadQuery) {
			t.Errorf("%s: %v", source, err)
		}
	}
	for _, source := range []string{`[{"$replaceRoot":{"newRoot":"$n"}}]`, `[{"$bucket":{"groupBy":"$n","boundaries":[0,1]}}]`} {
		if _, err := piped(t, source, docs); !errors.Is(err, ErrBadQuery) {
			t.Errorf("%s: %v", source, err)
		}
	}
	if _, err := ParseFilter(sent(t, `{"$expr":true}`), ""); !errors.Is(err, ErrBadQuery) {
		t.Errorf("expr outside of a pipeline: %v", err)
	}
}

// Values that are made of themselves grow beyond everything; a pipeline that makes them is refused.
func TestAPipelineEnds(t *testing.T) {
	var doubling []string
	for i := range 28 {
		doubling = append(doubling, fmt.Sprintf(`{"$addFields":{"a":["$a","$a"],"b%d":1}}`, i))
	}
	for name, source := range map[string]string{
		"stages":        `[` + strings.Join(doubling, ",") + `]`,
		"reduce":        `[{"$project":{"a":{"$reduce":{"input":{"$range":[0,60]},"initialValue":1,"in":["$$value","$$value"]}}}}]`,
		"maps in maps":  `[{"$project":{"a":{"$map":{"input":{"$range":[0,10000]},"as":"x","in":{"$map":{"input":{"$range":[0,10000]},"as":"y","in":1}}}}}}]`,
		"lists in maps": `[{"$project":{"a":{"$map":{"input":{"$range":[0,20000]},"as":"x","in":{"$size":{"$setUnion":[{"$range":[0,20000]},{"$range":[0,20000]}]}}}}}}]`,
		"groups":        `[{"$group":{"_id":{"$reduce":{"input":{"$range":[0,60]},"initialValue":1,"in":["$$value","$$value"]}}}}]`,
		"roots":         `[{"$replaceRoot":{"newRoot":{"$reduce":{"input":{"$range":[0,60]},"initialValue":{},"in":{"a":"$$value","b":"$$value"}}}}}]`,
	} {
		if got, err := piped(t, source, []string{`{"_id":"1","a":1}`}); !errors.Is(err, ErrBadQuery) {
			t.Errorf("%s: %d bytes %v", name, len(got), err)
		}
	}
	var many []string
	for i := range 4_000 {
		many = append(many, fmt.Sprintf(`{"_id":"%d"}`, i))
	}
	if _, err := piped(t, `[{"$lookup":{"from":"x","pipeline":[{"$match":{"$expr":false}}],"as":"z"}}]`, many, many...); !errors.Is(err, ErrBadQuery) {
		t.Errorf("each with each: %v", err)
	}
}

func spot(lng, lat float64) string {
	return fmt.Sprintf(`{"type":"Point","coordinates":[%v,%v]}`, lng, lat)
}

// Shapes are found by where they are.
func TestShapes(t *testing.T) {
	const square = `{"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,10],[0,0]],[[4,4],[6,4],[6,6],[4,6],[4,4]]]}`
	const line = `{"type":"LineString","coordinates":[[-5,5],[2,5]]}`
	for _, c := range []struct {
		name, stored, condition string
		want                    bool
	}{
		{"near", spot(2.3522, 48.8566), `{"$geoNear":{"geometry":` + spot(2.3500, 48.8566) + `,"maxDistance":200}}`, true},
		{"too far", spot(2.3522, 48.8566), `{"$geoNear":{"geometry":` + spot(2.3500, 48.8566) + `,"maxDistance":100}}`, false},
		{"too near", spot(2.3522, 48.8566), `{"$geoNear":{"geometry":` + spot(2.3522, 48.8566) + `,"minDistance":1}}`, false},
		{"over the meridian", spot(179.999, 0), `{"$geoNear":{"geometry":` + spot(-179.999, 0) + `,"maxDistance":300}}`, true},
		{"at the pole", spot(90, 89.999), `{"$geoNear":{"geometry":` + spot(-90, 89.999) + `,"maxDistance":300}}`, true},
		{"within", spot(2, 2), `{"$geoWithin":{"geometry":` + square + `}}`, true},
		{"in the hole", spot(5, 5), `{"$geoWithin":{"geometry":` + square + `}}`, false},
		{"on the edge", spot(0, 5), `{"$geoWithin":{"geometry":` + square + `}}`, true},
		{"outside", spot(11, 5), `{"$geoWithin":{"geometry":` + square + `}}`, false},
		{"a line that leaves", line, `{"$geoWithin":{"geometry":` + square + `}}`, false},
		{"a line through the hole", `{"type":"LineString","coordinates":[[2,5],[8,5]]}`, `{"$geoWithin":{"geometry":` + square + `}}`, false},
		{"a line inside", `{"type":"LineString","coordinates":[[1,1],[9,1]]}`, `{"$geoWithin":{"geometry":` + square + `}}`, true},
		{"a circle", spot(0.5, 0), `{"$geoWithin":{"centerSphere":[[0,0],0.01]}}`, true},
		{"meets a line", line, `{"$geoIntersects":{"geometry":` + square + `}}`, true},
		{"is a point of a line", spot(0, 5), `{"$geoIntersects":{"geometry":` + line + `}}`, true},
		{"meets nothing", spot(20, 20), `{"$geoIntersects":{"geometry":` + square + `}}`, false},
		{"two that cross", `{"type":"MultiLineString","coordinates":[[[0,0],[2,2]]]}`, `{"$geoIntersects":{"geometry":{"type":"LineString","coordinates":[[0,2],[2,0]]}}}`, true},
		{"one of many", `{"type":"MultiPoint","coordinates":[[50,50],[1,1]]}`, `{"$geoIntersects":{"geometry":{"type":"MultiPolygon","coordinates":[[[[0,0],[2,0],[2,2],[0,0]]]]}}}`, true},
		{"no shape", `"here"`, `{"$geoIntersects":{"geometry":` + square + `}}`, false},
		{"no such place", spot(200, 0), `{"$geoIntersects":{"geometry":` + square + `}}`, false},
	} {
		filter, err := ParseFilter(sent(t, `{"p":`+c.condition+`}`), "")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		doc := document(t, `{"_id":"1","p":`+c.stored+`}`)
		if got := filter.Match(doc); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		} else if got {
			promised(t, filter, doc)
		}
	}
	for _, source := range []string{
		`{"p":{"$geoNear":1}}`, `{"p":{"$geoNear":{"geometry":` + line + `}}}`, `{"p":{"$geoNear":{"geometry":` + spot(0, 0) + `,"maxDistance":-1}}}`, `{"p":{"$geoWithin":{"geometry":` + spot(0, 0) + `}}}`,
		`{"p":{"$geoWithin":{"centerSphere":[[0,0],-1]}}}`, `{"p":{"$geoIntersects":{"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,1],[2,2]]]}}}}`, `{"p":{"$geoNear":{"geometry":` + spot(0, 91) + `}}}`,
	} {
		if _, err := ParseFilter(sent(t, source), ""); !errors.Is(err, ErrBadQuery) {
			t.Errorf("%s: %v", source, err)
		}
	}
	got, err := piped(t, `[{"$geoNear":{"near":`+spot(0, 0)+`,"key":"p","distanceField":"d.m","query":{"ok":true},"includeLocs":"at"}},{"$project":{"_id":1,"at.coordinates":1,"km":{"$trunc":{"$divide":["$d.m",1000]}}}}]`,
		[]string{`{"_id":"far","ok":true,"p":` + spot(2, 0) + `}`, `{"_id":"near","ok":true,"p":` + spot(1, 0) + `}`, `{"_id":"not","ok":false,"p":` + spot(0, 0) + `}`, `{"_id":"no","ok":true}`})
	if want := `[{"_id":"near","at":{"coordinates":[1,0]},"km":111},{"_id":"far","at":{"coordinates":[2,0]},"km":222}]`; err != nil || got != want {
		t.Errorf("%s %v", got, err)
	}
}

// Whatever circle is looked in, an index would find every point that is in it, and looks at few cells.
func TestCellsHoldWhatIsNear(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 3_000 {
		from := point{random.Float64()*360 - 180, random.Float64()*180 - 90}
		metres := math.Pow(10, random.Float64()*7.3)
		need := around(from, metres).cells()
		if len(need) > maxCells+1 {
			t.Fatalf("%d cells", len(need))
		}
		bearing, far := random.Float64()*2*math.Pi, metres*random.Float64()/earth
		lat := math.Asin(math.Sin(from[1]*math.Pi/180)*math.Cos(far) + math.Cos(from[1]*math.Pi/180)*math.Sin(far)*math.Cos(bearing))
		lng := from[0]*math.Pi/180 + math.Atan2(math.Sin(bearing)*math.Sin(far)*math.Cos(from[1]*math.Pi/180), math.Cos(far)-math.Sin(from[1]*math.Pi/180)*math.Sin(lat))
		to := point{math.Mod(lng*180/math.Pi+540, 360) - 180, lat * 180 / math.Pi}
		if distance(from, to) > metres {
			continue
		}
		cell := float64(interleave(gridOf(to, cellBits)))
		if !slices.ContainsFunc(need, func(span [2]float64) bool { return cell >= span[0] && cell <= span[1] }) {
			t.Fatalf("%v is %.0f m from %v, but not in the cells of %.0f m", to, distance(from, to), from, metres)
		}
	}
}

// An index of several fields stands in the order of its values, and finds what its needs say.
func TestTuples(t *testing.T) {
	values := []any{nil, -1e300, -2.5, -1.0, 0.0, 1e-9, 1.0, 2.0, 1e300, "", "\x00", "a", "a\x00", "a\x00b", "aa", "b", "é", map[string]any{"a": 1.0}, []any{}, false, true, Date(-5), Date(0), Date(7)}
	for i, a := range values {
		for j, b := range values {
			one, other := Tuple("").with(a).with("x"), Tuple("").with(b).with("x")
			if (i < j) != (one < other) || (i == j) != (one == other) {
				t.Errorf("%v and %v", a, b)
			}
		}
	}
	index := Index{Fields: []string{"a", "b.c"}}
	stands := func(doc Document, filter Filter) bool {
		spans, fixed := index.Spans(filter.Needs())
		if fixed == 0 {
			return true
		}
		return slices.ContainsFunc(index.Entries(doc), func(entry any) bool {
			tuple := entry.(Tuple)
			return slices.ContainsFunc(spans, func(s Span) bool { return tuple >= s.From && tuple < s.To })
		})
	}
	docs := []string{`{"a":1,"b":{"c":"x"}}`, `{"a":[1,2],"b":[{"c":"y"},{"c":["x","z"]}]}`, `{"a":1}`, `{}`, `{"a":2,"b":{"c":7}}`, `{"a":{"k":1},"b":{"c":null}}`, `{"a":[],"b":{"c":true}}`}
	for _, source := range []string{
		`{"a":1}`, `{"a":1,"b.c":"x"}`, `{"a":{"$in":[1,2]},"b.c":{"$in":["x","y"]}}`, `{"a":1,"b.c":{"$gt":"w"}}`, `{"a":2,"b.c":{"$lte":7}}`, `{"a":{"$gt":0}}`, `{"b.c":"x"}`, `{"a":null}`, `{"a":{"$all":[1,2]}}`, `{"a":{"$eq":{"k":1}}}`,
	} {
		filter, err := ParseFilter(sent(t, source), "")
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range docs {
			if doc := document(t, text); filter.Match(doc) && !stands(doc, filter) {
				t.Errorf("%s matches %s, but the index would not find it", source, text)
			}
		}
	}
	if again, err := ParseIndexName(Index{Fields: []string{"a", "b"}, Unique: true}.Name()); err != nil || !again.Unique || len(again.Fields) != 2 {
		t.Errorf("%+v %v", again, err)
	}
}

// A rule looks at other documents: those that it names, and no more than it may.
func TestRulesThatLookAtOtherDocuments(t *testing.T) {
	facts := Facts{OpenID: "ann", Doc: Document{"list": "l1", "n": 2.0, "_openid": "bob"}, Get: func(collection, id string) Document {
		return map[string]Document{
			"lists/l1": {"members": []any{"ann", "bob"}, "owner": "bob"}, "people/ann": {"role": "admin"}, "n/2": {"ok": true}, "lists/x-l1-y": {"ok": true},
		}[collection+"/"+id]
	}}
	for source, want := range map[string]bool{
		"auth.openid in get(`database.lists.${doc.list}`).members":                               true,
		"get(`database.lists.${doc.list}`).owner == auth.openid":                                 false,
		"get('database.people.ann').role == 'admin'":                                             true,
		"get(`database.people.${auth.openid}`).role == 'admin' && get(`database.n.${doc.n}`).ok": true,
		"get(`database.lists.x-${doc.list}-y`).ok == true":                                       true,
		"get(`database.lists.${doc.gone}`).owner == null":                                        true,
		"get(`database.lists.nothing`).members == doc.gone":                                      false,
		"get(`database.lists.${doc.list}`).members[1] == doc._openid":                            true,
	} {
		rule, err := ParseRule(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
		} else if got := rule.Allows(facts); got != want {
			t.Errorf("%s: %v", source, got)
		}
		if rule.OwnerOnly() {
			t.Errorf("%s is no rule of owners", source)
		}
	}
	for _, source := range []string{
		"get", "get()", "get(doc.x)", "get(`lists.a`)", "get(`database.lists`)", "get(`database.lists.`)", "get(`database.${doc.x}.a`)", "get(`database.a b.c`)", "get(`database.lists.${doc.x`)", "get(`database.lists.${`)",
		"get(`database.lists.${get('database.a.b').c}`).d", "get(`database.a.b`", "get(`database.a.b`).$x == 1", "get('database.a.b').c == get('database.a.b').c && get('database.a.b').c == get('database.a.b').c",
	} {
		if _, err := ParseRule(source); err == nil {
			t.Errorf("%s passed", source)
		}
	}
	rule, err := ParseRule("get('database.people.ann').role == 'admin'")
	if err != nil || rule.Allows(Facts{OpenID: "ann"}) {
		t.Errorf("without a database: %v", err)
	}
}

// A piece of a list is shown, with or without other fields.
func TestPiecesOfLists(t *testing.T) {
	for source, want := range map[string]string{
		`{"l":{"$slice":2}}`: `{"_id":"1","a":9,"l":[1,2]}`, `{"l":{"$slice":-1}}`: `{"_id":"1","a":9,"l":[4]}`, `{"l":{"$slice":[1,2]},"l2":1}`: `{"_id":"1"}`,
		`{"l":{"$slice":[1,2]},"a":false}`: `{"_id":"1","l":[2,3]}`, `{"a":{"$slice":1}}`: `{"_id":"1","a":9,"l":[1,2,3,4]}`,
	} {
		projection, err := ParseProjection(sent(t, source))
		if err != nil {
			t.Errorf("%s: %v", source, err)
		} else if got := shown(t, projection.Apply(document(t, `{"_id":"1","a":9,"l":[1,2,3,4]}`))); got != want {
			t.Errorf("%s: %s", source, got)
		}
	}
	for _, source := range []string{`{"l":{"$slice":"x"}}`, `{"l":{"$slice":[]}}`, `{"l":{"$slice":[1,2,3]}}`, `{"l":{}}`, `{"l":{"$slice":1,"$x":1}}`} {
		if _, err := ParseProjection(sent(t, source)); !errors.Is(err, ErrBadQuery) {
			t.Errorf("%s: %v", source, err)
		}
	}
}
