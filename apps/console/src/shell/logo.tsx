import type { ReactNode } from 'react';
import url from './favicon.svg';

/** The sign of Millrace; whatever is beside it says the name. */
export function Logo({ size = 28 }: { size?: number }): ReactNode {
  return <img src={url} width={size} height={size} alt="" />;
}
