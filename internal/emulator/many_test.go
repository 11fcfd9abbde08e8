package emulator_test

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories/directoriesconnect"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users/usersconnect"
)

// population is an organization of so many users, with a directory of as many groups and users; all these are in group 0.
func population(count int) *emulator.Seed {
	directory := emulator.SeedDirectory{ID: "dir_1"}
	organization := emulator.SeedOrganization{ID: "org_1", DisplayName: "Acme"}
	for i := range count {
		email := fmt.Sprintf("u%d@acme.example", i)
		directory.Groups = append(directory.Groups, emulator.SeedDirectoryGroup{
			ID: fmt.Sprintf("dirgroup_%d", i), DisplayName: fmt.Sprintf("Group %d", i),
		})
		directory.Users = append(directory.Users, emulator.SeedDirectoryUser{Email: email, Groups: []string{"dirgroup_0"}})
		organization.Users = append(organization.Users, emulator.SeedUser{Email: email})
	}
	organization.Directories = []emulator.SeedDirectory{directory}
	return &emulator.Seed{Organizations: []emulator.SeedOrganization{organization}}
}

// A page of a long list costs what one of a short list does, so that reading all pages does not take quadratic time.
//
//nolint:paralleltest // It measures what the process allocates, so nothing may run beside it.
func TestAPageCostsTheSameInALongList(t *testing.T) {
	const short, long = 1_000, 20_000
	costs := map[int]map[string]uint64{}
	for _, count := range []int{short, long} {
		env := start(t, emulator.Options{Seed: population(count)})
		directories := directoriesconnect.NewDirectoryServiceClient(env.http, env.URL(), connect.WithGRPC(), bearer(env.token))
		users := usersconnect.NewUserServiceClient(env.http, env.URL(), connect.WithGRPC(), bearer(env.token))
		ofGroup := "dirgroup_0"
		costs[count] = map[string]uint64{
			"directory users": pageCost(t, func(token string) (string, error) {
				reply, err := directories.ListDirectoryUsers(t.Context(), connect.NewRequest(&dirv1.ListDirectoryUsersRequest{
					OrganizationId: "org_1", DirectoryId: "dir_1", PageSize: 30, PageToken: token,
				}))
				return reply.Msg.GetNextPageToken(), err
			}),
			"users of a group": pageCost(t, func(token string) (string, error) {
				reply, err := directories.ListDirectoryUsers(t.Context(), connect.NewRequest(&dirv1.ListDirectoryUsersRequest{
					OrganizationId: "org_1", DirectoryId: "dir_1", DirectoryGroupId: &ofGroup, PageSize: 30, PageToken: token,
				}))
				return reply.Msg.GetNextPageToken(), err
			}),
			"directory groups": pageCost(t, func(token string) (string, error) {
				reply, err := directories.ListDirectoryGroups(t.Context(), connect.NewRequest(&dirv1.ListDirectoryGroupsRequest{
					OrganizationId: "org_1", DirectoryId: "dir_1", PageSize: 30, PageToken: token,
				}))
				return reply.Msg.GetNextPageToken(), err
			}),
			"organization users": pageCost(t, func(token string) (string, error) {
				reply, err := users.ListOrganizationUsers(t.Context(), connect.NewRequest(&usersv1.ListOrganizationUsersRequest{
					OrganizationId: "org_1", PageSize: 30, PageToken: token,
				}))
				return reply.Msg.GetNextPageToken(), err
			}),
		}
	}
	// Only to gather pointers to 20,000 objects takes 160 kB.
	const tolerance = 80_000
	for list, cost := range costs[long] {
		t.Logf("a page of %s: %d B of %d, %d B of %d", list, costs[short][list], short, cost, long)
		if cost > costs[short][list]+tolerance {
			t.Errorf("a page of %d %s allocates %d B, and one of %d only %d B", long, list, cost, short, costs[short][list])
		}
	}
}

// pageCost is what one page of a list allocates, in bytes: the least of the list's first pages. Others allocate buffers
// anew besides, which with the race detector happens at random.
func pageCost(t *testing.T, fetch func(token string) (next string, err error)) uint64 {
	t.Helper()
	const pages = 30
	token, err := fetch("")
	if err != nil {
		t.Fatal(err)
	}
	least := uint64(math.MaxUint64)
	for range pages {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if token, err = fetch(token); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}
