import type { UrlForm } from './scheme.js';

/** The distinct spellings of a URL that a sender may have signed, in the order of `forms`. */
export function spellingsOf(url: string, forms: readonly UrlForm[]): string[] {
  return [...new Set(forms.map((form) => spell(url, form)))];
}

function spell(url: string, form: UrlForm): string {
  switch (form) {
    case 'as-called':
      return url;
    case 'other-port':
      return withOtherPort(url);
    case 'reserved-decoded':
      return url.replace(/%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi, (escape) => decodeURIComponent(escape));
  }
}

/** Without its port when it has one, else with the usual port of its scheme. */
function withOtherPort(url: string): string {
  const parts = /^(https?):\/\/(\[[^\]]*\]|[^:/?#]*)(:\d+)?/i.exec(url);
  if (!parts) return url;
  const [origin, scheme = '', host = '', port] = parts;
  const usual = scheme.toLowerCase() === 'https' ? ':443' : ':80';
  return `${scheme}://${host}${port === undefined ? usual : ''}${url.slice(origin.length)}`;
}
