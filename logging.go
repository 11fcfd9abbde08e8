package main

import (
	"os"
	"strings"
)

// logVariables are the variables by which the SDK turns the logs of this process off: its own, and those of the provider.
var logVariables = []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_SCALEKIT"}

// silenceUnreadLogs turns all logs off unless somebody asks for them. By default, the SDK writes every step of every call
// to standard error at TRACE, and Terraform parses each line to drop it: together, a third of a plan's time.
func silenceUnreadLogs() error {
	if asksForLogs(os.Environ()) {
		return nil
	}
	for _, name := range logVariables {
		if err := os.Setenv(name, "OFF"); err != nil {
			return err
		}
	}
	return nil
}

// asksForLogs reports whether one of the TF_LOG… variables is set to anything but OFF: Terraform's, which decide what it
// shows of a provider's logs, or the SDK's, which decide what a provider writes.
func asksForLogs(environ []string) bool {
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if (name == "TF_LOG" || strings.HasPrefix(name, "TF_LOG_")) && value != "" && !strings.EqualFold(value, "OFF") {
			return true
		}
	}
	return false
}
