package platform

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"

	connectionsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/connections"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/connections/connectionsconnect"
	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"
)

const (
	connectionPrefix  = "conn_"
	maxConnectionPage = 30 // the descriptors' rule refuses more

	includeAllConnections = "all"
)

// connections is scalekit.v1.connections.ConnectionService, for reading alone: connections come from a seed, and the
// methods that would change one are unserved.
//
// A stored connection has the ids of its domains alone.
type connections struct {
	connectionsconnect.UnimplementedConnectionServiceHandler

	store         *store.Store
	organizations *organizations
	domains       *domains
	rows          *store.Table[*connectionsv1.Connection]
}

func newConnections(p *Platform) *connections {
	s := &connections{
		store:         p.options.Store,
		organizations: p.organizations,
		domains:       p.domains,
		rows:          store.NewTable[*connectionsv1.Connection](p.options.Store, "connections", "connection", store.Unwatched),
	}
	return s
}

// organizationDeleted deletes what belongs to an organization that goes.
func (s *connections) organizationDeleted(id string) { s.rows.DeleteOf(id) }

func (s *connections) service(options []connect.HandlerOption) web.Service {
	path, handler := connectionsconnect.NewConnectionServiceHandler(s, options...)
	return web.Service{Path: path, Handler: handler}
}

// domainsOf returns a connection's domains that still exist.
func (s *connections) domainsOf(connection *connectionsv1.Connection) []*domainsv1.Domain {
	var out []*domainsv1.Domain
	for _, domain := range connection.GetDomains() {
		if full, err := s.domains.rows.Get(domain.GetId()); err == nil {
			out = append(out, full)
		}
	}
	return out
}

// view is a connection in full.
func (s *connections) view(ctx context.Context, connection *connectionsv1.Connection) *connectionsv1.Connection {
	connection.Domains = s.domainsOf(connection)
	switch kind := connection.GetType(); kind {
	case connectionsv1.ConnectionType_OIDC, connectionsv1.ConnectionType_SAML:
		connection.TestConnectionUri = web.CallFrom(ctx).Base +
			"/sso/v1/" + strings.ToLower(kind.String()) + "/" + connection.GetId() + "/test"
	}
	return connection
}

// item is a connection as it stands in a list.
func (s *connections) item(connection *connectionsv1.Connection) *connectionsv1.ListConnection {
	out := &connectionsv1.ListConnection{
		Id:             connection.GetId(),
		Provider:       connection.GetProvider(),
		Type:           connection.GetType(),
		Status:         connection.GetStatus(),
		Enabled:        connection.GetEnabled(),
		OrganizationId: connection.GetOrganizationId(),
		UiButtonTitle:  connection.GetUiButtonTitle(),
		ProviderKey:    connection.GetProviderKey(),
		KeyId:          connection.GetKeyId(),
		CreatedAt:      connection.GetCreateTime(),
	}
	if organization := s.organizations.rows.Row(connection.GetOrganizationId()); organization != nil {
		out.OrganizationName = organization.Value.GetDisplayName()
	}
	for _, domain := range s.domainsOf(connection) {
		out.Domains = append(out.Domains, domain.GetDomain())
	}
	return out
}

// find returns a connection of an organization, or, with none, of the environment.
func (s *connections) find(ctx context.Context, organizationID, id string) (*connectionsv1.GetConnectionResponse, error) {
	if organizationID != "" && !s.organizations.rows.Has(organizationID) {
		return nil, apierr.NotFound("organization", organizationID)
	}
	if s.rows.Parent(id) != organizationID {
		return nil, apierr.NotFound("connection", id)
	}
	connection, err := s.rows.Get(id)
	if err != nil {
		return nil, err
	}
	return &connectionsv1.GetConnectionResponse{Connection: s.view(ctx, connection)}, nil
}

// GetConnection implements the RPC of that name.
func (s *connections) GetConnection(
	ctx context.Context, req *connect.Request[connectionsv1.GetConnectionRequest],
) (*connect.Response[connectionsv1.GetConnectionResponse], error) {
	return store.Query(s.store, func() (*connectionsv1.GetConnectionResponse, error) {
		return s.find(ctx, req.Msg.GetOrganizationId(), req.Msg.GetId())
	})
}

// GetEnvironmentConnection implements the RPC of that name. That it does not find those of organizations is assumed [U].
func (s *connections) GetEnvironmentConnection(
	ctx context.Context, req *connect.Request[connectionsv1.GetEnvironmentConnectionRequest],
) (*connect.Response[connectionsv1.GetConnectionResponse], error) {
	return store.Query(s.store, func() (*connectionsv1.GetConnectionResponse, error) {
		return s.find(ctx, "", req.Msg.GetConnectionId())
	})
}

// ListConnections implements the RPC of that name: the environment's and those of all organizations [I], but only
// completed and enabled ones unless all are asked for. The order, newest first, is assumed [U].
func (s *connections) ListConnections(
	_ context.Context, req *connect.Request[connectionsv1.ListConnectionsRequest],
) (*connect.Response[connectionsv1.ListConnectionsResponse], error) {
	return store.Query(s.store, func() (*connectionsv1.ListConnectionsResponse, error) {
		organizationID := req.Msg.GetOrganizationId()
		if organizationID != "" && !s.organizations.rows.Has(organizationID) {
			return nil, apierr.NotFound("organization", organizationID)
		}
		domain := strings.ToLower(req.Msg.GetDomain())
		out := &connectionsv1.ListConnectionsResponse{}
		for _, row := range slices.Backward(s.rows.All()) {
			active := row.Value.GetEnabled() && row.Value.GetStatus() == connectionsv1.ConnectionStatus_COMPLETED
			if !active && req.Msg.GetInclude() != includeAllConnections ||
				organizationID != "" && organizationID != row.Parent {
				continue
			}
			if item := s.item(row.Value); domain == "" || slices.Contains(item.GetDomains(), domain) {
				out.Connections = append(out.Connections, item)
			}
		}
		return out, nil
	})
}

