import { refuse } from './body-error.js';
import { placeOf } from './json-fault.js';
import { maxDepth } from './json-depth.js';
import * as markup from './xml-markup.js';
import { matchAt, resolveReferences } from './xml-markup.js';

/** An element: its text where it has nothing else, else its attributes as `@name`, its elements by name, and `#text`. */
export type XmlValue = string | XmlObject;
export interface XmlObject {
  [name: string]: XmlValue | XmlValue[];
}

interface OpenElement {
  name: string;
  at: number;
  /** Once it has an attribute or an element. */
  value: XmlObject | undefined;
  text: string;
  /** CDATA stays even when it is white space alone. */
  keepsText: boolean;
}

/**
 * Reads an XML document in one pass, without recursion: `{ root: … }`. It must be well-formed (XML 1.0) and have no
 * document type, so there are no entities but the five of XML and nothing is ever fetched or expanded. Values stay
 * text. Text of white space alone is layout and goes; other text stays as it is. Throws `BodyFaultError` with place.
 */
export function readXmlDocument(text: string): XmlObject {
  return new XmlReader(text).document();
}

class XmlReader {
  private at = 0;
  private readonly open: OpenElement[] = [];
  private root: XmlObject | undefined;

  constructor(private readonly text: string) {}

  document(): XmlObject {
    const illegal = markup.illegalCharacter.exec(this.text);
    if (illegal) this.refuse('The XML has a character that XML does not allow', illegal.index);
    this.at = matchAt(markup.declaration, this.text, 0)?.[0].length ?? 0;
    while (this.at < this.text.length) {
      const markupAt = this.text.indexOf('<', this.at);
      const end = markupAt === -1 ? this.text.length : markupAt;
      if (end > this.at) this.addText(end);
      if (markupAt !== -1) this.readMarkup();
    }
    const unclosed = this.open.at(-1);
    if (unclosed) this.refuse('The XML ends before this element does', unclosed.at);
    return this.root ?? this.refuse('The XML has no element');
  }

  private readMarkup(): void {
    const { text, at } = this;
    if (text.startsWith('</', at)) this.readClosingTag();
    else if (text.startsWith('<!--', at)) this.skipComment();
    else if (text.startsWith('<![CDATA[', at)) this.readCdata();
    else if (text.startsWith('<!DOCTYPE', at))
      this.refuse('The XML has a document type (DOCTYPE), which is not accepted');
    else if (text.startsWith('<?', at)) this.skipInstruction();
    else this.readOpeningTag();
  }

  private readOpeningTag(): void {
    const start = this.at;
    const name = matchAt(markup.tagOpening, this.text, start)?.[1];
    if (name === undefined) return this.refuse('A “<” must begin a tag; as text it is written &lt;');
    if (this.open.length === 0 && this.root) this.refuse('The XML has a second element at its top');
    if (this.open.length >= maxDepth) this.refuse(`The XML is nested more than ${maxDepth} levels deep`);
    this.refusePrototypes(name);
    this.at += 1 + name.length;
    const element: OpenElement = { name, at: start, value: undefined, text: '', keepsText: false };
    this.readAttributes(element);
    const end = matchAt(markup.tagEnd, this.text, this.at);
    if (!end) return this.refuse('The tag is broken here');
    this.at += end[0].length;
    this.open.push(element);
    if (end[1] === '/') this.closeElement();
  }

  private readAttributes(element: OpenElement): void {
    for (;;) {
      const match = matchAt(markup.attribute, this.text, this.at);
      if (!match) return;
      const [whole, name = '', double, single = ''] = match;
      element.value ??= {};
      const key = `@${name}`;
      if (Object.hasOwn(element.value, key)) this.refuse('The element has this attribute twice');
      const raw = double ?? single;
      // XML 1.0 §3.3.3: white space that is written as such becomes spaces.
      const spaced = raw.replaceAll(/\r\n|[\t\n\r]/g, ' ');
      element.value[key] = this.resolve(spaced, this.at);
      this.at += whole.length;
    }
  }

