import { delimiter, join } from 'node:path';
import { aptAccess, installPackage } from '../apt-install.js';
import { isExecutable } from '../unprivileged-user.js';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const wellKnown = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The path of a Chromium on this machine: that of `CHROMIUM_PATH`, else one in PATH. `undefined` when there is none. */
export async function findChromium(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const chosen = env['CHROMIUM_PATH'];
  if (chosen) {
    if (await isExecutable(chosen)) return chosen;
    throw new Error(`CHROMIUM_PATH names ${chosen}, which cannot be executed.`);
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const inPath = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  for (const candidate of [...inPath, ...wellKnown]) {
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

/**
 * The path of a Chromium, which is installed with apt when there is none and we may.
 * @throws Error that says what helps, when there is none in the end.
 */
export async function ensureChromium(log?: (line: string) => void): Promise<string> {
  const found = await findChromium();
  if (found) return found;
  const access = await aptAccess();
  let aptFailure = '';
  if (access) {
    try {
      await installPackage('chromium', access, log);
      const installed = await findChromium();
      if (installed) return installed;
    } catch (error) {
      aptFailure = `\n${(error as Error).message}`;
    }
  }
  throw new Error(
    'Browser tests need Chromium, and it was not found. Install it (Debian: `apt-get install chromium`; macOS: Google ' +
      `Chrome), or let CHROMIUM_PATH name its executable.${aptFailure}`,
  );
}
