import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { askServer } from './client.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'homepost-client-'))
  mkdirSync(join(dataDir, 'run'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

test.each([
  ['before its answer', ''],
  ['in the middle of it', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"kind":'],
])('a server that is killed %s is told in words', async (_, said) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.write(said, () => socket.destroy()))
  })
  await new Promise<void>((resolve) => server.listen(join(dataDir, 'run', 'control.sock'), resolve))
  expect(await askServer(dataDir, 'user list', {})).toMatchObject({
    answer: { kind: 'refused', text: expect.stringContaining('The server ended before it answered.') },
  })
  await new Promise((resolve) => server.close(resolve))
})
