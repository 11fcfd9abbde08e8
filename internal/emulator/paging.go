package emulator

import (
	"encoding/base64"
	"encoding/json"
	"hash/fnv"
	"strconv"

	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
)

const defaultPageSize = 10

// pageRequest asks for one page of a list, newest object first.
type pageRequest struct {
	size  uint32 // 0 means defaultPageSize
	max   uint32 // a bigger size is cut to it; the platform may as well refuse it [U]
	token string // "" means the first page

	// scope names the list and its filters: a token is good for the list that it came from alone.
	scope string
}

// page is one page of a list.
type page[T any] struct {
	items      []T // clones
	next, prev string
	total      uint32
}

// pageToken is a position between two objects, and the side of it that the page is on. It stays right when other
// objects come and go, and when the objects beside it go.
type pageToken struct {
	Scope  string `json:"s"`
	Before bool   `json:"b,omitempty"` // the page ends before the position, towards the newest
	After  uint64 `json:"p"`           // the sequence of the object that the position follows
}

// where returns the rows that match.
func where[T proto.Message](rows []*row[T], match func(*row[T]) bool) []*row[T] {
	var matching []*row[T]
	for _, row := range rows {
		if match(row) {
			matching = append(matching, row)
		}
	}
	return matching
}

// paginate returns the page of rows, which come oldest first. It looks at those of the page alone.
func paginate[T proto.Message](rows []*row[T], request pageRequest) (page[T], error) {
	var out page[T]
	token, err := parsePageToken(request)
	if err != nil {
		return out, err
	}
	size := int(min(request.size, request.max))
	if size == 0 {
		size = defaultPageSize
	}

	newest := func(i int) *row[T] { return rows[len(rows)-1-i] }
	split := 0 // how many rows are before the token's position
	if request.token != "" {
		older, _ := position(rows, token.After)
		split = len(rows) - older
	}
	from, to := split, min(split+size, len(rows))
	if token.Before {
		from, to = max(split-size, 0), split
	}

	out.total = uint32(len(rows))
	for i := from; i < to; i++ {
		out.items = append(out.items, proto.CloneOf(newest(i).value))
	}
	if to < len(rows) {
		after := token.After
		if to > 0 {
			after = newest(to - 1).sequence
		}
		out.next = pageToken{Scope: token.Scope, After: after}.String()
	}
	if from > 0 {
		out.prev = pageToken{Scope: token.Scope, After: newest(from - 1).sequence, Before: true}.String()
	}
	return out, nil
}

// parsePageToken reads the request's token; for the first page it returns one with the scope alone.
func parsePageToken(request pageRequest) (pageToken, error) {
	scope := scopeHash(request.scope)
	if request.token == "" {
		return pageToken{Scope: scope}, nil
	}
	var token pageToken
	decoded, err := base64.RawURLEncoding.DecodeString(request.token)
	if err == nil {
		err = json.Unmarshal(decoded, &token)
	}
	if err != nil || token.Scope != scope || token.String() != request.token {
		return pageToken{}, apierr.InvalidField("page_token", "page_token", "not a page token of this list")
	}
	return token, nil
}

func (t pageToken) String() string {
	encoded, err := json.Marshal(t)
	if err != nil {
		return "" // Cannot be: a string, a bool and a number.
	}
	return base64.RawURLEncoding.EncodeToString(encoded)
}

func scopeHash(scope string) string {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(scope)) // A hash's Write never fails.
	return strconv.FormatUint(uint64(hash.Sum32()), 36)
}
