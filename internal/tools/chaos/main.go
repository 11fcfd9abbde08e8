// Command chaos runs the fault matrices of all packages as a whole, says how far it is, and ends with a table of their
// figures. It fails unless every matrix passes, nothing is lost, duplicated or in need of a hand in any, and every
// resource of the provider and every call by which one changes something has been disturbed.
//
// Arguments go to go test, before the packages.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

const (
	providerPackages = "./internal/provider/..."
	chaosPackage     = "github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/chaos"
	progressInterval = 15 * time.Second
)

func main() {
	if err := run(context.Background(), os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, arguments []string) error {
	packages, err := testPackages(ctx)
	if err != nil {
		return err
	}
	wanted, err := wanted(ctx, providerPackages)
	if err != nil {
		return err
	}
	started := time.Now()
	results := newResults(out)
	testErr := test(ctx, results, arguments, packages)
	results.table()
	fmt.Fprintf(out, "\nin %s\n", time.Since(started).Round(time.Second))
	return errors.Join(testErr, results.verdict(wanted))
}

// testPackages are the packages whose tests may have matrices: those that know the flag -chaos.
func testPackages(ctx context.Context) ([]string, error) {
	listed, err := goList(ctx, `{{.ImportPath}} {{join .XTestImports " "}}`, providerPackages)
	if err != nil {
		return nil, err
	}
	var packages []string
	for _, line := range listed {
		if fields := strings.Fields(line); slices.Contains(fields[1:], chaosPackage) {
			packages = append(packages, fields[0])
		}
	}
	return packages, nil
}

// goList is go list with a template for each package.
func goList(ctx context.Context, template, packages string) ([]string, error) {
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(ctx, "go", "list", "-f", template, packages)
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.String())
	}
	return strings.Split(strings.TrimSpace(stdout.String()), "\n"), nil
}

// test runs the matrices. Their applies mostly wait, for a timeout or a retry, so far more of them run at once than
// there are processors.
func test(ctx context.Context, results *results, arguments, packages []string) error {
	all := slices.Concat([]string{
		"test", "-json", "-count=1", "-timeout=60m", "-p=2", "-parallel=20", "-run=FaultMatrix",
	}, arguments, packages, []string{"-args", "-chaos"})
	command := exec.CommandContext(ctx, "go", all...) //nolint:gosec // whoever runs it chooses the arguments
	command.Stderr = os.Stderr
	events, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go results.sayHowFar(ended)
	readErr := results.read(events)
	waitErr := command.Wait()
	close(ended)
	if waitErr != nil {
		waitErr = fmt.Errorf("go test: %w", waitErr)
	}
	return errors.Join(readErr, waitErr)
}
