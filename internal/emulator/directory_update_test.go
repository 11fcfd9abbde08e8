package emulator_test

import (
	"strings"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
)

func (d *directoryEnvironment) update(t *testing.T, id string, change *dirv1.UpdateDirectory) (*dirv1.Directory, error) {
	t.Helper()
	reply, err := d.UpdateDirectory(t.Context(),
		connect.NewRequest(&dirv1.UpdateDirectoryRequest{OrganizationId: d.org, Id: id, Directory: change}))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetDirectory(), nil
}

func (d *directoryEnvironment) setAttributes(t *testing.T, id string, pairs ...string) (string, error) {
	t.Helper()
	wanted := &dirv1.AttributeMappings{}
	for _, pair := range pairs {
		key, mapTo, _ := strings.Cut(pair, "=")
		wanted.Attributes = append(wanted.Attributes, &dirv1.AttributeMapping{Key: key, MapTo: mapTo})
	}
	reply, err := d.UpdateAttributes(t.Context(), connect.NewRequest(
		&dirv1.UpdateAttributesRequest{OrganizationId: d.org, Id: id, AttributeMapping: wanted}))
	if err != nil {
		return "", err
	}
	return attributes(reply.Msg.GetAttributeMappings()), nil
}

func attributes(mappings *dirv1.AttributeMappings) string {
	var out []string
	for _, attribute := range mappings.GetAttributes() {
		out = append(out, attribute.GetKey()+"="+attribute.GetMapTo())
	}
	return strings.Join(out, " ")
}

func TestUpdateDirectory(t *testing.T) {
	t.Parallel()
	d := startDirectories(t, emulator.Options{})
	directory := d.create(t)
	id := directory.GetId()
	got, err := d.update(t, id, &dirv1.UpdateDirectory{
		Name:              "Globex",
		DirectoryType:     dirv1.DirectoryType_SCIM,
		DirectoryProvider: dirv1.DirectoryProvider_ONELOGIN,
		Status:            dirv1.DirectoryStatus_COMPLETED,
		Mappings:          []*dirv1.DirectoryMapping{{Key: "email", MapTo: "mail", DisplayName: "E-mail"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := proto.CloneOf(directory)
	want.Name, want.Status, want.DirectoryProvider = "Globex", "COMPLETED", dirv1.DirectoryProvider_ONELOGIN
	want.AttributeMappings = &dirv1.AttributeMappings{Attributes: []*dirv1.AttributeMapping{{Key: "email", MapTo: "mail"}}}
	if !proto.Equal(got, want) || !proto.Equal(d.read(t, id), want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	want.Name = "Initech"
	if got, err := d.update(t, id, &dirv1.UpdateDirectory{Name: "Initech"}); err != nil || !proto.Equal(got, want) {
		t.Errorf("got  %v (%v)\nwant %v", got, err, want)
	}

	for field, change := range map[string]*dirv1.UpdateDirectory{
		"directory.name string.min_len":                   {},
		"directory.name string.max_len":                   {Name: strings.Repeat("x", 257)},
		"directory.directory_type immutable":              {Name: "x", DirectoryType: dirv1.DirectoryType_POLL},
		"directory.status enum.defined_only":              {Name: "x", Status: 9},
		"directory.mappings[1].key repeated.unique":       {Name: "x", Mappings: []*dirv1.DirectoryMapping{{Key: "a", MapTo: "b"}, {Key: "a", MapTo: "c"}}},
		"directory.groups[0].external_id string.min_len":  {Name: "x", Groups: []*dirv1.ExternalGroup{{}}},
		"directory.mappings[0].map_to required":           {Name: "x", Mappings: []*dirv1.DirectoryMapping{{Key: "a"}}},
		"directory.directory_provider enum.defined_only":  {Name: "x", DirectoryProvider: 99},
		"directory.groups[1].external_id repeated.unique": {Name: "x", Groups: []*dirv1.ExternalGroup{external("e"), external("e")}},
		"directory.mappings[0].key string.max_len":        {Name: "x", Mappings: []*dirv1.DirectoryMapping{{Key: strings.Repeat("k", 33), MapTo: "m"}}},
		"directory.groups[0].display_name string.max_len": {Name: "x", Groups: []*dirv1.ExternalGroup{{ExternalId: "e", Email: "e", DisplayName: strings.Repeat("x", 257)}}},
		"directory.directory_type enum.defined_only":      {Name: "x", DirectoryType: 4},
		"directory.mappings[0].map_to string.max_len":     {Name: "x", Mappings: []*dirv1.DirectoryMapping{{Key: "k", MapTo: strings.Repeat("k", 33)}}},
		"directory.groups[0].email string.min_len":        {Name: "x", Groups: []*dirv1.ExternalGroup{{ExternalId: "e", DisplayName: "e"}}},
		"directory.groups[0].external_id string.max_len":  {Name: "x", Groups: []*dirv1.ExternalGroup{external(strings.Repeat("x", 257))}},
	} {
		_, err := d.update(t, id, change)
		path, constraint, _ := strings.Cut(field, " ")
		wantViolation(t, err, path, constraint)
	}
	if read := d.read(t, id); !proto.Equal(read, want) {
		t.Errorf("a refused update has changed it to %v", read)
	}
}

func external(id string) *dirv1.ExternalGroup {
	return &dirv1.ExternalGroup{ExternalId: id, DisplayName: "Group " + id, Email: id + "@acme.example"}
}

func TestDirectoryAttributes(t *testing.T) {
	t.Parallel()
	for merge, want := range map[bool]string{false: "title=job", true: "email=mail title=job"} {
		d := startDirectories(t, emulator.Options{Quirks: emulator.Quirks{DirectoryAttributesMerge: merge}})
		id := d.create(t).GetId()
		if got, err := d.setAttributes(t, id, "title=role", "email=mail"); err != nil || got != "email=mail title=role" {
			t.Errorf("got %q (%v)", got, err)
		}
		if got, err := d.setAttributes(t, id, "title=job"); err != nil || got != want {
			t.Errorf("merge %t: got %q (%v), want %q", merge, got, err, want)
		}
		if got := attributes(d.read(t, id).GetAttributeMappings()); got != want {
			t.Errorf("merge %t: read %q, want %q", merge, got, want)
		}
		if got, err := d.setAttributes(t, id); err != nil || (got != "") != merge {
			t.Errorf("merge %t: none sent makes %q (%v)", merge, got, err)
		}
		for _, test := range [][3]string{
			{"=b", "attribute_mapping.attributes[0].key", "required"},
			{"a=", "attribute_mapping.attributes[0].map_to", "required"},
			{strings.Repeat("x", 33) + "=b", "attribute_mapping.attributes[0].key", "string.max_len"},
			{"a=" + strings.Repeat("x", 33), "attribute_mapping.attributes[0].map_to", "string.max_len"},
		} {
			_, err := d.setAttributes(t, id, test[0])
			wantViolation(t, err, test[1], test[2])
		}
		_, err := d.setAttributes(t, id, "a=b", "a=c")
		wantViolation(t, err, "attribute_mapping.attributes[1].key", "repeated.unique")
	}
}
