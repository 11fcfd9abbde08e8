package provider_test

import (
	"maps"
	"syscall"
	"testing"
	"unsafe"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
)

// limitFiles lets a process write files of so many bytes at most, which to the process is like a full disk; 0 takes the
// limit away.
func limitFiles(t *testing.T, pid int, bytes int64) {
	t.Helper()
	limit := syscall.Rlimit{Cur: uint64(bytes), Max: ^uint64(0)}
	if bytes == 0 {
		limit.Cur = limit.Max
	}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64,
		uintptr(pid), syscall.RLIMIT_FSIZE, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if errno != 0 {
		t.Fatal(errno)
	}
}

// The emulator's disk is full in mid-apply, and in mid-destroy: once there is space again, the next one converges.
func TestEmulatorDiskIsFullDuringApply(t *testing.T) {
	t.Parallel()
	want := undisturbed(t, everything)
	program := acctest.StartProgram(t)
	env := program.Env()
	workspace := env.Workspace(t)
	workspace.Configure(env.Provider(`
  request_timeout = "5s"
  max_retries     = 1`))
	workspace.Write(everything)
	before := program.Counts()

	limitFiles(t, program.PID(), program.StateSize()+3_000) // room for some of it
	output, err := workspace.Apply()
	if err == nil {
		t.Fatalf("the apply succeeded with a full disk:\n%s", output)
	}
	acctest.MustContain(t, output, "the change was not made", "Apply again")
	if got := program.Counts(); maps.Equal(got, before) || maps.Equal(got, want) {
		t.Errorf("the disk was not full in mid-apply: there is %v", got)
	}
	limitFiles(t, program.PID(), 0)
	workspace.MustApply()
	workspace.MustBeClean()
	if got := program.Counts(); !maps.Equal(got, want) {
		t.Errorf("there is %v, want %v", got, want)
	}

	limitFiles(t, program.PID(), program.StateSize()/2) // the deletes make room, but not on this disk
	if output, err := workspace.Destroy(); err == nil {
		t.Errorf("the destroy succeeded with a full disk:\n%s", output)
	}
	if got := program.Counts(); !maps.Equal(got, want) {
		t.Errorf("there is %v, want %v", got, want)
	}
	limitFiles(t, program.PID(), 0)
	if output, err := workspace.Destroy(); err != nil {
		t.Errorf("the next destroy failed: %v\n%s", err, output)
	}
	if got := program.Counts(); !maps.Equal(got, before) {
		t.Errorf("there is %v, want %v", got, before)
	}
}
