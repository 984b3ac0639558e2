// The manifest that Probot makes of an app.yml: node manifest.mjs, where that lies as JSON on standard input.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const asked = JSON.parse(readFileSync(0, "utf8"));
// Probot exports no more than its whole server.
const file = pathToFileURL(`${asked.packages}node_modules/probot/lib/manifest-creation.js`);
const { ManifestCreation } = await import(file);

process.chdir(asked.folder);
console.log(new ManifestCreation().getManifest({ pkg: {}, baseUrl: asked.baseUrl }));
