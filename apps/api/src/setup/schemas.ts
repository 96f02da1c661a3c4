import { z } from 'zod';
import { nameField } from '../http/fields.js';
import { chosenPassword } from '../sessions/schemas.js';

export const setupState = z
  .object({ needed: z.boolean().describe('nobody can sign in yet: `POST /v1/setup` makes the first administrator') })
  .meta({ id: 'SetupState', example: { needed: true } });

export const setupBody = z
  .strictObject({
    workspaceName: nameField,
    email: z.string().trim().max(320).pipe(z.email('must be an e-mail address')),
    name: nameField.default('Administrator'),
    password: chosenPassword,
    setupToken: z.string().max(200).describe('what `node apps/api/dist/setup-token.js` prints where the api runs'),
  })
  .meta({
    id: 'SetUp',
    example: {
      workspaceName: 'Example Ltd',
      email: 'grace@example.com',
      name: 'Grace Hopper',
      password: 'a mill turns by the race',
      setupToken: 'mru_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    },
  });

export type SetupState = z.output<typeof setupState>;
export type SetupBody = z.output<typeof setupBody>;
