package webhook_test

import (
	"fmt"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/chaos"
)

func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	acctest.NeedWriteOnly(t)
	before := endpoint(fmt.Sprintf(everything, "https://hooks.acme.example", "acme") + `
  headers_wo         = { authorization = "Basic one" }
  headers_wo_version = 1
  secret_rotation    = { n = "1" }`)
	after := endpoint(`
  url                 = "https://other.acme.example"
  uid                 = "acme-2"
  headers_wo          = { authorization = "Basic two" }
  headers_wo_version  = 2
  secret_rotation     = { n = "2" }
  secret_grace_period = "0s"`)
	withoutKey := endpoint(`url = "https://hooks.acme.example"`)
	chaos.FaultMatrix(t, nil, []chaos.Change{
		{Name: "create", After: before},
		{Name: "create_without_key", After: withoutKey},
		{Name: "update", Before: before, After: after},
		{Name: "destroy", Before: after},
	})
}
