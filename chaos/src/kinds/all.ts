import { cancelled } from './cancelled.js';
import { deduplicated } from './deduplicated.js';
import { files } from './files.js';
import { inBulk } from './in-bulk.js';
import { jsonata } from './jsonata.js';
import type { Kind } from './kind.js';
import { limited } from './limited.js';
import { manyOutputs } from './many-outputs.js';
import { ordered } from './ordered.js';
import { paused } from './paused.js';
import { polled } from './polled.js';
import { replayed } from './replayed.js';
import { reply } from './reply.js';
import { retriedByHand } from './retried-by-hand.js';
import { retried } from './retried.js';
import { signed } from './signed.js';
import { tree } from './tree.js';
import { waiting } from './waiting.js';
import { webhookToPetstore } from './webhook-to-petstore.js';

/** The plain flow: what recovery is measured with. */
export const plainKind: Kind = webhookToPetstore;

/** Every kind of flow that requests set off. Requests are numbered over all of them, so each gets as many as every other. */
export const kinds: readonly Kind[] = [
  webhookToPetstore,
  tree,
  manyOutputs,
  reply,
  signed,
  deduplicated,
  retried,
  files,
  jsonata,
  cancelled,
  retriedByHand,
  replayed,
  waiting,
  limited,
  ordered,
  paused,
  inBulk,
];

/** Kinds whose runs no request sets off. */
export const scheduledKinds: readonly Kind[] = [polled];
