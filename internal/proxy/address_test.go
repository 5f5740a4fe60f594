package proxy

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
)

// Every spelling of an address that is not a name of a host is refused before anybody is asked for its IP.
func TestSpellingsOfAddresses(t *testing.T) {
	c := New(Options{})
	for _, refused := range []string{
		"", "api.example.com", "//api.example.com", "https:", "https://", "https:/api.example.com", "https:api.example.com",
		"ftp://api.example.com", "file:///etc/passwd", "gopher://api.example.com", "data:text/plain,x", "javascript:1",
		"http://api.example.com", "ws://api.example.com",
		"https://user@api.example.com", "https://user:pass@api.example.com", "https://:@api.example.com", "https://127.0.0.1@api.example.com",
		"https://localhost", "https://localhost.", "https://api.example.com.", "https://api", "https://.example.com", "https://api..example.com",
		"https://127.0.0.1", "https://127.1", "https://127.0.1", "https://2130706433", "https://017700000001", "https://0x7f000001",
		"https://0x7f.0x0.0x0.0x1", "https://0177.0.0.1", "https://0177.0x0.1", "https://0", "https://127.0.0.1.", "https://127.0.0.01",
		"https://①②⑦.⓪.⓪.①", "https://127。0。0。1", "https://1２7.0.0.1",
		"https://[::1]", "https://[::]", "https://[::ffff:127.0.0.1]", "https://[::ffff:7f00:1]", "https://[fe80::1%25eth0]", "https://[fe80::1%eth0]",
		"https://[64:ff9b::7f00:1]", "https://[2002:7f00:1::]", "https://[fd00::1]", "https://[0:0:0:0:0:0:0:1]", "https://::1",
		"https://169.254.169.254/latest/meta-data", "https://169.254.43518", "https://2852039166", "https://100.100.100.200",
		"https://%6c%6f%63%61%6c%68%6f%73%74", "https://127%2e0%2e0%2e1", "https://api.example.com%00.evil.example", "https://api.example.com%2f@evil.example",
		"https://api.example.com\\@evil.example", "https://api.example.com\t.evil.example", "https://api.example.com\r\nHost: evil", " https://api.example.com",
		"https://api.example.com:22", "https://api.example.com:25", "https://api.example.com:0", "https://api.example.com:65536",
		"https://api.example.com:", "https://api.example.com:+443", "https://api.example.com:0443", "https://api.example.com:http",
		"https://0x7f.com.0x1", "https://a.0", "https://" + strings.Repeat("a.", 130) + "com", "https://api.example.com/" + strings.Repeat("x", MostURL),
		"https://xn--.example.com", "https://a\u200bpi.example.com\u202e.1",
	} {
		if to, err := c.parse(refused); !errors.Is(err, ErrURL) {
			t.Errorf("%q is taken for %q: %v", refused, to.host, err)
		}
	}
	for text, host := range map[string]string{
		"https://api.example.com":                    "api.example.com",
		"HTTPS://API.Example.COM/v1?q=1#part":        "api.example.com",
		"https://api.example.com:443/":               "api.example.com",
		"https://api.example.com:8443":               "api.example.com:8443",
		"https://api.example.com:80":                 "api.example.com:80",
		"wss://chat.example.com/room":                "chat.example.com",
		"https://münchen.example":                    "xn--mnchen-3ya.example",
		"https://xn--mnchen-3ya.example":             "xn--mnchen-3ya.example",
		"https://ａｐｉ.example.com":                    "api.example.com", // wide letters are the same letters
		"https://my_bucket.s3.example.com/a%2Fb?c=d": "my_bucket.s3.example.com",
		"https://127.0.0.1.nip.example":              "127.0.0.1.nip.example", // a name; where it leads is judged when it is dialled
	} {
		to, err := c.parse(text)
		if err != nil || to.host != host || to.url.Host != host || to.url.Fragment != "" {
			t.Errorf("%q is %q (%v), want %q: %v", text, to.host, to.url, host, err)
		}
	}
}

// What is not the public internet is not dialled, in whichever family it is written.
func TestPrivateAddresses(t *testing.T) {
	c := New(Options{})
	for _, private := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255", "127.0.0.1", "127.255.255.254",
		"169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
		"198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1",
		"2001:db8::1", "2001:10::1", "2001:20::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0",
		"fec0::1", "ff02::1", "4000::1",
	} {
		if c.public(netip.MustParseAddr(private)) {
			t.Errorf("%s is taken for a public address", private)
		}
	}
	for _, public := range []string{"1.1.1.1", "8.8.8.8", "93.184.215.14", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::1"} {
		if !c.public(netip.MustParseAddr(public)) {
			t.Errorf("%s is taken for a private address", public)
		}
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, own := range addresses {
		if prefix := netip.MustParsePrefix(own.String()); c.public(prefix.Addr()) {
			t.Errorf("this machine's own %s is taken for somebody else's", prefix)
		}
	}
}

