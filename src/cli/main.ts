#!/usr/bin/env node
import { tolerateClosedPipes } from './output.ts';
import { runCli } from './program.ts';

tolerateClosedPipes();
process.exitCode = await runCli(process.argv.slice(2));
