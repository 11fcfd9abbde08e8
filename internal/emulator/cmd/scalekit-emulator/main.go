// Command scalekit-emulator serves an in-memory Scalekit environment on a loopback address, for tests, demos and
// continuous integration.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const usage = `Usage: scalekit-emulator [flags]

Serves an in-memory Scalekit environment, and prints on standard output the environment variables that point a client
at it, and nothing else. SIGINT or SIGTERM ends it.

  --listen ADDRESS        loopback address to serve; port 0 picks a free one (default 127.0.0.1:8787)
  --allow-non-loopback    serve an address that other machines can reach: there is no TLS, and whoever reaches the
                          emulator can read and change everything in it; requests to any host name are served then
  --client-id ID          the client id that gets a token (default ` + emulator.DefaultClientID + `)
  --client-secret SECRET  its secret (default ` + emulator.DefaultClientSecret + `)
  --state FILE            keep all objects in this file, over restarts (default: in memory only); a change that cannot
                          be kept, because the disk is full or for any other reason, is refused
  --seed FILE             create the objects of this JSON file in a new environment; one whose state file exists
                          already stays as it is
  --latency DURATION      wait that long before every call, for example 200ms
  --rate-limit CALLS      answer that many RPCs a second, refuse the others (default 0: all)
  --faults FILE|JSON      inject faults: a JSON file, or the JSON array itself
  --help                  show this text

A seed:
  {"organizations": [{"display_name": "Globex", "external_id": "globex", "features": {"sso": true}}]}

Faults: every fault names an RPC ("CreateOrganization", "oauth/token", or "*" for every RPC) or a call of the webhook
server ("svix.endpoint.create", "auth/one-time-token", or "svix.*") and a kind:
  error_before, error_after    an error ("code", default UNAVAILABLE; "retry_after") before or after the change is made
  drop_before, drop_after      the connection is reset, before or after the change is made
  delay_before, delay_after    "delay", before the change, which is made even if the client has gone, or after it
  garbage, truncate            the change is made, and the reply is not the protocol, or breaks off
  rate_limit                   RESOURCE_EXHAUSTED ("retry_after"); nothing changes
  hang                         no answer until the client goes; nothing changes
  token_expired                the call's token is refused; nothing changes
  tokens_revoked               the same, and so are all tokens and sessions that there are
"skip" lets calls pass first, "count" says how many are changed (default 1, -1 all):
  [{"rpc": "CreateOrganization", "kind": "error_after", "code": "INTERNAL", "skip": 1, "count": 2}]

It serves programs, not web pages: a request that a page in a browser makes is refused, and so is one to a host name that
is not a loopback host's. It calls nobody, except for webhook endpoints at loopback addresses.

While it runs, GET /_emulator/ lists what can be controlled: reset, seed, request log, counts, faults, tokens,
deliveries of events to webhook endpoints, and what an identity provider sends: the groups and users of directories.
`

func main() {
	surviveFileSizeLimit()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run serves until ctx ends and returns the exit code: 0, 1 for a failure, 2 for wrong flags.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	options, listen, notes, err := parse(args)
	note := func(text string) { fmt.Fprintf(stderr, "scalekit-emulator: %s\n", text) }
	options.Notice = note
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stderr, usage) // Standard output is for the exports alone.
		return 0
	case err != nil:
		note(fmt.Sprintf("%v\nRun scalekit-emulator --help for usage.", err))
		return 2
	}
	for _, text := range notes {
		note(text)
	}
	if err := serve(ctx, options, listen, stdout); err != nil {
		note(err.Error())
		return 1
	}
	return 0
}

// parse reads the flags and the files that they name. notes are for the user to read.
func parse(args []string) (options emulator.Options, listen string, notes []string, err error) {
	flags := flag.NewFlagSet("scalekit-emulator", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run reports errors.
	flags.Usage = func() {}     // And it prints the usage.
	flags.StringVar(&listen, "listen", "127.0.0.1:8787", "")
	flags.BoolVar(&options.AllowNonLoopback, "allow-non-loopback", false, "")
	flags.StringVar(&options.ClientID, "client-id", emulator.DefaultClientID, "")
	flags.StringVar(&options.ClientSecret, "client-secret", emulator.DefaultClientSecret, "")
	flags.StringVar(&options.StateFile, "state", "", "")
	flags.DurationVar(&options.Latency, "latency", time.Duration(0), "")
	flags.IntVar(&options.RateLimit, "rate-limit", 0, "")
	seed := flags.String("seed", "", "")
	faults := flags.String("faults", "", "")
	if err := flags.Parse(args); err != nil {
		return options, listen, nil, err
	}
	if flags.NArg() > 0 {
		return options, listen, nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if options.ClientID == "" || options.ClientSecret == "" {
		return options, listen, nil, errors.New("--client-id and --client-secret cannot be empty")
	}
	if *seed != "" {
		if options.Seed, err = readSeed(*seed); err != nil {
			return options, listen, nil, err
		}
		if options.StateFile != "" {
			if _, err := os.Stat(options.StateFile); err == nil {
				notes = append(notes, "state file "+options.StateFile+" exists: the seed is not applied")
			}
		}
	}
	if *faults != "" {
		if options.Faults, err = readFaults(*faults); err != nil {
			return options, listen, nil, err
		}
	}
	return options, listen, notes, nil
}

func readSeed(name string) (*emulator.Seed, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("--seed: %w", err)
	}
	seed, err := emulator.ParseSeed(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("--seed %s: %w", name, err)
	}
	return seed, nil
}

// readFaults takes a JSON array, which begins with a bracket, or a file's name.
func readFaults(value string) ([]emulator.Fault, error) {
	content := []byte(value)
	if !strings.HasPrefix(strings.TrimSpace(value), "[") {
		var err error
		if content, err = os.ReadFile(value); err != nil {
			return nil, fmt.Errorf("--faults: %w", err)
		}
	}
	parsed, err := emulator.ParseFaults(content)
	if err != nil {
		return nil, fmt.Errorf("--faults: %w", err)
	}
	return parsed, nil
}

func serve(ctx context.Context, options emulator.Options, listen string, stdout io.Writer) (err error) {
	e, err := emulator.New(options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	url, err := e.Listen(listen)
	if err != nil {
		if !options.AllowNonLoopback && errors.Is(err, emulator.ErrNotLoopback) {
			return fmt.Errorf("%w; --allow-non-loopback serves it all the same", err)
		}
		return err
	}
	if options.AllowNonLoopback {
		options.Notice("whoever reaches " + listen + " can read and change everything in the emulator, and there is no TLS")
	}
	options.Notice(fmt.Sprintf("serving %s, control under %s/_emulator/", url, url))
	_, err = fmt.Fprintf(stdout,
		"export SCALEKIT_ENVIRONMENT_URL=%s\nexport SCALEKIT_CLIENT_ID=%s\nexport SCALEKIT_CLIENT_SECRET=%s\n",
		quote(url), quote(options.ClientID), quote(options.ClientSecret))
	if err != nil {
		return fmt.Errorf("print the environment variables: %w", err)
	}
	<-ctx.Done()
	options.Notice("stopping")
	return nil
}

// quote makes one shell word of any text.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
