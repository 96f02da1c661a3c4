import type { ReactNode } from 'react';
import { Link } from 'react-router';
import classes from './name-link.module.css';

export interface NameLinkProps {
  to: string;
  /** What the page that it leads to is told. */
  state?: unknown;
  /** Text that people or other systems gave. */
  children: string;
  /** Stands before the name. */
  sign?: ReactNode;
}

/** The name of a row as a link to what it is of: one line, cut where it ends, kept apart from the text around it. */
export function NameLink({ to, state, children, sign }: NameLinkProps): ReactNode {
  return (
    <Link className={classes['name']} to={to} state={state}>
      {sign} <bdi>{children}</bdi>
    </Link>
  );
}
