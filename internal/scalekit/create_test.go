package scalekit_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

type organization = organizationsv1.Organization

// making is the creation of an organization, which counts the searches for it.
type making struct {
	scalekit.Creation[*organization]
	client *scalekit.Client
	looks  atomic.Int32
}

func newMaking(client *scalekit.Client, unique bool) *making {
	m := &making{client: client}
	m.Unique = unique
	m.Create = func(ctx context.Context) (*organization, error) {
		return createOrganization(ctx, client, "Acme", "acme")
	}
	m.Find = m.find
	return m
}

func (m *making) find(ctx context.Context) (*organization, bool, error) {
	m.looks.Add(1)
	reply, err := m.client.Organizations.GetOrganizationByExternalId(ctx,
		connect.NewRequest(&organizationsv1.GetOrganizationRequest{
			Identities: &organizationsv1.GetOrganizationRequest_ExternalId{ExternalId: "acme"},
		}))
	switch {
	case scalekit.IsNotFound(err):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	}
	return reply.Msg.GetOrganization(), true, nil
}

func (m *making) run(ctx context.Context) (*organization, error) {
	return scalekit.Create(ctx, m.client, m.Creation)
}

func wantMade(t *testing.T, e *emulator.Emulator, org *organization, err error) {
	t.Helper()
	if err != nil || org.GetId() == "" || org.GetExternalId() != "acme" {
		t.Errorf("got %v, %v, want the organization", org, err)
	}
	if made := e.Counts()["organizations"]; made != 1 {
		t.Errorf("there are %d organizations, want one", made)
	}
}

func TestCreateAdoptsWhatItMade(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]emulator.FaultKind{
		"error":     emulator.FaultErrorAfter,
		"dropped":   emulator.FaultDropAfter,
		"garbage":   emulator.FaultGarbage,
		"truncated": emulator.FaultTruncate,
	} {
		for _, unique := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				e := start(t, emulator.Options{})
				setFaults(t, e, emulator.Fault{RPC: "CreateOrganization", Kind: kind})
				m := newMaking(newClient(t, e.URL()), unique)
				org, err := m.run(t.Context())
				wantMade(t, e, org, err)
				wantRequests(t, e, "CreateOrganization", 1)
				if m.looks.Load() != 1 {
					t.Errorf("looked %d times", m.looks.Load())
				}
			})
		}
	}
}

func TestCreateAdoptsAfterAnUnreadableReply(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	url := serveH2C(t, before(e, "/CreateOrganization", 1, func(w http.ResponseWriter, r *http.Request) {
		if _, err := createOrganization(context.Background(), newClient(t, e.URL()), "Acme", "acme"); err != nil {
			t.Error(err)
		}
		unreadable(w, r)
	}))
	org, err := newMaking(newClient(t, url), true).run(t.Context())
	wantMade(t, e, org, err)
}

func TestCreateRepeatsWhereThePlatformRefusesASecond(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	setFaults(t, e, emulator.Fault{RPC: "CreateOrganization", Kind: emulator.FaultDropBefore, Count: 2})
	m := newMaking(newClient(t, e.URL()), true)
	org, err := m.run(t.Context())
	wantMade(t, e, org, err)
	wantRequests(t, e, "CreateOrganization", 3)

	e = start(t, emulator.Options{})
	setFaults(t, e, emulator.Fault{RPC: "CreateOrganization", Kind: emulator.FaultDropBefore, Count: -1})
	_, err = newMaking(newClient(t, e.URL(), retries(2)), true).run(t.Context())
	if unknown := new(scalekit.UnknownOutcomeError); !errors.As(err, &unknown) || unknown.Look != nil {
		t.Errorf("got %v, want an UnknownOutcomeError", err)
	}
	wantRequests(t, e, "CreateOrganization", 3)
}

// The first attempt lands when the search is over, and so the second is refused.
func TestCreateAdoptsWhatLandedLate(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	setFaults(t, e, emulator.Fault{RPC: "CreateOrganization", Kind: emulator.FaultDelayBefore, Delay: 500 * time.Millisecond})
	m := newMaking(newClient(t, e.URL(), timeout(200*time.Millisecond)), true)
	m.Find = func(ctx context.Context) (*organization, bool, error) {
		org, found, err := m.find(ctx)
		if m.looks.Load() == 1 {
			eventually(t, "the first attempt's effect", func() bool { return e.Counts()["organizations"] == 1 })
		}
		return org, found, err
	}
	org, err := m.run(t.Context())
	wantMade(t, e, org, err)
	wantRequests(t, e, "CreateOrganization", 2)
	if m.looks.Load() != 2 {
		t.Errorf("looked %d times, want 2", m.looks.Load())
	}
}

func TestCreateKeepsLookingWhereItCannotRepeat(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	setFaults(t, e, emulator.Fault{RPC: "CreateOrganization", Kind: emulator.FaultDelayBefore, Delay: 400 * time.Millisecond})
	m := newMaking(newClient(t, e.URL(), timeout(300*time.Millisecond)), false)
	org, err := m.run(t.Context())
	wantMade(t, e, org, err)
	wantRequests(t, e, "CreateOrganization", 1)
	if m.looks.Load() < 2 {
		t.Errorf("looked %d times", m.looks.Load())
	}
}

