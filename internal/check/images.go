package check

import (
	"bytes"
	"encoding/binary"
	"image"
	_ "image/gif"  // formats that pictures of a package may have
	_ "image/jpeg" // …
	_ "image/png"  // …
	"path"
	"slices"
	"strings"
)

const (
	// maxSide is the longest side of a picture that phones draw.
	maxSide = 4_096
	// maxPixels is a picture that takes 64 MB when it is drawn.
	maxPixels = 16 << 20
)

// imageKinds are the formats by file extension.
var imageKinds = map[string]string{
	".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".gif": "gif", ".webp": "webp", ".svg": "svg", ".bmp": "bmp", ".avif": "avif",
}

// images looks at the pictures of the package. It reads their heads only: to draw a picture that nobody has
// seen costs as much as its author likes.
func (i *inspector) images() {
	for _, file := range i.names {
		kind, ok := imageKinds[strings.ToLower(path.Ext(file))]
		if !ok {
			continue
		}
		if content := i.files[file]; kind == "svg" {
			i.drawing(file, string(content))
		} else {
			i.picture(file, kind, content)
		}
		if size := len(i.files[file]); size > i.policy.Limits.ImageBytes {
			i.warn("image_large", file, spot{}, "The picture has %s; more than %s loads slowly.", bytesOf(size), bytesOf(i.policy.Limits.ImageBytes))
		}
	}
}

func (i *inspector) picture(file, kind string, content []byte) {
	found := sniff(content)
	switch {
	case found == "":
		i.warn("image_unreadable", file, spot{}, "This is no picture that can be read.")
		return
	case found != kind:
		i.warn("image_extension", file, spot{}, "The picture is %s, not %s as its name says.", found, kind)
	}
	width, height, ok := dimensions(found, content)
	switch {
	case !ok:
		i.warn("image_unreadable", file, spot{}, "The picture's head cannot be read.")
	case width > maxSide || height > maxSide || width*height > maxPixels:
		i.warn("image_dimensions", file, spot{}, "The picture has %d × %d pixels; a phone may not draw more than %d a side.", width, height, maxSide)
	}
}

// sniff is the format of a picture by its first bytes.
func sniff(content []byte) string {
	has := func(at int, mark string) bool {
		return len(content) >= at+len(mark) && string(content[at:at+len(mark)]) == mark
	}
	switch {
	case has(0, "\x89PNG\r\n\x1a\n"):
		return "png"
	case has(0, "\xff\xd8\xff"):
		return "jpeg"
	case has(0, "GIF87a") || has(0, "GIF89a"):
		return "gif"
	case has(0, "RIFF") && has(8, "WEBP"):
		return "webp"
	case has(4, "ftypavif") || has(4, "ftypavis") || has(4, "ftypmif1"):
		return "avif"
	case has(0, "BM") && len(content) > 26:
		return "bmp"
	}
	return ""
}

// dimensions are the sides of a picture. Those of AVIF are not read.
func dimensions(kind string, content []byte) (width, height int, ok bool) {
	switch kind {
	case "avif":
		return 1, 1, true
	case "bmp":
		return int(int32(binary.LittleEndian.Uint32(content[18:]))), abs(int(int32(binary.LittleEndian.Uint32(content[22:])))), true
	case "webp":
		return webpDimensions(content)
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(content))
	return config.Width, config.Height, err == nil && config.Width > 0 && config.Height > 0
}

func abs(n int) int { return max(n, -n) }

// webpDimensions reads the first chunk of a WebP file: VP8 (lossy), VP8L (lossless) or VP8X (extended).
func webpDimensions(content []byte) (width, height int, ok bool) {
	if len(content) < 30 {
		return 0, 0, false
	}
	body := content[20:]
	switch string(content[12:16]) {
	case "VP8 ":
		return int(binary.LittleEndian.Uint16(body[6:])) & 0x3fff, int(binary.LittleEndian.Uint16(body[8:])) & 0x3fff, string(body[3:6]) == "\x9d\x01\x2a"
	case "VP8L":
		bits := binary.LittleEndian.Uint32(body[1:])
		return int(bits&0x3fff) + 1, int(bits>>14&0x3fff) + 1, body[0] == 0x2f
	case "VP8X":
		three := func(at int) int { return int(body[at]) | int(body[at+1])<<8 | int(body[at+2])<<16 }
		return three(4) + 1, three(7) + 1, true
	}
	return 0, 0, false
}

// drawing looks through an SVG file for what would run if it were opened by itself.
func (i *inspector) drawing(file, source string) {
	where, seen := newLines(source), false
	refuse := func(offset int, format string, args ...any) {
		i.fail("svg_script", file, where.at(offset), format, args...)
	}
	markup(source, func(t tag) {
		name := t.name[strings.LastIndexByte(t.name, ':')+1:]
		seen = seen || name == "svg"
		if t.end {
			return
		}
		if slices.Contains([]string{"script", "foreignobject", "iframe", "handler"}, name) {
			refuse(t.start, "A drawing may not hold <%s>.", name)
		}
		for _, a := range t.attrs {
			switch value := strings.TrimSpace(a.value); {
			case strings.HasPrefix(a.name, "on") && len(a.name) > 2:
				refuse(a.start, "A drawing may not have the handler %s.", short(a.name, 40))
			case hasScheme(value, "javascript:"), hasScheme(value, "data:text/html"):
				refuse(a.start, "A drawing may not run a script.")
			case (a.name == "href" || a.name == "xlink:href") && isElsewhere(value) && name != "a":
				i.warn("remote_resource", file, where.at(a.start), "%s is not in the package and will not load.", short(value, 100))
			}
		}
	})
	if strings.Contains(source, "<!ENTITY") {
		refuse(strings.Index(source, "<!ENTITY"), "A drawing may not declare entities.")
	}
	if !seen {
		i.warn("image_unreadable", file, spot{}, "This is no SVG drawing.")
	}
}
