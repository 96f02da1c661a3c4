import { readFileSync, writeFileSync } from 'node:fs';
import { completeLockfile, missingPackages, type Lockfile } from './lockfile.js';

// `node tools/checks/dist/complete-lockfile.js`, in the root, after npm has changed the lock file.
const file = 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8')) as Lockfile;
const missing = missingPackages(lock);
if (missing.length > 0) writeFileSync(file, `${JSON.stringify(completeLockfile(lock), null, 2)}\n`);
console.log(`${file}: ${missing.length} packages for other platforms added`);
