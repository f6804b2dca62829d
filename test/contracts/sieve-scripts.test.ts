import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSieve, createSieveScripts } from '../../src/modules/sieve/index.ts'
import type { ScriptStore, SieveScripts } from '../../src/ports/sieve-scripts.ts'
import { bothWays } from '../support/both-ways.ts'
import { account, startStore, type TestStore } from '../support/store.ts'

const ann = account(1)
const bob = account(2)
const limits = { scripts: 3, scriptBytes: 100, bytes: 250 }

let at: TestStore
beforeEach(async () => {
  at = await startStore()
  await at.accounts.putAccount(ann, { quotaBytes: 0 })
  await at.accounts.putAccount(bob, { quotaBytes: 0 })
})
afterEach(async () => {
  expect((await at.care.verify()).problems).toEqual([])
  await at.end()
})

const sized = (bytes: number) => `keep;#${'x'.repeat(bytes - 6)}`

describe.each(bothWays)('kept scripts, %s', (_, way) => {
  let store: ScriptStore
  beforeEach(() => {
    store = way(at.scripts)
  })
  const put = (name: string, text: string, owner = ann) => store.put(owner, { name, text }, limits)

  test('a script comes back as it went in, and each owner has his own', async () => {
    await at.clock.advance(5)
    expect(await put('b', 'keep; # Grüße\r\n')).toEqual({ kind: 'stored' })
    await put('a', '')
    expect(await store.text(ann, 'b')).toBe('keep; # Grüße\r\n')
    expect(await store.text(bob, 'b')).toBeUndefined()
    expect(await store.text(ann, 'B')).toBeUndefined()
    expect(await store.entries(ann)).toEqual([
      { name: 'a', bytes: 0, active: false, changedAt: at.clock.now() },
      { name: 'b', bytes: 17, active: false, changedAt: at.clock.now() },
    ])
    expect(await store.entries('server')).toEqual([])
  })

  test('one is active, or none; putting and renaming it change nothing about that', async () => {
    await put('a', 'keep;')
    await put('b', 'keep;')
    expect(await store.setActive(ann, 'c')).toEqual({ kind: 'missing' })
    await store.setActive(ann, 'a')
    await store.setActive(ann, 'b')
    await put('b', 'discard;')
    expect(await store.rename(ann, 'b', 'z')).toEqual({ kind: 'renamed' })
    expect((await store.entries(ann)).map(({ name, active }) => [name, active])).toEqual([
      ['a', false],
      ['z', true],
    ])
    expect(await store.shelf(ann)).toMatchObject({ active: { name: 'z', text: 'discard;' } })
    expect(await store.setActive(ann, undefined)).toEqual({ kind: 'done' })
    expect(await store.revision(ann)).toMatchObject({ hasActive: false })
  })

  test('the active script cannot be removed, another can', async () => {
    await put('a', 'keep;')
    await put('b', 'keep;')
    await store.setActive(ann, 'a')
    expect(await store.remove(ann, 'a')).toEqual({ kind: 'active' })
    expect(await store.remove(ann, 'b')).toEqual({ kind: 'removed' })
    expect(await store.remove(ann, 'b')).toEqual({ kind: 'missing' })
  })

  test('a name that is taken, also by the script itself, or not there, is not renamed', async () => {
    await put('a', 'keep;')
    await put('b', 'discard;')
    expect(await store.rename(ann, 'a', 'b')).toEqual({ kind: 'exists' })
    expect(await store.rename(ann, 'c', 'd')).toEqual({ kind: 'missing' })
    expect(await store.rename(ann, 'a', 'a')).toEqual({ kind: 'exists' })
    expect(await store.text(ann, 'b')).toBe('discard;')
  })

  test.each([
    ['too many', [10, 10, 10], 10, { kind: 'too-many', most: 3 }],
    ['one too large', [], 101, { kind: 'too-large', mostBytes: 100 }],
    ['all together too large', [100, 100], 51, { kind: 'too-much', mostBytes: 250 }],
    ['just what fits', [100, 100], 50, { kind: 'stored' }],
  ])('%s', async (_name, before, size, answer) => {
    for (const [index, bytes] of before.entries()) await put(`old ${index}`, sized(bytes))
    expect(await put('new', sized(size))).toEqual(answer)
  })

  test('what is replaced makes room for what replaces it', async () => {
    for (const name of ['a', 'b']) await put(name, sized(100))
    await put('c', sized(50))
    expect(await put('c', sized(49))).toEqual({ kind: 'stored' })
    expect(await put('a', sized(101))).toEqual({ kind: 'too-large', mostBytes: 100 })
    expect(await store.text(ann, 'a')).toBe(sized(100))
  })

  test('the revision rises with every change of what the active script may reach, and with nothing else', async () => {
    const seen = [await store.revision(ann)]
    const changes = [
      () => put('a', 'keep;'),
      () => store.setActive(ann, 'a'),
      () => put('b', 'keep;'),
      () => store.rename(ann, 'b', 'c'),
      () => store.remove(ann, 'c'),
      () => store.put('server', { name: 'common', text: 'keep;' }, limits),
      () => store.setActive(ann, undefined),
    ]
    for (const change of changes) {
      await change()
      seen.push(await store.revision(ann))
    }
    expect(seen.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    await put('a', 'keep;', bob)
    await store.remove(ann, 'missing')
    await store.rename(ann, 'missing', 'b')
    expect(await store.revision(ann)).toEqual({ revision: 7, hasActive: false })
  })

  test('a shelf holds what include may reach: the own scripts and the server’s', async () => {
    await put('a', 'keep;')
    await put('x', 'keep;', bob)
    await store.put('server', { name: 'a', text: 'discard;' }, limits)
    const library = [
      { location: 'personal', name: 'a', text: 'keep;' },
      { location: 'global', name: 'a', text: 'discard;' },
    ]
    expect(await store.shelf(ann)).toEqual({ revision: 2, active: undefined, library })
    expect(await store.shelf('server')).toMatchObject({ library: library.slice(1) })
  })

  test('scripts survive a restart and a backup', async () => {
    await put('a', 'keep;')
    await store.setActive(ann, 'a')
    at = await at.restart()
    const folder = mkdtempSync(join(tmpdir(), 'homepost-scripts-'))
    await at.care.backup(folder)
    const copy = await startStore({ dataDir: folder })
    for (const one of [at, copy]) {
      expect(await one.scripts.shelf(ann)).toMatchObject({ active: { name: 'a', text: 'keep;' } })
    }
    await copy.end()
  })

  test('scripts go with their account', async () => {
    await put('a', 'keep;')
    await put('a', 'discard;', bob)
    await at.accounts.removeAccount(ann)
    expect(await put('b', 'keep;')).toEqual({ kind: 'no-account' })
    await expect.poll(() => store.entries(ann), { interval: 5 }).toEqual([])
    expect(await store.revision(ann)).toEqual({ revision: 0, hasActive: false })
    expect(await store.text(bob, 'a')).toBe('discard;')
  })
})

describe.each(bothWays)('scripts, %s', (_, way) => {
  let scripts: SieveScripts
  beforeEach(() => {
    scripts = way(
      createSieveScripts({ store: at.scripts, limits: { ...limits, scriptBytes: 1_000, bytes: 2_000 } }),
    )
  })
  const problem = { script: 'a', line: 2, column: 1, message: "unknown command 'frop'" }

  test('what does not compile is not kept, and says where it is wrong', async () => {
    const refused = { kind: 'refused', errors: [problem], warnings: [] }
    expect(await scripts.put(ann, 'a', 'keep;\nfrop;')).toEqual(refused)
    expect(await scripts.check(ann, 'a', 'keep;\nfrop;')).toEqual(refused)
    expect(await scripts.list(ann)).toEqual([])
  })

  test('a bad script does not take the place of a good one', async () => {
    await scripts.put(ann, 'a', 'keep;')
    await scripts.put(ann, 'a', 'keep;\nfrop;')
    expect(await scripts.get(ann, 'a')).toBe('keep;')
  })

  test.each(['', 'a\nb', 'x'.repeat(257)])('%j is no name for a script', async (name) => {
    await scripts.put(ann, 'a', 'keep;')
    const refused = { kind: 'bad-name' }
    expect(await scripts.put(ann, name, 'keep;')).toEqual(refused)
    expect(await scripts.room(ann, name, 1)).toEqual(refused)
    expect(await scripts.rename(ann, 'a', name)).toEqual(refused)
    expect(await scripts.get(ann, name)).toBeUndefined()
    for (const answer of [
      scripts.activate(ann, name),
      scripts.remove(ann, name),
      scripts.rename(ann, name, 'b'),
    ])
      expect(await answer).toEqual({ kind: 'missing' })
  })

  test('names are the same however their letters are composed', async () => {
    await scripts.put(ann, 'Bu\u0308ro', 'keep;')
    expect(await scripts.list(ann)).toMatchObject([{ name: 'Büro' }])
    expect(await scripts.get(ann, 'Büro')).toBe('keep;')
    expect(await scripts.rename(ann, 'Büro', 'Bu\u0308ro')).toEqual({ kind: 'exists' })
  })

  test.each([
    ['room', 'new', 100, { kind: 'room' }],
    ['one too large', 'new', 1_001, { kind: 'too-large', mostBytes: 1_000 }],
    ['all together too large', 'new', 900, { kind: 'too-much', mostBytes: 2_000 }],
    ['the room of what is replaced', 'a', 1_000, { kind: 'room' }],
  ])('%s is told before it is put', async (_name, name, bytes, answer) => {
    for (const old of ['a', 'b']) await scripts.put(ann, old, sized(600))
    expect(await scripts.room(ann, name, bytes)).toEqual(answer)
    expect((await scripts.put(ann, name, sized(bytes))).kind).toBe(answer.kind.replace('room', 'stored'))
  })

  test('the active script comes compiled with all that it includes, and anew after each change', async () => {
    expect(await scripts.active(ann)).toEqual({ kind: 'none' })
    await scripts.put('server', 'common', 'keep;')
    await scripts.put(ann, 'part', 'discard;')
    const text = 'require "include"; include "part"; include :global "common";'
    expect(await scripts.put(ann, 'main', text)).toEqual({ kind: 'stored', warnings: [] })
    await scripts.activate(ann, 'main')
    const first = await scripts.active(ann)
    expect(first).toMatchObject({ kind: 'script', name: 'main', script: { extensions: ['include'] } })
    expect(await scripts.active(ann)).toEqual(first)
    await scripts.put('server', 'common', 'require "body"; if body :contains "x" { discard; }')
    expect(await scripts.active(ann)).toMatchObject({ kind: 'script', script: { needsBody: true } })
  })

  test('a large script is checked and compiled as a small one is, also by many at once', async () => {
    const large = createSieveScripts({
      store: at.scripts,
      limits: { scripts: 9, scriptBytes: 1_000_000, bytes: 1_000_000 },
    })
    const wired = way(large)
    const text = `require "fileinto";\n${'if header "subject" "x" { fileinto "X"; }\n'.repeat(2_000)}`
    expect(await wired.put(ann, 'large', text)).toEqual({ kind: 'stored', warnings: [] })
    expect(await wired.put(ann, 'large', `${text}frop;`)).toMatchObject({
      kind: 'refused',
      errors: [{ script: 'large', line: 2_002, column: 1 }],
    })
    await wired.activate(ann, 'large')
    const [one, other] = await Promise.all([wired.active(ann), wired.active(ann)])
    expect(one).toEqual(other)
    const compiled = await createSieve().compile({ name: 'large', text, library: [] })
    expect(one).toMatchObject({ kind: 'script', script: compiled.kind === 'compiled' && compiled.script })
    expect(await wired.compile(ann, 'large', text)).toEqual(compiled)
    expect(await wired.compile(ann, 'large', 'x'.repeat(1_000_001))).toMatchObject({ kind: 'too-large' })
  })

  test('an active script that another one broke is told as broken, and is not activated again', async () => {
    await scripts.put(ann, 'main', 'require "include"; include "part";')
    await scripts.activate(ann, 'main')
    await at.scripts.put(ann, { name: 'part', text: 'frop;' }, limits)
    const errors = [{ script: 'part', line: 1, column: 1, message: "unknown command 'frop'" }]
    expect(await scripts.active(ann)).toMatchObject({ kind: 'broken', name: 'main', errors })
    expect(await scripts.activate(ann, 'main')).toMatchObject({ kind: 'refused', errors })
  })

  test('a script that would include itself is refused', async () => {
    const answer = await scripts.put(ann, 'a', 'require "include"; include "a";')
    expect(answer).toMatchObject({ kind: 'refused' })
  })

  test('warnings come with the answer', async () => {
    const text = 'require "include";\ninclude "later";'
    const warnings = [
      { script: 'a', line: 2, column: 1, message: "the included script 'later' does not exist" },
    ]
    expect(await scripts.put(ann, 'a', text)).toEqual({ kind: 'stored', warnings })
    expect(await scripts.activate(ann, 'a')).toEqual({ kind: 'active', warnings })
  })

  test('deactivating, removing and renaming are passed on', async () => {
    await scripts.put(ann, 'a', 'keep;')
    await scripts.activate(ann, 'a')
    expect(await scripts.remove(ann, 'a')).toEqual({ kind: 'active' })
    expect(await scripts.deactivate(ann)).toEqual({ kind: 'done' })
    expect(await scripts.rename(ann, 'a', 'b')).toEqual({ kind: 'renamed' })
    expect(await scripts.remove(ann, 'b')).toEqual({ kind: 'removed' })
  })

  test('an account that is not there keeps nothing', async () => {
    expect(await scripts.put(account(9), 'a', 'keep;')).toEqual({ kind: 'no-account' })
    expect(await scripts.list(account(9))).toEqual([])
  })
})

test('damage is found: a length that is none, a script of nobody', async () => {
  await at.scripts.put(ann, { name: 'a', text: 'keep;' }, limits)
  const healthy = at
  await healthy.stop()
  const { default: Sqlite } = await import('better-sqlite3')
  const db = new Sqlite(`${healthy.dataDir}/mail.db`)
  db.exec(`UPDATE sieve_script SET size = 1;
    INSERT INTO sieve_script (account, name, text, size, changed_at) VALUES (77, 'x', '', 0, 0)`)
  db.close()
  const broken = await startStore({ dataDir: healthy.dataDir, clock: healthy.clock })
  expect((await broken.care.verify()).problems).toEqual([
    'script 1 is of another length than it says',
    'script 2 belongs to no account, or is not in its revision',
  ])
  await broken.end()
  at = await startStore()
})
