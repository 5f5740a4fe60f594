package proxy

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
)

// dial connects to a host: its name is resolved once, its addresses are judged, and one of those is dialled. What
// the socket is about to be connected to is judged once more, by whatever road it came.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	name, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, ErrURL
	}
	if fixed, named := c.opened(name, port); named {
		dialer := net.Dialer{Timeout: connectWait}
		if fixed != "" {
			address = fixed
		}
		return dialer.DialContext(ctx, network, address)
	}
	addresses, err := c.addresses(ctx, name)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: connectWait, Control: c.control}
	var failed error
	for _, ip := range addresses {
		conn, err := dialer.DialContext(ctx, network, netip.AddrPortFrom(ip, portOf(port)).String())
		if err == nil {
			return conn, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

// opened tells whether the operator has opened the host, and which address is dialled for it.
func (c *Client) opened(name, port string) (address string, named bool) {
	if port == "80" || port == "443" {
		if address, named = c.named[name]; named {
			if host, own, err := net.SplitHostPort(address); err == nil && own == "" {
				address = net.JoinHostPort(host, port)
			}
			return address, true
		}
	}
	address, named = c.named[name+":"+port]
	return address, named
}

// addresses are those of the name's addresses that may be dialled.
func (c *Client) addresses(ctx context.Context, name string) ([]netip.Addr, error) {
	if _, err := canonical(name); err != nil {
		return nil, err
	}
	found, err := c.resolve(ctx, name)
	if err != nil {
		return nil, err
	}
	var public []netip.Addr
	for _, ip := range found {
		// How the system writes an IPv4 answer is not how it was given; mapped ones of a foreign resolver are.
		if ip.Is4In6() {
			ip = ip.Unmap()
		}
		if c.public(ip) {
			public = append(public, ip)
		}
	}
	if len(public) == 0 {
		return nil, ErrPrivate.With("host", name)
	}
	return public, nil
}

// control is the last look before the socket is connected.
func (c *Client) control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !c.public(at.Addr()) {
		return ErrPrivate
	}
	return nil
}

func portOf(text string) uint16 {
	port, _ := net.LookupPort("tcp", text) // digits, which were judged: nobody is asked
	return uint16(port)                    //nolint:gosec // a port fits
}
