import { MessageError, ProtocolVersionError } from '../../errors.ts';
import { type LaneGreeting, laneVersion } from './messages.ts';

/** A greeting's text for what a lane has to say of itself. */
export function formatGreeting(greeting: LaneGreeting): string {
  return [
    `graspbridge-lane ${greeting.version}`,
    `period ${greeting.period}`,
    `tip_goals ${greeting.tipGoals ? 'yes' : 'no'}`,
    ...Array.from(greeting.objects, ([name, { handle, path }]) => `object ${name} ${handle} ${path}`),
    ...greeting.missing.map(name => `missing ${name}`),
  ].join('\n');
}

/**
 * Reads a greeting. Unknown keys are passed over.
 *
 * Throws MessageError where it is none, and ProtocolVersionError where it is of another version.
 */
export function parseGreeting(message: Uint8Array): LaneGreeting {
  if (message.byteLength > 65_536)
    throw new MessageError(`The fast lane's greeting has ${message.byteLength} bytes; at most 65536 make sense.`);
  const lines = new TextDecoder().decode(message).split('\n');
  const rest = (line: string | undefined, key: string) =>
    line?.startsWith(`${key} `) ? line.slice(key.length + 1).trim() : undefined;
  const version = Number(rest(lines[0], 'graspbridge-lane'));
  if (!Number.isInteger(version))
    throw new MessageError(
      'What answered on the fast lane is no script of graspbridge. Another program may hold the port; choose another one.',
    );
  if (version !== laneVersion)
    throw new ProtocolVersionError(
      `The script in the scene speaks version ${version} of the fast lane, but ${laneVersion} is needed. ` +
        'Remove the script from the scene; the right one is installed with the next connection.',
    );
  let period = Number.NaN;
  let tipGoals = false;
  const objects = new Map<string, { handle: number; path: string }>();
  const missing: string[] = [];
  for (const line of lines.slice(1)) {
    period = Number(rest(line, 'period') ?? period);
    tipGoals = (rest(line, 'tip_goals') ?? (tipGoals ? 'yes' : 'no')) === 'yes';
    const object = /^object (\S{1,100}) (-?\d{1,12}) (.{1,2000})$/.exec(line);
    if (object?.[1] !== undefined && object[3] !== undefined)
      objects.set(object[1], { handle: Number(object[2]), path: object[3] });
    const absent = rest(line, 'missing');
    if (absent !== undefined) missing.push(absent.slice(0, 100));
  }
  if (!(period > 0 && period < 10))
    throw new MessageError(`The fast lane says that one step advances ${period} s, which cannot be.`);
  return { version, period, tipGoals, objects, missing };
}
