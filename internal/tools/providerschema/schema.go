package main

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The types follow the JSON output format that Terraform documents for "providers schema".
type (
	schemaJSON struct {
		Version int64      `json:"version"`
		Block   *blockJSON `json:"block,omitempty"`
	}
	blockJSON struct {
		Attributes      map[string]attributeJSON `json:"attributes,omitempty"`
		BlockTypes      map[string]nestedJSON    `json:"block_types,omitempty"`
		Description     string                   `json:"description,omitempty"`
		DescriptionKind string                   `json:"description_kind,omitempty"`
		Deprecated      bool                     `json:"deprecated,omitempty"`
	}
	nestedJSON struct {
		NestingMode string                   `json:"nesting_mode,omitempty"`
		Attributes  map[string]attributeJSON `json:"attributes,omitempty"` // of a nested attribute
		Block       *blockJSON               `json:"block,omitempty"`      // of a nested block
		MinItems    int64                    `json:"min_items,omitempty"`
		MaxItems    int64                    `json:"max_items,omitempty"`
	}
	attributeJSON struct {
		Type            tftypes.Type `json:"type,omitempty"`
		NestedType      *nestedJSON  `json:"nested_type,omitempty"`
		Description     string       `json:"description,omitempty"`
		DescriptionKind string       `json:"description_kind,omitempty"`
		Deprecated      bool         `json:"deprecated,omitempty"`
		Required        bool         `json:"required,omitempty"`
		Optional        bool         `json:"optional,omitempty"`
		Computed        bool         `json:"computed,omitempty"`
		Sensitive       bool         `json:"sensitive,omitempty"`
		WriteOnly       bool         `json:"write_only,omitempty"`
	}
	identityJSON struct {
		Version    int64                            `json:"version"`
		Attributes map[string]identityAttributeJSON `json:"attributes,omitempty"`
	}
	identityAttributeJSON struct {
		Type              tftypes.Type `json:"type"`
		Description       string       `json:"description,omitempty"`
		RequiredForImport bool         `json:"required_for_import,omitempty"`
		OptionalForImport bool         `json:"optional_for_import,omitempty"`
	}
)

func providerSchema(s *tfprotov6.GetProviderSchemaResponse, i *tfprotov6.GetResourceIdentitySchemasResponse) map[string]any {
	actions := map[string]schemaJSON{}
	for name, action := range s.ActionSchemas {
		actions[name] = schema(action.Schema)
	}
	identities := map[string]identityJSON{}
	for name, identity := range i.IdentitySchemas {
		identities[name] = identitySchema(identity)
	}
	return map[string]any{
		"provider":                   schema(s.Provider),
		"resource_schemas":           schemaMap(s.ResourceSchemas),
		"data_source_schemas":        schemaMap(s.DataSourceSchemas),
		"ephemeral_resource_schemas": schemaMap(s.EphemeralResourceSchemas),
		"list_resource_schemas":      schemaMap(s.ListResourceSchemas),
		"action_schemas":             actions,
		"resource_identity_schemas":  identities,
	}
}

func schemaMap(in map[string]*tfprotov6.Schema) map[string]schemaJSON {
	out := make(map[string]schemaJSON, len(in))
	for name, s := range in {
		out[name] = schema(s)
	}
	return out
}

func schema(s *tfprotov6.Schema) schemaJSON {
	return schemaJSON{Version: s.Version, Block: block(s.Block)}
}

func block(b *tfprotov6.SchemaBlock) *blockJSON {
	nested := make(map[string]nestedJSON, len(b.BlockTypes))
	for _, t := range b.BlockTypes {
		nested[t.TypeName] = nestedJSON{
			NestingMode: lower(t.Nesting),
			Block:       block(t.Block),
			MinItems:    t.MinItems,
			MaxItems:    t.MaxItems,
		}
	}
	return &blockJSON{
		Attributes:      attributes(b.Attributes),
		BlockTypes:      nested,
		Description:     b.Description,
		DescriptionKind: lower(b.DescriptionKind),
		Deprecated:      b.Deprecated,
	}
}

func attributes(in []*tfprotov6.SchemaAttribute) map[string]attributeJSON {
	out := make(map[string]attributeJSON, len(in))
	for _, a := range in {
		attribute := attributeJSON{
			Type:            a.Type,
			Description:     a.Description,
			DescriptionKind: lower(a.DescriptionKind),
			Deprecated:      a.Deprecated,
			Required:        a.Required,
			Optional:        a.Optional,
			Computed:        a.Computed,
			Sensitive:       a.Sensitive,
			WriteOnly:       a.WriteOnly,
		}
		if a.NestedType != nil {
			attribute.NestedType = &nestedJSON{
				NestingMode: lower(a.NestedType.Nesting),
				Attributes:  attributes(a.NestedType.Attributes),
			}
		}
		out[a.Name] = attribute
	}
	return out
}

func identitySchema(s *tfprotov6.ResourceIdentitySchema) identityJSON {
	out := identityJSON{Version: s.Version, Attributes: map[string]identityAttributeJSON{}}
	for _, a := range s.IdentityAttributes {
		out.Attributes[a.Name] = identityAttributeJSON{
			Type:              a.Type,
			Description:       a.Description,
			RequiredForImport: a.RequiredForImport,
			OptionalForImport: a.OptionalForImport,
		}
	}
	return out
}

// lower names an enum value as the JSON format does: "SINGLE" is "single".
func lower(value fmt.Stringer) string { return strings.ToLower(value.String()) }
