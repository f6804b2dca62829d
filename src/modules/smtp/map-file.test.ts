import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createFakeClock } from '../../../test/support/fakes/clock.ts'
import { createFakeLog } from '../../../test/support/fakes/runtime.ts'
import { MapFile } from './map-file.ts'

function stage() {
  const folder = mkdtempSync(join(tmpdir(), 'homepost-map-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'words.map')
  const clock = createFakeClock()
  const read = (text: string) => {
    if (text.includes('?')) throw new Error('line 1: what?')
    return text.trim()
  }
  return { path, clock, file: new MapFile({ path, clock, log: createFakeLog(), empty: '', read }) }
}

test('two who ask at once both hear what stands in it', async () => {
  const { path, file } = stage()
  writeFileSync(path, 'word')
  const word = { kind: 'map', map: 'word' }
  expect(await Promise.all([file.read(), file.read()])).toEqual([word, word])
})

test('it is read again when it has changed, and nothing is said of one that is gone', async () => {
  const { path, clock, file } = stage()
  expect(await file.read()).toEqual({ kind: 'map', map: '' })
  writeFileSync(path, 'what?')
  await clock.advance(2_000)
  expect(await file.read()).toEqual({ kind: 'broken', text: 'words.map cannot be read: line 1: what?' })
  rmSync(path)
  await clock.advance(2_000)
  expect(await file.read()).toEqual({ kind: 'map', map: '' })
})
