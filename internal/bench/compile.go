package bench

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"plaza.internal/plaza/internal/check"
)

const (
	appPages     = 40
	appLimit     = 500 * time.Millisecond
	libraryLimit = 3 * time.Second
	compileRuns  = 7

	// The library is fetched by make, and these are the bytes that the figure is about.
	libraryFile = "bench/.cache/tdesign-miniprogram-1.16.0.tgz"
	librarySum  = "87b0225fb7b1d5e2832c2e09ac7cdd68842f1a4e3bbe9357fe18e6e4e8d4618e"
	libraryRoot = "miniprogram_npm/tdesign-miniprogram/"
)

// compiles measures check and compilation of a package, from the zip on the disk to the bundle on the disk.
func compiles(Register) ([]Row, error) {
	app, err := compileOf(application(appPages, nil), compileRuns)
	if err != nil {
		return nil, fmt.Errorf("%d pages: %w", appPages, err)
	}
	seconds := median(app)
	rows := []Row{
		atMost(fmt.Sprintf("check and compile an app of %d pages", appPages), seconds, "s", "limit of 0.5 s", seconds/appLimit.Seconds(), 1),
		atMost("the same in a worker that has just started", app[0], "s", "limit of 0.5 s", app[0]/appLimit.Seconds(), 1),
	}
	name := "check and compile TDesign's whole library, a page for each component"
	library, components, err := tdesign()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return append(rows, Row{Name: name, Unit: "s", Peer: "not measured: no " + libraryFile, Target: "≤ 1", OK: true}), nil
	case err != nil:
		return nil, err
	}
	took, err := compileOf(library, compileRuns)
	if err != nil {
		return nil, fmt.Errorf("tdesign: %w", err)
	}
	seconds = median(took)
	return append(rows, atMost(name, seconds, "s", fmt.Sprintf("limit of 3 s, %d components", components), seconds/libraryLimit.Seconds(), 1)), nil
}

// compileOf checks and compiles the files some times and gives the seconds of each.
func compileOf(files map[string][]byte, runs int) ([]float64, error) {
	dir, err := os.MkdirTemp("", "plaza-bench-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	archive, err := check.Archive(files)
	if err != nil {
		return nil, err
	}
	packed := filepath.Join(dir, "package.zip")
	if err := os.WriteFile(packed, archive, 0o600); err != nil {
		return nil, err
	}
	var took []float64
	for range runs {
		began := time.Now()
		report, err := check.Package(context.Background(), packed, "bench", check.Default(), filepath.Join(dir, "bundle.zip"))
		if err != nil {
			return nil, err
		}
		took = append(took, time.Since(began).Seconds())
		if report.Failed() {
			return nil, fmt.Errorf("the package does not pass: %+v", report.Findings[:min(3, len(report.Findings))])
		}
	}
	return took, nil
}

// application is an app as people write them: lists, forms and details on pages that share some components,
// with a library beside it if need be.
func application(pages int, noise []byte) map[string][]byte {
	files := map[string][]byte{
		"manifest.json": []byte(`{"app_id":"bench","name":"Bench","version":{"code":1,"name":"1"},"x_plaza":{"category":"tools","scopes":["orders"]}}`),
		"app.js":        []byte("App({ globalData: { user: null }, onLaunch() { wx.cloud.init() } })\n"),
		"app.wxss":      []byte("page { background: #f6f6f6; font-size: 28rpx }\n.row { display: flex; padding: 24rpx 32rpx }\n"),
		"lib/format.js": []byte(script("module.exports.f%d = (value) => value == null ? '' : `${value}`.padStart(%d, '0')\n", 60)),
	}
	using := map[string]string{}
	for i := range 10 {
		base := fmt.Sprintf("components/card%d/card%d", i, i)
		using[fmt.Sprintf("card-%d", i)] = "/" + base
		files[base+".json"] = []byte(`{"component":true}`)
		files[base+".wxml"] = []byte(`<view class="card" bind:tap="open"><image wx:if="{{item.image}}" src="{{item.image}}" mode="aspectFill"/><text class="title">{{item.title}}</text><slot/></view>`)
		files[base+".wxss"] = []byte(".card { border-radius: 16rpx; background: #fff }\n.title { font-weight: 600; color: #222 }\n")
		files[base+".js"] = []byte("Component({ properties: { item: Object }, methods: { open() { this.triggerEvent('open', this.data.item) } } })\n")
	}
	var list []string
	for i := range pages {
		base := fmt.Sprintf("pages/page%d/page%d", i, i)
		list = append(list, base)
		files[base+".json"] = encoded(map[string]any{"navigationBarTitleText": fmt.Sprint("Page ", i), "usingComponents": using})
		files[base+".wxml"] = []byte(script(`<view class="row r%d" wx:for="{{items%d}}" wx:key="id"><card-1 item="{{item}}" bind:open="open"><text>{{item.name}} {{index + 1}}</text></card-1><input value="{{form.a}}" bindinput="change"/><button type="primary" bind:tap="save">{{texts.save || 'Save'}}</button></view>`+"\n", 20))
		files[base+".wxss"] = []byte(script(".r%d { margin: 0 0 %drpx; color: rgba(0, 0, 0, .8) }\n", 40))
		files[base+".js"] = []byte("const format = require('../../lib/format')\nPage({\n\tdata: { items0: [], form: {} },\n\tasync onLoad() { const { orders } = await wx.plaza.call('orders.list', {}); this.setData({ items0: orders }) },\n" +
			script("\tmethod%d(event) { const { value } = event.detail; if (value !== this.data.form.a) this.setData({ 'form.a': format.f%d(value) }); wx.showToast({ title: 'Saved', icon: 'none' }) },\n", 40) + "})\n")
	}
	files["app.json"] = encoded(map[string]any{"pages": list, "window": map[string]any{"navigationBarTitleText": "Bench"}})
	if noise != nil {
		files["images/noise.bin"] = noise
	}
	return files
}

// script repeats a line with its number in it.
func script(line string, times int) string {
	var out strings.Builder
	for i := range times {
		numbers := make([]any, strings.Count(line, "%d"))
		for n := range numbers {
			numbers[n] = i
		}
		fmt.Fprintf(&out, line, numbers...)
	}
	return out.String()
}

func encoded(value any) []byte {
	out, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("bench: %v", err)) // maps of strings always encode
	}
	return out
}

