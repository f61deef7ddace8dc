package interdict

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
)

// maxRedirects for one file, all within the repository's own server.
const maxRedirects = 3

// maxHeader is the most bytes of an answer before its body.
const maxHeader = 64 << 10

// maxWords is the most bytes that are read of the page that says that a file is missing.
const maxWords = 1 << 10

var errPrivate = errors.New(privateRefused)

// server is a web server, by its base address, and the client that asks it. Name and password are kept apart
// from the address, so that no message has them.
type server struct {
	base      *url.URL
	user      *url.Userinfo
	transport *http.Transport
	patience  Patience
}

// openServer takes an address without a query. A proxy that the environment names is used; which addresses it
// reaches is the proxy's own affair.
func openServer(location string, allowPrivate bool, patience Patience) (*server, error) {
	base, err := url.Parse(location)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Hostname() == "" ||
		base.RawQuery != "" || base.Fragment != "" {
		return nil, failure(KindInvalid, "a repository is a path, or a URL that starts with https:, http: or file:")
	}
	if !allowPrivate && isPrivateHost(base.Hostname()) {
		return nil, &kindError{kind: KindInvalid, text: privateRefused, cause: errPrivate}
	}
	user := base.User
	base.User = nil
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: base})
	if err != nil {
		return nil, failure(KindInvalid, "the environment's proxy is not understood")
	}
	dialer := &net.Dialer{Timeout: patience.Connect}
	if proxy == nil && !allowPrivate {
		dialer.Control = publicOnly
	}
	transport := &http.Transport{
		Proxy:                  http.ProxyURL(proxy),
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    patience.Connect,
		ResponseHeaderTimeout:  patience.Response,
		IdleConnTimeout:        patience.File,
		MaxResponseHeaderBytes: maxHeader,
		MaxConnsPerHost:        1,
		DisableCompression:     true,
		ForceAttemptHTTP2:      true,
	}
	return &server{base, user, transport, patience}, nil
}

// publicOnly refuses an address after its name was resolved, so that no answer of a name server reaches into a
// private network.
func publicOnly(_, address string, _ syscall.RawConn) error {
	place, err := netip.ParseAddrPort(address)
	if err != nil || isPrivate(place.Addr()) {
		return errPrivate
	}
	return nil
}

func (s *server) close() { s.transport.CloseIdleConnections() }

func (s *server) bring(ctx context.Context, path string, form form) brought {
	ctx, cancel := context.WithTimeout(ctx, s.patience.File)
	defer cancel()
	address, err := url.Parse(strings.TrimRight(s.base.String(), "/") + "/" + path)
	if err != nil {
		return failed("the module asks for a path outside the repository")
	}
	for range maxRedirects + 1 {
		answer, next := s.ask(ctx, address, form)
		if next == nil {
			return answer
		}
		address = next
	}
	return failed("too many redirects")
}

// ask sends one request. It returns where to ask instead, or what the server answered.
func (s *server) ask(ctx context.Context, address *url.URL, form form) (brought, *url.URL) {
	request := (&http.Request{
		Method: http.MethodGet, URL: address, Host: address.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"User-Agent": {"interdict-go/" + version}, "Accept-Encoding": {"identity"}},
	}).WithContext(ctx)
	if s.user != nil {
		password, _ := s.user.Password()
		request.SetBasicAuth(s.user.Username(), password)
	}
	// The transport itself: it follows no redirects and keeps no cookies.
	response, err := s.transport.RoundTrip(request)
	if err != nil {
		return failed(cause(err)), nil
	}
	defer func() { _ = response.Body.Close() }()
	switch status := response.StatusCode; status {
	case http.StatusOK:
		if response.ContentLength > form.most() {
			return failed(tooLarge), nil
		}
		return form.read(response.Body), nil
	case http.StatusNotFound, http.StatusGone:
		// Its few words are read, so that the connection can be used again.
		_, _ = io.CopyN(io.Discard, response.Body, maxWords)
		return brought{}, nil
	case 301, 302, 303, 307, 308:
		next, err := address.Parse(response.Header.Get("Location"))
		if err != nil || response.Header.Get("Location") == "" || next.User != nil || !isSameServer(address, next) {
			return failed(strconv.Itoa(status) + ": redirected elsewhere"), nil
		}
		return brought{}, next
	case http.StatusForbidden:
		return failed("the server answered 403; for a file that it does not have it must answer 404"), nil
	default:
		return failed("the server answered " + strconv.Itoa(status)), nil
	}
}

// cause says what went wrong in fixed words without the address, which may have a password.
func cause(err error) string {
	var timeout net.Error
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.Is(err, errPrivate):
		return privateRefused
	case errors.Is(err, context.Canceled):
		return "the refresh was given up"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "the server was too slow"
	case errors.As(err, &name):
		return "no such host"
	case errors.As(err, &certificate), errors.As(err, &authority):
		return "the server's certificate was not accepted"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, syscall.ECONNRESET):
		return "the connection was reset"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "the connection ended early"
	}
	return "the connection failed, or the server's answer was not understood"
}
