import type { Command } from '../command.ts';
import { cancelCommand, decideCommand, pauseCommand, resumeCommand } from './act.ts';
import { auditListCommand, auditVerifyCommand } from './audit.ts';
import { deployCommand } from './deploy.ts';
import { discoverCommand } from './discover.ts';
import { doctorCommand } from './doctor.ts';
import { listCommand } from './list.ts';
import { loginCommand, logoutCommand } from './login.ts';
import { eventsCommand, exportCommand, reportCommand, showCommand } from './look.ts';
import { runCommand } from './run.ts';
import { serveCommand } from './serve.ts';
import { simulateCommand } from './simulate.ts';
import { validateCommand } from './validate.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  validateCommand,
  runCommand,
  listCommand,
  showCommand,
  eventsCommand,
  pauseCommand,
  resumeCommand,
  decideCommand,
  cancelCommand,
  exportCommand,
  reportCommand,
  discoverCommand,
  simulateCommand,
  serveCommand,
  loginCommand,
  logoutCommand,
  doctorCommand,
  deployCommand,
  auditVerifyCommand,
  auditListCommand,
];

/** What the commands that stand under one name are about. */
export const GROUPS: Readonly<Record<string, string>> = {
  executions: 'see and steer executions, running or finished, from any terminal',
  audit: 'the audit trail: prove it, read it',
};
