import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { playDialog } from '../../support/dialog.ts'
import { ManageSieveStage } from '../../support/managesieve-stage.ts'

const folder = import.meta.dirname
const names = readdirSync(folder).filter((name) => name.endsWith('.dialog'))

test('there are dialogs', () => {
  expect(names.length).toBeGreaterThan(15)
})

test.each(names)('%s', async (name) => {
  const stage = new ManageSieveStage()
  try {
    await playDialog(readFileSync(join(folder, name), 'utf8'), stage)
  } finally {
    await stage.end()
  }
})
