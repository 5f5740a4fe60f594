package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"syscall"

	"plaza.internal/plaza/internal/refusal"
)

// What the far side did is StatusFailedDependency: gateways in front of the house put their own page in place of
// answers that say 502 or 504.
var (
	// ErrURL refuses what is no address of a host on the internet.
	ErrURL = refusal.New(http.StatusBadRequest, "network_url", "This is no address that can be reached from here.")
	// ErrDomain refuses a host that the caller may not reach; data.host names it.
	ErrDomain = refusal.New(http.StatusForbidden, "domain_undeclared", "The mini program does not declare this host.")
	// ErrPrivate refuses a host that is not on the public internet.
	ErrPrivate = refusal.New(http.StatusForbidden, "address_private", "This host is not on the public internet.")
	// ErrRedirect ends an exchange that was led in a circle, or from https to http.
	ErrRedirect = refusal.New(http.StatusFailedDependency, "redirect_refused", "The host leads somewhere else in a way that is not followed.")
	// ErrTimeout ends an exchange that took too long.
	ErrTimeout = refusal.New(http.StatusFailedDependency, "network_timeout", "The host did not answer in time.")
	// ErrSlow ends an answer that comes in drops.
	ErrSlow = refusal.New(http.StatusFailedDependency, "network_slow", "The host answers too slowly.")
	// ErrTooLarge ends an answer that has too many bytes; data.limit is how many it may have.
	ErrTooLarge = refusal.New(http.StatusFailedDependency, "answer_too_large", "The host answered with too many bytes.")
	// ErrUnreachable is every other failure on the way; data.reason says which in the words of browsers.
	ErrUnreachable = refusal.New(http.StatusFailedDependency, "unreachable", "The host cannot be reached.")
	// ErrBusy refuses an exchange while as many are open as may be.
	ErrBusy = refusal.New(http.StatusTooManyRequests, "network_busy", "Too many requests are open; wait for one to end.")
)

// Refusals are all of them, for descriptions of routes.
func Refusals() []*refusal.Refusal {
	return []*refusal.Refusal{
		ErrURL, ErrDomain, ErrPrivate, ErrRedirect, ErrTimeout, ErrSlow, ErrTooLarge, ErrUnreachable, ErrBusy,
	}
}

// refusalIn is the refusal inside a wrapped error, with its details; a caller who hung up stays what it is.
func refusalIn(err, otherwise error) error {
	var no *refusal.Refusal
	if errors.As(err, &no) {
		return no
	}
	return otherwise
}

// reason is one of a few words for what went wrong below: which they are says nothing of the house's own network.
func reason(err error) string {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.As(err, &dns):
		return "net::ERR_NAME_NOT_RESOLVED"
	case errors.As(err, &certificate):
		return "net::ERR_CERT_INVALID"
	case errors.As(err, &record):
		return "net::ERR_SSL_PROTOCOL_ERROR"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "net::ERR_CONNECTION_REFUSED"
	case errors.Is(err, syscall.ECONNRESET):
		return "net::ERR_CONNECTION_RESET"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "net::ERR_CONNECTION_TIMED_OUT"
	}
	return "net::ERR_FAILED"
}
