import { z } from 'zod';
import type { Call } from '#sim/kernel/contract.ts';
import { distinct } from '#sim/services/distinct.ts';
import { documents, managedNodes, parameters, scripts } from './rows.ts';

const regularExpression = z
  .string()
  .refine((text) => isRegularExpression(text), 'expected a regular expression');

const Node = z.strictObject({
  id: z.string().regex(/^(i|mi)-[0-9a-zA-Z-]+$/, 'expected i- or mi- and letters and digits'),
  name: z.string().optional(),
  platform: z.enum(['Linux', 'Windows', 'MacOS']).default('Linux'),
  ping: z.enum(['Online', 'ConnectionLost', 'Inactive']).default('Online'),
  ipAddress: z.string().default('10.0.0.10'),
  tags: z.record(z.string(), z.string()).default({}),
});

const Document = z.strictObject({
  name: z.string(),
  type: z.enum(['Command', 'Automation']).default('Command'),
  description: z.string().default(''),
  platforms: z.array(z.enum(['Linux', 'Windows', 'MacOS'])).default(['Linux', 'Windows']),
  requiredParameters: z.array(z.string()).default([]),
});

const Script = z.strictObject({
  /** Regular expression over the document's name and its commands. */
  match: regularExpression,
  /** Instance ids or Name tags. Default: every node. */
  instances: z.array(z.string()).optional(),
  durationSeconds: z.number().min(0).optional(),
  exitCode: z.int().optional(),
  stdout: z.string().optional(),
  stderr: z.string().default(''),
  /** The first n executions on each node end with `exitCode` (1 unless given), later ones with 0. */
  failTimes: z.int().min(0).optional(),
});

/** `accounts[].regions.<region>.ssm`. */
export const SsmSection = z.strictObject({
  /** Machines that are not EC2 instances of the scenario, or whose registration differs from the instance. */
  nodes: distinct(Node, 'id'),
  documents: distinct(Document, 'name'),
  scripts: z.array(Script).default([]),
  parameters: z.record(z.string(), z.string()).default({}),
});
type SsmSection = z.infer<typeof SsmSection>;

export function seed(call: Call, section: SsmSection): void {
  for (const { name, ...node } of section.nodes) {
    managedNodes(call).put(node.id, {
      ...node,
      name: name ?? node.tags['Name'] ?? node.id,
      registeredAt: call.now,
    });
  }
  for (const document of section.documents) {
    documents(call).put(document.name, { ...document, owner: call.accountId, createdAt: call.now });
  }
  section.scripts.forEach((script, index) => {
    scripts(call).put(String(index), {
      match: script.match,
      instances: script.instances ?? null,
      durationSeconds: script.durationSeconds ?? null,
      exitCode: script.exitCode ?? (script.failTimes === undefined ? 0 : 1),
      stdout: script.stdout ?? null,
      stderr: script.stderr,
      failTimes: script.failTimes ?? null,
    });
  });
  for (const [name, value] of Object.entries(section.parameters)) {
    parameters(call).put(name, { name, value, changedAt: call.now });
  }
}

function isRegularExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
