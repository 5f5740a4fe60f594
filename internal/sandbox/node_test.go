package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/weapp"
)

// evaluate gives what an expression is inside of a function, as JSON.
func evaluate(t *testing.T, pool *Pool, expression string) string {
	t.Helper()
	call := function("evaluate", "exports.main = async () => { "+expression+" }")
	call.Version = expression
	if !strings.HasPrefix(expression, "{") && !strings.HasPrefix(expression, "try") {
		call.Modules["index.js"] = "exports.main = async () => (" + expression + ")"
	}
	result, err := pool.Call(t.Context(), call, internet)
	if err != nil {
		var no *refusal.Refusal
		if errors.As(err, &no) {
			return fmt.Sprint(no.Code, no.Details)
		}
		return err.Error()
	}
	return string(result.Value)
}

// internet answers network.request with what it was asked, and refuses one host.
func internet(_ context.Context, method string, args json.RawMessage) (json.RawMessage, error) {
	if method != "network.request" {
		return nil, errNoHost
	}
	var asked struct{ URL, Method, Body, Body64 string }
	if err := json.Unmarshal(args, &asked); err != nil {
		return nil, err
	}
	switch {
	case strings.Contains(asked.URL, "forbidden"):
		return nil, refusal.New(403, "domain_undeclared", "The program does not declare this host.").With("host", "forbidden")
	case strings.Contains(asked.URL, "binary"):
		return json.RawMessage(`{"status":200,"header":{"content-type":"image/png"},"body64":"/wD+","url":"` + asked.URL + `","cookies":[]}`), nil
	case strings.Contains(asked.URL, "broken"):
		return json.RawMessage(`{"status":503,"header":{"Retry-After":"5","Set":["a","b"]},"body":"no","url":"https://moved/","cookies":["k=v"]}`), nil
	}
	said, err := json.Marshal(map[string]any{"status": 200, "header": map[string]string{"Content-Type": "application/json"}, "body": string(args), "url": asked.URL})
	return said, err
}

