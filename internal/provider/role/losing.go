package role

import (
	"context"
	"errors"
	"fmt"
	"time"

	"connectrpc.com/connect"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// errTooMany says that counting would take more calls than that.
var errTooMany = errors.New("counting takes too many calls")

// losing is who gets a role from directories' mappings.
type losing struct{ groups, people int }

// losing counts the groups that have a role, and their members. All roles of a run share what was read for one.
func (s scope) losing(ctx context.Context, name string) (losing, error) {
	directories, err := s.plannedMappings(ctx)
	if err != nil {
		return losing{}, err
	}
	var sum losing
	for _, directory := range directories {
		having := directory.having(name)
		if len(having) == 0 {
			continue
		}
		members, err := run.LookUp(s.Run, run.In(directory.id, run.Group, "members"), never[map[string]int],
			func() (map[string]int, error) { return s.members(ctx, directory) })
		if err != nil {
			return losing{}, err
		}
		for _, groupID := range having {
			sum.groups++
			sum.people += members[groupID]
		}
	}
	return sum, nil
}

// never says that a look-up need not be made again: a plan changes nothing.
func never[T any](T) bool { return false }

// plannedMappings are the mappings of the directories that can map a role of the scope, as the first role that asks finds
// them, unless it would take too many calls to read them.
func (s scope) plannedMappings(ctx context.Context) ([]mapped, error) {
	type outcome struct {
		directories []mapped
		err         error
	}
	result, err := run.LookUp(s.Run, run.In(s.organizationID, run.RoleAssignments, "planned"), never[outcome], func() (outcome, error) {
		ids, err := s.organizations(ctx, countAtMost)
		if err != nil || !s.Afford(callsAnOrganization*len(ids)) {
			return outcome{err: errTooMany}, ignoreTooMany(err)
		}
		directories, err := s.mappings(ctx, time.Time{})
		return outcome{directories: directories}, err
	})
	if err != nil {
		return nil, err
	}
	return result.directories, result.err
}

func ignoreTooMany(err error) error {
	if errors.Is(err, errTooMany) {
		return nil
	}
	return err
}

const (
	// countAtMost is the number of organizations beyond which nothing is counted.
	countAtMost = 100
	// callsAnOrganization is how many calls an organization takes, if it has one directory.
	callsAnOrganization = 2
)

// members are the numbers of members of a directory's groups, by the groups' ids.
func (s scope) members(ctx context.Context, at mapped) (map[string]int, error) {
	const pageSize = 30 // the most that the API takes
	counts := map[string]int{}
	for group, err := range scalekit.Pages(ctx, func(ctx context.Context, token string) (*connect.Response[directoriesv1.ListDirectoryGroupsResponse], error) {
		if !s.Afford(1) {
			return nil, errTooMany
		}
		return s.Client.Directories.ListDirectoryGroups(ctx, connect.NewRequest(&directoriesv1.ListDirectoryGroupsRequest{
			OrganizationId: at.organizationID, DirectoryId: at.id, PageSize: pageSize, PageToken: token,
		}))
	}, (*directoriesv1.ListDirectoryGroupsResponse).GetGroups) {
		if err != nil {
			return nil, err
		}
		counts[group.GetId()] = int(group.GetTotalUsers())
	}
	return counts, nil
}

// losingSentence says who loses a role with its removal, after a space; "" if that is nobody.
func (s scope) losingSentence(ctx context.Context, name, replacement string) string {
	sentence := ""
	s.LookUp(ctx, "the groups that have a role", func(ctx context.Context) error {
		who, err := s.losing(ctx, name)
		switch {
		case errors.Is(err, errTooMany):
			sentence = " The groups of directories that have it are not counted: that would take more than 200 calls."
			err = nil
		case err == nil && who.groups > 0 && replacement != "":
			sentence = fmt.Sprintf(" %s with %s in directories get %q instead.",
				tf.Count(who.groups, "group"), tf.CountOf(who.people, "person", "people"), replacement)
		case err == nil && who.groups > 0:
			sentence = fmt.Sprintf(" %s with %s in directories %s it.", tf.Count(who.groups, "group"),
				tf.CountOf(who.people, "person", "people"), agree(who.groups, "loses", "lose"))
		}
		return err
	})
	return sentence
}
