package directory

import (
	"testing"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
)

// A directory is taken for what a lost reply was about only if it can be nothing else.
func TestOnlyNew(t *testing.T) {
	t.Parallel()
	const scim, ldap, okta, google = directoriesv1.DirectoryType_SCIM, directoriesv1.DirectoryType_LDAP,
		directoriesv1.DirectoryProvider_OKTA, directoriesv1.DirectoryProvider_GOOGLE
	directory := func(id string, kind directoriesv1.DirectoryType, provider directoriesv1.DirectoryProvider) *directoriesv1.Directory {
		return &directoriesv1.Directory{Id: id, DirectoryType: kind, DirectoryProvider: provider}
	}
	sent := &directoriesv1.CreateDirectory{DirectoryType: scim, DirectoryProvider: okta}
	before := []*directoriesv1.Directory{directory("dir_old", scim, okta)}
	ours := directory("dir_ours", scim, okta)
	decoys := append([]*directoriesv1.Directory{
		directory("dir_type", ldap, okta), directory("dir_provider", scim, google), directory("dir_sibling", scim, okta),
	}, before...)
	isSibling := func(id string) bool { return id == "dir_sibling" }
	if got, ok, err := onlyNew(append(decoys, ours), before, sent, isSibling); !ok || err != nil || got.GetId() != "dir_ours" {
		t.Errorf("among decoys %v, %t, %v is found", got, ok, err)
	}
	for _, decoy := range decoys {
		if got, ok, err := onlyNew([]*directoriesv1.Directory{decoy}, before, sent, isSibling); ok || err != nil {
			t.Errorf("%v is taken for what was created: %v", got, err)
		}
	}
	if got, ok, err := onlyNew([]*directoriesv1.Directory{ours, directory("dir_rival", scim, okta)}, before, sent, isSibling); ok || err == nil {
		t.Errorf("of two that are new %v is taken", got)
	}
}
