/** Whether every word of a search stands in a text, in capital or small letters. */
export function fitsSearch(text: string, search: string): boolean {
  const lower = text.toLowerCase();
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => lower.includes(word));
}