func TestCreateSaysThatItCannotKnow(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	setFaults(t, e, emulator.Fault{RPC: "CreateOrganization", Kind: emulator.FaultDropBefore})
	m := newMaking(newClient(t, e.URL(), timeout(200*time.Millisecond)), false)
	started := time.Now()
	_, err := m.run(t.Context())
	unknown := new(scalekit.UnknownOutcomeError)
	if !errors.As(err, &unknown) || unknown.Look != nil || !strings.Contains(err.Error(), "found nothing") {
		t.Errorf("got %v, want an UnknownOutcomeError", err)
	}
	if failure := new(scalekit.CallError); !errors.As(err, &failure) || failure.Method != "CreateOrganization" {
		t.Errorf("%v does not hold the failure", err)
	}
	if took := time.Since(started); took < 200*time.Millisecond || took > 3*time.Second {
		t.Errorf("gave up after %s, want a little more than an attempt's time", took)
	}
	wantRequests(t, e, "CreateOrganization", 1)
}

func TestCreateSaysWhyItCouldNotLook(t *testing.T) {
	t.Parallel()
	for _, unique := range []bool{true, false} {
		e := start(t, emulator.Options{})
		setFaults(t, e,
			emulator.Fault{RPC: "CreateOrganization", Kind: emulator.FaultDropAfter},
			emulator.Fault{RPC: "GetOrganizationByExternalId", Kind: emulator.FaultErrorBefore, Code: "PERMISSION_DENIED", Count: -1})
		_, err := newMaking(newClient(t, e.URL()), unique).run(t.Context())
		unknown := new(scalekit.UnknownOutcomeError)
		if !errors.As(err, &unknown) || connect.CodeOf(unknown.Look) != connect.CodePermissionDenied {
			t.Errorf("got %v, want an UnknownOutcomeError that says why", err)
		}
		wantRequests(t, e, "CreateOrganization", 1)
	}
}

func TestCreateBelievesARefusal(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"INVALID_ARGUMENT", "UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_FOUND", "ALREADY_EXISTS", "FAILED_PRECONDITION",
		"OUT_OF_RANGE", "UNIMPLEMENTED", "RESOURCE_EXHAUSTED",
	} {
		e := start(t, emulator.Options{})
		setFaults(t, e, emulator.Fault{RPC: "CreateOrganization", Kind: emulator.FaultErrorBefore, Code: code, Count: -1})
		m := newMaking(newClient(t, e.URL(), retries(0)), true)
		_, err := m.run(t.Context())
		if unknown := new(scalekit.UnknownOutcomeError); err == nil || errors.As(err, &unknown) {
			t.Errorf("%s: got %v", code, err)
		}
		if m.looks.Load() != 0 {
			t.Errorf("%s: looked for what cannot be there", code)
		}
	}
}

// What stands in the way of a repeated create may be the object of the attempt before.
func TestCreateLooksIntoTheRefusalOfARepeatedCall(t *testing.T) {
	t.Parallel()
	for _, isThere := range []bool{true, false} {
		e := start(t, emulator.Options{})
		client := newClient(t, e.URL())
		if isThere {
			if _, err := createOrganization(t.Context(), client, "Acme", "acme"); err != nil {
				t.Fatal(err)
			}
		}
		setFaults(t, e,
			emulator.Fault{RPC: "CreateOrganization", Kind: emulator.FaultRateLimit},
			emulator.Fault{RPC: "CreateOrganization", Kind: emulator.FaultErrorBefore, Code: "INVALID_ARGUMENT", Skip: 1})
		m := newMaking(client, true)
		org, err := m.run(t.Context())
		if isThere {
			wantMade(t, e, org, err)
		} else if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("got %v, want the refusal", err)
		}
		if m.looks.Load() != 1 {
			t.Errorf("looked %d times", m.looks.Load())
		}
	}
}

// Cancelling a run must not lose an object that exists already.
func TestCreateFindsItsObjectAfterCancellation(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	setFaults(t, e, emulator.Fault{RPC: "CreateOrganization", Kind: emulator.FaultDelayAfter, Delay: time.Minute})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		eventually(t, "the effect", func() bool { return e.Counts()["organizations"] == 1 })
		cancel()
	}()
	within(t, 10*time.Second, func() { // the reply is waited for first, for some seconds
		m := newMaking(newClient(t, e.URL()), true)
		org, err := m.run(ctx)
		wantMade(t, e, org, err)
		if m.looks.Load() != 1 {
			t.Errorf("looked %d times, want once", m.looks.Load())
		}
	})
}