  private readClosingTag(): void {
    const match = matchAt(markup.closingTag, this.text, this.at);
    if (!match) return this.refuse('The closing tag is broken');
    if (this.open.at(-1)?.name !== match[1]) this.refuse('This closing tag is not that of the element that is open');
    this.at += match[0].length;
    this.closeElement();
  }

  private closeElement(): void {
    const element = this.open.pop();
    if (!element) return;
    const { name, value, text } = element;
    const kept = element.keepsText || /[^ \t\n\r]/.test(text) ? text : '';
    if (value && kept !== '') value['#text'] = kept;
    const parent = this.open.at(-1);
    if (!parent) this.root = { [name]: value ?? kept };
    else {
      parent.value ??= {};
      append(parent.value, name, value ?? kept);
    }
  }

  private addText(end: number): void {
    const raw = this.text.slice(this.at, end);
    const element = this.open.at(-1);
    if (!element) {
      const stray = raw.search(/[^ \t\n\r]/);
      if (stray !== -1) this.refuse('The XML has text outside of its element', this.at + stray);
    } else {
      const cdataEnd = raw.indexOf(']]>');
      if (cdataEnd !== -1) this.refuse('“]]>” ends CDATA that was not begun', this.at + cdataEnd);
      element.text += this.resolve(withUnixLineEnds(raw), this.at);
    }
    this.at = end;
  }

  private readCdata(): void {
    const element = this.open.at(-1);
    if (!element) return this.refuse('The XML has text outside of its element');
    const end = this.find(']]>', this.at + 9, 'The CDATA that begins here does not end');
    element.text += withUnixLineEnds(this.text.slice(this.at + 9, end));
    element.keepsText ||= end > this.at + 9;
    this.at = end + 3;
  }

  private skipComment(): void {
    const end = this.find('--', this.at + 4, 'The comment that begins here does not end');
    if (this.text[end + 2] !== '>') this.refuse('A comment has “--” within', end);
    this.at = end + 3;
  }

  private skipInstruction(): void {
    const target = matchAt(markup.instruction, this.text, this.at)?.[1];
    if (target === undefined) return this.refuse('The processing instruction is broken');
    if (target.toLowerCase() === 'xml') this.refuse('The XML declaration is broken or not at the beginning');
    this.at = this.find('?>', this.at, 'The processing instruction that begins here does not end') + 2;
  }

  private find(end: string, from: number, otherwise: string): number {
    const found = this.text.indexOf(end, from);
    return found === -1 ? this.refuse(otherwise) : found;
  }

  private resolve(text: string, at: number): string {
    if (!text.includes('&')) return text;
    const resolved = resolveReferences(text);
    if ('text' in resolved) return resolved.text;
    // Line ends may have become shorter, so the place is counted by ampersands.
    const nth = text.slice(0, resolved.at).split('&').length;
    let place = at - 1;
    for (let count = 0; count < nth; count += 1) place = this.text.indexOf('&', place + 1);
    return this.refuse('“&” begins a reference to nothing known; as text it is written &amp;', place);
  }

  /** The same keys that JSON may not have. */
  private refusePrototypes(name: string): void {
    if (name === '__proto__' || (name === 'prototype' && this.open.at(-1)?.name === 'constructor')) {
      this.refuse('The XML has an element that is not accepted: __proto__ or constructor/prototype');
    }
  }

  private refuse(message: string, at: number = this.at): never {
    return refuse(message, placeOf(this.text, at, message));
  }
}

function append(values: XmlObject, name: string, value: XmlValue): void {
  const before = Object.hasOwn(values, name) ? values[name] : undefined;
  if (before === undefined) values[name] = value;
  else if (Array.isArray(before)) before.push(value);
  else values[name] = [before, value];
}

function withUnixLineEnds(text: string): string {
  return text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;
}
