/** A user of the stand-in, with the keys with which an app acts for it by OAuth 1.0a. */
export interface XUser {
  id: string;
  name: string;
  username: string;
  description: string;
  createdAt: string;
  accessToken: string;
  accessSecret: string;
}

/** An app as the developer portal would show it. Public: the sandbox guards nothing, keys are there to be sent. */
export const demoApp = {
  consumerKey: 'sandbox-consumer-key',
  consumerSecret: 'sandbox-consumer-secret',
  clientId: 'sandbox-client',
  clientSecret: 'sandbox-client-secret',
  /** A client without a secret, as an app on a device would be. */
  publicClientId: 'sandbox-public-client',
} as const;

/** Of "now" the sandbox gives only what is asked for, so the ids are those of accounts made long ago. */
export const users: readonly XUser[] = [
  user('783214001', 'millrace', 'Millrace Demo', 'Tells what the flows of the demo do'),
  user('783214002', 'gromit', 'Gromit', 'Knits, and says little'),
  user('783214003', 'wallace', 'Wallace', 'Inventor. Cheese.'),
];

function user(id: string, username: string, name: string, description: string): XUser {
  return {
    id,
    name,
    username,
    description,
    createdAt: '2013-12-14T04:35:55.000Z',
    accessToken: `${id}-sandbox-access-token`,
    accessSecret: `sandbox-access-secret-of-${username}`,
  };
}

/** Names are compared without regard to case, as X does. */
export function userNamed(username: string): XUser | undefined {
  const wanted = username.toLowerCase();
  return users.find((one) => one.username === wanted);
}

export function userWithId(id: string): XUser | undefined {
  return users.find((one) => one.id === id);
}

/** A user as the API shows it: the fields that always come, and those of `user.fields` that were asked for. */
export function userView(one: XUser, fields: ReadonlySet<string> = new Set()): Record<string, unknown> {
  return {
    id: one.id,
    name: one.name,
    username: one.username,
    ...(fields.has('description') ? { description: one.description } : {}),
    ...(fields.has('created_at') ? { created_at: one.createdAt } : {}),
    ...(fields.has('verified') ? { verified: false } : {}),
  };
}
