/** What the help explains, in the order of its page; the ids are the anchors that other pages link to. */
export const topics = [
  { id: 'words', title: 'The words of Millrace' },
  { id: 'flows', title: 'Draft, versions, start and stop' },
  { id: 'calls', title: 'Calling a webhook URL' },
  { id: 'expressions', title: 'Expressions' },
  { id: 'runs', title: 'How a run goes on' },
  { id: 'problems', title: 'When something goes wrong' },
] as const;

export type Topic = (typeof topics)[number]['id'];
