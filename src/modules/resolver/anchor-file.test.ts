import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createFakeLog } from '../../../test/support/fakes/runtime.ts'
import { anchorFileAt } from './anchor-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'homepost-anchors-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('what was learnt about trust anchors is there after a restart, for this server alone', async () => {
  const path = join(folder, 'anchors.json')
  const memories = {
    '.': { validated: true, keys: [{ key: 'AQID', state: 'pending', since: 1, lastSeen: 2 } as const] },
  }
  expect(anchorFileAt(path, createFakeLog()).read()).toEqual({})
  await anchorFileAt(path, createFakeLog()).write(memories)
  expect(anchorFileAt(path, createFakeLog()).read()).toEqual(memories)
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test.each(['', 'no json', '[1]', 'null', '{".": 5}', '{".": {"keys": [{"state": "valid"}, 7]}}'])(
  'a broken file believes in no key: %j',
  (text) => {
    const path = join(folder, 'broken.json')
    writeFileSync(path, text)
    const keys = Object.values(anchorFileAt(path, createFakeLog()).read()).flatMap((memory) => memory.keys)
    expect(keys).toEqual([])
  },
)
