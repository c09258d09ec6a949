/** Node versions that Temper's libraries run on (yargs 18 needs ^20.19 or ^22.12). Loaded before anything else is. */

const lowest: Record<number, number> = { 20: 19, 22: 12 };

/** What to tell a user whose Node is too old; undefined if it will do. Versions look like `20.19.0`. */
export function unsupportedNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const supported = major > 22 || (major in lowest && minor >= lowest[major]!);
  if (supported) return undefined;
  return [
    `Node ${version} is not supported`,
    `  at ${process.execPath}`,
    '  hint: install Node 20.19 or newer, 22.12 or newer, or any later line (https://nodejs.org)',
  ].join('\n');
}
