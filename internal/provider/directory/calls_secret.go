package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// madeSecret is a new secret with its value, which is empty when the reply that had it was lost.
type madeSecret struct {
	secret *directoriesv1.Secret
	plain  string
}

// GetId implements scalekit.Object.
//
//nolint:revive,staticcheck // The API's messages name it so.
func (m madeSecret) GetId() string { return m.secret.GetId() }

// lostSecretError says that there is no new secret whose value is known.
type lostSecretError struct {
	err error
	// known is a secret of the directory that the next apply has to replace, nil if there is none.
	known *directoriesv1.Secret
	// untried says that no new secret was asked for.
	untried bool
	// orphans are active secrets whose values nobody received.
	orphans []*directoriesv1.Secret
}

func (e *lostSecretError) Error() string { return e.err.Error() }
func (e *lostSecretError) Unwrap() error { return e.err }

// secretOf names the secrets of a directory in the record of a run.
func secretOf(directoryID string) run.Object { return run.Of(directoryID, run.DirectorySecret) }

// renew makes a secret. In a rotation the platform regenerates, which makes the earlier ones inactive; otherwise it adds
// one to those that the directory has. The API deletes no secret, so a value that was lost on the way leaves an active
// secret behind: where no other is active that one is replaced, too.
func (r *secretResource) renew(ctx context.Context, organizationID, directoryID string) (madeSecret, error) {
	defer r.Run.Lock(secretOf(directoryID))()
	directory, err := get(ctx, r.Client, organizationID, directoryID)
	if err != nil {
		if r.Run.Deleted(secretOf(directoryID)) && !r.Run.Wrote(secretOf(directoryID)) && !scalekit.IsNotFound(err) {
			return madeSecret{}, &lostSecretError{err: err, known: r.forgotten(directoryID), untried: true}
		}
		return madeSecret{}, err
	}
	// Where all that it had is inactive already there is nothing to regenerate, and what this run has made stays.
	if r.Run.Deleted(secretOf(directoryID)) && !r.Run.Wrote(secretOf(directoryID)) && (len(directory.GetSecrets()) == 0 || len(usables(directory)) > 0) {
		made, err := r.regenerate(ctx, organizationID, directoryID)
		if err != nil {
			return made, &lostSecretError{err: err, known: r.forgotten(directoryID)}
		}
		r.Run.Write(secretOf(directoryID))
		return made, nil
	}
	made, err := r.add(ctx, organizationID, directory)
	if err != nil || made.plain != "" {
		return made, err
	}
	if len(usables(directory)) > 0 {
		lost := made.secret
		if made, err = r.add(ctx, organizationID, directory, lost); err == nil && made.plain == "" {
			err = &lostSecretError{err: errors.New("the reply was lost twice"), orphans: []*directoriesv1.Secret{lost, made.secret}}
		}
		return made, err
	}
	again, err := r.regenerate(ctx, organizationID, directoryID)
	if err != nil {
		return again, &lostSecretError{err: err, known: made.secret, orphans: []*directoriesv1.Secret{made.secret}}
	}
	return again, nil
}

// forgotten is a secret of the directory that this run has forgotten in order to replace it, nil if there is none (any
// more): each goes to one resource.
func (r *secretResource) forgotten(directoryID string) *directoriesv1.Secret {
	for _, id := range r.Run.DeletedIn(run.DirectorySecret, directoryID) {
		secret := run.In(directoryID, run.DirectorySecret, id)
		if id != "" && !r.Run.Wrote(secret) {
			r.Run.Write(secret)
			return &directoriesv1.Secret{Id: id}
		}
	}
	return nil
}

