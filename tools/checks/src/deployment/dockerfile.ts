/** One `FROM … AS name` stage of a Dockerfile. */
export interface Stage {
  name: string;
  /** The image or stage that it starts from. */
  from: string;
  line: number;
  /** Its instructions, continued lines joined, comments left out. */
  instructions: string[];
}

/** Reads the stages of a Dockerfile, by name. */
export function readStages(text: string): Map<string, Stage> {
  const stages = new Map<string, Stage>();
  let current: Stage | undefined;
  let pending = '';
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    pending += line.endsWith('\\') ? `${line.slice(0, -1).trimEnd()} ` : line;
    if (line.endsWith('\\')) continue;
    const from = /^FROM\s+(\S+)\s+AS\s+(\S+)$/i.exec(pending);
    if (from) {
      current = { name: from[2] ?? '', from: from[1] ?? '', line: index + 1, instructions: [] };
      stages.set(current.name, current);
    } else {
      current?.instructions.push(pending);
    }
    pending = '';
  }
  return stages;
}

/** The instructions that hold in a stage: its own after those of the stages it starts from. */
export function inheritedInstructions(stages: ReadonlyMap<string, Stage>, name: string): string[] {
  const stage = stages.get(name);
  return stage ? [...inheritedInstructions(stages, stage.from), ...stage.instructions] : [];
}
