// What Probot keeps of the App that a code stands for: node conversion.mjs, both as JSON on standard input. Where the
// server is, it reads from GHE_PROTOCOL and GHE_HOST.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const asked = JSON.parse(readFileSync(0, "utf8"));
// Probot exports no more than its whole server.
const file = pathToFileURL(`${asked.packages}node_modules/probot/lib/manifest-creation.js`);
const { ManifestCreation } = await import(file);

const kept = {};
const creation = new ManifestCreation({ updateEnv: (values) => Object.assign(kept, values) });
kept.page = await creation.createAppFromCode(asked.code, { request: { fetch } });
kept.form = creation.createAppUrl;
console.log(JSON.stringify(kept));
