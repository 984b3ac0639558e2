// GitHub's own client, as in actions/cache/restore. Names of caches follow from paths, and the folder for temporary files
// has another one in each run here: the folder is kept under a name of the working folder's.
const fs = require('node:fs');
const cache = require('@actions/cache');
const core = require('@actions/core');

async function restore() {
  const key = core.getInput('key', { required: true });
  const found = await cache.restoreCache(['kept'], key, core.getMultilineInput('restore-keys'));
  if (found) fs.renameSync('kept', core.getInput('path'));
  core.info(`found: ${found}`);
  core.setOutput('cache-hit', found === key);
  core.setOutput('cache-matched-key', found ?? '');
}

restore().catch((error) => core.setFailed(error));
