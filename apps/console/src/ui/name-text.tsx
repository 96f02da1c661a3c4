import type { ReactNode } from 'react';
import classes from './name-text.module.css';

export interface NameTextProps {
  /** Text that people or other systems gave. */
  children: string;
  /** Lines after which the rest is out of sight; the whole text is in the tooltip. */
  lines?: number;
}

/** Longer texts are cut in the page: nobody reads them in a list, and a browser lays them out for seconds. */
const longestText = 1_000;

/** A text from outside, such as a name: kept apart from the text around it whatever its direction, and never too wide. */
export function NameText({ children, lines = 2 }: NameTextProps): ReactNode {
  const text = children.length > longestText ? `${children.slice(0, longestText)}…` : children;
  return (
    <bdi className={classes['name']} style={{ WebkitLineClamp: lines }} title={text}>
      {text}
    </bdi>
  );
}
