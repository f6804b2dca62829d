import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockFolder } from './folder-lock.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homepost-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a second holder is told who the first one is', () => {
  const first = lockFolder(folder, 0)
  expect(first.kind).toBe('held')
  expect(lockFolder(folder, 0)).toEqual({ kind: 'taken', by: `process ${process.pid}` })
  if (first.kind === 'held') first.release()
  expect(lockFolder(folder, 0).kind).toBe('held')
})

test('the lock of a killed process is free', async () => {
  const module = join(import.meta.dirname, 'folder-lock.ts')
  const script = `const { lockFolder } = await import(${JSON.stringify(module)})
    process.stdout.write(lockFolder(${JSON.stringify(folder)}, 0).kind); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await once(child.stdout, 'data')
  expect(String(said)).toBe('held')
  expect(lockFolder(folder, 0)).toEqual({ kind: 'taken', by: `process ${child.pid}` })
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(lockFolder(folder, 1000).kind).toBe('held')
})
