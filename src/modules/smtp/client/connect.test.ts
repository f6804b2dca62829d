import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../../platform/clock.ts'
import { connectFirst } from './connect.ts'

let here: Server
let port: number
let silent: ChildProcess | undefined
const fillers: Socket[] = []

beforeEach(() => {
  here = createServer((socket) => socket.on('error', () => undefined).resume())
})
afterEach(() => {
  here.close()
  silent?.kill('SIGKILL')
  for (const socket of fillers.splice(0)) socket.destroy()
})

async function listenOn(host: string, wanted = 0): Promise<number> {
  here.listen(wanted, host)
  await once(here, 'listening')
  return (here.address() as AddressInfo).port
}

const toAddresses = (...addresses: string[]) => connectFirst({ addresses, port, limitMs: 5_000 }, systemClock)

async function addressReached(...addresses: string[]): Promise<string> {
  const outcome = await toAddresses(...addresses)
  if (outcome.kind !== 'connected') return outcome.text
  outcome.socket.destroy()
  return outcome.address
}

/** A port of 127.0.0.1 whose queue is full: nobody is refused, and nobody gets in. */
async function silentPort(): Promise<number> {
  const program = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    require('node:fs').writeSync(1, String(this.address().port))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })`
  silent = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (!silent.stdout) throw new Error('no output')
  const [text] = (await once(silent.stdout, 'data')) as [Buffer]
  const found = Number(text)
  for (let count = 0; count < 8; count++)
    fillers.push(connect(found, '127.0.0.1').on('error', () => undefined))
  return found
}

test('a server that refuses is followed by the next at once', async () => {
  port = await listenOn('127.0.0.2')
  expect(await addressReached('127.0.0.1', '127.0.0.2')).toBe('127.0.0.2')
})

test('a server that does not answer holds nobody up: the next is tried beside it', async () => {
  port = await silentPort()
  await listenOn('127.0.0.2', port)
  expect(await addressReached('127.0.0.1', '127.0.0.2')).toBe('127.0.0.2')
})

test('where nobody answers, it says why each did not', async () => {
  port = await listenOn('127.0.0.9')
  here.close()
  expect(await addressReached('127.0.0.1', '127.0.0.2')).toMatch(
    /127\.0\.0\.1: connect ECONNREFUSED.*; 127\.0\.0\.2: connect ECONNREFUSED/,
  )
  expect(await addressReached()).toBe('no address')
})

test('patience has an end', async () => {
  port = await silentPort()
  const outcome = await connectFirst({ addresses: ['127.0.0.1'], port, limitMs: 300 }, systemClock)
  expect(outcome).toEqual({ kind: 'unreachable', text: 'no answer' })
})
