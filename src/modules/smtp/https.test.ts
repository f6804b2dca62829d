import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { issue } from '../../../test/support/certificates.ts'
import { createFakeDnsResolver } from '../../../test/support/fakes/dns-resolver.ts'
import { systemClock } from '../../platform/clock.ts'
import { askHttps } from './https.ts'

const good = issue('far.test', undefined)

async function ask(play: (asked: IncomingMessage, answer: ServerResponse) => void, trust = [good.pem]) {
  const server = createServer({ key: good.keyPem, cert: good.chain }, play)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const dns = createFakeDnsResolver({ 'far.test A': [{ type: 'A', address: '127.0.0.1' }] })
  const question = {
    method: 'GET',
    host: 'far.test',
    port,
    path: '/x',
    patienceMs: 1000,
    mostOctets: 10,
  } as const
  return askHttps(question, { dns, clock: systemClock, families: ['ipv4'], trust })
}

test.each<[string, (asked: IncomingMessage, answer: ServerResponse) => void, object]>([
  ['an answer', (asked, answer) => answer.end(asked.url), { kind: 'answer', status: 200, text: '/x' }],
  [
    'a redirect',
    (_, answer) => answer.writeHead(302, { location: 'https://else.test/' }).end(),
    { kind: 'answer', status: 302 },
  ],
  ['eleven octets', (_, answer) => answer.end('12345678901'), { kind: 'failed', why: 'network' }],
  [
    'half an answer',
    (asked, answer) =>
      answer.writeHead(200, { 'content-length': 9 }).write('half', () => asked.socket.destroy()),
    { kind: 'failed', why: 'network' },
  ],
  ['silence', () => undefined, { kind: 'failed', why: 'network' }],
])('%s', async (_, play, expected) => {
  expect(await ask(play)).toMatchObject(expected)
})

test('a certificate of nobody’s proves nothing', async () => {
  expect(await ask((_, answer) => answer.end('x'), [])).toMatchObject({ kind: 'failed', why: 'certificate' })
})
