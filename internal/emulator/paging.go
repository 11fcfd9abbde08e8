package emulator

import (
	"encoding/base64"
	"encoding/json"
	"hash/fnv"
	"slices"
	"strconv"

	"google.golang.org/protobuf/proto"
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

// list returns the page of the objects that match.
func list[T proto.Message](t *table[T], request pageRequest, match func(*row[T]) bool) (page[T], error) {
	var rows []*row[T]
	for _, row := range slices.Backward(t.order) {
		if match(row) {
			rows = append(rows, row)
		}
	}
	return paginate(rows, request)
}

// paginate returns the page of rows in falling order of their sequence.
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

	split := 0 // how many rows are before the token's position
	if request.token != "" {
		split, _ = slices.BinarySearchFunc(rows, token.After, func(row *row[T], after uint64) int {
			if row.sequence >= after {
				return -1
			}
			return 1
		})
	}
	from, to := split, min(split+size, len(rows))
	if token.Before {
		from, to = max(split-size, 0), split
	}

	out.total = uint32(len(rows))
	for _, row := range rows[from:to] {
		out.items = append(out.items, proto.CloneOf(row.value))
	}
	if to < len(rows) {
		after := token.After
		if to > 0 {
			after = rows[to-1].sequence
		}
		out.next = pageToken{Scope: token.Scope, After: after}.String()
	}
	if from > 0 {
		out.prev = pageToken{Scope: token.Scope, After: rows[from-1].sequence, Before: true}.String()
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
		return pageToken{}, invalidField("page_token", "page_token", "not a page token of this list")
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
