import { z } from 'zod';

const retentionDays = z
  .int()
  .min(1, 'must be at least 1')
  .max(3650, 'must be at most 3650')
  .describe('how many days a run is kept after its end');

export const workspaceSchema = z.object({ id: z.uuid(), name: z.string(), retentionDays }).meta({ id: 'Workspace' });

export const changeWorkspaceBody = z.strictObject({ retentionDays }).meta({ id: 'ChangeWorkspace' });

export type Workspace = z.output<typeof workspaceSchema>;