// add creates a secret beside those that the directory has. If the reply is lost the secret is found without its value.
func (r *secretResource) add(ctx context.Context, organizationID string, before *directoriesv1.Directory, alsoBefore ...*directoriesv1.Secret) (madeSecret, error) {
	return scalekit.Create(ctx, r.Client, scalekit.Creation[madeSecret]{
		Create: func(ctx context.Context) (madeSecret, error) {
			reply, err := r.Client.Directories.CreateDirectorySecret(ctx, connect.NewRequest(&directoriesv1.CreateDirectorySecretRequest{
				OrganizationId: organizationID, DirectoryId: before.GetId(),
			}))
			if err != nil {
				return madeSecret{}, err
			}
			return madeSecret{reply.Msg.GetSecret(), reply.Msg.GetPlainSecret()}, nil
		},
		Find: func(ctx context.Context) (madeSecret, bool, error) {
			directory, err := get(ctx, r.Client, organizationID, before.GetId())
			if err != nil {
				return madeSecret{}, false, err
			}
			for _, secret := range directory.GetSecrets() {
				isOld := func(old *directoriesv1.Secret) bool { return old.GetId() == secret.GetId() }
				if !slices.ContainsFunc(before.GetSecrets(), isOld) && !slices.ContainsFunc(alsoBefore, isOld) {
					return madeSecret{secret: secret}, true, nil
				}
			}
			return madeSecret{}, false, nil
		},
	})
}

func (r *secretResource) regenerate(ctx context.Context, organizationID, directoryID string) (madeSecret, error) {
	reply, err := r.Client.Directories.RegenerateDirectorySecret(ctx, connect.NewRequest(&directoriesv1.RegenerateDirectorySecretRequest{
		OrganizationId: organizationID, DirectoryId: directoryID,
	}))
	if err != nil {
		return madeSecret{}, err
	}
	return madeSecret{reply.Msg.GetSecret(), reply.Msg.GetPlainSecret()}, nil
}

// find returns the directory's secret of an id, nil if it has none.
func find(directory *directoriesv1.Directory, id string) *directoriesv1.Secret {
	for _, secret := range directory.GetSecrets() {
		if secret.GetId() == id {
			return secret
		}
	}
	return nil
}

// usables are the directory's secrets that an identity provider may be using.
func usables(directory *directoriesv1.Directory) []*directoriesv1.Secret {
	var secrets []*directoriesv1.Secret
	for _, secret := range directory.GetSecrets() {
		if usable(secret) {
			secrets = append(secrets, secret)
		}
	}
	return secrets
}

func usable(secret *directoriesv1.Secret) bool {
	return secret.GetStatus() == directoriesv1.SecretStatus_ACTIVE &&
		(!expires(secret) || secret.GetExpireTime().AsTime().After(time.Now()))
}

// expires reports whether the secret expires: the year 1 stands for never.
func expires(secret *directoriesv1.Secret) bool {
	return secret.GetExpireTime() != nil && secret.GetExpireTime().AsTime().Year() > 1
}

// addCreateError reports that there is no secret with a known value.
func (r *secretResource) addCreateError(diags *diag.Diagnostics, plan secretModel, err error) {
	id := plan.DirectoryID.ValueString()
	summary := fmt.Sprintf("Could not make a secret of directory %s", id)
	lost, unknown := new(lostSecretError), new(scalekit.UnknownOutcomeError)
	isLost, isUnknown := errors.As(err, &lost), errors.As(err, &unknown)
	if !isUnknown && (!isLost || lost.untried || refused(lost.err)) {
		tf.AddError(diags, summary, err, secretFields)
		return
	}
	detail := fmt.Sprintf("The value of a new secret was not received: %s.\n\nApply again, which makes another one.", tf.Text(err.Error()))
	if len(lost.orphans) > 0 {
		detail += " Until the next rotation makes it inactive, the directory has " + enumerate(lost.orphans) +
			", whose value nobody knows. The API cannot delete it; nobody can use it either."
	} else if isUnknown || lost.known == nil {
		detail += " The directory may have an active secret then whose value nobody knows. The API cannot delete it; nobody can use it either. " +
			"The next rotation makes it inactive."
	}
	diags.AddError(summary, detail)
}

// refused reports whether the platform said that it made nothing.
func refused(err error) bool {
	switch connect.CodeOf(err) {
	case connect.CodeInvalidArgument, connect.CodeUnauthenticated, connect.CodePermissionDenied, connect.CodeNotFound,
		connect.CodeFailedPrecondition, connect.CodeUnimplemented, connect.CodeResourceExhausted:
		return true
	default:
		return false
	}
}

func enumerate(secrets []*directoriesv1.Secret) string {
	parts := make([]string, len(secrets))
	for i, secret := range secrets {
		parts[i] = fmt.Sprintf("the secret %s that ends in %q", secret.GetId(), secret.GetSecretSuffix())
	}
	return tf.Enumerate(parts)
}
