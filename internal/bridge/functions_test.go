package bridge

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"plaza.internal/plaza/internal/weapp"
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

// What makers read of limits is what holds.
func TestTheDocumentedLimitsOfFunctions(t *testing.T) {
	document, err := os.ReadFile("../../docs/creators/functions.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		fmt.Sprintf("| the event; the arguments of a host call | %d KiB; %d KiB |", EventLimit>>10, ArgsLimit>>10),
		fmt.Sprintf("host calls included | %d a minute |", CallsPerMinute),
		fmt.Sprintf("| one function with its packages; all functions | %d MiB; %d MiB |", weapp.MaxFunctionBytes>>20, weapp.MaxFunctionsBytes>>20),
	} {
		if !strings.Contains(string(document), line) {
			t.Errorf("the document lacks %q", line)
		}
	}
}

// The SDK speaks to the methods of the table as they are: bills, other hosts, and what the house does not have.
func TestTheSDKAndTheTable(t *testing.T) {
	town := newTown(t)
	town.withFunctions(t, map[string]string{
		"bill": `exports.main = async () => {
			const pay = cloud.cloudPay, order = { outTradeNo: 'tea-1' }
			const made = await pay.unifiedOrder({ ...order, body: 'A tea', totalFee: 250, attach: 'x' })
			const before = await pay.queryOrder(order)
			await pay.closeOrder(order)
			const after = await pay.queryOrder({ transactionId: made.prepayId })
			return [made.payment.package === 'prepay_id=' + made.prepayId, made.resultCode, before.tradeState, before.totalFee, before.attach, after.tradeState, after.outTradeNo]
		}`,
		"refuses": `exports.main = async () => {
			const seen = []
			for (const ask of [
				() => fetch('https://undeclared.example/'),
				() => cloud.openapi.wxacode.getUnlimited({ scene: 'a' }),
				() => cloud.openapi.subscribeMessage.getTemplateList(),
				() => cloud.cloudPay.refund({ outTradeNo: 'none', outRefundNo: '1', refundFee: 1 }),
				() => cloud.downloadFile({ fileID: 'cloud://market/secret.txt' }),
				() => cloud.uploadFile({ cloudPath: 'a.txt' }),
			]) try { await ask(); seen.push('passed') } catch (e) { seen.push(e.code || e.errMsg || e.message) }
			return seen
		}`,
	})
	want := `[true,"SUCCESS","NOTPAY",250,"x","CLOSED","tea-1"]`
	if answer := town.invoke(t, "bill", nil); result(answer) != want {
		t.Errorf("%d %s, want %s", answer.Status, answer.Body, want)
	}
	answer := town.invoke(t, "refuses", nil)
	for _, refusal := range []string{"domain", "not_supported", "bill", "cloud.uploadFile:fail"} {
		if !strings.Contains(result(answer), refusal) || strings.Contains(result(answer), "passed") {
			t.Errorf("%d %s, want %s", answer.Status, answer.Body, refusal)
		}
	}
}
