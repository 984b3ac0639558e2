// The other half of the action beside it.
const fs = require('node:fs');
const cache = require('@actions/cache');
const core = require('@actions/core');

async function save() {
  const path = core.getInput('path');
  fs.renameSync(path, 'kept');
  await cache.saveCache(['kept'], core.getInput('key', { required: true }));
  fs.renameSync('kept', path);
}

save().catch((error) => core.setFailed(error));
