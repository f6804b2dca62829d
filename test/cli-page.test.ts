import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cliPage } from '../src/app/cli/page.ts'
import { createProgram } from '../src/app/cli/program.ts'
import { verbs } from '../src/app/control/verbs.ts'

const page = readFileSync('docs/cli.md', 'utf8')

test('docs/cli.md is what node scripts/cli-page.ts writes', () => {
  expect(page).toBe(cliPage(createProgram(() => undefined, false)))
})

test.each([...verbs.keys()])('docs/cli.md has %s', (words) => {
  expect(page).toMatch(new RegExp(`^### \`homepost ${words}( |\`)`, 'm'))
})

test('--help says of every group what it is about', () => {
  const groups = createProgram(() => undefined, false).commands.filter((made) => made.commands.length > 0)
  expect(groups.length).toBeGreaterThan(10)
  for (const group of groups) expect(group.description()).toMatch(/^[A-Z].+: \w+/)
})
