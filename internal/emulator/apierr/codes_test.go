package apierr

import (
	"testing"

	"connectrpc.com/connect"
)

func TestCodeNames(t *testing.T) {
	t.Parallel()
	for code, want := range map[connect.Code]string{
		connect.CodeCanceled:         "CANCELLED",
		connect.CodeDeadlineExceeded: "DEADLINE_EXCEEDED",
		connect.CodeUnauthenticated:  "UNAUTHENTICATED",
	} {
		if got := CodeName(code); got != want {
			t.Errorf("%v is %s, want %s", code, got, want)
		}
	}
	for code := connect.CodeCanceled; code <= connect.CodeUnauthenticated; code++ {
		if got, ok := CodeNamed(CodeName(code)); !ok || got != code {
			t.Errorf("%s is %v (%t), want %v", CodeName(code), got, ok, code)
		}
		if status := HTTPStatus(code); status < 400 {
			t.Errorf("%v is HTTP %d", code, status)
		}
	}
}
