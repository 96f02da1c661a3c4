import {
  IconArrowsSplit2,
  IconBrandX,
  IconClock,
  IconPaw,
  IconPuzzle,
  IconQuestionMark,
  IconWebhook,
  IconWorld,
  type Icon,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';

const icons: Readonly<Record<string, Icon>> = {
  webhook: IconWebhook,
  petstore: IconPaw,
  twitter: IconBrandX,
  timer: IconClock,
  http: IconWorld,
  core: IconArrowsSplit2,
};

/** The sign of a component; a puzzle piece for those that have none of their own. */
export function ComponentIcon({ component, size = 20 }: { component: string | undefined; size?: number }): ReactNode {
  const Sign = component === undefined ? IconQuestionMark : (icons[component] ?? IconPuzzle);
  return <Sign size={size} stroke={1.75} aria-hidden="true" />;
}
