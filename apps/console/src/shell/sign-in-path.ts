/** The address of the sign-in page that comes back to a place. */
export function signInPath({ pathname, search, hash }: { pathname: string; search: string; hash: string }): string {
  const place = `${pathname}${search}${hash}`;
  return place === '/' ? '/sign-in' : `/sign-in?from=${encodeURIComponent(place)}`;
}

/** Where to go after the sign-in. Only ever a place of the console: a link cannot lead anywhere else. */
export function placeAfterSignIn(from: string | null): string {
  if (from === null || !/^\/(?![/\\])/.test(from)) return '/';
  const url = new URL(from, 'http://console.invalid');
  if (url.origin !== 'http://console.invalid' || url.pathname === '/sign-in') return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}
