package store

import (
	"testing"
	"time"

	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

func FuzzPageToken(f *testing.F) {
	f.Add(pageToken{Scope: scopeHash("list"), After: 3}.String(), "list")
	f.Add(pageToken{Scope: scopeHash("list"), After: 18446744073709551615, Before: true}.String(), "list")
	f.Add("AAAA", "")
	f.Add("e30", "")
	s := New(time.Now, "", nil)
	rows := NewTable[*orgv1.Organization](s, "tests", "test", Unwatched)
	if err := s.Write(func() error {
		for _, id := range []string{"a", "b", "c", "d"} {
			rows.Put(id, "", &orgv1.Organization{Id: id})
		}
		return nil
	}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, token, scope string) {
		for _, size := range []uint32{0, 1, 1 << 31} {
			read, err := Paginate(rows.All(), PageRequest{Size: size, Max: 30, Token: token, Scope: scope})
			if err == nil && len(read.Items) > 30 {
				t.Errorf("%d items", len(read.Items))
			}
		}
		if parsed, err := parsePageToken(PageRequest{Token: token, Scope: scope}); err == nil && token != "" && parsed.String() != token {
			t.Errorf("%q is read as %q", token, parsed)
		}
	})
}
