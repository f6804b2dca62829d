import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rr } from '../../../../test/support/dns/records.ts'
import { writeMessage } from '../wire/encode.ts'
import { readMessage } from '../wire/message.ts'
import { nameToWire } from '../wire/name.ts'
import { Exchange } from './exchange.ts'

let udp: Socket
let tcp: Server
let port: number
let exchange: Exchange
let questions: Buffer[]
let overTcp: number

/** What the server sends for a question over UDP, in order; over TCP it is always honest. */
let said: (question: Buffer) => readonly Buffer[]

function answered(
  question: Buffer,
  change: { id?: number; lower?: boolean; name?: string; ip?: string } = {},
): Buffer {
  const query = readMessage(question)
  const name = change.name ?? query.question?.name ?? '.'
  const rawName =
    change.lower || change.name ? nameToWire(name) : (query.question?.rawName ?? nameToWire(name))
  return writeMessage({
    ...query,
    id: change.id ?? query.id,
    isResponse: true,
    authoritative: true,
    question: { rawName, type: 1 },
    answer: [rr(`${name}. 60 A ${change.ip ?? '192.0.2.1'}`)],
    authority: [],
    additional: [],
    edns: { udpSize: 1232, dnssecOk: true },
  })
}

beforeEach(async () => {
  questions = []
  overTcp = 0
  tcp = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      overTcp++
      const answer = answered(chunk.subarray(2))
      socket.write(Buffer.concat([Uint8Array.of(answer.length >> 8, answer.length & 255), answer]))
    })
  })
  tcp.listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  const address = tcp.address()
  port = typeof address === 'object' && address ? address.port : 0
  udp = createSocket('udp4')
  udp.on('message', (bytes, from) => {
    questions.push(bytes)
    for (const each of said(bytes)) udp.send(each, from.port, from.address)
  })
  udp.bind(port, '127.0.0.1')
  await once(udp, 'listening')
  exchange = new Exchange()
})
afterEach(() => {
  exchange.close()
  udp.close()
  tcp.close()
})

const ask = (name = 'a-long-name-with-letters.test') =>
  exchange.ask({
    server: { ip: '127.0.0.1', port },
    name,
    type: 1,
    recursive: false,
    edns: true,
    timeoutMs: 2000,
  })
const address = (exchanged: Awaited<ReturnType<typeof ask>>) =>
  exchanged.kind === 'message' ? exchanged.message.answer.map(({ data }) => data.join('.')) : exchanged.kind

describe('a forger who cannot see the question is not believed', () => {
  test.each([
    [
      'another id',
      (question: Buffer) =>
        answered(question, { id: 1 + (question.readUInt16BE(0) % 65_000), ip: '192.0.2.66' }),
    ],
    ['another name', (question: Buffer) => answered(question, { name: 'other.test', ip: '192.0.2.66' })],
    ['no DNS at all', () => Buffer.from('hello')],
    ['a question', (question: Buffer) => question],
  ])('%s is waited over', async (_, forged) => {
    said = (question) => [forged(question), answered(question)]
    expect(address(await ask())).toEqual(['192.0.2.1'])
    expect(overTcp).toBe(0)
  })

  test('the right name in the wrong case is asked for again on a connection', async () => {
    said = (question) => [answered(question, { lower: true, ip: '192.0.2.66' })]
    expect(address(await ask())).toEqual(['192.0.2.1'])
    expect(overTcp).toBe(1)
  })

  test('many wrong ones are an attack, and a connection is asked instead', async () => {
    said = (question) => Array.from({ length: 30 }, (__, id) => answered(question, { id, ip: '192.0.2.66' }))
    expect(address(await ask())).toEqual(['192.0.2.1'])
    expect(overTcp).toBe(1)
  })
})

test('ids, ports and the case of letters differ from question to question', async () => {
  const ports = new Set<number>()
  udp.on('message', (_, from) => ports.add(from.port))
  said = (question) => [answered(question)]
  for (let at = 0; at < 20; at++) await ask()
  expect(new Set(questions.map((each) => each.readUInt16BE(0))).size).toBeGreaterThan(15)
  expect(new Set(questions.map((each) => each.subarray(12, 40).toString('latin1'))).size).toBeGreaterThan(15)
  expect(ports.size).toBeGreaterThan(15)
})

test('the same question is outstanding once, however many ask', async () => {
  said = (question) => [answered(question)]
  await Promise.all(Array.from({ length: 30 }, () => ask()))
  expect(questions).toHaveLength(1)
})

test('nobody there is known at once; silence after its time', async () => {
  said = () => []
  const silent = {
    server: { ip: '127.0.0.1', port },
    name: 'a.test',
    type: 1,
    recursive: false,
    edns: true,
    timeoutMs: 50,
  }
  expect(await exchange.ask(silent)).toMatchObject({ kind: 'timeout' })
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const free = closed.address()
  closed.close()
  const gone = {
    ...silent,
    server: { ip: '127.0.0.1', port: typeof free === 'object' && free ? free.port : 0 },
    timeoutMs: 5000,
  }
  expect(await exchange.ask(gone)).toMatchObject({ kind: 'refused' })
})
