package figures

import (
	"strings"
)

// device is the family of a browser and its system, such as "Chrome 129, Android": enough to see what breaks
// where, and the same for millions.
func device(userAgent string) string {
	browser, system := browserOf(userAgent), systemOf(userAgent)
	switch {
	case browser == "":
		return system
	case system == "":
		return browser
	}
	return browser + ", " + system
}

// browsers by the word with which they give themselves away; who pretends to be another stands before it.
var browsers = []struct{ word, name string }{
	{"Edg/", "Edge"},
	{"EdgA/", "Edge"},
	{"EdgiOS/", "Edge"},
	{"OPR/", "Opera"},
	{"SamsungBrowser/", "Samsung Internet"},
	{"FxiOS/", "Firefox"},
	{"Firefox/", "Firefox"},
	{"CriOS/", "Chrome"},
	{"Chrome/", "Chrome"},
	{"Version/", "Safari"},
}

func browserOf(userAgent string) string {
	for _, browser := range browsers {
		_, rest, found := strings.Cut(userAgent, browser.word)
		if !found || browser.name == "Safari" && !strings.Contains(userAgent, "Safari/") {
			continue
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if end < 0 {
			end = len(rest)
		}
		if end == 0 || end > 4 {
			return browser.name
		}
		return browser.name + " " + rest[:end]
	}
	return ""
}

var systems = []struct{ word, name string }{
	{"Android", "Android"},
	{"iPhone", "iOS"},
	{"iPad", "iPadOS"},
	{"Windows", "Windows"},
	{"Mac OS X", "macOS"},
	{"CrOS", "ChromeOS"},
	{"Linux", "Linux"},
}

func systemOf(userAgent string) string {
	for _, system := range systems {
		if strings.Contains(userAgent, system.word) {
			return system.name
		}
	}
	return ""
}
