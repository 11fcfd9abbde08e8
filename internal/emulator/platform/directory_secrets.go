package platform

import (
	"context"
	"crypto/rand"
	"math/big"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
)

const (
	secretPrefix       = "sec_"
	secretLength       = 64
	secretSuffixLength = 4
	alphanumerics      = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

// CreateDirectorySecret implements the RPC of that name. How many active secrets a directory may have, and whether one
// that is not SCIM may have any, is unknown [U]: there is no limit here.
func (s *directories) CreateDirectorySecret(
	_ context.Context, req *connect.Request[dirv1.CreateDirectorySecretRequest],
) (*connect.Response[dirv1.CreateDirectorySecretResponse], error) {
	return store.Mutate(s.store, func() (*dirv1.CreateDirectorySecretResponse, error) {
		directory, err := s.find(req.Msg.GetOrganizationId(), req.Msg.GetDirectoryId())
		if err != nil {
			return nil, err
		}
		plain, secret := s.createSecret(directory.GetId())
		return &dirv1.CreateDirectorySecretResponse{PlainSecret: plain, Secret: secret}, nil
	})
}

// RegenerateDirectorySecret implements the RPC of that name: all earlier secrets become INACTIVE at once [I]. Whether it
// needs one to begin with is unknown [U]: it does not.
func (s *directories) RegenerateDirectorySecret(
	_ context.Context, req *connect.Request[dirv1.RegenerateDirectorySecretRequest],
) (*connect.Response[dirv1.RegenerateDirectorySecretResponse], error) {
	return store.Mutate(s.store, func() (*dirv1.RegenerateDirectorySecretResponse, error) {
		directory, err := s.find(req.Msg.GetOrganizationId(), req.Msg.GetDirectoryId())
		if err != nil {
			return nil, err
		}
		for _, row := range s.secrets.ChildrenOf(directory.GetId()) {
			if row.Value.GetStatus() == dirv1.SecretStatus_ACTIVE {
				former := proto.CloneOf(row.Value)
				former.Status = dirv1.SecretStatus_INACTIVE
				s.secrets.Put(row.ID, row.Parent, former)
			}
		}
		plain, secret := s.createSecret(directory.GetId())
		return &dirv1.RegenerateDirectorySecretResponse{PlainSecret: plain, Secret: secret}, nil
	})
}

// createSecret stores a new secret without its plain value: nobody can read that a second time.
func (s *directories) createSecret(directoryID string) (plain string, secret *dirv1.Secret) {
	id, created := s.store.IDs.Next(secretPrefix)
	plain = randomAlphanumerics(secretLength)
	secret = newDirectorySecret(directoryID, id, created, plain)
	s.secrets.Put(id, directoryID, secret)
	return plain, secret
}

func newDirectorySecret(directoryID, id string, created time.Time, plain string) *dirv1.Secret {
	return &dirv1.Secret{
		Id:           id,
		CreateTime:   timestamppb.New(created),
		SecretSuffix: plain[len(plain)-secretSuffixLength:],
		Status:       dirv1.SecretStatus_ACTIVE,
		// The year 1 is the documentation's "never", for both.
		ExpireTime:   timestamppb.New(time.Time{}),
		LastUsedTime: timestamppb.New(time.Time{}),
		DirectoryId:  directoryID,
	}
}

func randomAlphanumerics(length int) string {
	text := make([]byte, length)
	for i := range text {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphanumerics))))
		if err != nil {
			panic(err) // Cannot be: the reader never fails.
		}
		text[i] = alphanumerics[n.Int64()]
	}
	return string(text)
}
