#!/usr/bin/env node
// The commands of the root package, before anything is installed or built: `node tools/run.mjs start|reset|ledger|new-component|schema|screenshots|test|bench|chaos`.
// Installs the packages when they are missing or stale, builds what the command needs, and hands over to it in this
// very process, so that signals reach the command itself.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const consoleFolder = 'apps/console';
const oldestNode = [20, 19];
const commands = {
  // Specs are left out: a start does not fail because of a test.
  start: { projects: ['tools/dev', ...services()], console: true, script: 'tools/dev/dist/start.js' },
  reset: { projects: ['tools/dev'], script: 'tools/dev/dist/reset.js' },
  ledger: { projects: ['tools/ledger'], script: 'tools/ledger/dist/main.js' },
  'new-component': { projects: ['tools/new-component'], script: 'tools/new-component/dist/main.js' },
  schema: { projects: ['tools/dev', 'apps/api'], script: 'tools/dev/dist/console-schema.js' },
  screenshots: { projects: ['tools/dev', ...services()], console: true, script: 'tools/dev/dist/screenshots.js' },
  // The test command builds the rest itself and counts a failure as one.
  test: { projects: ['tools/dev', 'tools/checks'], console: true, script: 'tools/dev/dist/test.js' },
  bench: { projects: ['bench', ...services()], script: 'bench/dist/main.js' },
  chaos: { projects: ['chaos', 'tools/ledger', ...services()], script: 'chaos/dist/main.js' },
};

async function main(name, ...args) {
  const command = commands[name];
  if (!command) fail(`Usage: node tools/run.mjs ${Object.keys(commands).join('|')}`);
  requireNode();
  process.chdir(root);
  await step('packages', installPackages);
  await step('build', () => build(command.projects));
  if (command.console) await step('console', buildConsole);
  const script = join(root, command.script);
  process.argv = [process.argv[0], script, ...args];
  await import(pathToFileURL(script).href);
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  fail(
    `Millrace needs Node ${oldestNode.join('.')} or newer; this is ${process.versions.node} (${process.execPath}). ` +
      'Install a newer one from https://nodejs.org and run the command again.',
  );
}

/** Resolves false when nothing had to be done. */
async function installPackages() {
  const lockFile = join(root, 'package-lock.json');
  const stampFile = join(root, 'node_modules', '.millrace-packages');
  const hash = createHash('sha256').update(readFileSync(lockFile)).digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) return false;
  if (!installedByHand(lockFile)) {
    const npm = process.env.npm_execpath;
    const [program, first] = npm && /\.c?js$/.test(npm) ? [process.execPath, [npm]] : ['npm', []];
    // Development packages hold the compiler, so NODE_ENV=production must not leave them out.
    await run(program, [...first, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  writeFileSync(stampFile, hash);
  return true;
}

/** npm writes a lock file of its own into node_modules; when it is not older than ours, someone ran `npm install`. */
function installedByHand(lockFile) {
  const own = join(root, 'node_modules', '.package-lock.json');
  const clockSlackMs = 5000;
  return existsSync(own) && statSync(own).mtimeMs + clockSlackMs >= statSync(lockFile).mtimeMs;
}

function services() {
  const folders = ['apps', 'apps/components'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
  );
  // The console is no service: the api serves what `buildConsole` makes.
  return folders.filter((folder) => folder !== consoleFolder && existsSync(join(root, folder, 'tsconfig.json')));
}

async function build(projects) {
  await run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', ...projects]);
}

/** Bundles the console's files when one of their sources has changed. Resolves false when nothing had to be done. */
async function buildConsole() {
  const stampFile = join(root, consoleFolder, 'dist', '.built');
  const hash = hashOf([consoleFolder, ...pureLibraries(), 'package-lock.json']);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) return false;
  await run(process.execPath, [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', consoleFolder]);
  writeFileSync(stampFile, hash);
  return true;
}

/** What code of browsers may be made of. */
function pureLibraries() {
  const folders = readdirSync(join(root, 'libs')).map((name) => `libs/${name}`);
  return folders.filter((folder) => {
    const manifest = join(root, folder, 'package.json');
    return existsSync(manifest) && readFileSync(manifest, 'utf8').includes('"runtime:pure"');
  });
}

/** A hash of files and of all that folders hold, but for what was built and the specs. */
function hashOf(places) {
  const hash = createHash('sha256');
  const add = (place) => {
    if (statSync(join(root, place)).isDirectory()) {
      const names = readdirSync(join(root, place)).filter((name) => name !== 'dist' && name !== 'node_modules');
      for (const name of names.sort()) add(`${place}/${name}`);
    } else if (!place.includes('.spec.')) {
      hash.update(`${place}\0`).update(readFileSync(join(root, place)));
    }
  };
  for (const place of places) add(place);
  return hash.digest('hex');
}

async function step(name, act) {
  const started = Date.now();
  const show = process.stdout.isTTY;
  if (show) process.stdout.write(`  ${name} …\r`);
  const done = await act();
  if (show) process.stdout.write('\u001b[2K');
  // What prints JSON prints nothing else.
  const say = process.argv.includes('--json') ? console.error : console.log;
  if (done !== false) say(`✓ ${name}  ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** Runs a program and shows its output only when it fails. */
function run(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.once('error', (error) => fail(`${program} could not be started: ${error.message}`));
    child.once('close', (code, signal) => {
      if (code === 0) return resolve();
      const lines = Buffer.concat(chunks).toString('utf8').trimEnd().split('\n').slice(-60);
      const what = [program, ...args].map((part) => part.replace(`${root}/`, '')).join(' ');
      fail(`${lines.join('\n')}\n✗ \`${what}\` ${signal ? `was ended by ${signal}` : `exited with code ${code}`}`);
    });
  });
}

function fail(message) {
  console.error(message);
  if (process.argv[2] === 'test') console.log('0 passed, 1 failed');
  process.exit(1);
}

await main(...process.argv.slice(2));
