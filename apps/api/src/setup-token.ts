import { deriveSetupToken } from '@millrace/credentials';
import { ConfigError, loadConfig } from '@millrace/platform';
import { z } from 'zod';
import { masterKeySetting } from './master-key.js';

// Prints the token that the first set-up asks for: `node apps/api/dist/setup-token.js`, with the MASTER_KEY of the api. It
// follows from that key, so that every replica knows it and no log need hold it. It is of no use once there is an
// administrator.
try {
  const { MASTER_KEY } = loadConfig(z.object({ MASTER_KEY: masterKeySetting() }), process.env);
  process.stdout.write(`${deriveSetupToken(MASTER_KEY)}\n`);
} catch (error) {
  process.stderr.write(`setup-token: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
