import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createFakeDnsResolver } from '../../../../test/support/fakes/dns-resolver.ts'
import { awaitSpread } from './dns-spread.ts'

const record = { name: '_acme-challenge.mail.example.test', text: 'the-proof' }

/** A name server that shows the record when it was asked often enough. */
async function serverThatKnowsAfter(questions: number) {
  let asked = 0
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (question) => {
      asked += 1
      const answer = Buffer.concat([question.subarray(2), Buffer.from(asked >= questions ? record.text : '')])
      const length = Buffer.alloc(2)
      length.writeUInt16BE(answer.length, 0)
      socket.end(Buffer.concat([length, answer]))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { port: (server.address() as { port: number }).port, asked: () => asked }
}

const dns = (address: string) =>
  createFakeDnsResolver({
    'example.test NS': [{ type: 'NS', target: 'ns.example.test' }],
    'ns.example.test A': [{ type: 'A', address }],
  })

function clockThatRuns() {
  let now = 0
  return {
    now: () => now,
    sleep: (ms: number) => {
      now += ms
      return Promise.resolve()
    },
  }
}

test('an authority is asked when every name server shows the record', async () => {
  const { port, asked } = await serverThatKnowsAfter(3)
  await awaitSpread('example.test', record, { dns: dns('127.0.0.1'), clock: clockThatRuns(), port })
  expect(asked()).toBe(3)
})

test('a name server that never shows it is waited for a minute', async () => {
  const { port } = await serverThatKnowsAfter(1000)
  const clock = clockThatRuns()
  await awaitSpread('example.test', record, { dns: dns('127.0.0.1'), clock, port })
  expect(clock.now()).toBe(60_000)
})

test('one that does not answer is not waited for', async () => {
  const { port } = await serverThatKnowsAfter(1)
  const clock = clockThatRuns()
  await awaitSpread('example.test', record, { dns: dns('127.9.9.9'), clock, port })
  expect(clock.now()).toBe(0)
})
