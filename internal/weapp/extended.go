package weapp

import (
	"archive/zip"
	"bytes"
	_ "embed" // WeUI's components
	"fmt"
	"io"
	"maps"
	"strings"
)

// weuiArchive is weui-miniprogram 1.5.6 as npm has it, which WeChat brings to programs that say
// "useExtendedLib": {"weui": true} in app.json; its licence is beside it.
//
//go:embed weui/weui-miniprogram.zip
var weuiArchive []byte

const (
	extendedRoot = "miniprogram_npm/"
	weuiName     = "weui-miniprogram"
	// weuiSheet comes before the program's own sheet, as in WeChat.
	weuiSheet = extendedRoot + weuiName + "/weui-wxss/dist/style/weui.wxss"
)

// lent says whether a file is not of the project but of a library that was put beside it.
func (p *project) lent(file string) bool {
	return p.weui && strings.HasPrefix(file, extendedRoot+weuiName+"/")
}

// extend puts the libraries that app.json asks WeChat for where packages are looked up. A copy that the project
// has itself is left alone.
func (p *project) extend(app declared) error {
	if wanted := app.UseExtended["weui"]; wanted == nil || wanted == false {
		return nil
	}
	for name := range p.files {
		if strings.HasPrefix(name, extendedRoot+weuiName+"/") {
			return nil
		}
	}
	p.raw = maps.Clone(p.raw) // the upload stays as it was
	archive, err := zip.NewReader(bytes.NewReader(weuiArchive), int64(len(weuiArchive)))
	if err != nil {
		return fmt.Errorf("weui-miniprogram: %w", err)
	}
	for _, entry := range archive.File {
		if entry.FileInfo().IsDir() {
			continue
		}
		content, err := entry.Open()
		if err != nil {
			return fmt.Errorf("weui-miniprogram: %w", err)
		}
		source, err := io.ReadAll(io.LimitReader(content, MaxSourceBytes))
		if err != nil {
			return fmt.Errorf("weui-miniprogram: %w", err)
		}
		name := extendedRoot + entry.Name
		if p.files[name] = ""; isSource(name) {
			p.files[name] = string(source)
			continue
		}
		p.raw[p.report.prefix+name] = source
	}
	p.weui = true
	return nil
}
