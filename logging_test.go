package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider"
)

// roleVariable makes this test program a provider: "shipped" is what main does, "plain" what it would do by the SDK's
// defaults.
const roleVariable = "PROVIDER_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "shipped":
		main()
	case "plain":
		if err := serve(false); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	default:
		os.Exit(m.Run())
	}
}

// Whatever level a user asks for by whatever variable, the provider writes what it would by the SDK's defaults. When
// nobody asks, it writes nothing.
func TestLogsComeWhenAskedFor(t *testing.T) {
	t.Parallel()
	if all := logsOf(t, "plain"); all["sdk.proto TRACE"] == 0 || all["sdk.framework TRACE"] == 0 || all["scalekit DEBUG"] == 0 {
		t.Fatalf("by default the SDK writes %v", all)
	}
	for _, environ := range []string{"", "TF_LOG=OFF", "TF_LOG=", "TF_LOG_PROVIDER=off", "TF_LOG_SDK=", "TF_LOGGING=DEBUG"} {
		if got := logsOf(t, "shipped", environ); len(got) > 0 {
			t.Errorf("nobody asks with %q, and the provider writes %v", environ, got)
		}
	}
	for _, name := range []string{
		"TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_SCALEKIT", "TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK",
	} {
		for _, level := range []string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "JSON"} {
			t.Run(name+"="+level, func(t *testing.T) {
				t.Parallel()
				if got, want := logsOf(t, "shipped", name+"="+level), logsOf(t, "plain", name+"="+level); !maps.Equal(got, want) {
					t.Errorf("the provider writes %v, and by the SDK's defaults it would be %v", got, want)
				}
			})
		}
	}
	// What is turned off by one variable stays off when another one asks.
	for _, off := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_PROVIDER_SCALEKIT"} {
		asked := []string{"TF_LOG=TRACE", off + "=OFF"}
		if got, want := logsOf(t, "shipped", asked...), logsOf(t, "plain", asked...); !maps.Equal(got, want) {
			t.Errorf("%v: the provider writes %v, and by the SDK's defaults it would be %v", asked, got, want)
		}
	}
}

// logsOf starts this program as a provider, has it say its schema and take a configuration that no host answers to, and
// counts the log lines that it writes, by logger and level.
func logsOf(t *testing.T, role string, environ ...string) map[string]int {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "SCALEKIT_") {
			command.Env = append(command.Env, variable)
		}
	}
	command.Env = append(append(command.Env, roleVariable+"="+role), environ...)
	var written bytes.Buffer
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  6,
			MagicCookieKey:   "TF_PLUGIN_MAGIC_COOKIE",
			MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		},
		VersionedPlugins: map[int]plugin.PluginSet{6: {"provider": connectionPlugin{}}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Cmd:              command,
		AutoMTLS:         true,
		SkipHostEnv:      true,
		Logger:           hclog.NewNullLogger(),
		Stderr:           &written,
	})
	defer client.Kill()
	protocol, err := client.Client()
	if err != nil {
		t.Fatal(err)
	}
	connection, err := protocol.Dispense("provider")
	if err != nil {
		t.Fatal(err)
	}
	call(t, connection.(*grpc.ClientConn), "GetProviderSchema", nil)
	call(t, connection.(*grpc.ClientConn), "ConfigureProvider", configuration(t))
	client.Kill() // waits until all that was written has been read

	lines := map[string]int{}
	for line := range strings.Lines(written.String()) {
		var entry struct {
			Level  string `json:"@level"`
			Logger string `json:"@module"`
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("%s writes %q", role, line)
		}
		if entry.Logger != "" { // go-plugin's, which writes a line or two at start
			lines[entry.Logger+" "+strings.ToUpper(entry.Level)]++
		}
	}
	return lines
}

// connectionPlugin hands out the connection itself: the messages of Terraform's protocol are internal to the SDK.
type connectionPlugin struct{ plugin.NetRPCUnsupportedPlugin }

func (connectionPlugin) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("this is a client")
}

func (connectionPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, connection *grpc.ClientConn) (any, error) {
	return connection, nil
}

// call calls the provider with an encoded request.
func call(t *testing.T, connection *grpc.ClientConn, method string, request []byte) {
	t.Helper()
	message := new(emptypb.Empty)
	message.ProtoReflect().SetUnknown(request)
	if err := connection.Invoke(t.Context(), "/tfplugin6.Provider/"+method, message, new(emptypb.Empty)); err != nil {
		t.Fatal(err)
	}
}

// configuration is an encoded ConfigureProvider request for a host that refuses connections.
func configuration(t *testing.T) []byte {
	t.Helper()
	server := providerserver.NewProtocol6(provider.New("test")())()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	object := schemas.Provider.ValueType().(tftypes.Object)
	values := map[string]tftypes.Value{}
	for name, attributeType := range object.AttributeTypes {
		values[name] = tftypes.NewValue(attributeType, nil)
	}
	values["environment_url"] = tftypes.NewValue(tftypes.String, "http://127.0.0.1:1")
	values["max_retries"] = tftypes.NewValue(tftypes.Number, 0)
	values["client_id"] = tftypes.NewValue(tftypes.String, "skc_1")
	values["client_secret"] = tftypes.NewValue(tftypes.String, "secret")
	value, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
	if err != nil {
		t.Fatal(err)
	}
	// Field 2 of the request is the configuration, whose field 1 is its MessagePack form.
	encoded := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), value.MsgPack)
	return protowire.AppendBytes(protowire.AppendTag(nil, 2, protowire.BytesType), encoded)
}
