import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { playDialog } from '../../support/dialog.ts'
import { ImapStage } from '../../support/imap-stage.ts'

const folder = import.meta.dirname
const names = readdirSync(folder).filter((name) => name.endsWith('.dialog'))

test('there are dialogs', () => {
  expect(names.length).toBeGreaterThan(20)
})

test.each(names)('%s', async (name) => {
  const stage = new ImapStage()
  try {
    await playDialog(readFileSync(join(folder, name), 'utf8'), stage)
  } finally {
    await stage.end()
  }
})
