import { shortName } from '../../../ui/short-name.js';
import type { ServerDraft } from './autosave.js';

/** Who saved a draft, as people of the workspace know each other; `userId` is whoever reads it. */
export function saverWords({ savedBy }: Pick<ServerDraft, 'savedBy'>, userId: string): string {
  if (!savedBy) return 'Someone else';
  if (savedBy.id === userId) return 'You';
  const { name, email } = savedBy;
  return name.trim() === '' || name === email ? shortName(email) : `${shortName(name)} (${email})`;
}
