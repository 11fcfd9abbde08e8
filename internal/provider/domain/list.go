package domain

import (
	"context"
	"iter"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"

	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// pageSize is how many domains a list reads at once, the most that the API documents.
const pageSize = 100

// list reads an organization's domains, page by page as they are consumed. The API numbers its pages from zero by its
// documentation, and from one by its example; it gives neither a total nor a token, and its page_size is documented as
// the number of domains on the page. So a list ends with a page that is not full, and a page that repeats
// the one before is passed over once.
func list(ctx context.Context, client *scalekit.Client, organizationID string) iter.Seq2[*domainsv1.Domain, error] {
	return func(yield func(*domainsv1.Domain, error) bool) {
		seen := map[string]bool{}
		for number, repeated := int32(0), 0; ; number++ {
			reply, err := client.Domains.ListDomains(ctx, connect.NewRequest(&domainsv1.ListDomainRequest{
				Identities: &domainsv1.ListDomainRequest_OrganizationId{OrganizationId: organizationID},
				PageSize:   wrapperspb.Int32(pageSize),
				PageNumber: wrapperspb.Int32(number),
			}))
			if err != nil {
				yield(nil, err)
				return
			}
			domains, isNew := reply.Msg.GetDomains(), false
			for _, domain := range domains {
				if seen[domain.GetId()] {
					continue
				}
				seen[domain.GetId()], isNew = true, true
				if !yield(domain, nil) {
					return
				}
			}
			if len(domains) < pageSize {
				return
			}
			if !isNew {
				if repeated++; repeated > 1 {
					yield(nil, scalekit.ErrPaging)
					return
				}
			}
		}
	}
}
