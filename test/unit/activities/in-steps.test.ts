import { inSteps } from '../../../activities/in-steps';
import { finish, type Steps } from '../../../core/stitch/steps';

/** Five turns of more than a tenth of a second each. */
function* long(onTurn: () => void = () => undefined): Steps<string> {
  for (let turn = 0; turn < 5; turn++) {
    for (const end = performance.now() + 110; performance.now() < end; );
    onTurn();
    yield;
  }
  return 'done';
}

test('a long computation lets the worker do other things, and gives what it gives without a pause', async () => {
  const order: string[] = [];
  const timer = setInterval(() => order.push('beat'), 1);
  const result = await inSteps(long(() => order.push('turn')));
  clearInterval(timer);
  expect(result).toBe(finish(long()));
  expect(order.filter((what) => what === 'turn')).toHaveLength(5);
  expect(order.indexOf('beat')).toBeLessThan(order.lastIndexOf('turn'));
  expect(order.indexOf('beat')).toBeGreaterThan(0);
});

test('what it throws comes out', async () => {
  // eslint-disable-next-line require-yield
  const failing = function* (): Steps<never> {
    throw new RangeError('no');
  };
  await expect(inSteps(failing())).rejects.toThrow('no');
});
