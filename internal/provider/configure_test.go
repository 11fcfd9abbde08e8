package provider_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const secret = "the-client-secret-that-nobody-may-see"

func TestConfigurationErrors(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{})

	for name, wrong := range map[string]struct{ provider, complaint string }{
		"the environment URL is missing": {
			"client_id = \"skc_1\"\nclient_secret = \"s\"", `Set environment_url in the provider block, or the environment variable SCALEKIT_ENVIRONMENT_URL.`,
		},
		"the client id is missing": {
			"environment_url = \"https://acme.scalekit.com\"\nclient_secret = \"s\"", `Set client_id in the provider block, or the environment variable SCALEKIT_CLIENT_ID.`,
		},
		"the client secret is missing": {
			`environment_url = "https://acme.scalekit.com"` + "\n" + `client_id = "skc_1"`, `Set client_secret in the provider block, or the environment variable SCALEKIT_CLIENT_SECRET.`,
		},
		"http to another host": {
			credentials("http://acme.scalekit.com"), `is plain http to "acme.scalekit.com", which would send the client secret unencrypted: use https`,
		},
		"white space around the URL": {credentials(" https://acme.scalekit.com "), `The environment URL has white space around it`},
		"a line break after the secret": {
			strings.Replace(credentials(env.URL()), secret, secret+`\n`, 1), `client_secret begins or ends with white space or a line break`,
		},
		"no scheme": {credentials("acme.scalekit.com"), `is not a URL with a scheme and a host`},
		"a path":    {credentials("https://acme.scalekit.com/api/v1"), `expected the host alone`},
		"user info": {credentials("https://user:hush@acme.scalekit.com"), `give them as client_id and client_secret instead`},
		"unreachable": {
			credentials("http://"+closedPort(t)) + "\nmax_retries = 0", `The Scalekit environment cannot be reached`,
		},
		"a host that answers HTML": {credentials(startHTML(t)), `This is not a Scalekit environment`},
		"wrong credentials":        {credentials(env.URL()), `The client credentials are wrong`},
		"too many retries":         {credentials(env.URL()) + "\nmax_retries = 11", `Attribute max_retries value must be between 0 and 10`},
		"a timeout without a unit": {credentials(env.URL()) + "\n" + `request_timeout = "30"`, `"30" must be a duration above zero`},
		"a timeout of zero":        {credentials(env.URL()) + "\n" + `request_timeout = "0s"`, `"0s" must be a duration above zero`},
		"webhooks without a token": {
			credentials(env.URL()) + "\n" + `webhooks = { server_url = "https://hooks.example", application_id = "app_1" }`, `attribute "token" is required`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workspace := env.Workspace(t)
			workspace.Configure("provider \"scalekit\" {\n" + wrong.provider + "\n}\n")
			workspace.Write(`
resource "scalekit_organization" "one" { display_name = "One" }
resource "scalekit_organization" "two" { display_name = "Two" }
data "scalekit_organizations" "all" {}`)
			output, err := workspace.Run("plan", "-no-color", "-input=false")
			if err == nil {
				t.Fatalf("the plan succeeds:\n%s", output)
			}
			acctest.MustContain(t, output, wrong.complaint)
			if count := strings.Count(output, "Error: "); count != 1 {
				t.Errorf("%d errors:\n%s", count, output)
			}
			if strings.Count(output, "user:hush@") > 1 { // Terraform shows the line of the configuration
				t.Errorf("the output repeats the URL's password:\n%s", output)
			}
			if strings.Contains(output, secret) {
				t.Errorf("the output has the client secret:\n%s", output)
			}
		})
	}
}

// What is not known yet gets advice that fits: an environment variable that is set need not be set.
func TestUnknownConfiguration(t *testing.T) {
	env := acctest.StartEmulator(t, emulator.Options{})
	const configuration = `
resource "terraform_data" "environment" { input = "https://acme.scalekit.com" }
provider "scalekit" {
  environment_url = terraform_data.environment.output
}
data "scalekit_roles" "all" {}`
	for name, test := range map[string]struct{ variable, advice string }{
		"no variable":     {"", "Give it a fixed value, leave it out and set SCALEKIT_ENVIRONMENT_URL"},
		"variable is set": {"https://acme.scalekit.com", "SCALEKIT_ENVIRONMENT_URL is set: leave environment_url out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("SCALEKIT_ENVIRONMENT_URL", test.variable)
			workspace := env.Workspace(t)
			workspace.Configure("")
			workspace.Write(configuration)
			output, err := workspace.Run("plan", "-no-color", "-input=false")
			if err == nil {
				t.Fatalf("the plan succeeds:\n%s", output)
			}
			acctest.MustContain(t, output, test.advice)
		})
	}
}

func credentials(url string) string {
	return fmt.Sprintf("environment_url = %q\nclient_id = \"skc_1\"\nclient_secret = %q", url, secret)
}

// startHTML serves web pages over HTTP/2 without TLS, which is what the provider speaks to a loopback host.
func startHTML(t *testing.T) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, "<html><body>It works!</body></html>")
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// closedPort is an address that nobody listens on.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
