/**
 * Starts the program and sees to it that its whole process group ends with us.
 *
 * The group's leader is this script. Its standard input is a pipe from us that nobody writes to: it closes when this
 * process ends, in whatever way, SIGKILL included, and then the group is terminated, and killed half a second later. Node
 * has no access to Linux' parent death signal, macOS has none, and coppeliaSim.sh starts the real program as a child.
 * When the program ends by itself, what it left running in the group ends too.
 */
const GUARD = `
exec 3<&0 </dev/null
( cat <&3 >/dev/null; trap "" TERM; kill -TERM 0; sleep 0.5 || sleep 1; kill -KILL 0 ) &
"$@" 3<&-
status=$?
trap "" TERM
kill -TERM 0
exit $status
`;

/** Program and arguments for `spawn` that start a program so; it must be `detached`, with a pipe as standard input. */
export function guardedCommand(program: string, args: readonly string[]): [program: string, args: string[]] {
  return ['/bin/sh', ['-c', GUARD, 'graspbridge-guard', program, ...args]];
}
