package provider_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// guides are the guides that are run, and how: each follows its guide from beginning to end, and looks at what a reader
// does not see.
var guides = map[string]func(*guide){
	"onboard-a-customer": onboardACustomer,
}

func TestGuides(t *testing.T) {
	t.Parallel()
	installed := installTools(t)
	for name, follow := range guides {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			template := readFile(t, filepath.Join("..", "..", "templates", "guides", name+".md.tmpl"))
			follow(&guide{t: t, folder: folder, shell: startShell(t, installed, folder), blocks: parseGuide(t, template)})
		})
	}
}

func onboardACustomer(g *guide) {
	programs := g.t.TempDir()
	write(g.t, filepath.Join(programs, "xdg-open"), "#!/bin/sh\nprintf %s \"$1\" >\""+programs+"/opened\"\n")
	g.run("chmod +x '"+programs+"/xdg-open'; PATH='"+programs+"':$PATH", false)

	g.upTo("terraform output scim_endpoint")
	g.mustPlanNothing()
	g.upTo("cd portal-link")
	if opened := readFile(g.t, filepath.Join(programs, "opened")); !strings.Contains(opened, "/magicLink/") {
		g.t.Errorf("no portal link was opened, but %q", opened)
	}
	if state := g.read("portal-link/terraform.tfstate"); strings.Contains(state, "magicLink") {
		g.t.Errorf("the state has the portal link:\n%s", state)
	}
	g.toEnd()
	g.mustPlanNothing()
}
