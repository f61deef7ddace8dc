package interdict

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// privateRefused is what is said of a repository that is refused for its address.
const privateRefused = "the repository is on this machine or in a private network; allow that for the coalition if it is meant"

// isBelowBase reports whether a path stays below its base: segments of plain characters, the others
// percent-encoded in the one usual way, so that no server decodes a dot or slash that was not there.
func isBelowBase(path string) bool {
	if len(path) > 1000 {
		return false
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "" || segment[0] == '.' || !isUsual(segment) {
			return false
		}
	}
	return true
}

// isUsual reports whether all bytes but RFC 3986's unreserved ones are encoded, in upper case, and no others.
func isUsual(segment string) bool {
	const digits = "0123456789ABCDEF"
	for at := 0; at < len(segment); at++ {
		if isUnreserved(segment[at]) {
			continue
		}
		if segment[at] != '%' || at+2 >= len(segment) {
			return false
		}
		high, low := strings.IndexByte(digits, segment[at+1]), strings.IndexByte(digits, segment[at+2])
		if high < 0 || low < 0 || isUnreserved(byte(high<<4|low)) {
			return false
		}
		at += 2
	}
	return true
}

func isUnreserved(letter byte) bool {
	return letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z' || letter >= '0' && letter <= '9' ||
		strings.IndexByte("-._~", letter) >= 0
}

// special are the ranges of RFC 6890 and its registry that are not of the internet.
var special = prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
	"::/80", "64:ff9b:1::/48", "fc00::/7", "fe80::/9", "ff00::/8")

func prefixes(texts ...string) []netip.Prefix {
	made := make([]netip.Prefix, len(texts))
	for place, text := range texts {
		made[place] = netip.MustParsePrefix(text)
	}
	return made
}

// isPrivate reports whether an address is not of the internet. One of version 6 that carries one of version 4
// is as that is: mapped, NAT64 (RFC 6052) and 6to4 (RFC 3056).
func isPrivate(address netip.Addr) bool {
	address = address.WithZone("").Unmap()
	if address.Is6() {
		bytes := address.As16()
		switch {
		case netip.MustParsePrefix("64:ff9b::/96").Contains(address):
			return isPrivate(netip.AddrFrom4([4]byte(bytes[12:16])))
		case netip.MustParsePrefix("2002::/16").Contains(address):
			return isPrivate(netip.AddrFrom4([4]byte(bytes[2:6])))
		}
	}
	for _, prefix := range special {
		if prefix.Contains(address) {
			return true
		}
	}
	return !address.IsValid()
}

// isPrivateHost judges a host in a URL as far as its text tells.
func isPrivateHost(host string) bool {
	host = strings.ToLower(strings.TrimRight(strings.Trim(host, "[]"), "."))
	if address, err := netip.ParseAddr(host); err == nil {
		return isPrivate(address)
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// isSameServer reports whether two addresses have the same scheme, host and port.
func isSameServer(one, other *url.URL) bool {
	return one.Scheme == other.Scheme && strings.EqualFold(hostAndPort(one), hostAndPort(other))
}

func hostAndPort(address *url.URL) string {
	port := address.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[address.Scheme]
	}
	return net.JoinHostPort(address.Hostname(), port)
}
