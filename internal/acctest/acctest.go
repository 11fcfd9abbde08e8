// Package acctest gives a test an environment of its own and the provider to use it with.
package acctest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

// realEnvironmentVariable makes the tests that can do so run against the environment of the SCALEKIT_* variables.
const realEnvironmentVariable = "SCALEKIT_TESTACC"

const userAgent = "terraform-provider-scalekit/test"

// Env is the environment of one test.
type Env struct {
	// Emulator is nil when the environment is a real one, or an emulator in a process of its own.
	Emulator *emulator.Emulator
	// Providers is for resource.TestCase.
	Providers map[string]func() (tfprotov6.ProviderServer, error)

	settings               string
	url                    string
	previousURL            string
	clientID, clientSecret string
	unique                 string
}

// Start gives the test an environment: an emulator of its own, or, under make testacc, the real one.
func Start(t *testing.T) *Env {
	t.Helper()
	if os.Getenv(realEnvironmentVariable) == "" {
		return StartEmulator(t, emulator.Options{})
	}
	url, err := scalekit.ParseEnvironmentURL(os.Getenv("SCALEKIT_ENVIRONMENT_URL"))
	if err != nil {
		t.Fatalf("SCALEKIT_ENVIRONMENT_URL %v", err)
	}
	env := &Env{
		Providers: providers(),
		settings:  "provider \"scalekit\" {}\n",
		url:       url,
		unique:    fmt.Sprintf("-tf%08x", rand.Uint32()),

		clientID: os.Getenv("SCALEKIT_CLIENT_ID"), clientSecret: os.Getenv("SCALEKIT_CLIENT_SECRET"),
	}
	t.Cleanup(func() { env.sweep(t) })
	return env
}

// StartEmulator gives the test an emulator with options, for what a real environment cannot be asked to do. Under make
// testacc the test is skipped.
func StartEmulator(tb testing.TB, options emulator.Options) *Env {
	tb.Helper()
	NeedEmulator(tb)
	scalekitEmulator, err := emulator.New(options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := scalekitEmulator.Close(); err != nil {
			tb.Error(err)
		}
	})
	url, err := scalekitEmulator.Listen("127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	env := &Env{
		Emulator: scalekitEmulator, Providers: providers(), url: url,
		clientID: emulator.DefaultClientID, clientSecret: emulator.DefaultClientSecret,
	}
	env.settings = env.Provider("")
	return env
}

// NeedEmulator skips the test under make testacc.
func NeedEmulator(tb testing.TB) {
	tb.Helper()
	if os.Getenv(realEnvironmentVariable) != "" {
		tb.Skip("needs the emulator")
	}
}

func providers() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"scalekit": providerserver.NewProtocol6WithError(provider.New("test")()),
	}
}

// Provider is a provider block for the emulator with further settings.
func (e *Env) Provider(settings string) string {
	return fmt.Sprintf(`provider "scalekit" {
  environment_url = %q
  client_id       = %q
  client_secret   = %q
  %s
  %s
}
`, e.url, e.clientID, e.clientSecret, e.previous(), settings)
}

// MoveFrom makes the provider accept state of the environment at another URL: the state of a test that restores one
// emulator's content into another.
func (e *Env) MoveFrom(url string) {
	e.previousURL = url
	e.settings = e.Provider("")
}

func (e *Env) previous() string {
	if e.previousURL == "" {
		return ""
	}
	return fmt.Sprintf("previous_environment_urls = [%q]", e.previousURL)
}

// URL is the environment's URL.
func (e *Env) URL() string { return e.url }

// Config is a configuration with the provider block of the environment.
func (e *Env) Config(resources string) string { return e.settings + "\n" + resources }

// Name makes a name unique where the environment outlives the test. Whatever a test creates that does not go with its
// organization has such a name: by it the test's own objects are told from others, and removed when the test fails.
func (e *Env) Name(name string) string { return name + e.unique }

// Owns reports whether a name is one that Name has made; in an emulator, where all is the test's own, every name is.
func (e *Env) Owns(name string) bool {
	return e.unique == "" || strings.Contains(name, strings.TrimPrefix(e.unique, "-"))
}

// Client calls the environment behind Terraform's back.
func (e *Env) Client() *scalekit.Client {
	return scalekit.New(scalekit.Config{
		EnvironmentURL: e.url,
		ClientID:       e.clientID,
		ClientSecret:   e.clientSecret,
		MaxRetries:     5,
		RequestTimeout: 30 * time.Second,
		UserAgent:      userAgent,
	})
}

// Credentials are those of the environment's API client.
func (e *Env) Credentials() (clientID, clientSecret string) { return e.clientID, e.clientSecret }

// Webhooks manages the environment's webhook endpoints behind Terraform's back.
func (e *Env) Webhooks() *svixportal.Client {
	return svixportal.New(svixportal.Config{
		PortalURL: e.Client().PortalURL, MaxRetries: 3, RequestTimeout: 10 * time.Second, UserAgent: userAgent,
	})
}

// Calls counts the calls of an RPC that the emulator has had.
func (e *Env) Calls(rpc string) int {
	return len(slices.DeleteFunc(e.Emulator.Requests(), func(request emulator.Request) bool { return request.RPC != rpc }))
}

// Words matches a text in the CLI's output, which breaks lines and draws a frame where it likes.
func Words(text string) *regexp.Regexp {
	words := strings.Fields(text)
	for i, word := range words {
		words[i] = regexp.QuoteMeta(word)
	}
	return regexp.MustCompile(strings.Join(words, `[\s│╷╵]+`))
}

// MustContain fails the test unless the CLI's output has all the texts.
func MustContain(t *testing.T, output string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !Words(text).MatchString(output) {
			t.Errorf("the output lacks %q:\n%s", text, output)
		}
	}
}

// State is Terraform's state as a check of a test step sees it.
type State = terraform.State

// AttributeOf gives an import id: an attribute of a resource in the state.
func AttributeOf(address, attribute string) resource.ImportStateIdFunc {
	return func(state *State) (string, error) {
		found, ok := state.RootModule().Resources[address]
		if !ok {
			return "", fmt.Errorf("%s is not in the state", address)
		}
		return found.Primary.Attributes[attribute], nil
	}
}
