/**
 * The commands that install an optional package, in a project that uses graspbridge and in a checkout of it alike.
 *
 * `--save-dev` because npm installs nothing for a package that the root declares as an optional peer, as a checkout does.
 * A package with a native library fetches it by its install script: that script alone is run, and no other package's.
 */
export function installCommand(name: string, { native = false } = {}): string {
  if (!native) return `npm install --save-dev ${name}`;
  return `npm install --save-dev --ignore-scripts ${name} && ${rebuildCommand(name)}`;
}

/** The command that runs the install script of one package that is installed already. */
export function rebuildCommand(name: string): string {
  return `npm rebuild --ignore-scripts=false ${name}`;
}
