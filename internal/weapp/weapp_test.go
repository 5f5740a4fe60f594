package weapp

import (
	"context"
	"os"
	"testing"
)

func TestHand(t *testing.T) {
	files := map[string][]byte{"app.json": []byte(`{"pages":["pages/a/a"]}`), "app.js": []byte("App({})"), "pages/a/a.js": []byte("const self=1;Page({data:{x:require('../../u')}})"), "u.ts": []byte("export const a:number=1"),
		"pages/a/a.wxss": []byte(`@import "../b.wxss";
	.a.b, view > .c:not(.d):hover::before, #x text, :host(.q) { width: 750rpx; background: url( "../../i.png" ) } @media (min-width: 100rpx) { page{a:calc(1px - -10.5rpx)} } @keyframes x { from { left: 10rpx } 50.5% {a:b} }`), "pages/b.wxss": []byte("button{color:red}"),
		"pages/a/a.wxml": []byte(`<wxs module="m">var x = require("../../m.wxs"); module.exports = function(a){ return a.constructor === 'Array' }</wxs><view class="a">{{m(1)}}</view>`), "m.wxs": []byte("exports.a=getDate()"),
		"cloudfunctions/f/index.js": []byte("exports.main = async (e) => {\n\n throw new Error('x') }")}
	b, err := Compile(context.Background(), files)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v\n%s\n%s\n", b.Findings, b.Script, b.Functions)
	_ = os.Args
}