// What functions and the packages that they bring expect of the web and of Node, against what Node 20 answers.
func TestWhatFunctionsMayUse(t *testing.T) {
	pool := newPool(t, Options{Workers: 1})
	for expression, want := range map[string]string{
		// bytes
		`Buffer.from('héllo').toString('hex')`:                                            `"68c3a96c6c6f"`,
		`Buffer.from('68c3zz', 'hex').length`:                                             `2`,
		`Buffer.from('aGk_-w==', 'base64').toString('latin1')`:                            `"hi?û"`,
		`Buffer.from('hi?û', 'latin1').toString('base64url')`:                             `"aGk_-w"`,
		`Buffer.from('hi', 'utf16le').toString('hex')`:                                    `"68006900"`,
		`Buffer.from([1, 2, 300])`:                                                        `{"type":"Buffer","data":[1,2,44]}`,
		`Buffer.concat([Buffer.from('a'), Buffer.alloc(2), Buffer.from('b')]).toString()`: `"a\u0000\u0000b"`,
		`[Buffer.isBuffer(Buffer.alloc(1)), Buffer.isBuffer(new Uint8Array(1)), Buffer.byteLength('é'), Buffer.compare(Buffer.from('a'), Buffer.from('b'))]`: `[true,false,2,-1]`,
		`[Buffer.from('abcabc').indexOf('ca'), Buffer.from('abcabc').lastIndexOf('ab'), Buffer.from('abc').includes('x'), Buffer.from('abc').indexOf(98)]`:   `[2,3,false,1]`,
		`{ const b = Buffer.from('abcdef'); const s = b.slice(1, -1); s[0] = 120; return [b.toString(), s.toString(), s.equals(Buffer.from('xcde'))] }`:      `["axcdef","xcde",true]`,
		`{ const b = Buffer.alloc(6); b.writeUInt32BE(0xdeadbeef, 1); b.write('z', 5); return [b.readUInt32BE(1), b.toString('hex')] }`:                      `[3735928559,"00deadbeef7a"]`,
		`{ const b = Buffer.alloc(3).fill('ab'); return [b.toString(), b.copy(Buffer.alloc(2)), Buffer.from(b.toJSON()).equals(b), b.toString('utf8', 1)] }`: `["aba",2,true,"ba"]`,
		`new Buffer('aGk=', 'base64').toString()`:                                `"hi"`,
		`try { Buffer.from('a', 'nope') } catch (e) { return [e.name, e.code] }`: `["TypeError","ERR_UNKNOWN_ENCODING"]`,
		`[atob('aGk='), btoa('hi'), atob(' a G k')]`:                             `["hi","aGk=","hi"]`,
		`try { btoa('文') } catch (e) { return e.name }`:                          `"InvalidCharacterError"`,
		`new TextDecoder().decode(new TextEncoder().encode('文€'))`:               `"文€"`,
		`{ const d = new TextDecoder(); const b = new TextEncoder().encode('文'); return d.decode(b.subarray(0, 2), { stream: true }) + d.decode(b.subarray(2)) }`: `"文"`,
		`try { new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])) } catch (e) { return e.name }`:                                             `"TypeError"`,
		`new TextDecoder().decode(new Uint8Array([239, 187, 191, 97, 255]))`:                                                                                      `"a�"`,
		// crypto
		`require('crypto').createHash('md5').update('a').update('b').digest('hex')`:           `"187ef4436122d1cc2f40dc2b92f0eba0"`,
		`require('node:crypto').createHash('sha1').update(Buffer.from('a')).digest('base64')`: `"hvfkN/qlp/zhXR3cuerq6jd2Z7g="`,
		`require('crypto').createHmac('sha256', 'key').update('data').digest('hex')`:          `"5031fe3d989c6d1537a013fa6e739da23463fdaec3b70137d828e36ace221bd0"`,
		`{ const c = require('crypto'); const k = c.createSecretKey('key', 'utf8'); return [k instanceof c.KeyObject, k.symmetricKeySize, c.createHmac('sha256', k).update('data').digest('hex').slice(0, 8)] }`: `[true,3,"5031fe3d"]`,
		`require('crypto').createHash('sha512').update('').digest().length`:                                                                                                      `64`,
		`try { require('crypto').createHash('crc') } catch (e) { return e.message }`:                                                                                             `"Digest method not supported"`,
		`{ const h = require('crypto').createHash('md5'); h.digest(); try { h.update('x') } catch (e) { return e.message } }`:                                                    `"Digest already called"`,
		`[require('crypto').randomBytes(8).length, require('crypto').randomUUID().length, crypto.getRandomValues(new Uint8Array(4)).length, require('crypto').randomInt(5) < 5]`: `[8,36,4,true]`,
		`[require('crypto').timingSafeEqual(Buffer.from('a'), Buffer.from('a')), require('crypto').timingSafeEqual(Buffer.from('a'), Buffer.from('b'))]`:                         `[true,false]`,
		// the sample of WeChat's own documentation: what wx.getPhoneNumber and its like give, to be opened with the session key
		`{ const c = require('crypto'); const d = c.createDecipheriv('aes-128-cbc', Buffer.from('tiihtNczf5v6AKRyjwEUhQ==', 'base64'), Buffer.from('r7BXXKkLb8qrSNn05n0qiA==', 'base64'));
			d.setAutoPadding(true)
			const data = Buffer.from('CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZMQmRzooG2xrDcvSnxIMXFufNstNGTyaGS9uT5geRa0W4oTOb1WT7fJlAC+oNPdbB+3hVbJSRgv+4lGOETKUQz6OYStslQ142dNCuabNPGBzlooOmB231qMM85d2/fV6ChevvXvQP8Hkue1poOFtnEtpyxVLW1zAo6/1Xx1COxFvrc2d7UL/lmHInNlxuacJXwu0fjpXfz/YqYzBIBzD6WUfTIF9GRHpOn/Hz7saL8xz+W//FRAUid1OksQaQx4CMs8LOddcQhULW4ucetDf96JcR3g0gfRK4PC7E/r7Z6xNrXd2UIeorGj5Ef7b1pJAYB6Y5anaHqZ9J6nKEBvB4DnNLIVWSgARns/8wR2SiRS7MNACwTyrGvt9ts8p12PKFdlqYTopNHR1Vf7XjfhQlVsAJdNiKdYmYVoKlaRv85IfVunYzO0IKXsyl7JCUjCpoG20f0a04COwfneQAGGwd5oa+T8yO5hzuyDb/XcxxmK01EpqOyuxINew==', 'base64')
			return JSON.parse(d.update(data, undefined, 'utf8') + d.final('utf8')).openId }`: `"oGZUI0egBJY1zhBYw2KhdUfwVJJE"`,
		`{ const c = require('crypto'), k = Buffer.alloc(32, 1), iv = Buffer.alloc(16, 2); const e = c.createCipheriv('aes-256-cbc', k, iv); const x = e.update('hello 文 and more than one block', 'utf8', 'hex') + e.final('hex');
			const d = c.createDecipheriv('aes-256-cbc', k, iv); return [x.length, d.update(x, 'hex', 'utf8') + d.final('utf8')] }`: `[96,"hello 文 and more than one block"]`,
		`{ const c = require('crypto'); const d = c.createDecipheriv('aes-128-cbc', Buffer.alloc(16), Buffer.alloc(16)); d.update(Buffer.alloc(16)); try { d.final() } catch (e) { return e.message } }`: `"bad decrypt"`,
		`{ const c = require('crypto'), k = 'k'.repeat(32), n = 'n'.repeat(12); const e = c.createCipheriv('aes-256-gcm', k, n); e.setAAD(Buffer.from('a')); const x = e.update('secret', 'utf8'); const y = e.final(); const tag = e.getAuthTag();
			const open = (aad) => { const d = c.createDecipheriv('aes-256-gcm', k, n); d.setAAD(Buffer.from(aad)); d.setAuthTag(tag); return d.update(Buffer.concat([x, y]), null, 'utf8') + d.final('utf8') }
			try { return [open('a'), open('b')] } catch (e) { return [open('a'), e.message] } }`: `["secret","Unsupported state or unable to authenticate data"]`,
		`try { require('crypto').createCipheriv('aes-128-cbc', 'short', 'x') } catch (e) { return [e.name, e.message] }`: `["RangeError","Invalid key length"]`,
		`try { require('crypto').createSign('RSA-SHA256') } catch (e) { return e.message }`:                              `"crypto.createSign is not supported"`,
		// addresses
		`new URL('../b?x=1&x=2#h', 'https://user@host.example:8443/a/c').href`:                                                                                                                                                            `"https://user@host.example:8443/b?x=1&x=2#h"`,
		`{ const p = new URLSearchParams({ a: '1 2', b: 'é' }); p.append('a', '3'); return [p.toString(), p.getAll('a')] }`:                                                                                                               `["a=1+2&b=%C3%A9&a=3",["1 2","3"]]`,
		`{ const u = require('url').parse('https://a.example:80/p/q?x=1&y=2#z', true); return [u.protocol, u.host, u.port, u.pathname, u.query, u.hash] }`:                                                                                `["https:","a.example:80","80","/p/q",{"x":"1","y":"2"},"#z"]`,
		`[require('url').resolve('/one/two', '../three'), require('url').resolve('http://a.example/b', '/c'), require('url').format({ protocol: 'https', hostname: 'a.example', pathname: '/x', query: { q: 1 } })]`:                      `["/three","http://a.example/c","https://a.example/x?q=1"]`,
		`require('querystring').stringify({ a: [1, 2], b: 'x y', c: undefined })`:                                                                                                                                                         `"a=1&a=2&b=x%20y&c="`,
		`require('querystring').parse('a=1&a=2&b=x+y&c')`:                                                                                                                                                                                 `{"a":["1","2"],"b":"x y","c":""}`,
		`{ const p = require('path'); return [p.join('/a', '../b', './c/'), p.resolve('/a', 'b', '../c'), p.basename('/x/y.js', '.js'), p.dirname('/x/y'), p.extname('a.b.c'), p.relative('/a/b', '/a/c/d'), p.normalize('a//b/../c')] }`: `["/b/c/","/a/c","y","/x",".c","../c/d","a/c"]`,
		`require('path').parse('/home/f.txt')`: `{"root":"/","dir":"/home","base":"f.txt","ext":".txt","name":"f"}`,
		// util, events, assert
		`require('util').inspect({ a: [1, 'x', { deep: { deeper: { deepest: 1 } } }], f() {}, get g() { return 1 }, [Symbol('s')]: null, d: new Date(0), b: Buffer.from('hi') })`: `"{\n  a: [ 1, 'x', { deep: [Object] } ],\n  f: [Function: f],\n  g: [Getter],\n  d: 1970-01-01T00:00:00.000Z,\n  b: <Buffer 68 69>,\n  [Symbol(s)]: null\n}"`,
		`{ const a = { n: 1 }; a.self = a; return require('util').inspect(a) }`:                                                                                                   `"{ n: 1, self: [Circular *1] }"`,
		`require('util').inspect([new Map([['k', new Set([1])]]), class A {}, -0, 3n, null, undefined])`:                                                                          `"[ Map(1) { 'k' => Set(1) { 1 } }, [class A], -0, 3n, null, undefined ]"`,
		`require('util').format('%s is %d%% of %j %o', 'a', '42', { x: 1 }, 'q', 'more')`:                                                                                         `"a is 42% of {\"x\":1} 'q' more"`,
		`require('util').promisify((a, done) => done(null, a + 1))(1)`:                                                                                                            `2`,
		`require('util').promisify((done) => done(new Error('no')))().catch(e => e.message)`:                                                                                      `"no"`,
		`{ const E = require('events'); class C extends E {}; const c = new C(), seen = []; c.on('x', (...a) => seen.push(a)); c.once('x', () => seen.push('once')); c.emit('x', 1, 2); c.emit('x', 3); return [seen, c.listenerCount('x'), c.emit('y')] }`:    `[[[1,2],"once",[3]],1,false]`,
		`{ const { EventEmitter, inherits } = { ...require('events'), ...require('util') }; function Old() { EventEmitter.call(this) }; inherits(Old, require('events')); try { new Old().emit('error', new Error('loud')) } catch (e) { return e.message } }`: `"loud"`,
		`try { require('assert').strictEqual(1, 2) } catch (e) { return [e.name, e.message] }`:                                                                                                    `["AssertionError","1 strictEqual 2"]`,
		`require('assert').deepStrictEqual({ a: [1] }, { a: [1] }) === undefined`:                                                                                                                 `true`,
		`{ const { StringDecoder } = require('string_decoder'); const d = new StringDecoder('utf8'); const b = Buffer.from('é'); return d.write(b.slice(0, 1)) + d.write(b.slice(1)) + d.end() }`: `"é"`,
		// time
		`{ const seen = []; await new Promise(done => { const id = setInterval(() => { seen.push(seen.length); if (seen.length === 3) { clearInterval(id); done() } }, 1000) }); return seen }`: `[0,1,2]`,
		`{ const seen = []; queueMicrotask(() => seen.push('micro')); process.nextTick(x => seen.push(x), 'tick'); seen.push('now'); await null; await null; return seen }`:                     `["now","micro","tick"]`,
		// what is not there says what is instead
		`{ const out = []; for (const name of ['http', 'https', 'fs']) try { require(name).request('https://x') } catch (e) { out.push(e.message) } return out }`:                                                                                                `["http.request is not there in a cloud function: use fetch(url, options)","https.request is not there in a cloud function: use fetch(url, options)","fs.request is not there in a cloud function: keep files with cloud.uploadFile and cloud.downloadFile"]`,
		`{ const out = []; for (const name of ['child_process', 'vm', 'left-pad']) try { require(name) } catch (e) { out.push(e.code, e.message) } return out }`:                                                                                                 `["MODULE_NOT_FOUND","Cannot find module 'child_process'","MODULE_NOT_FOUND","Cannot find module 'vm'","MODULE_NOT_FOUND","Cannot find module 'left-pad'"]`,
		`{ const { Transform } = require('stream'); class T extends Transform {} const t = new T(); t.on('x', () => {}); try { t.pipe() } catch (e) { return [t.listenerCount('x'), t instanceof require('stream'), t instanceof require('events'), e.code] } }`: `[1,true,true,"ERR_NOT_IN_FUNCTIONS"]`,
		`require('node:https') === require('https')`: `true`,
		// a name of the platform is a global like others: there, replaceable, gone with the call
		`{ const out = ['fetch' in globalThis, typeof Buffer, typeof nothing]; globalThis.fetch = 1; out.push(fetch); delete globalThis.fetch; out.push(typeof fetch); return out }`: `[true,"function","undefined",1,"function"]`,
		`Object.keys(globalThis)`: `[]`,
	} {
		if got := evaluate(t, pool, expression); got != want {
			t.Errorf("%s\n got  %s\n want %s", expression, got, want)
		}
	}
}

