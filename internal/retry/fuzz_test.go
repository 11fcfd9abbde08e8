package retry_test

import (
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/retry"
)

func FuzzAfter(f *testing.F) {
	for _, value := range []string{"", "7", "-1", "9223372036854775807", "99999999999999999999", "Wed, 21 Oct 2099 07:28:00 GMT", "1.5", "0x7"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if wait := retry.After(value); wait < 0 || wait > retry.MaxAfter {
			t.Errorf("%q is a wait of %s", value, wait)
		}
	})
}
