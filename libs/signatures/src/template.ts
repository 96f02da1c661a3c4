/**
 * What is signed, as a template. Text stands for itself; `{body}` is the raw body, `{timestamp}` and `{id}` what the
 * scheme reads as such, `{method}` the HTTP method, `{url}` the full URL as it was called, `{form}` the sorted fields of
 * a form, `{header:name}` a header; `{{` and `}}` are braces. There is nothing else: no expressions, no functions.
 */
export type TemplatePart = { literal: string } | { header: string } | { value: TemplateValue };

export type TemplateValue = (typeof templateValues)[number];

const templateValues = ['body', 'timestamp', 'id', 'method', 'url', 'form'] as const;

const token = /\{\{|\}\}|\{([a-z]+)(?::([!#$%&'*+.^_`|~0-9A-Za-z-]+))?\}|[^{}]+|[{}]/g;

/** Reads a template. A template that cannot be read gives the fault in words. */
export function parseTemplate(text: string): { parts: TemplatePart[] } | { fault: string } {
  const parts: TemplatePart[] = [];
  for (const [piece, name, header] of text.matchAll(token)) {
    if (piece === '{{' || piece === '}}') parts.push({ literal: piece.slice(1) });
    else if (piece === '{' || piece === '}')
      return { fault: 'a brace has no partner: write {{ or }} for the character' };
    else if (name === undefined) parts.push({ literal: piece });
    else if (name === 'header' && header !== undefined) parts.push({ header: header.toLowerCase() });
    else if (isValue(name) && header === undefined) parts.push({ value: name });
    else return { fault: `${piece} is not known: use {body}, {timestamp}, {id}, {method}, {url} or {header:name}` };
  }
  return { parts };
}

/** Whether a template takes in a value of the request. */
export function mentions(parts: readonly TemplatePart[], value: TemplateValue): boolean {
  return parts.some((part) => 'value' in part && part.value === value);
}

function isValue(name: string): name is TemplateValue {
  return (templateValues as readonly string[]).includes(name);
}
