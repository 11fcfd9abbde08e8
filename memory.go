package main

import (
	"os"
	"runtime/debug"
)

// A run lives for seconds and allocates little that it drops, so the collector may wait until the heap has grown
// fivefold. Near the limit it works as often as it must; the limit is no cap.
const (
	heapGrowth  = 400              // percent
	memoryLimit = 80 * 1024 * 1024 // bytes
)

// limitMemory sets the garbage collector for short runs, unless the user has set it.
func limitMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
