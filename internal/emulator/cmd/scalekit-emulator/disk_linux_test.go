package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// limitFiles lets a process write files of so many bytes at most, which to the process is like a full disk; 0 takes the
// limit away.
func limitFiles(t *testing.T, pid int, size int64) {
	t.Helper()
	limit := syscall.Rlimit{Cur: uint64(size), Max: ^uint64(0)}
	if size == 0 {
		limit.Cur = limit.Max
	}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64,
		uintptr(pid), syscall.RLIMIT_FSIZE, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if errno != 0 {
		t.Fatal(errno)
	}
}

// While the disk is full no change is confirmed and none is kept, the state file stays as it was, and whoever runs the
// emulator is told; when there is space again, all goes on.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "state.json")
	p := startProgram(t, "--state", file)
	if ok, answer := p.create("before"); !ok {
		t.Fatal(answer)
	}
	for outage := range 2 {
		written, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		limitFiles(t, p.Process.Pid, int64(len(written))+10)
		for i := range 5 {
			if ok, answer := p.create(fmt.Sprintf("during %d.%d", outage, i)); ok || !strings.Contains(answer, "the change was not made") {
				t.Errorf("with a full disk: %t %s", ok, answer)
			}
		}
		if now, err := os.ReadFile(file); err != nil || !bytes.Equal(now, written) {
			t.Errorf("the state file has changed (%v): %s", err, now)
		}
		if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
			t.Errorf("files %v (%v), want the state alone", left, err)
		}
		p.tells(t, "cannot be written, so nothing can be changed until it can: ", outage+1)
		limitFiles(t, p.Process.Pid, 0)
		if ok, answer := p.create(fmt.Sprint("after ", outage)); !ok {
			t.Errorf("with space again: %s", answer)
		}
		p.tells(t, "can be written again", outage+1)
	}
	p.kill()
	if kept := organizations(t, file); len(kept) != 3 || !kept["before"] || !kept["after 0"] || !kept["after 1"] {
		t.Errorf("kept %v", kept)
	}
}