// The reply to a create is waited for when the user cancels the run: it need not be looked for.
func TestCancelledCreateIsWaitedFor(t *testing.T) {
	t.Parallel()
	for _, kind := range []emulator.FaultKind{emulator.FaultDelayBefore, emulator.FaultDelayAfter} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			e := start(t, emulator.Options{})
			setFaults(t, e, emulator.Fault{RPC: "CreateOrganization", Kind: kind, Delay: 300 * time.Millisecond})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				eventually(t, "the call", func() bool { return e.InjectedFaults() == 1 })
				cancel()
			}()
			m := newMaking(newClient(t, e.URL()), false)
			org, err := m.run(ctx)
			wantMade(t, e, org, err)
			if m.looks.Load() != 0 {
				t.Errorf("looked %d times", m.looks.Load())
			}
			// Nothing new is begun.
			if _, err := m.Create(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("a call after the cancellation: %v", err)
			}
			wantRequests(t, e, "CreateOrganization", 1)
		})
	}
}

func TestCreateFindsItsObjectWhenCancelledInTheSearch(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	setFaults(t, e, emulator.Fault{RPC: "CreateOrganization", Kind: emulator.FaultDropAfter})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	m := newMaking(newClient(t, e.URL()), true)
	m.Find = func(ctx context.Context) (*organization, bool, error) {
		cancel()
		return m.find(ctx)
	}
	org, err := m.run(ctx)
	wantMade(t, e, org, err)
}

// An attempt that was cancelled before it was sent does not decide on the one before.
func TestCreateStaysUndecidedWhenTheRepeatIsNeverSent(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	setFaults(t, e, emulator.Fault{RPC: "CreateOrganization", Kind: emulator.FaultDropBefore})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	m := newMaking(newClient(t, e.URL()), true)
	create, tries := m.Create, 0
	m.Create = func(ctx context.Context) (*organization, error) {
		if tries++; tries == 2 {
			cancel()
		}
		return create(ctx)
	}
	_, err := m.run(ctx)
	unknown := new(scalekit.UnknownOutcomeError)
	if !errors.As(err, &unknown) || errors.Is(unknown.Err, context.Canceled) {
		t.Errorf("got %v, want an UnknownOutcomeError of the first attempt", err)
	}
	wantRequests(t, e, "CreateOrganization", 1)
}

func TestRecentEnough(t *testing.T) {
	t.Parallel()
	client := scalekit.New(scalekit.Config{EnvironmentURL: "http://127.0.0.1:1"}) // no reply has told another time
	started := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	for created, want := range map[time.Duration]bool{
		time.Second: true, 0: true, -time.Second: true, -3 * time.Second: false, -time.Hour: false, time.Hour: true,
	} {
		if got := client.RecentEnough(started.Add(created), started); got != want {
			t.Errorf("%s: %v", created, got)
		}
	}
}

// The platform's own clock counts, as its replies tell it.
func TestRecentEnoughByThePlatformsClock(t *testing.T) {
	t.Parallel()
	const ahead = time.Hour
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusUnauthorized)
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	client := newClient(t, server.URL)
	refused := new(scalekit.TokenError)
	if err := client.Authenticate(t.Context()); !errors.As(err, &refused) {
		t.Fatalf("the server answers %v", err)
	}
	now := time.Now()
	if !client.RecentEnough(now.Add(ahead), now) || client.RecentEnough(now.Add(ahead-4*time.Second), now) || client.RecentEnough(now, now) {
		t.Error("the platform's clock does not count")
	}
}

// An equal object that turns up late may be somebody else's, so it stays undecided.
func TestCreateAdoptsNothingLate(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	setFaults(t, e, emulator.Fault{RPC: "CreateOrganization", Kind: emulator.FaultHang})
	client := newClient(t, e.URL(), func(config *scalekit.Config) { config.RequestTimeout = 2600 * time.Millisecond })
	m := newMaking(client, true)
	made := make(chan error, 1)
	go func() {
		time.Sleep(500 * time.Millisecond)
		_, err := createOrganization(context.Background(), newClient(t, e.URL()), "Acme", "acme") // a rival
		made <- err
	}()
	_, err := m.run(t.Context())
	if err := <-made; err != nil {
		t.Fatal(err)
	}
	if unknown := new(scalekit.UnknownOutcomeError); !errors.As(err, &unknown) {
		t.Errorf("got %v, want an UnknownOutcomeError", err)
	}
}

// A reply without the object says nothing of whether it was made.
func TestCreateIsAnsweredByNothing(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	client := newClient(t, e.URL())
	for name, effect := range map[string]bool{"made": true, "not made": false} {
		m := newMaking(client, false)
		create := m.Create
		m.Create = func(ctx context.Context) (*organization, error) {
			if effect {
				if _, err := create(ctx); err != nil {
					return nil, err
				}
			}
			return &organization{}, nil
		}
		if !effect {
			m.Find = func(context.Context) (*organization, bool, error) { return nil, false, errors.New("nothing there") }
		}
		adopted := 0
		m.Adopted = func(*organization) { adopted++ }
		got, err := m.run(t.Context())
		unknown := new(scalekit.UnknownOutcomeError)
		switch {
		case effect && (err != nil || got.GetId() == "" || adopted != 1):
			t.Errorf("%s: got %v, %v, told of %d times", name, got, err, adopted)
		case !effect && (!errors.As(err, &unknown) || adopted != 0):
			t.Errorf("%s: got %v, want an UnknownOutcomeError", name, err)
		}
	}
}
