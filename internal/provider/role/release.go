package role

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// Terraform destroys a role before it updates the resources that referred to it, and the platform does not delete a role
// that is in use. So the plan of an update notes what it takes from which role; the plan of that role's destroy keeps the
// notes that are about it; and the destroy does beforehand what the update would do.

// letsGo begins such a note in Data.Planned. The role's key follows, and then a release.
const letsGo = "lets go of "

// releasesKey is where the plan of a destroy keeps its notes.
const releasesKey = "releases"

// release is one way in which a role comes free.
type release struct {
	// Extending is a role that stops extending it.
	Extending string `json:"extending,omitempty"`
	// OrganizationID is where the extending role is, or the organization that gets another default.
	OrganizationID string `json:"organization_id,omitempty"`
	// Creator and Member are the environment's defaults to come, or Member is the organization's.
	Creator string `json:"creator,omitempty"`
	Member  string `json:"member,omitempty"`
}

// noteRelease notes that a role of one of the scopes comes free.
func (s scope) noteRelease(name string, how release) {
	if encoded, err := json.Marshal(how); err == nil {
		s.Planned.Add(letsGo + s.key(name) + " " + string(encoded))
	}
}

// keepReleases keeps the notes about a role whose destroy is being planned. Terraform plans in no particular order, so it
// waits a moment for as many as there are uses. That a role is an organization's default shows only with the organization.
func (s scope) keepReleases(ctx context.Context, name string, use use, resp *resource.ModifyPlanResponse) {
	wanted := use.dependents
	if use.isDefault {
		wanted++
	}
	about := letsGo + s.key(name) + " "
	for deadline := time.Now().Add(planTime); len(s.Planned.After(about)) < wanted && time.Now().Before(deadline); {
		if !sleep(ctx, 50*time.Millisecond) {
			return
		}
	}
	if notes := s.Planned.After(about); len(notes) > 0 {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, releasesKey, []byte("["+strings.Join(notes, ",")+"]"))...)
	}
}

// free does what the notes of the plan say.
func (s scope) free(ctx context.Context, name string, notes []byte) error {
	var releases []release
	if len(notes) == 0 {
		return nil
	}
	if err := json.Unmarshal(notes, &releases); err != nil {
		return err
	}
	for _, how := range releases {
		at := scope{Data: s.Data, organizationID: how.OrganizationID}
		var err error
		switch {
		case how.Extending != "":
			err = at.removeBase(ctx, how.Extending)
		case how.OrganizationID != "":
			err = at.handOverMember(ctx, name, how.Member)
		default:
			err = at.handOver(ctx, name, how.Creator, how.Member)
		}
		if err != nil && !scalekit.IsNotFound(err) {
			return err
		}
	}
	return nil
}

// handOver makes other roles the environment's defaults where this one is. Of those that do not exist yet, the built-in
// roles take the place for the moment.
func (s scope) handOver(ctx context.Context, name, toCreator, toMember string) error {
	roles, err := s.list(ctx)
	if err != nil {
		return err
	}
	creator, member := flagged(roles)
	if creator.GetName() != name && member.GetName() != name {
		return nil
	}
	next := func(now, to, builtIn string) string {
		switch {
		case now != name && now != "":
			return now
		case hasRole(roles, to):
			return to
		default:
			return builtIn
		}
	}
	_, err = s.setDefaults(ctx, next(creator.GetName(), toCreator, builtInCreator), next(member.GetName(), toMember, builtInMember))
	return err
}

// handOverMember makes another role the organization's default where this one is: the environment's default if the other
// does not exist yet.
func (s scope) handOverMember(ctx context.Context, name, to string) error {
	now, err := s.defaultMember(ctx)
	if err != nil || now.GetName() != name {
		return err
	}
	roles, err := s.list(ctx)
	if err != nil {
		return err
	}
	if !hasRole(roles, to) {
		general, err := scope{Data: s.Data}.list(ctx)
		if err != nil {
			return err
		}
		_, member := flagged(general)
		to = member.GetName()
	}
	if to == "" || to == name {
		return nil
	}
	_, err = s.setDefaultMember(ctx, to)
	return err
}

// noteExtends notes that an update takes its base from a role.
func (p placed) noteExtends(data *tf.Data, plan placed) {
	base := p.Extends
	if base.IsNull() || base.Equal(plan.Extends) {
		return
	}
	how := release{Extending: p.Name.ValueString(), OrganizationID: p.organizationID.ValueString()}
	scope{Data: data}.noteRelease(base.ValueString(), how)
	p.scope(data).noteRelease(base.ValueString(), how)
}