// tdesign is a program that has the whole library and a page for each of its components, which uses it some
// times. The package on npm has no examples of its own.
func tdesign() (files map[string][]byte, components int, err error) {
	files = map[string][]byte{
		"manifest.json": []byte(`{"app_id":"bench","name":"Bench"}`),
		"app.js":        []byte("App({})\n"),
	}
	if err := unpackLibrary(files); err != nil {
		return nil, 0, err
	}
	var pages []string
	for name, content := range files {
		var config struct {
			Component bool `json:"component"`
		}
		folder := path.Base(path.Dir(name))
		if path.Base(name) != folder+".json" || json.Unmarshal(content, &config) != nil || !config.Component {
			continue
		}
		pages = append(pages, strings.TrimSuffix(strings.TrimPrefix(name, libraryRoot), ".json"))
	}
	slices.Sort(pages)
	var list []string
	for _, component := range pages {
		base := "pages/" + strings.ReplaceAll(component, "/", "-")
		list = append(list, base)
		files[base+".json"] = encoded(map[string]any{"usingComponents": map[string]string{"t-example": "tdesign-miniprogram/" + component}})
		files[base+".wxml"] = []byte(script(`<view class="block"><t-example id="e%d" value="{{values[%d]}}" bind:change="change"><text>{{values[%d]}}</text></t-example></view>`+"\n", 8))
		files[base+".wxss"] = []byte(".block { padding: 32rpx }\n")
		files[base+".js"] = []byte("Page({ data: { values: [] }, change(event) { this.setData({ values: [event.detail.value] }) } })\n")
	}
	files["app.json"] = encoded(map[string]any{"pages": list})
	return files, len(list), nil
}

// unpackLibrary adds the files of the npm package to files.
func unpackLibrary(files map[string][]byte) error {
	archive, err := os.ReadFile(libraryFile)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(archive); hex.EncodeToString(sum[:]) != librarySum {
		return fmt.Errorf("%s is not the pinned package", libraryFile)
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return err
	}
	for reader := tar.NewReader(unzipped); ; {
		entry, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name, ok := strings.CutPrefix(entry.Name, "package/miniprogram_dist/")
		if !ok || strings.HasSuffix(name, ".d.ts") {
			continue
		}
		if files[libraryRoot+name], err = io.ReadAll(reader); err != nil {
			return err
		}
	}
}
