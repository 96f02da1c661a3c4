import { Initial20261122000000 } from './20261122000000-initial.js';

/** Every migration, oldest first. */
export const migrations = [Initial20261122000000];
