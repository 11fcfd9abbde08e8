package store

import (
	"encoding/base64"
	"encoding/json"
	"hash/fnv"
	"strconv"

	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
)

const defaultPageSize = 10

// PageRequest asks for one page of a list, newest object first.
type PageRequest struct {
	Size  uint32 // 0 means defaultPageSize
	Max   uint32 // a bigger size is cut to it; the platform may as well refuse it [U]
	Token string // "" means the first page

	// Scope names the list and its filters: a token is good for the list that it came from alone.
	Scope string
}

// Page is one page of a list.
type Page[T any] struct {
	Items      []T // clones
	Next, Prev string
	Total      uint32
}

// pageToken is a position between two objects, and the side of it that the page is on. It stays right when other
// objects come and go, and when the objects beside it go.
type pageToken struct {
	Scope  string `json:"s"`
	Before bool   `json:"b,omitempty"` // the page ends before the position, towards the newest
	After  uint64 `json:"p"`           // the sequence of the object that the position follows
}

// Where returns the rows that match.
func Where[T any](rows []*Row[T], match func(*Row[T]) bool) []*Row[T] {
	var matching []*Row[T]
	for _, row := range rows {
		if match(row) {
			matching = append(matching, row)
		}
	}
	return matching
}

// Paginate returns the page of rows, which come oldest first. It looks at those of the page alone.
func Paginate[T proto.Message](rows []*Row[T], request PageRequest) (Page[T], error) {
	var out Page[T]
	token, err := parsePageToken(request)
	if err != nil {
		return out, err
	}
	size := int(min(request.Size, request.Max))
	if size == 0 {
		size = defaultPageSize
	}

	newest := func(i int) *Row[T] { return rows[len(rows)-1-i] }
	split := 0 // how many rows are before the token's position
	if request.Token != "" {
		older, _ := position(rows, token.After)
		split = len(rows) - older
	}
	from, to := split, min(split+size, len(rows))
	if token.Before {
		from, to = max(split-size, 0), split
	}

	out.Total = uint32(len(rows))
	for i := from; i < to; i++ {
		out.Items = append(out.Items, proto.CloneOf(newest(i).Value))
	}
	if to < len(rows) {
		after := token.After
		if to > 0 {
			after = newest(to - 1).Sequence
		}
		out.Next = pageToken{Scope: token.Scope, After: after}.String()
	}
	if from > 0 {
		out.Prev = pageToken{Scope: token.Scope, After: newest(from - 1).Sequence, Before: true}.String()
	}
	return out, nil
}

// parsePageToken reads the request's token; for the first page it returns one with the scope alone.
func parsePageToken(request PageRequest) (pageToken, error) {
	scope := scopeHash(request.Scope)
	if request.Token == "" {
		return pageToken{Scope: scope}, nil
	}
	var token pageToken
	decoded, err := base64.RawURLEncoding.DecodeString(request.Token)
	if err == nil {
		err = json.Unmarshal(decoded, &token)
	}
	if err != nil || token.Scope != scope || token.String() != request.Token {
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
