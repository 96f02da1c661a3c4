import { useEffect } from 'react';
import { NavigationType, useLocation, useNavigationType } from 'react-router';

/** Shows what the address names after `#`: a page that is made by script is not there yet when the browser looks for it. */
export function useScrollToHash(): void {
  const { hash, key } = useLocation();
  // Who goes back is where they were. The first page of a tab counts as gone back to, with a key of its own.
  const goesBack = useNavigationType() === NavigationType.Pop && key !== 'default';
  useEffect(() => {
    if (hash.length > 1 && !goesBack) document.getElementById(decoded(hash.slice(1)))?.scrollIntoView();
  }, [hash, goesBack]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
