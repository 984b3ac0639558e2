// The real smee-client between a relay and a bot: node relay.mjs, their addresses as one line of JSON on standard input.
// It prints the address of its channel when it listens, and ends with its input.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const lines = createInterface({ input: process.stdin });
const asked = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
const { SmeeClient } = await import(pathToFileURL(createRequire(asked.packages).resolve("smee-client")));

const source = await SmeeClient.createChannel({ newChannelUrl: `${asked.relay}/new` });
// What it tells goes to standard error: standard output is for the address.
const logger = { info: console.error, error: console.error };
const client = new SmeeClient({ source, target: asked.target, logger });
await client.start();
console.log(source);
process.stdin.on("end", () => client.stop().then(() => process.exit(0)));
process.stdin.resume();
