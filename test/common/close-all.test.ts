import { expect, test } from 'vitest';
import { closeAfter, closeAll, closeAndThrow, closeTogether } from '../../src/common/close-all.ts';

/** Things that write down that they were closed, some of which fail. */
function things(...failing: string[]) {
  const closed: string[] = [];
  const thing = (name: string) => ({
    async close() {
      closed.push(name);
      if (failing.includes(name)) throw new RangeError(`${name} failed`);
    },
  });
  return { closed, thing };
}

test('closes everything in order, whatever it is', async () => {
  const { closed, thing } = things();
  await closeAll(thing('a'), null, () => void closed.push('b'), undefined, thing('c'));
  expect(closed).toEqual(['a', 'b', 'c']);
});

test('closes what is left after a failure, then throws the first with the others attached', async () => {
  const { closed, thing } = things('a', 'c');
  const closing = closeAll(thing('a'), thing('b'), thing('c'), () => {
    closed.push('d');
    throw new TypeError('d failed');
  });
  await expect(closing).rejects.toThrow('a failed');
  await expect(closing).rejects.toMatchObject({ suppressed: [new RangeError('c failed'), new TypeError('d failed')] });
  expect(closed).toEqual(['a', 'b', 'c', 'd']);
});

test('waits for everything that is closed at the same time', async () => {
  const { closed, thing } = things('a');
  const late = {
    async close() {
      await new Promise(done => setTimeout(done, 20));
      closed.push('late');
    },
  };
  await expect(closeTogether([thing('a'), late, thing('b')])).rejects.toThrow('a failed');
  expect(closed).toEqual(['a', 'b', 'late']);
});

test('throws the error that led to closing, not one of closing', async () => {
  const { closed, thing } = things('a');
  const closing = closeAndThrow(new TypeError('setup failed'), thing('a'), thing('b'));
  await expect(closing).rejects.toThrow('setup failed');
  await expect(closing).rejects.toMatchObject({ suppressed: [new RangeError('a failed')] });
  expect(closed).toEqual(['a', 'b']);
});

test('closeAfter returns the result of the work once everything is closed', async () => {
  const { closed, thing } = things();
  expect(await closeAfter(async () => closed.push('work'), thing('a'), thing('b'))).toBe(1);
  expect(closed).toEqual(['work', 'a', 'b']);
});

test('closeAfter throws the error of the work, not one of closing', async () => {
  const { closed, thing } = things('a');
  const work = async () => {
    throw new TypeError('work failed');
  };
  await expect(closeAfter(work, thing('a'), thing('b'))).rejects.toThrow('work failed');
  await expect(closeAfter(work, thing('a'))).rejects.toMatchObject({ suppressed: [new RangeError('a failed')] });
  expect(closed).toEqual(['a', 'b', 'a']);
});

test('closeAfter throws the error of closing if the work succeeded', async () => {
  const { thing } = things('a');
  await expect(closeAfter(async () => 1, thing('a'))).rejects.toThrow('a failed');
});
