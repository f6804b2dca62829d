import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { MessageScanner } from '../ports/message-scanner.ts'
import { createSystemState } from './system-state.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'homepost-system-'))
afterAll(() => rmSync(dataDir, { recursive: true }))

type Parts = Parameters<typeof createSystemState>[0]

const report = (more: Partial<Parts> = {}) =>
  createSystemState({
    dataDir,
    admin: { domains: async () => [] },
    queue: { nextDue: async () => undefined },
    dns: {
      resolve: async () => ({
        kind: 'no-data',
        security: 'secure',
        why: [],
        ttl: 1,
        canonicalName: '.',
      }),
    },
    spam: 'off',
    scanner: undefined,
    bytes: {} as Parts['bytes'],
    reports: { tls: async () => [] },
    listening: () => [{ name: 'smtp', host: '127.0.0.1', port: 25 }],
    ...more,
  }).now()

test('this machine and this process are measured', async () => {
  writeFileSync(join(dataDir, 'mail.db'), 'x'.repeat(10))
  writeFileSync(join(dataDir, 'mail.db-wal'), 'x'.repeat(5))
  writeFileSync(join(dataDir, 'directory.db'), 'x')
  const { versions, startedAt, memory, disk, files, openFiles, busy } = await report()
  expect(versions.node).toBe(process.versions.node)
  expect(versions.homepost).toMatch(/^\d+\.\d+\.\d+/)
  expect(startedAt).toBeLessThanOrEqual(Date.now())
  expect(memory.used).toBeLessThan(memory.machine)
  expect(disk.free).toBeLessThanOrEqual(disk.total)
  expect(openFiles?.used).toBeLessThan(openFiles?.most ?? 0)
  expect(busy).toBeLessThanOrEqual(1)
  expect(files).toEqual([
    { name: 'mail.db', bytes: 15 },
    { name: 'directory.db', bytes: 1 },
  ])
})

test('what answers works, what is switched off is said to be', async () => {
  const { parts } = await report({ spam: 'elsewhere' })
  expect(parts.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'directory works',
    'mail works',
    'resolver works',
    'spam elsewhere',
    'antivirus off',
    'reports works',
  ])
})

const later = { kind: 'later', reason: 'unreachable', text: 'nobody answers' } as const
const scanner: MessageScanner = { scan: async () => ({ kind: 'failed', why: 'clamd is away' }) }
const ref = { kind: 'inline' } as never

test.each<[string, Partial<Parts>, string]>([
  ['directory', { admin: { domains: () => Promise.reject(new Error('no server')) } }, 'Error: no server'],
  ['resolver', { dns: { resolve: async () => ({ ...later, why: [] }) } }, 'nobody answers'],
  [
    'resolver',
    {
      dns: {
        resolve: async () => ({ kind: 'bogus', security: 'bogus', why: [{ code: 6, text: 'forged' }] }),
      },
    },
    'forged',
  ],
  [
    'antivirus',
    {
      scanner,
      bytes: {
        begin: async () => 'draft',
        write: async () => ({ kind: 'written' }),
        seal: async () => ({ kind: 'sealed', ref }),
        release: async () => undefined,
      } as unknown as Parts['bytes'],
    },
    'clamd is away',
  ],
])('%s that fails says why', async (name, more, why) => {
  const { parts } = await report(more)
  expect(parts.filter(({ state }) => state === 'fails')).toMatchObject([{ name, why }])
})
