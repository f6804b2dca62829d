import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { arrivalOf } from '../../../../test/support/arrival.ts'
import { createFakeClock } from '../../../../test/support/fakes/clock.ts'
import { createFakeMessageBytes } from '../../../../test/support/fakes/message-bytes.ts'
import { createFakeLog, silentMeter } from '../../../../test/support/fakes/runtime.ts'
import { sealedMessage } from '../../../../test/support/sealed-message.ts'
import { startFilter } from '../../../../test/support/spam-filter.ts'
import type { AddressResolver } from '../../../ports/addresses.ts'
import type { Arrival } from '../../../ports/intake.ts'
import { createRemoteJudge } from '../index.ts'

const addresses: AddressResolver = { resolve: async () => ({ kind: 'foreign' }) }
const unweighed = { action: 'accept', score: 0, reasons: [], headers: '' }
const arrival: Arrival = arrivalOf(sealedMessage('Subject: x\r\n\r\nx\r\n'))
const lesson = { account: 1 as never, email: 1, spam: true, before: undefined, message: new Uint8Array(9) }

function judgeAt(port: number, { token, judgedWithinMs }: { token?: string; judgedWithinMs?: number } = {}) {
  const clock = createFakeClock()
  const log = createFakeLog()
  const judge = createRemoteJudge({
    filter: { url: new URL(`http://127.0.0.1:${port}`), token },
    addresses,
    domains: { list: async () => [] },
    listed: { said: async () => [] },
    bytes: createFakeMessageBytes(),
    ...(judgedWithinMs !== undefined && { judgedWithinMs }),
    clock,
    log,
    meter: silentMeter,
  })
  const why = () => log.events.map(({ event, fields }) => `${event}: ${fields['why']}`)
  return { judge, clock, why }
}

async function serving(
  answer: Parameters<typeof createServer>[1],
): Promise<{ port: number; server: Server }> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, server }
}

test('where nobody answers mail passes unweighed, and lessons wait', async () => {
  const { port, server } = await serving(undefined)
  server.close()
  const { judge, why } = judgeAt(port)
  expect(await judge.judge(arrival, { header: '' })).toEqual(unweighed)
  expect(await judge.learn([lesson])).toMatchObject({ kind: 'later', reason: 'unreachable' })
  expect(why()[0]).toMatch(/spam.filter-unreachable: .*ECONNREFUSED/)
})

test.each<[string, Parameters<typeof createServer>[1]]>([
  ['says no', (_, response) => response.writeHead(500).end('no')],
  ['talks nonsense', (_, response) => response.end('<html>')],
  ['hangs up', (request) => request.destroy()],
  [
    'hangs up in the middle of its answer',
    (_, response) => response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy()),
  ],
])('where somebody answers who %s, mail passes', async (_how, answer) => {
  const { port } = await serving(answer)
  expect(await judgeAt(port).judge.judge(arrival, { header: '' })).toEqual(unweighed)
})

test('a filter that does not answer is waited for once, and asked again later', async () => {
  let asked = 0
  const { port } = await serving(() => (asked += 1))
  const { judge, clock, why } = judgeAt(port, { judgedWithinMs: 50 })
  expect(await judge.judge(arrival, { header: '' })).toEqual(unweighed)
  expect(await judge.judge(arrival, { header: '' })).toEqual(unweighed)
  expect(asked).toBe(1)
  expect(why()).toEqual(['spam.filter-unreachable: no answer in time'])
  await clock.advance(31_000)
  await judge.judge(arrival, { header: '' })
  expect(asked).toBe(2)
})

test('a kept connection that was closed meanwhile is not held against the filter', async () => {
  let answers = 0
  const { port } = await serving((request, response) => {
    answers += 1
    // The first answer promises to keep the connection; the second question finds it gone.
    if (answers === 2) request.destroy()
    else request.resume().on('end', () => response.end(JSON.stringify({ ...unweighed, score: answers })))
  })
  const { judge } = judgeAt(port)
  expect((await judge.judge(arrival, { header: '' })).score).toBe(1)
  expect((await judge.judge(arrival, { header: '' })).score).toBe(3)
})

test('only this machine may ask without the token, and no page in its browser', async () => {
  const filter = await startFilter(addresses, 'secret')
  onTestFinished(() => filter.end())
  const ask = async (headers: Record<string, string>, path = '/homepost/1/learn') => {
    const text = '{"lessons":[]}'
    const url = `http://127.0.0.1:${filter.port}${path}`
    const answer = await fetch(url, {
      method: 'POST',
      body: text,
      headers: { 'homepost-question': String(text.length), ...headers },
    })
    return answer.status
  }
  expect(await ask({})).toBe(200)
  expect(await ask({ origin: 'http://elsewhere.test' })).toBe(401)
  expect(await ask({ 'x-forwarded-for': '192.0.2.1' })).toBe(401)
  expect(await ask({ 'x-forwarded-for': '192.0.2.1', authorization: 'Bearer wrong' })).toBe(401)
  expect(await ask({ 'x-forwarded-for': '192.0.2.1', authorization: 'Bearer secret' })).toBe(200)
})

test.each([
  ['no length', {}, '{"lessons":[]}'],
  ['a length that is too long', { 'homepost-question': '99999999' }, '{"lessons":[]}'],
  ['too little behind it', { 'homepost-question': '40' }, '{"lessons":[{"octets":1000000}]}'],
  ['what is no JSON', { 'homepost-question': '4' }, '{{{{'],
  ['a list of nothing', { 'homepost-question': '2' }, '[]'],
])('a question with %s is refused', async (_what, headers, body) => {
  const filter = await startFilter(addresses)
  onTestFinished(() => filter.end())
  const url = `http://127.0.0.1:${filter.port}/homepost/1/learn`
  expect((await fetch(url, { method: 'POST', headers: { ...headers }, body })).status).toBe(400)
})
