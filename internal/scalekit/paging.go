package scalekit

import (
	"context"
	"iter"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/retry"
)

// ErrPaging says that a list repeats a page, and so would never end.
var ErrPaging = retry.ErrRepeated

// Pages reads a list to its end, page by page, as it is consumed. The function fetches the page of a token, the first with
// an empty one; items are those of a reply. After an error the sequence ends.
func Pages[T, R any, P interface {
	*R
	GetNextPageToken() string
}](ctx context.Context, fetch func(ctx context.Context, token string) (*connect.Response[R], error), items func(P) []T) iter.Seq2[T, error] {
	return retry.Pages(idOf[T], func(token string) (retry.Page[T], error) {
		reply, err := fetch(ctx, token)
		if err != nil {
			return retry.Page[T]{}, err
		}
		page := retry.Page[T]{Items: items(reply.Msg), Next: P(reply.Msg).GetNextPageToken()}
		if counted, ok := any(reply.Msg).(interface{ GetTotalSize() uint32 }); ok {
			page.Total = int(counted.GetTotalSize())
		}
		return page, nil
	})
}

func idOf[T any](item T) string {
	if identified, ok := any(item).(interface{ GetId() string }); ok {
		return identified.GetId()
	}
	return ""
}
