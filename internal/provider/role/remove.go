package role

import (
	"context"
	"fmt"
	"time"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// settleTime is how long a delete waits for other resources of the same apply to stop using the object. Terraform knows
// no order between resources that do not refer to each other.
const settleTime = 10 * time.Second

// remove deletes a role; one that is gone is fine. The role that takes its place, if there is one, becomes the default
// where this one is, and the platform gives it to the users. Where the platform refuses because the role is still in use,
// it is taken from what only Terraform's configuration or a directory gives it to: the groups of directories, and
// organizations that have it as their default.
func (s scope) remove(ctx context.Context, name string, reassign *string) error {
	to := ""
	if reassign != nil {
		to = *reassign
		if err := s.moveDefaults(ctx, name, to); err != nil && !scalekit.IsNotFound(err) {
			return err
		}
	}
	err := settle(ctx, func() error {
		since := time.Now()
		refused := s.sendDelete(ctx, name, reassign)
		if !isInUse(refused) {
			return refused
		}
		if err := s.moveGroups(ctx, name, to, since); err != nil {
			return err
		}
		if err := s.moveOrganizationDefaults(ctx, name, to, since); err != nil {
			return err
		}
		return s.sendDelete(ctx, name, reassign)
	})
	switch {
	case !scalekit.IsNotFound(err):
		return err
	case reassign == nil:
		return nil
	}
	// The role that was not found may be the other one.
	if _, lookErr := s.get(ctx, name); scalekit.IsNotFound(lookErr) {
		return nil
	}
	if plain := s.sendDelete(ctx, name, nil); plain == nil || scalekit.IsNotFound(plain) {
		return nil // it was not in use
	}
	return err
}

// settle repeats a call for as long as the platform refuses it for the state of other objects, within limits. It does so
// with INVALID_ARGUMENT; where a field is at fault, it names the field.
func settle(ctx context.Context, call func() error) error {
	deadline := time.Now().Add(settleTime)
	for wait := 250 * time.Millisecond; ; wait = min(2*wait, 4*time.Second) {
		err := call()
		if !isInUse(err) || time.Now().Add(wait).After(deadline) || !sleep(ctx, wait) {
			return err
		}
	}
}

func isInUse(err error) bool {
	if err == nil {
		return false
	}
	switch connect.CodeOf(err) {
	case connect.CodeInvalidArgument, connect.CodeFailedPrecondition, connect.CodeAborted:
		return len(scalekit.Explain(err).Violations) == 0
	default:
		return false
	}
}

// sleep reports whether the wait came to its end.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// addRemoveError reports a role that could not be deleted, and what stands in the way.
func (s scope) addRemoveError(ctx context.Context, diags *diag.Diagnostics, name string, reassign *string, err error) {
	var explained diag.Diagnostics
	tf.AddError(&explained, "Could not delete "+s.call(name), err, fields)
	use := use{}
	if isInUse(err) {
		use = s.use(ctx, name)
	}
	for _, one := range explained {
		detail := one.Detail()
		if text := use.sentence(); text != "" {
			detail += "\n\n" + text
		}
		switch {
		case isInUse(err) && reassign == nil:
			detail += "\n\n" + reassignAdvice
		case scalekit.IsNotFound(err) && reassign != nil:
			detail += fmt.Sprintf("\n\nreassign_role_name is %q as the state has it: set it to a role that exists, apply, and then destroy this one.", *reassign)
		}
		diags.AddError(one.Summary(), detail)
	}
}

// reassignAdvice says how to delete a role that is in use.
const reassignAdvice = "Set reassign_role_name to the role that takes its place, apply, and then remove it. Or end its use first: take it " +
	"from the users, change scalekit_default_roles or scalekit_organization_default_role, or end the extension of the roles that extend it."

// use is what a role is in use for.
type use struct {
	users, dependents int
	isDefault         bool
}

// use looks what a role is in use for. What cannot be found out is left out.
func (s scope) use(ctx context.Context, name string) use {
	var found use
	s.LookUp(ctx, "the users of a role", func(ctx context.Context) (err error) {
		found.users, err = s.users(ctx, name)
		return err
	})
	s.LookUp(ctx, "the roles that extend a role", func(ctx context.Context) error {
		role, err := s.get(ctx, name)
		found.dependents = int(role.GetDependentRolesCount())
		found.isDefault = role.GetDefaultCreator() || role.GetDefaultMember()
		return err
	})
	return found
}

// needsDecision reports whether something uses the role that a removal does not end by itself.
func (u use) needsDecision() bool { return u.users > 0 || u.dependents > 0 || u.isDefault }

// sentence says what the role is in use for, nothing if it is not.
func (u use) sentence() string {
	var parts []string
	if u.users > 0 {
		parts = append(parts, tf.Count(u.users, "user")+" "+agree(u.users, "has", "have")+" it")
	}
	if u.dependents > 0 {
		parts = append(parts, tf.Count(u.dependents, "role")+" "+agree(u.dependents, "extends", "extend")+" it")
	}
	if u.isDefault {
		parts = append(parts, "it is a default role")
	}
	if len(parts) == 0 {
		return ""
	}
	text := tf.Enumerate(parts) + "."
	if text[0] == 'i' {
		text = "I" + text[1:]
	}
	return text
}

func agree(count int, singular, plural string) string {
	if count == 1 {
		return singular
	}
	return plural
}
