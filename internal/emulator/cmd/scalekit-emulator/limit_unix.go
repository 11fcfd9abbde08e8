//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// surviveFileSizeLimit makes a write beyond the limit that ulimit -f sets an error, as one to a full disk is.
func surviveFileSizeLimit() { signal.Ignore(syscall.SIGXFSZ) }
