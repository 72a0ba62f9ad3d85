#!/usr/bin/env node
import { surviveLostOutput } from './output.ts';
import { runCli } from './program.ts';

surviveLostOutput();
process.exitCode = await runCli(process.argv.slice(2));