// connectionPage is what the three paged lists have in common.
type connectionPage struct {
	items      []*connectionsv1.ListConnection
	next, prev string
	total      uint32
}

func (s *connections) page(request store.PageRequest, match func(*store.Row[*connectionsv1.Connection]) bool) (connectionPage, error) {
	request.Max = maxConnectionPage
	found, err := store.Paginate(store.Where(s.rows.All(), match), request)
	out := connectionPage{next: found.Next, prev: found.Prev, total: found.Total}
	for _, connection := range found.Items {
		out.items = append(out.items, s.item(connection))
	}
	return out, err
}

// ListOrganizationConnections implements the RPC of that name: the connections of all organizations, in whatever status
// [U].
func (s *connections) ListOrganizationConnections(
	_ context.Context, req *connect.Request[connectionsv1.ListOrganizationConnectionsRequest],
) (*connect.Response[connectionsv1.ListOrganizationConnectionsResponse], error) {
	return store.Query(s.store, func() (*connectionsv1.ListOrganizationConnectionsResponse, error) {
		found, err := s.page(store.PageRequest{
			Size: req.Msg.GetPageSize(), Token: req.Msg.GetPageToken(), Scope: "connections",
		}, func(row *store.Row[*connectionsv1.Connection]) bool { return row.Parent != "" })
		return &connectionsv1.ListOrganizationConnectionsResponse{
			Connections: found.items, NextPageToken: found.next, PrevPageToken: found.prev, TotalSize: found.total,
		}, err
	})
}

// SearchOrganizationConnections implements the RPC of that name. The query is for a part of the connection's or the
// organization's id; the filters must all match. A provider is given by its name [I].
func (s *connections) SearchOrganizationConnections(
	_ context.Context, req *connect.Request[connectionsv1.SearchOrganizationConnectionsRequest],
) (*connect.Response[connectionsv1.SearchOrganizationConnectionsResponse], error) {
	return store.Query(s.store, func() (*connectionsv1.SearchOrganizationConnectionsResponse, error) {
		msg := req.Msg
		found, err := s.page(store.PageRequest{
			Size: msg.GetPageSize(), Token: msg.GetPageToken(),
			Scope: strings.Join([]string{
				"connections:search", msg.GetQuery(), msg.GetProvider(), msg.GetStatus().String(),
				msg.GetConnectionType().String(), fmt.Sprint(msg.Enabled != nil, msg.GetEnabled()),
			}, "&"),
		}, func(row *store.Row[*connectionsv1.Connection]) bool {
			connection := row.Value
			return row.Parent != "" &&
				(strings.Contains(connection.GetId(), msg.GetQuery()) || strings.Contains(row.Parent, msg.GetQuery())) &&
				(msg.GetProvider() == "" || strings.EqualFold(msg.GetProvider(), connection.GetProvider().String())) &&
				(msg.GetStatus() == 0 || msg.GetStatus() == connection.GetStatus()) &&
				(msg.GetConnectionType() == 0 || msg.GetConnectionType() == connection.GetType()) &&
				(msg.Enabled == nil || msg.GetEnabled() == connection.GetEnabled())
		})
		return &connectionsv1.SearchOrganizationConnectionsResponse{
			Connections: found.items, NextPageToken: found.next, PrevPageToken: found.prev, TotalSize: found.total,
		}, err
	})
}

// ListAppConnections implements the RPC of that name: the connections of the environment itself [I].
func (s *connections) ListAppConnections(
	_ context.Context, req *connect.Request[connectionsv1.ListAppConnectionsRequest],
) (*connect.Response[connectionsv1.ListAppConnectionsResponse], error) {
	return store.Query(s.store, func() (*connectionsv1.ListAppConnectionsResponse, error) {
		provider := req.Msg.GetProvider()
		found, err := s.page(store.PageRequest{
			Size: req.Msg.GetPageSize(), Token: req.Msg.GetPageToken(),
			Scope: "connections/app?provider=" + provider,
		}, func(row *store.Row[*connectionsv1.Connection]) bool {
			return row.Parent == "" && (provider == "" || strings.EqualFold(provider, row.Value.GetProvider().String()))
		})
		return &connectionsv1.ListAppConnectionsResponse{
			Connections: found.items, NextPageToken: found.next, PrevPageToken: found.prev, TotalSize: found.total,
		}, err
	})
}

// GetConnectionTestResult implements the RPC of that name. Nobody can run a test here, so there is no result to find.
func (s *connections) GetConnectionTestResult(
	_ context.Context, req *connect.Request[connectionsv1.GetConnectionTestResultRequest],
) (*connect.Response[connectionsv1.GetConnectionTestResultResponse], error) {
	return store.Query(s.store, func() (*connectionsv1.GetConnectionTestResultResponse, error) {
		if id := req.Msg.GetConnectionId(); !s.rows.Has(id) {
			return nil, apierr.NotFound("connection", id)
		}
		return nil, apierr.NotFound("test request", req.Msg.GetTestRequestId())
	})
}
