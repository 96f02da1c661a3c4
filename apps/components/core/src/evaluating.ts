import { createExpressions } from '@millrace/expressions';
import { z } from 'zod';

/** One pool for all steps of the process: its processes start with the first expression that needs one. */
export const expressions = createExpressions();

/** What every step of the component takes: any value; without a mapping it is the output of the step before. */
export const anyData = z.unknown().describe('any value; without a mapping it is the output of the step before');
