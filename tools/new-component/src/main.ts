import { newComponent } from './new-component.js';

// `npm run new-component NAME`, in the root of the clone.
try {
  const [name, ...others] = process.argv.slice(2);
  if (others.length > 0) throw new Error(`One name at a time, not also ${others.join(' ')}`);
  const made = newComponent(process.cwd(), name);
  process.stdout.write(
    [
      `${made.folder} is there, and ${made.changed.length} files name it.`,
      `  write   ${made.folder}/src/${made.name.kebab}.ts`,
      `  test    npx vitest run --project int ${made.folder}`,
      `  run     npm start`,
      `  check   npm run verify`,
      '',
    ].join('\n'),
  );
} catch (error) {
  process.stderr.write(`new-component: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
