package check

import "slices"

// Kinds of what a program does at a host: WeChat's four lists of servers, and that of the sites which a web-view shows.
const (
	DomainRequest  = "request"
	DomainSocket   = "socket"
	DomainUpload   = "upload"
	DomainDownload = "download"
	DomainWebView  = "webview"
)

// DomainKinds is every kind, in the order in which they are shown.
func DomainKinds() []string {
	return []string{DomainRequest, DomainSocket, DomainUpload, DomainDownload, DomainWebView}
}

// IsDomain is true for a host as it is declared: a name in small letters, and a port if it is not the scheme's own.
func IsDomain(host string) bool { return len(host) <= domainLimit && domainPattern.MatchString(host) }

// domainLimit is how many characters a host with its port may have.
const domainLimit = 253 + len(":65535")

// Of is the list of one kind.
func (d ManifestDomains) Of(kind string) []string {
	switch kind {
	case DomainRequest:
		return d.Request
	case DomainSocket:
		return d.Socket
	case DomainUpload:
		return d.Upload
	case DomainDownload:
		return d.Download
	case DomainWebView:
		return d.WebView
	}
	return nil
}

// Reach tells whether the host is on the list of the kind.
func (d ManifestDomains) Reach(kind, host string) bool { return slices.Contains(d.Of(kind), host) }

// With is these hosts and those, each once in its list, sorted.
func (d ManifestDomains) With(other ManifestDomains) ManifestDomains {
	return d.each(other, func(own, others []string) []string { return slices.Concat(own, others) })
}

// Without is these hosts but for those.
func (d ManifestDomains) Without(other ManifestDomains) ManifestDomains {
	return d.each(other, func(own, others []string) []string {
		return slices.DeleteFunc(slices.Clone(own), func(host string) bool { return slices.Contains(others, host) })
	})
}

func (d ManifestDomains) each(other ManifestDomains, join func(own, others []string) []string) ManifestDomains {
	tidy := func(kind string) []string {
		list := join(d.Of(kind), other.Of(kind))
		slices.Sort(list)
		return slices.Compact(list)
	}
	return ManifestDomains{
		Request: tidy(DomainRequest), Socket: tidy(DomainSocket), Upload: tidy(DomainUpload), Download: tidy(DomainDownload),
		WebView: tidy(DomainWebView),
	}
}
