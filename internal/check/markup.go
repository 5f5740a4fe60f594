package check

import "strings"

// A tag of WXML, HTML or SVG, as far as the checks look at it.
type tag struct {
	name   string // in small letters
	start  int    // of the "<"
	closed bool   // closes itself, or is an end tag
	end    bool   // an end tag
	attrs  []attr
	text   string // what stands between it and its end tag, of tags whose content is no markup
	textAt int
}

// attr is an attribute; a value's entities stay as they are.
type attr struct {
	name, value string
	start       int // of the name
}

func (t tag) attr(name string) (attr, bool) {
	for _, a := range t.attrs {
		if a.name == name {
			return a, true
		}
	}
	return attr{}, false
}

// rawTags are tags whose content is no markup, as browsers and WeChat read them.
var rawTags = map[string]bool{"script": true, "style": true, "wxs": true, "textarea": true, "title": true}

// maxAttrs bounds the memory of one tag.
const maxAttrs = 200

// markup walks over the tags of a source.
func markup(source string, each func(tag)) {
	for i := 0; i < len(source); {
		next := strings.IndexByte(source[i:], '<')
		if next < 0 {
			return
		}
		i += next
		rest := source[i:]
		switch {
		case strings.HasPrefix(rest, "<!--"):
			i += until(rest, "-->")
		case strings.HasPrefix(rest, "<![CDATA["):
			i += until(rest, "]]>")
		case len(rest) > 1 && (rest[1] == '!' || rest[1] == '?'):
			i += until(rest, ">")
		case len(rest) > 1 && (isWordByte(rest[1]) || rest[1] == '/'):
			var t tag
			if t, i = readTag(source, i); t.name != "" {
				each(t)
			}
		default:
			i++
		}
	}
}

// readTag reads the tag at i and gives where the source goes on.
func readTag(source string, i int) (tag, int) {
	t := tag{start: i}
	i++
	if source[i] == '/' {
		t.end, t.closed = true, true
		i++
	}
	from := i
	for i < len(source) && !isSpace(source[i]) && source[i] != '>' && source[i] != '/' {
		i++
	}
	t.name = strings.ToLower(source[from:i])
	for i < len(source) && source[i] != '>' {
		if source[i] == '/' || isSpace(source[i]) {
			t.closed = t.closed || source[i] == '/'
			i++
			continue
		}
		var a attr
		a, i = readAttr(source, i)
		if len(t.attrs) < maxAttrs {
			t.attrs = append(t.attrs, a)
		}
		if !t.end {
			t.closed = false
		}
	}
	i = min(i+1, len(source))
	if rawTags[t.name] && !t.closed {
		t.textAt = i
		length := endTag(source[i:], t.name)
		t.text = source[i : i+length]
		i += length
	}
	return t, i
}

func readAttr(source string, i int) (attr, int) {
	a := attr{start: i}
	for i++; i < len(source) && !isSpace(source[i]) && strings.IndexByte("=>/", source[i]) < 0; i++ {
	}
	a.name = strings.ToLower(source[a.start:i])
	for i < len(source) && isSpace(source[i]) {
		i++
	}
	if i >= len(source) || source[i] != '=' {
		return a, i
	}
	for i++; i < len(source) && isSpace(source[i]); i++ {
	}
	if i >= len(source) {
		return a, i
	}
	if quote := source[i]; quote == '"' || quote == '\'' {
		length := strings.IndexByte(source[i+1:], quote)
		if length < 0 {
			length = len(source) - i - 1
		}
		a.value = source[i+1 : i+1+length]
		return a, min(i+length+2, len(source))
	}
	from := i
	for i < len(source) && !isSpace(source[i]) && source[i] != '>' {
		i++
	}
	a.value = source[from:i]
	return a, i
}

// endTag is how long the text is before </name.
func endTag(source, name string) int {
	for i := 0; ; {
		next := strings.Index(source[i:], "</")
		if next < 0 {
			return len(source)
		}
		i += next
		if after := source[i+2:]; len(after) >= len(name) && strings.EqualFold(after[:len(name)], name) {
			return i
		}
		i += 2
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }
