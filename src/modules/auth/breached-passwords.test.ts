import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createFakeLog } from '../../../test/support/fakes/runtime.ts'
import { createBreachedPasswords } from './breached-passwords.ts'

let server: Server | undefined
afterEach(async () => {
  server?.closeAllConnections()
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)))
  server = undefined
})

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex').toUpperCase()
/** As the service has them: `password` is 5BAA6 1E4C9…, seen 52 million times; the last line is padding. */
const ranges: Readonly<Record<string, string>> = {
  '5BAA6': ['1D2DA4053E34E76F6576ED1DA63134B5E2A:2', '1E4C9B93F3F0682250B6CF8331B7EE68FD8:52256179'].join(
    '\r\n',
  ),
  [sha1('pässwörd').slice(0, 5)]: `${sha1('pässwörd').slice(5)}:7`,
  [sha1('correct horse').slice(0, 5)]: `${sha1('correct horse').slice(5)}:0\r\n`,
}

async function start(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const log = createFakeLog()
  const listening = createServer(answer)
  server = listening
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  const { port } = listening.address() as AddressInfo
  return { log, passwords: createBreachedPasswords({ url: `http://127.0.0.1:${port}/range/`, log }) }
}

test('what thieves have is known by five digits of its digest, and no more is told', async () => {
  const asked: string[] = []
  const { passwords } = await start((request, response) => {
    asked.push(`${request.url} ${String(request.headers['add-padding'])}`)
    response.end(ranges[request.url?.slice('/range/'.length) ?? ''] ?? '')
  })
  expect(await passwords.look('password')).toBe('breached')
  expect(await passwords.look('pässwörd')).toBe('breached')
  expect(await passwords.look('correct horse')).toBe('not-known')
  expect(await passwords.look('nobody has this one')).toBe('not-known')
  expect(asked[0]).toBe('/range/5BAA6 true')
  for (const line of asked) expect(line).toMatch(/^\/range\/[\dA-F]{5} true$/)
})

test.each([
  ['an error', (_: IncomingMessage, response: ServerResponse) => void response.writeHead(503).end('no')],
  [
    'a way elsewhere',
    (_: IncomingMessage, response: ServerResponse) => void response.writeHead(302, { Location: '/' }).end(),
  ],
  [
    'an answer without end',
    (_: IncomingMessage, response: ServerResponse) => void response.end('x'.repeat(2_000_000)),
  ],
  ['a closed line', (request: IncomingMessage) => void request.socket.destroy()],
])('%s keeps nobody from choosing a password', async (_, answer) => {
  const { log, passwords } = await start(answer)
  expect(await passwords.look('password')).toBe('unasked')
  expect(log.events.map(({ event }) => event)).toEqual(['password.not-looked-up'])
  expect(JSON.stringify(log.events)).not.toContain('5BAA6')
})

test('switched off, nobody is asked', async () => {
  const log = createFakeLog()
  expect(await createBreachedPasswords({ url: undefined, log }).look('password')).toBe('unasked')
  expect(log.events).toEqual([])
})
