import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSchedule, type ScheduleConfig } from '../../src/core/schedule';

const configs: ScheduleConfig[] = [{ name: 'vp-linear', betaMin: 0.1, betaMax: 20 }, { name: 'vp-linear', betaMin: 0.5, betaMax: 3 }, { name: 'cosine' }];

describe.each(configs.map((config) => [JSON.stringify(config), createSchedule(config)] as const))('%s', (_, schedule) => {
  const time = fc.double({ min: 1e-3, max: schedule.tMax - 1e-3, noNaN: true });
  /** Central difference, error of the order of h². */
  const slope = (f: (t: number) => number, t: number, h = 1e-5): number => (f(t + h) - f(t - h)) / (2 * h);

  test('the drift is the slope of log alpha', () => {
    fc.assert(fc.property(time, (t) => {
      const expected = slope((u) => Math.log(schedule.alpha(u)), t);
      expect(Math.abs(schedule.drift(t) - expected)).toBeLessThan(1e-5 * (1 + expected ** 2));
    }));
  });

  test('g² = dσ²/dt − 2 f σ²', () => {
    fc.assert(fc.property(time, (t) => {
      const sigma2 = (u: number): number => schedule.sigma(u) ** 2;
      const expected = slope(sigma2, t) - 2 * schedule.drift(t) * sigma2(t);
      expect(Math.abs(schedule.diffusionSquared(t) - expected)).toBeLessThan(1e-5 * (1 + schedule.drift(t) ** 2));
    }));
  });

  test('variance is preserved, lambda is log(alpha/sigma) and falls with time', () => {
    fc.assert(fc.property(time, time, (t, u) => {
      expect(schedule.alpha(t) ** 2 + schedule.sigma(t) ** 2).toBeCloseTo(1, 14);
      expect(schedule.lambda(t)).toBeCloseTo(Math.log(schedule.alpha(t) / schedule.sigma(t)), 12);
      if (Math.abs(t - u) > 1e-9) expect(Math.sign(schedule.lambda(t) - schedule.lambda(u))).toBe(Math.sign(u - t));
    }));
  });

  test('time 0 is the data', () => {
    expect(schedule.alpha(0)).toBe(1);
    expect(schedule.sigma(0)).toBeCloseTo(0, 15);
  });
});

test('the default schedules end near pure noise', () => {
  for (const config of [configs[0]!, configs[2]!]) {
    const schedule = createSchedule(config);
    expect(schedule.alpha(schedule.tMax)).toBeLessThan(0.01);
  }
});

test('where sigma grows alpha is 1, and what is left out is as in the papers; sigmaMax must lie above sigmaMin', () => {
  const [ve, edm] = [createSchedule({ name: 've' }), createSchedule({ name: 'edm' })];
  expect([ve.sigma(0), ve.tMax, edm.tMin, edm.tMax]).toEqual([0.01, 1, 0.002, 80]);
  expect(ve.sigma(1)).toBeCloseTo(50, 10);
  for (const { alpha, sigmaData } of [ve, edm]) expect([alpha(0.3), sigmaData]).toEqual([1, 0.5]);
  expect(createSchedule({ name: 'edm', sigmaMax: 10, sigmaData: 1 })).toMatchObject({ tMax: 10, sigmaData: 1, trainingLambda: { mean: 1.2 - Math.log(2), deviation: 1.2 } });
  expect(() => createSchedule({ name: 've', sigmaMin: 60 })).toThrow(/schedule ve: expected sigmaMax above sigmaMin \(60\), found 50/);
});
