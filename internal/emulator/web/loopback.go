package web

import (
	"net/netip"
	"strings"
)

// IsLoopback says whether a host is this machine without asking anyone: an address, or localhost.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
