package proxy

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"code.dny.dev/ssrf"
	"golang.org/x/net/idna"
)

// MostURL is how many bytes an address may have.
const MostURL = 8 << 10

// lowPorts are closed unless they are the web's own: nobody speaks HTTP on them, so what asks there means another
// protocol.
const lowPorts = 1024

// Named is a host that the operator has opened although it may be at a private address.
type Named struct {
	Host    string // as programs declare it: host, or host:port
	Address string // what is dialled, ip:port; "" is what the DNS says
}

// ParseNamed reads HOST[:PORT][=ADDRESS[:PORT]]: api.town.internal, api.town.internal:8443=10.1.2.3.
func ParseNamed(text string) (Named, error) {
	host, address, fixed := strings.Cut(strings.ToLower(strings.TrimSpace(text)), "=")
	name, port, err := splitPort(host)
	if err != nil || !nameOfHost.MatchString(name) {
		return Named{}, fmt.Errorf("%q is no host to open: write api.town.internal, api.town.internal:8443 or api.town.internal:8443=10.1.2.3:8443", text)
	}
	if port == "80" || port == "443" {
		host = name // which is how such a host is declared
	}
	if !fixed {
		return Named{Host: host}, nil
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		ip, ipErr := netip.ParseAddr(strings.Trim(address, "[]"))
		if ipErr != nil {
			return Named{}, fmt.Errorf("%q is no address for %s: write 10.1.2.3 or 10.1.2.3:8443", address, host)
		}
		// Without a port, the one that is asked for is dialled.
		return Named{Host: host, Address: net.JoinHostPort(ip.String(), port)}, nil
	}
	return Named{Host: host, Address: at.String()}, nil
}

// nameOfHost is a name in the form in which it is compared: lower case, ASCII, at least two labels, and not one
// that some reader takes for a number.
var nameOfHost = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)

func splitPort(host string) (name, port string, err error) {
	if !strings.Contains(host, ":") {
		return host, "", nil
	}
	name, port, err = net.SplitHostPort(host)
	if err != nil {
		return "", "", err
	}
	if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 || strconv.FormatUint(number, 10) != port {
		return "", "", fmt.Errorf("%q is no port", port)
	}
	return name, port, nil
}

// schemes are those that can be asked for, and their own ports.
var schemes = map[string]string{"https": "443", "wss": "443", "http": "80", "ws": "80"}

// secure are the schemes that a host of the public internet is asked by.
var secure = map[string]bool{"https": true, "wss": true}

// target is an address that was read once, in the one spelling that is compared and dialled.
type target struct {
	url  *url.URL
	host string // as declared: host, or host:port when the port is not the scheme's own
}

// parse judges how an address is written. A host is a name with a letter in its last label, so no spelling of an IP
// passes: dotted, decimal, octal, hexadecimal, short, mapped or with a zone.
func (c *Client) parse(text string) (target, error) {
	if len(text) > MostURL {
		return target{}, ErrURL.With("detail", "the address is too long")
	}
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" || u.Host == "" {
		return target{}, ErrURL.With("detail", "not an absolute address")
	}
	return c.judge(u)
}

func (c *Client) judge(u *url.URL) (target, error) {
	own, known := schemes[u.Scheme]
	if !known {
		return target{}, ErrURL.With("detail", "the scheme is not https or wss")
	}
	if u.User != nil {
		return target{}, ErrURL.With("detail", "the address names a user")
	}
	name, err := canonical(u.Hostname())
	if err != nil {
		return target{}, err
	}
	port := u.Port()
	if strings.HasSuffix(u.Host, ":") {
		return target{}, ErrURL.With("detail", "the port is missing")
	}
	if port == own {
		port = ""
	}
	host := name
	if port != "" {
		host = name + ":" + port
	}
	if _, _, err := splitPort(host); err != nil {
		return target{}, ErrURL.With("detail", "the port is not one")
	}
	if err := c.judgePort(u.Scheme, host, port); err != nil {
		return target{}, err
	}
	clean := *u
	clean.Host, clean.Fragment, clean.RawFragment = host, "", ""
	return target{url: &clean, host: host}, nil
}

// judgePort keeps hosts of the public internet to https and to ports where HTTP is spoken.
func (c *Client) judgePort(scheme, host, port string) error {
	if _, named := c.named[host]; named {
		return nil
	}
	if !secure[scheme] {
		return ErrURL.With("detail", "hosts are reached by https and wss")
	}
	if number, _ := strconv.Atoi(port); port != "" && number < lowPorts && number != 80 && number != 443 {
		return ErrURL.With("detail", "this port is closed")
	}
	return nil
}

// canonical is a host name as it is compared: in lower case, in ASCII.
func canonical(host string) (string, error) {
	no := ErrURL.With("detail", "the host is not a name")
	if strings.ContainsAny(host, "%[]:") || strings.HasSuffix(host, ".") {
		return "", no
	}
	name, err := idna.Lookup.ToASCII(host)
	if err != nil {
		name = strings.ToLower(host) // the profile knows no underscore, which names of hosts do have
	}
	if len(name) > 253 || !nameOfHost.MatchString(name) {
		return "", no
	}
	return name, nil
}

// wireServers are addresses in public ranges at which clouds tell machines their secrets.
var wireServers = []netip.Prefix{netip.MustParsePrefix("168.63.129.16/32")}

func newGuard() *ssrf.Guardian {
	return ssrf.New(ssrf.WithAnyPort(), ssrf.WithDeniedV4Prefixes(wireServers...))
}

// public tells whether the address is one of the public internet and not this machine's own: IANA's registries of
// special purposes are the library's, and an IPv4 address inside an IPv6 one is never taken for a public one.
func (c *Client) public(ip netip.Addr) bool {
	if !ip.IsValid() || ip.Zone() != "" || c.guard.SafeAddr(ip) != nil {
		return false
	}
	return !ours(ip)
}

// ours tells whether the address is one of this machine's, which may let more in from itself than from outside.
func ours(ip netip.Addr) bool {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return false // the ranges were judged already; this is one more
	}
	for _, each := range addresses {
		if prefix, err := netip.ParsePrefix(each.String()); err == nil && prefix.Addr() == ip {
			return true
		}
	}
	return false
}
