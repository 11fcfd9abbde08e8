// Package domain serves the domains of organizations.
package domain

import (
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

const (
	organizationIDPrefix = "org_"
	idPrefix             = "dom_"
)

// model is a domain as the resource has it.
type model struct {
	ID                 types.String `tfsdk:"id"`
	OrganizationID     types.String `tfsdk:"organization_id"`
	Domain             types.String `tfsdk:"domain"`
	DomainType         types.String `tfsdk:"domain_type"`
	VerificationStatus types.String `tfsdk:"verification_status"`
	VerificationMethod types.String `tfsdk:"verification_method"`
	TXTRecordKey       types.String `tfsdk:"txt_record_key"`
	TXTRecordSecret    types.String `tfsdk:"txt_record_secret"`
	CreateTime         types.String `tfsdk:"create_time"`
}

// fromAPI takes over the API's view. The organization's id is what the domain was asked for by where the reply has none.
func (m *model) fromAPI(domain *domainsv1.Domain) {
	m.ID = types.StringValue(domain.GetId())
	if domain.GetOrganizationId() != "" {
		m.OrganizationID = types.StringValue(domain.GetOrganizationId())
	}
	m.Domain = types.StringValue(domain.GetDomain())
	m.DomainType = types.StringValue(typeOf(domain).String())
	m.VerificationStatus = types.StringValue(domain.GetVerificationStatus().String())
	m.VerificationMethod = types.StringValue(domain.GetVerificationMethod().String())
	m.TXTRecordKey = tf.OptionalString(domain.GetTxtRecordKey())
	m.TXTRecordSecret = tf.OptionalString(domain.GetTxtRecordSecret())
	m.CreateTime = tf.Timestamp(domain.GetCreateTime())
}

// typeOf is a domain's type. The platform takes one that is left out for an organization's domain.
func typeOf(domain *domainsv1.Domain) domainsv1.DomainType {
	if domain.GetDomainType() == domainsv1.DomainType_DOMAIN_TYPE_UNSPECIFIED {
		return domainsv1.DomainType_ORGANIZATION_DOMAIN
	}
	return domain.GetDomainType()
}

// identityModel is what identifies a domain.
type identityModel struct {
	OrganizationID types.String `tfsdk:"organization_id"`
	ID             types.String `tfsdk:"id"`
}

func (m *model) identity() identityModel {
	return identityModel{OrganizationID: m.OrganizationID, ID: m.ID}
}

// fields are the attributes of the API's fields.
var fields = tf.Fields{
	"domain":          path.Root("domain"),
	"domain_type":     path.Root("domain_type"),
	"organization_id": path.Root("organization_id"),
}
