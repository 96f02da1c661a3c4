/** What the audit tells of, as a sentence without its subject: "started the flow". The control plane's word where none is known. */
export function actWords(action: string): string {
  return words[action] ?? action.replaceAll(/[._]/g, ' ');
}

const words: Readonly<Record<string, string>> = {
  'workspace.created': 'set up the workspace',
  'workspace.changed': 'changed the workspace',
  'user.signed_in': 'signed in',
  'user.sign_in_failed': 'failed to sign in',
  'user.signed_out': 'signed out',
  'user.password_changed': 'changed the password',
  'user.password_chosen': 'chose a password by a one-time link',
  'user.created': 'invited the user',
  'user.changed': 'changed the user',
  'user.link_created': 'made a one-time link for the user',
  'user.deleted': 'deleted the user',
  'api_token.created': 'created the API token',
  'api_token.deleted': 'revoked the API token',
  'flow.created': 'created the flow',
  'flow.copied': 'copied the flow',
  'flow.renamed': 'renamed the flow',
  'flow.draft_saved': 'saved the draft of the flow',
  'flow.version_restored': 'restored a version of the flow',
  'flow.published': 'published the flow',
  'flow.started': 'started the flow',
  'flow.paused': 'paused the flow',
  'flow.resumed': 'resumed the flow',
  'flow.stopped': 'stopped the flow',
  'flow.deleted': 'deleted the flow',
  'flow.queue_cancelled': 'cancelled queued runs of the flow',
  'flow.key_released': 'released a key of the flow',
  'flow.snapshot_reset': 'reset the snapshot of the flow',
  'flow.sample_taken': 'took a sample for the flow',
  'flow.sample_deleted': 'deleted a sample of the flow',
  'credential.authorization_begun': 'began an authorization of the credential',
  'credential.created': 'created the credential',
  'credential.changed': 'changed the credential',
  'credential.verified': 'had the credential verified',
  'credential.deleted': 'deleted the credential',
  'run.cancelled': 'cancelled the run',
  'run.retried': 'retried the run',
  'run.replayed': 'replayed the run',
  'job.created': 'began the bulk job',
  'job.cancelled': 'cancelled the bulk job',
  'parked_message.released': 'released the parked message',
  'parked_message.deleted': 'deleted the parked message',
};

/** All acts that are known, for the filter, by what they act on. */
export const actGroups: readonly { group: string; items: { value: string; label: string }[] }[] = [
  ...new Set(Object.keys(words).map(typeOf)),
].map((type) => ({
  group: capital(type.replaceAll('_', ' ')),
  items: Object.entries(words)
    .filter(([action]) => typeOf(action) === type)
    .map(([value, label]) => ({ value, label: capital(label) })),
}));

function typeOf(action: string): string {
  return action.split('.')[0] ?? '';
}

/** Where an entity can be looked at; undefined when it has no page, or was deleted by this very act. */
export function entityPath(
  entity: { type: string; id: string | null; name?: string | null },
  action: string,
): string | undefined {
  if (entity.id === null || action.endsWith('.deleted')) return undefined;
  switch (entity.type) {
    case 'flow':
      return `/flows/${entity.id}`;
    case 'run':
      return `/runs/${entity.id}`;
    case 'credential':
      return entity.name ? `/credentials?search=${encodeURIComponent(entity.name)}` : '/credentials';
    case 'user':
      return '/users';
    case 'api_token':
      return '/api-tokens';
    case 'workspace':
      return '/workspace';
    case 'parked_message':
      return '/parked';
    default:
      return undefined;
  }
}

function capital(text: string): string {
  return text === 'api token' ? 'API token' : text.charAt(0).toUpperCase() + text.slice(1);
}
