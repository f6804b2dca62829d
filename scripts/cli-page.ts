import { writeFileSync } from 'node:fs'
import { cliPage } from '../src/app/cli/page.ts'
import { createProgram } from '../src/app/cli/program.ts'

/** Writes docs/cli.md from the command table; a test holds both together. */
writeFileSync(new URL('../docs/cli.md', import.meta.url), cliPage(createProgram(() => undefined, false)))
