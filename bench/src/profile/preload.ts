// Loaded first into a process that is to be profiled: SIGUSR2 starts the profiler, the next SIGUSR2 stops it and writes
// PROFILE_DIR/PROFILE_NAME.cpuprofile. (`--cpu-prof` would record the whole life of the process.)
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

const folder = process.env['PROFILE_DIR'];
const name = process.env['PROFILE_NAME'];
let session: Session | undefined;

async function toggle(): Promise<void> {
  if (!session) {
    session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 500 });
    await session.post('Profiler.start');
    return;
  }
  const ended = session;
  session = undefined;
  const { profile } = await ended.post('Profiler.stop');
  ended.disconnect();
  if (folder && name) writeFileSync(join(folder, `${name}.cpuprofile`), JSON.stringify(profile));
}

process.on('SIGUSR2', () => void toggle());
