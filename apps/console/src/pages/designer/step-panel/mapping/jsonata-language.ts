import { HighlightStyle, StreamLanguage, syntaxHighlighting, type StringStream } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { tags } from '@lezer/highlight';

interface Place {
  inComment: boolean;
}

/** Colours JSONata; what an expression means is for the engine to say. */
const jsonata = StreamLanguage.define<Place>({
  name: 'jsonata',
  startState: () => ({ inComment: false }),
  token: (stream, place) => {
    if (place.inComment || stream.match('/*')) {
      place.inComment = !stream.skipTo('*/');
      if (place.inComment) stream.skipToEnd();
      else stream.match('*/');
      return 'comment';
    }
    if (stream.eatSpace()) return null;
    const quote = stream.peek();
    if (quote === '"' || quote === "'") return text(stream, quote);
    if (stream.match(/^`[^`]*`?/)) return 'propertyName';
    if (stream.match(/^\$[A-Za-z0-9_]*/)) return 'variableName';
    if (stream.match(/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/)) return 'number';
    if (stream.match(/^(?:true|false|null|and|or|in|function)\b/)) return 'keyword';
    if (stream.match(/^[A-Za-z_]\w*/)) return 'propertyName';
    stream.next();
    return 'operator';
  },
  languageData: { closeBrackets: { brackets: ['(', '[', '{', '"', "'", '`'] } },
});

function text(stream: StringStream, quote: string): string {
  stream.next();
  for (let next = stream.next(); typeof next === 'string' && next !== quote; next = stream.next()) {
    if (next === '\\') stream.next();
  }
  return 'string';
}

const colours = HighlightStyle.define([
  { tag: tags.string, color: 'light-dark(#1b5e2a, #b2f2bb)' },
  { tag: tags.number, color: 'light-dark(#14509c, #a5d8ff)' },
  { tag: tags.keyword, color: 'light-dark(#14509c, #a5d8ff)' },
  { tag: tags.variableName, color: 'light-dark(#9c2a10, #ffc9a8)' },
  { tag: tags.propertyName, color: 'light-dark(#5f3dc4, #d0bfff)' },
  { tag: tags.comment, color: 'var(--mantine-color-dimmed)', fontStyle: 'italic' },
]);

export const jsonataLanguage: Extension = [jsonata, syntaxHighlighting(colours)];