// Of a name that leads inside as well as outside only the outside is dialled; of one that leads inside alone nothing.
func TestNamesAreJudgedByWhereTheyLead(t *testing.T) {
	answers := map[string][]netip.Addr{
		"inside.example": {netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("::1")},
		"both.example":   {netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("93.184.215.14"), netip.MustParseAddr("::ffff:10.0.0.1")},
		"mapped.example": {netip.MustParseAddr("::ffff:93.184.215.14")},
	}
	c := New(Options{Resolve: func(_ context.Context, host string) ([]netip.Addr, error) { return answers[host], nil }})
	if _, err := c.addresses(t.Context(), "inside.example"); !errors.Is(err, ErrPrivate) {
		t.Errorf("inside.example: %v", err)
	}
	for _, host := range []string{"both.example", "mapped.example"} {
		if got, err := c.addresses(t.Context(), host); err != nil || len(got) != 1 || got[0].String() != "93.184.215.14" {
			t.Errorf("%s: %v %v", host, got, err)
		}
	}
	if _, err := c.addresses(t.Context(), "127.0.0.1"); !errors.Is(err, ErrURL) {
		t.Errorf("an address instead of a name: %v", err)
	}
	for _, address := range []string{"127.0.0.1:80", "[::1]:443", "10.0.0.1:443", "nonsense"} {
		if err := c.control("tcp4", address, nil); !errors.Is(err, ErrPrivate) {
			t.Errorf("the socket is connected to %s: %v", address, err)
		}
	}
}

// What the operator opens is read strictly: a mistake opens nothing.
func TestHostsThatTheOperatorOpens(t *testing.T) {
	for text, want := range map[string]Named{
		"api.town.internal":                       {Host: "api.town.internal"},
		"API.town.internal:8443":                  {Host: "api.town.internal:8443"},
		"api.town.internal:443=10.1.2.3:8080":     {Host: "api.town.internal", Address: "10.1.2.3:8080"},
		"api.town.internal:8443=10.1.2.3":         {Host: "api.town.internal:8443", Address: "10.1.2.3:8443"},
		"api.town.internal=[fd00::1]:9000":        {Host: "api.town.internal", Address: "[fd00::1]:9000"},
		"Upstream.plaza.test:9000=127.0.0.1:9000": {Host: "upstream.plaza.test:9000", Address: "127.0.0.1:9000"},
	} {
		if got, err := ParseNamed(text); err != nil || got != want {
			t.Errorf("%q is %+v: %v", text, got, err)
		}
	}
	for _, text := range []string{"", "*", "localhost", "10.0.0.1", "10.0.0.0/8", "http://api.town.internal", "api.town.internal:0", "api.town.internal:x", "api.town.internal=", "api.town.internal=db.internal:5432", "[::1]:80"} {
		if got, err := ParseNamed(text); err == nil {
			t.Errorf("%q opens %+v", text, got)
		}
	}
}

// Whatever is written, what passes is one canonical name with a public port, and reading it again changes nothing.
func FuzzAddresses(f *testing.F) {
	for _, seed := range []string{"https://api.example.com/v1", "https://0x7f.1", "https://[::ffff:127.0.0.1]:8443", "wss://münchen.example:9000/x", "https://a@b.example", "https://127。0。0。1", "https://api.example.com%2e"} {
		f.Add(seed)
	}
	c := New(Options{})
	f.Fuzz(func(t *testing.T, text string) {
		to, err := c.parse(text)
		if err != nil {
			return
		}
		name, port, err := splitPort(to.host)
		if err != nil || !nameOfHost.MatchString(name) || to.url.User != nil || to.url.Hostname() != name || to.url.Port() != port {
			t.Fatalf("%q passes as %q, %v", text, to.host, to.url)
		}
		if _, err := netip.ParseAddr(name); err == nil {
			t.Fatalf("%q passes as the address %q", text, name)
		}
		if !secure[to.url.Scheme] {
			t.Fatalf("%q passes by %s", text, to.url.Scheme)
		}
		again, err := c.parse(to.url.String())
		if err != nil || again.host != to.host || again.url.String() != to.url.String() {
			t.Fatalf("%q is %q, and that is %q: %v", text, to.url, again.url, err)
		}
	})
}
