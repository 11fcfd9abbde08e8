// Writes the protobuf descriptors that Scalekit publishes inside its Node SDK as one FileDescriptorSet, without what
// Scalekit's Go SDK lacks. The Go wire packages in ../scalekit-sdk-go are generated from it.
//
//   node descriptors.mjs OUTPUT.binpb
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { clone, create, isFieldSet, toBinary } from "@bufbuild/protobuf";
import { FieldDescriptorProtoSchema, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

const SERVICES = [
  "clients",
  "commons",
  "connections",
  "directories",
  "domains",
  "errdetails",
  "options",
  "organizations",
  "roles",
  "users",
];

/** What the Go SDK has, as "message scalekit.v1.users.User" or "field scalekit.v1.users.User.id". */
const upstream = new Set(
  readFileSync(new URL("../scalekit-sdk-go/names.txt", import.meta.url), "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .map(([kind, name, value]) => (kind === "enum" ? `enum ${name}.${value}` : `${kind} ${name}`)),
);

/** A copy of a file without the messages, fields, enum values, and RPCs that the Go SDK lacks. */
function trimmed(original) {
  const file = clone(FileDescriptorProtoSchema, original);
  const has = (kind, scope) => (one) => upstream.has(`${kind} ${scope}.${one.name}`);
  const trimEnums = (enums, scope) => {
    for (const one of enums) one.value = one.value.filter(has("enum", `${scope}.${one.name}`));
  };
  const trimMessages = (messages, scope) => {
    const kept = messages.filter((message) => message.options?.mapEntry || has("message", scope)(message));
    for (const message of kept) {
      const name = `${scope}.${message.name}`;
      if (!message.options?.mapEntry) trimFields(message, name);
      trimEnums(message.enumType, name);
      message.nestedType = trimMessages(message.nestedType, name);
    }
    return kept;
  };
  const trimFields = (message, name) => {
    message.field = message.field.filter(has("field", name));
    // A field names its oneof by position, and an optional field has one of its own, which goes with it.
    const members = message.field.filter((field) => isFieldSet(field, FieldDescriptorProtoSchema.field.oneofIndex));
    const oneofOf = (field) => message.oneofDecl[field.oneofIndex];
    const kept = message.oneofDecl.filter((oneof) => members.some((field) => oneofOf(field) === oneof));
    for (const field of members) field.oneofIndex = kept.indexOf(oneofOf(field));
    message.oneofDecl = kept;
  };
  trimEnums(file.enumType, file.package);
  file.messageType = trimMessages(file.messageType, file.package);
  for (const service of file.service) service.method = service.method.filter(has("rpc", `${file.package}.${service.name}`));
  return file;
}

/** The FileDescriptorSet of the services above and all that they import, dependencies first. */
export function descriptorSet() {
  const require = createRequire(import.meta.url);
  const grpc = path.join(path.dirname(require.resolve("@scalekit-sdk/node")), "pkg", "grpc");
  const files = new Map();
  const add = (file) => {
    if (files.has(file.proto.name)) return;
    file.dependencies.forEach(add);
    const ours = file.proto.name.startsWith("scalekit/");
    files.set(file.proto.name, ours ? trimmed(file.proto) : file.proto);
  };
  for (const service of SERVICES) {
    const module = require(path.join(grpc, "scalekit", "v1", service, `${service}_pb.js`));
    Object.values(module)
      .filter((exported) => exported?.kind === "file")
      .forEach(add);
  }
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [...files.values()] }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const output = process.argv[2];
  if (!output) {
    console.error("usage: node descriptors.mjs OUTPUT.binpb");
    process.exit(2);
  }
  writeFileSync(output, descriptorSet());
}
