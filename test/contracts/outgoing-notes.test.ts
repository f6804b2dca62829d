import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Note, OutgoingNotes } from '../../src/ports/outgoing-notes.ts'
import { bothWays } from '../support/both-ways.ts'
import { startStore, type TestStore } from '../support/store.ts'

let at: TestStore
beforeEach(async () => {
  at = await startStore()
})
afterEach(() => at.end())

const hour = 3_600_000

describe.each(bothWays)('notes about others, %s', (_, way) => {
  let notes: OutgoingNotes
  beforeEach(() => {
    notes = way(at.notes)
  })

  const note = (name: string, more: Partial<Note> = {}): Note => ({
    kind: 'sts',
    name,
    value: `about ${name}`,
    until: at.clock.now() + hour,
    ...more,
  })
  const names = async () => (await notes.list('sts', '', 100)).map(({ name }) => name)

  test('what was put is there, by kind and name, and replaced by the next', async () => {
    await notes.put([note('a.example'), note('a.example', { kind: 'way' })])
    await notes.put([note('a.example', { value: 'news' })])
    expect(await notes.get('sts', 'a.example')).toMatchObject({ value: 'news' })
    expect(await notes.get('way', 'a.example')).toMatchObject({ value: 'about a.example' })
    expect(await notes.get('sts', 'b.example')).toBeUndefined()
  })

  test('they are listed by name, in pages, and can be dropped', async () => {
    await notes.put(['c.example', 'a.example', 'b.example'].map((name) => note(name)))
    expect((await notes.list('sts', 'a.example', 1)).map(({ name }) => name)).toEqual(['b.example'])
    await notes.drop('sts', ['b.example', 'x.example'])
    expect(await names()).toEqual(['a.example', 'c.example'])
  })

  test('what is over is forgotten, and survives nothing', async () => {
    await notes.put([note('a.example'), note('b.example', { until: at.clock.now() + 2 * hour })])
    await at.clock.advance(hour)
    expect(await names()).toEqual(['b.example'])
    expect(await notes.get('sts', 'a.example')).toBeUndefined()
  })
})

test('they are there after a restart', async () => {
  await at.notes.put([{ kind: 'way', name: 'a.example', value: 'x', until: at.clock.now() + hour }])
  at = await at.restart()
  expect(await at.notes.get('way', 'a.example')).toMatchObject({ value: 'x' })
})
