#!/usr/bin/env node
import { runCommandLine } from './run-pinned.mjs';

runCommandLine(process.argv.slice(2));
