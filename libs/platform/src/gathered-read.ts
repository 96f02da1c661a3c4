/**
 * Makes one read of many from reads of one: keys that are asked for in the same turn of the event loop are read together.
 * Under load that is one statement for dozens of look-ups; a key that is asked for alone is read at once.
 *
 * @param readMany resolves what it found; a key that is not in the answer has no value. When it rejects, so do all reads of it.
 */
export function gatherReads<Key, Value>(
  readMany: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): (key: Key) => Promise<Value | undefined> {
  let open: { keys: Set<Key>; found: Promise<ReadonlyMap<Key, Value>> } | undefined;

  function begin(): NonNullable<typeof open> {
    const keys = new Set<Key>();
    const found = new Promise<void>((turnEnded) => setImmediate(turnEnded)).then(() => {
      open = undefined;
      return readMany([...keys]);
    });
    return { keys, found };
  }

  return async (key) => {
    open ??= begin();
    open.keys.add(key);
    return (await open.found).get(key);
  };
}
