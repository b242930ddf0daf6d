import { z } from 'zod';
import type { Call } from '#sim/kernel/contract.ts';
import { launchInstance } from './instances.ts';
import { DEFAULT_TIMING, instances, putTiming } from './rows.ts';

const range = z.tuple([z.number().min(0), z.number().min(0)]);

const traits = {
  tags: z.record(z.string(), z.string()).default({}),
  type: z.string().default('m5.large'),
  os: z.enum(['linux', 'windows']).default('linux'),
  zone: z
    .string()
    .regex(/^[a-f]$/)
    .default('a'),
  state: z.enum(['running', 'stopped']).default('running'),
  ssmAgent: z.enum(['online', 'offline']).default('online'),
  checks: z.enum(['ok', 'impaired']).default('ok'),
  /** The error that StartInstances answers, such as `InsufficientInstanceCapacity`. */
  startFails: z.string().optional(),
  vpcId: z.string().optional(),
  subnetId: z.string().optional(),
};

const Instance = z.strictObject({
  id: z
    .string()
    .regex(/^i-[0-9a-zA-Z-]+$/)
    .optional(),
  name: z.string().optional(),
  privateIp: z.ipv4().optional(),
  publicIp: z.ipv4().optional(),
  ...traits,
});

const Generate = z.strictObject({
  count: z.int().min(1).max(4000),
  /** `Name` tags are this and a number from 1, with leading zeros. */
  namePrefix: z.string().default('instance-'),
  ...traits,
});

/** `accounts[].regions.<region>.ec2`. */
export const Ec2Section = z.strictObject({
  instances: z
    .array(Instance)
    .refine((listed) => {
      const ids = listed.flatMap(({ id }) => id ?? []);
      return new Set(ids).size === ids.length;
    }, 'expected each id once')
    .default([]),
  generate: z.union([Generate.transform((one) => [one]), z.array(Generate)]).default([]),
  timing: z
    .strictObject({
      scale: z.number().min(0).default(DEFAULT_TIMING.scale),
      runSeconds: z.number().min(0).default(DEFAULT_TIMING.runSeconds),
      stopSeconds: range.default([...DEFAULT_TIMING.stopSeconds]),
      terminateSeconds: range.default([...DEFAULT_TIMING.terminateSeconds]),
      checksSeconds: range.default([...DEFAULT_TIMING.checksSeconds]),
      agentSeconds: range.default([...DEFAULT_TIMING.agentSeconds]),
    })
    .prefault({}),
});
type Ec2Section = z.infer<typeof Ec2Section>;

export function seed(call: Call, section: Ec2Section): void {
  putTiming(call, section.timing);
  for (const instance of section.instances) addInstance(call, instance);
  for (const { count, namePrefix, ...common } of section.generate) {
    const digits = String(count).length;
    for (let n = 1; n <= count; n++) {
      addInstance(call, { ...common, name: `${namePrefix}${String(n).padStart(digits, '0')}` });
    }
  }
}

/** An instance that has been up (or stopped) for long: checks done, agent online. */
function addInstance(call: Call, given: z.infer<typeof Instance>): void {
  const { os, type, state, startFails, name, id, privateIp, publicIp, vpcId, subnetId, ...rest } = given;
  const { id: launched } = launchInstance(call, {
    ...rest,
    tags: { ...(name === undefined ? {} : { Name: name }), ...given.tags },
    platform: os,
    instanceType: type,
    startFails: startFails ?? null,
    publicIp: publicIp ?? null,
    ...(id === undefined ? {} : { id }),
    ...(privateIp === undefined ? {} : { privateIp }),
    ...(vpcId === undefined ? {} : { vpcId }),
    ...(subnetId === undefined ? {} : { subnetId }),
  });
  instances(call).patch(launched, {
    power: { during: state, until: call.now, afterwards: state },
    checks: { result: given.checks, doneAt: call.now },
    agentOnlineAt: given.ssmAgent === 'online' ? call.now : null,
  });
}
