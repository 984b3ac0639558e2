// The life of an issue with octokit.js: node life.mjs, the hub's address and the App's credentials as JSON on standard
// input. It prints what it saw as one JSON object.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const asked = JSON.parse(readFileSync(0, "utf8"));
// The packages lie elsewhere, and ES modules are not looked for there by themselves.
const { App, Octokit } = await import(pathToFileURL(createRequire(asked.packages).resolve("octokit")));

const { owner, repo, appId, privateKey, baseUrl, secret, reviewer } = asked;
const Client = Octokit.defaults({ baseUrl, throttle: { enabled: false }, retry: { enabled: false } });
const app = new App({ appId, privateKey, Octokit: Client, webhooks: { secret } });
const seen = {};

seen.app = (await app.octokit.rest.apps.getAuthenticated()).data.slug;
const { data: installation } = await app.octokit.rest.apps.getRepoInstallation({ owner, repo });
const bot = await app.getInstallationOctokit(installation.id);
seen.repositories = [];
for await (const { repository } of app.eachRepository.iterator()) seen.repositories.push(repository.full_name);

const { data: issue } = await bot.rest.issues.create({ owner, repo, title: "QR codes", body: "Make QR codes" });
const about = { owner, repo, issue_number: issue.number };
await bot.rest.issues.addLabels({ ...about, labels: ["microservice"] });
await bot.rest.issues.createComment({ ...about, body: "On it" });
await bot.rest.reactions.createForIssue({ ...about, content: "eyes" });
seen.comments = (await bot.paginate(bot.rest.issues.listComments, { ...about, per_page: 1 })).map((c) => c.body);
seen.labels = (await bot.rest.issues.get(about)).data.labels.map((label) => label.name);

const { data: main } = await bot.rest.git.getRef({ owner, repo, ref: "heads/main" });
await bot.rest.git.createRef({ owner, repo, ref: "refs/heads/qr", sha: main.object.sha });
const { createCommitOnBranch } = await bot.graphql(
  `mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }`,
  {
    input: {
      branch: { repositoryNameWithOwner: `${owner}/${repo}`, branchName: "qr" },
      expectedHeadOid: main.object.sha,
      message: { headline: "Add qr" },
      fileChanges: { additions: [{ path: "services/qr/a.py", contents: Buffer.from("a = 1\n").toString("base64") }] },
    },
  },
);
const sha = createCommitOnBranch.commit.oid;
const { data: pull } = await bot.rest.pulls.create({ owner, repo, title: "QR", head: "qr", base: "main" });
const change = { owner, repo, pull_number: pull.number };
seen.files = (await bot.rest.pulls.listFiles(change)).data.map((file) => file.filename);
const { data: file } = await bot.rest.repos.getContent({ owner, repo, path: "services/qr/a.py", ref: "qr" });
seen.content = Buffer.from(file.content, "base64").toString();

const person = new Client({ auth: reviewer });
await person.rest.pulls.createReview({ ...change, event: "APPROVE", body: "Fine" });
seen.reviews = (await bot.rest.pulls.listReviews(change)).data.map((review) => review.state);
await bot.rest.checks.create({ owner, repo, name: "gptdeploy", head_sha: sha, conclusion: "success" });

let run;
for (let look = 0; look < 100 && run?.status !== "completed"; look++) {
  await new Promise((resolve) => setTimeout(resolve, 50));
  run = (await bot.rest.actions.listWorkflowRunsForRepo({ owner, repo, head_sha: sha })).data.workflow_runs[0];
}
seen.run = [run.name, run.status, run.conclusion];
const { data: jobs } = await bot.rest.actions.listJobsForWorkflowRun({ owner, repo, run_id: run.id });
const log = await bot.rest.actions.downloadJobLogsForWorkflowRun({ owner, repo, job_id: jobs.jobs[0].id });
seen.log = log.data.includes("all good");

seen.merged = (await bot.rest.pulls.merge({ ...change, sha, merge_method: "squash" })).data.merged;
await bot.rest.issues.update({ ...about, state: "closed", state_reason: "completed" });
seen.issue = (await bot.rest.issues.get(about)).data.state;
seen.refused = await bot.rest.issues.get({ ...about, issue_number: 4711 }).catch((error) => error.status);
console.log(JSON.stringify(seen));
