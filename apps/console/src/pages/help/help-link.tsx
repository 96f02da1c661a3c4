import type { ReactNode } from 'react';
import { NewTabLink } from '../../ui/new-tab-link.js';
import type { Topic } from './topics.js';

/** Leads to where a topic is explained. */
export function HelpLink({ topic, children }: { topic: Topic; children: ReactNode }): ReactNode {
  return <NewTabLink href={`/help#${topic}`}>{children}</NewTabLink>;
}