// fetch is the web's, as far as answers that are there at once can be.
func TestFetch(t *testing.T) {
	pool := newPool(t, Options{Workers: 1})
	for expression, want := range map[string]string{
		`{ const r = await fetch('https://api.example/x'); return [r.ok, r.status, r.url, r.headers.get('content-type'), (await r.json()).method, r.bodyUsed] }`:                     `[true,200,"https://api.example/x","application/json","GET",true]`,
		`(await fetch(new URL('https://api.example/x'), { method: 'post', headers: { 'X-A': '1' }, body: JSON.stringify({ a: 1 }) })).json()`:                                        `{"url":"https://api.example/x","method":"POST","header":{"x-a":"1","content-type":"text/plain;charset=UTF-8"},"body":"{\"a\":1}"}`,
		`(await fetch('https://api.example/x', { method: 'POST', headers: new Headers([['Content-Type', 'a/b']]), body: new URLSearchParams({ q: 'é' }) })).json()`:                  `{"url":"https://api.example/x","method":"POST","header":{"content-type":"a/b"},"body":"q=%C3%A9"}`,
		`(await (await fetch('https://api.example/x', { method: 'PUT', body: Buffer.from([255, 0]), timeout: 500 })).json())`:                                                        `{"url":"https://api.example/x","method":"PUT","header":{},"timeout":500,"body64":"/wA="}`,
		`{ const r = await fetch('https://binary.example/'); const b = await r.arrayBuffer(); return [b instanceof ArrayBuffer, [...new Uint8Array(b)]] }`:                           `[true,[255,0,254]]`,
		`{ const r = await fetch('https://broken.example/'); return [r.ok, r.status, r.headers.get('retry-after'), r.headers.get('set'), await r.text(), r.redirected, r.cookies] }`: `[false,503,"5","a, b","no",true,["k=v"]]`,
		`try { await fetch('https://forbidden.example/') } catch (e) { return [e.name, e.code, e.message, e.data] }`:                                                                 `["TypeError","domain_undeclared","fetch failed: The program does not declare this host.",{"host":"forbidden"}]`,
		`{ const r = await fetch('https://api.example/'); const c = r.clone(); await r.text(); try { await r.text() } catch (e) { return [e.name, (await c.json()).method] } }`:      `["TypeError","GET"]`,
		`{ const a = new AbortController(); a.abort(); try { await fetch('https://api.example/', { signal: a.signal }) } catch (e) { return e.name } }`:                              `"AbortError"`,
	} {
		if got := evaluate(t, pool, expression); got != want {
			t.Errorf("%s\n got  %s\n want %s", expression, got, want)
		}
	}
}

// The compiler warns of modules that nobody brings, so it must know what the sandbox does.
func TestTheCompilerKnowsWhatIsHere(t *testing.T) {
	names := []string{"crypto", "util", sdk}
	for name := range nodeModules {
		names = append(names, name)
	}
	slices.Sort(names)
	if !slices.Equal(names, slices.Sorted(slices.Values(weapp.Provided()))) {
		t.Errorf("here are %v, the compiler knows %v", names, weapp.Provided())
	}
}
