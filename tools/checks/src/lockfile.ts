/** The parts of package-lock.json (lockfileVersion 3) that matter here. */
export interface Lockfile {
  packages: Record<string, LockEntry>;
}

export interface LockEntry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

/** An optional package that another one names and the lock file does not hold. */
export interface MissingPackage {
  name: string;
  version: string;
  /** Place in the lock file of the package that names it. */
  wantedBy: string;
}

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

/**
 * Builds for other platforms that the lock file lacks. npm leaves out what the registry did not offer at the time, and
 * `npm ci` then refuses the whole file, on every platform.
 */
export function missingPackages(lock: Lockfile): MissingPackage[] {
  return Object.entries(lock.packages).flatMap(([place, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !isLocked(lock, place, name))
      .map(([name, version]) => ({ name, version, wantedBy: place })),
  );
}

/**
 * The lock file with an entry for each missing package, in npm's order. The version is the one that its parent fixes,
 * the platform follows from its name; a checksum is not known, so npm takes what the registry has. Throws for a
 * package with a range of versions or no platform in its name.
 */
export function completeLockfile(lock: Lockfile): Lockfile {
  const packages = { ...lock.packages };
  for (const { name, version, wantedBy } of missingPackages(lock)) {
    if (!/^\d+\.\d+\.\d+(?:-[\w.-]+)?$/.test(version)) throw new Error(`${name}@${version} is not one version`);
    const dev = lock.packages[wantedBy]?.dev === true;
    packages[`node_modules/${name}`] = { version, ...platformOf(name), ...(dev && { dev }), optional: true };
  }
  const places = Object.keys(packages).sort((a, b) => a.localeCompare(b, 'en'));
  return { ...lock, packages: Object.fromEntries(places.map((place) => [place, packages[place] ?? {}])) };
}

/** Whether Node's look-up from a place finds the package. */
function isLocked(lock: Lockfile, place: string, name: string): boolean {
  for (let from = place; ; from = from.slice(0, Math.max(from.lastIndexOf('/'), 0))) {
    const candidate = from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`;
    if (lock.packages[candidate]) return true;
    if (from === '') return false;
  }
}

/** `@oxlint/binding-linux-x64-musl` is for linux, x64 and musl. */
function platformOf(name: string): Pick<LockEntry, 'os' | 'cpu' | 'libc'> {
  const words = name.split(/[/-]/);
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) => words.includes(processor));
  if (!os || !cpu) throw new Error(`${name} does not name its platform`);
  const [libc] = words.flatMap((word) =>
    word.startsWith('musl') ? ['musl'] : word.startsWith('gnu') ? ['glibc'] : [],
  );
  return { os: [os], cpu: [cpu], ...(os === 'linux' && libc && { libc: [libc] }) };
}
