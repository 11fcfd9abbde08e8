// Writes the protobuf descriptors that Scalekit publishes inside its Node SDK as one FileDescriptorSet,
// the input from which the Go wire packages in ../scalekit-sdk-go are generated.
//
//   node descriptors.mjs OUTPUT.binpb
import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

const SERVICES = [
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

/** The FileDescriptorSet of the services above and all that they import, dependencies first. */
export function descriptorSet() {
  const require = createRequire(import.meta.url);
  const grpc = path.join(path.dirname(require.resolve("@scalekit-sdk/node")), "pkg", "grpc");
  const files = new Map();
  const add = (file) => {
    if (files.has(file.proto.name)) return;
    file.dependencies.forEach(add);
    files.set(file.proto.name, file.proto);
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
