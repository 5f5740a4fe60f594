package bridge

import (
	"fmt"
	"testing"
)

// withFunctions releases the hello program with these functions beside its own.
func (town *town) withFunctions(t *testing.T, sources map[string]string) {
	t.Helper()
	changed := map[string]string{}
	for name, source := range sources {
		changed["cloudfunctions/"+name+"/index.js"] = "const cloud = require('wx-server-sdk'); const db = cloud.database();" + source
	}
	town.publish(t, changed)
	town.open(t)
}

// A function that another one calls is the same program's, for the same person, and passes the same gates.
func TestFunctionsCallEachOther(t *testing.T) {
	town := newTown(t)
	town.withFunctions(t, map[string]string{
		"outer":  `exports.main = async e => (await cloud.callFunction({ name: e.name, data: e })).result`,
		"who":    `exports.main = () => cloud.getWXContext().OPENID`,
		"orders": `exports.main = () => cloud.plaza.call('orders.list', {})`,
	})
	direct, inside := town.invoke(t, "who", nil), town.invoke(t, "outer", map[string]any{"name": "who"})
	if result(direct) != result(inside) || len(result(direct)) < 20 {
		t.Errorf("who: %s, by another function %s", direct.Body, inside.Body)
	}
	for name, want := range map[string]string{"outer": "function_calls_itself", "nobody": "function_unknown", "orders": "consent_required"} {
		if answer := town.invoke(t, "outer", map[string]any{"name": name}); answer.Code() != want {
			t.Errorf("%s: %d %s, want %s", name, answer.Status, answer.Body, want)
		}
	}
}

// A nested call counts for the quota as any other does.
func TestNestedCallsCountForTheQuota(t *testing.T) {
	town := newTown(t)
	town.withFunctions(t, map[string]string{
		"outer": `exports.main = async ({ times }) => { for (let i = 0; i < times; i++) await cloud.callFunction({ name: 'inner' }) }`,
		"inner": `exports.main = () => 1`,
	})
	for calls := range CallsPerMinute / 100 {
		want := "ok"
		if calls == CallsPerMinute/100-1 { // each round is one more than a hundred
			want = "quota_exceeded"
		}
		answer := town.invoke(t, "outer", map[string]any{"times": 100})
		if got := answer.Code(); got != want && (want != "ok" || answer.Status != 200) {
			t.Errorf("round %d: %d %s, want %s", calls, answer.Status, answer.Body, want)
		}
	}
}

// What a function inside a transaction writes belongs to it; nothing waits for its own caller.
func TestANestedFunctionWritesInItsCallersTransaction(t *testing.T) {
	town := newTown(t)
	town.withFunctions(t, map[string]string{
		"outer": `exports.main = async ({ commit }) => {
			const t = await db.startTransaction()
			await t.collection('notes').add({ data: { by: 'outer' } })
			const { result } = await cloud.callFunction({ name: 'inner' })
			if (commit) await t.commit()
			else await t.rollback()
			return [result, (await db.collection('notes').count()).total]
		}`,
		"inner":  `exports.main = async () => { await db.collection('notes').add({ data: { by: 'inner' } }); return (await db.collection('notes').count()).total }`,
		"leaves": `exports.main = async () => { await cloud.callFunction({ name: 'opens' }); await db.collection('notes').add({ data: {} }); return (await db.collection('notes').count()).total }`,
		"opens":  `exports.main = async () => { const t = await db.startTransaction(); await t.collection('notes').add({ data: {} }) }`,
	})
	for _, step := range []struct {
		name   string
		commit bool
		want   string
	}{{"outer", false, "[2,0]"}, {"outer", true, "[2,2]"}, {"leaves", false, "3"}} {
		answer := town.invoke(t, step.name, map[string]any{"commit": step.commit})
		if got := result(answer); got != step.want {
			t.Errorf("%s: %d %s, want %s", fmt.Sprint(step), answer.Status, answer.Body, step.want)
		}
	}
}

// A function has the packages that its maker installed, its own and those that all functions share.
func TestAFunctionWithPackages(t *testing.T) {
	town := newTown(t)
	town.publish(t, map[string]string{
		"cloudfunctions/pay/index.js":                                      "import shared from 'shared'; const left = require('left'), { deep } = require('@scope/kit/deep'); exports.main = () => [left(1), deep, shared.name]",
		"cloudfunctions/list/index.js":                                     "exports.main = () => require('shared').name",
		"cloudfunctions/pay/node_modules/left/package.json":                `{"name":"left","version":"1.2.3","main":"lib"}`,
		"cloudfunctions/pay/node_modules/left/lib/index.js":                "module.exports = require('./pad.js')(require('../package.json').version, require('inner'))",
		"cloudfunctions/pay/node_modules/left/lib/pad.js":                  "module.exports = (v, inner) => (n) => v + inner + n",
		"cloudfunctions/pay/node_modules/left/node_modules/inner/index.js": "module.exports = 'own'",
		"cloudfunctions/pay/node_modules/@scope/kit/package.json":          `{"type":"module","exports":{"./deep":{"import":"./deep.mjs","require":"./deep.cjs"}}}`,
		"cloudfunctions/pay/node_modules/@scope/kit/deep.cjs":              "exports.deep = require('./more').default",
		"cloudfunctions/pay/node_modules/@scope/kit/more.mjs":              "export default 'deep'",
		"cloudfunctions/node_modules/shared/package.json":                  `{"name":"shared","main":"./cjs.js"}`,
		"cloudfunctions/node_modules/shared/cjs.js":                        "exports.name = 'shared' + require('other')",
		"cloudfunctions/node_modules/other/index.js":                       "module.exports = '!'",
	})
	town.open(t)
	for name, want := range map[string]string{"pay": `["1.2.3own1","deep","shared!"]`, "list": `"shared!"`} {
		answer := town.invoke(t, name, nil)
		if got := result(answer); got != want {
			t.Errorf("%s: %d %s, want %s", name, answer.Status, answer.Body, want)
		}
	}
}
