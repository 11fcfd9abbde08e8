package emulator_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
)

func (d *directoryEnvironment) createSecret(t *testing.T, id string) (plain string, secret *dirv1.Secret, err error) {
	t.Helper()
	reply, err := d.CreateDirectorySecret(t.Context(),
		connect.NewRequest(&dirv1.CreateDirectorySecretRequest{OrganizationId: d.org, DirectoryId: id}))
	if err != nil {
		return "", nil, err
	}
	return reply.Msg.GetPlainSecret(), reply.Msg.GetSecret(), nil
}

func (d *directoryEnvironment) regenerateSecret(t *testing.T, id string) (plain string, secret *dirv1.Secret, err error) {
	t.Helper()
	reply, err := d.RegenerateDirectorySecret(t.Context(),
		connect.NewRequest(&dirv1.RegenerateDirectorySecretRequest{OrganizationId: d.org, DirectoryId: id}))
	if err != nil {
		return "", nil, err
	}
	return reply.Msg.GetPlainSecret(), reply.Msg.GetSecret(), nil
}

func TestDirectorySecrets(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.json")
	d := startDirectories(t, emulator.Options{StateFile: file})
	id := d.create(t).GetId()
	first, secret, err := d.createSecret(t, id)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[A-Za-z0-9]{64}$`).MatchString(first) || secret.GetSecretSuffix() != first[60:] {
		t.Errorf("secret %q, suffix %q", first, secret.GetSecretSuffix())
	}
	if !strings.HasPrefix(secret.GetId(), "sec_") || secret.GetDirectoryId() != id || secret.GetCreateTime() == nil ||
		secret.GetStatus() != dirv1.SecretStatus_ACTIVE {
		t.Errorf("secret %v", secret)
	}
	for _, never := range []time.Time{secret.GetExpireTime().AsTime(), secret.GetLastUsedTime().AsTime()} {
		if text := never.Format(time.RFC3339); text != "0001-01-01T00:00:00Z" {
			t.Errorf("%s is not never", text)
		}
	}

	second, other, err := d.createSecret(t, id)
	if err != nil || second == first {
		t.Fatalf("the second secret is the first (%v)", err)
	}
	if got := d.read(t, id).GetSecrets(); len(got) != 2 || !proto.Equal(got[0], secret) || !proto.Equal(got[1], other) {
		t.Errorf("secrets %v, want both, oldest first", got)
	}

	third, newest, err := d.regenerateSecret(t, id)
	if err != nil || len(third) != 64 || third == first || third == second {
		t.Fatalf("regenerated %q (%v)", third, err)
	}
	secret.Status, other.Status = dirv1.SecretStatus_INACTIVE, dirv1.SecretStatus_INACTIVE
	got := d.read(t, id).GetSecrets()
	if len(got) != 3 || !proto.Equal(got[0], secret) || !proto.Equal(got[1], other) || !proto.Equal(got[2], newest) {
		t.Errorf("secrets %v, want only the last to be active", got)
	}

	unused := d.create(t).GetId()
	if plain, secret, err := d.regenerateSecret(t, unused); err != nil || len(plain) != 64 ||
		secret.GetStatus() != dirv1.SecretStatus_ACTIVE {
		t.Errorf("regenerated %v (%v) where there was none", secret, err)
	}
	content, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(content), secret.GetId()) {
		t.Errorf("the state file has no secret (%v)", err)
	}
	for _, plain := range []string{first, second, third} {
		if strings.Contains(string(content), plain) {
			t.Error("the state file has a plain secret")
		}
	}
}
