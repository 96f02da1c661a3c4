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
import classes from './component-icon.module.css';

const icons: Readonly<Record<string, Icon>> = {
  webhook: IconWebhook,
  petstore: IconPaw,
  twitter: IconBrandX,
  timer: IconClock,
  http: IconWorld,
  core: IconArrowsSplit2,
};

/** The sign of a component; a puzzle piece for those that have none of their own. */
export function ComponentIcon({ component }: { component: string | undefined }): ReactNode {
  const Sign = component === undefined ? IconQuestionMark : (icons[component] ?? IconPuzzle);
  return (
    <span className={classes['icon']} data-empty={component === undefined || undefined}>
      <Sign size={20} stroke={1.75} aria-hidden="true" />
    </span>
  );
}
