import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'

let server: TestServer
let folder: string

beforeAll(async () => {
  await requireDebian('rspamd')
  folder = mkdtempSync(join(tmpdir(), 'homepost-rspamc-'))
  server = await startServer({ env: { PORTS: '25,143,465,993,11334', ANTISPAM_TOKEN: 'letmein' } })
  await server.addUsers('ann')
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true })
})

const gtube = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'
const mail = (subject: string, text: string, id = subject.replaceAll(' ', '-')) =>
  `From: Shop <shop@example.org>\r\nTo: ann@example.test\r\nSubject: ${subject}\r\nDate: ${new Date().toUTCString()}\r\nMessage-ID: <${id}@example.org>\r\n\r\n${text}\r\n`

async function rspamc(args: readonly string[], message?: string) {
  const files: string[] = []
  if (message !== undefined) {
    files.push(join(folder, 'message.eml'))
    writeFileSync(files[0] ?? '', message)
  }
  return run('rspamc', ['-h', `127.0.0.1:${server.ports.antispam}`, ...args, ...files])
}

async function checked(message: string, args: readonly string[] = []) {
  const { stdout } = await rspamc([...args, '--json', 'symbols'], message)
  return JSON.parse(stdout) as {
    score: number
    action: string
    symbols: Record<string, { score: number; description: string }>
    'message-id': string
  }
}

test('rspamc shows what is made of a message, and why', async () => {
  const { stdout, code } = await rspamc(['symbols'], mail('a test', gtube))
  expect(code).toBe(0)
  expect(stdout).toMatch(/Action: reject/)
  expect(stdout).toMatch(/Symbol: GTUBE/)
  expect(stdout).toMatch(/Message-ID: a-test@example.org/)
})

test('how it came is believed from rspamc', async () => {
  const came = ['-i', '192.0.2.7', '-F', 'bounce@else.test', '-r', 'ann@example.test', '--helo', 'friend']
  const { symbols } = await checked(mail('an offer', 'Hello'), came)
  expect(Object.keys(symbols)).toContain('FORGED_SENDER')
  const own = await checked(mail('an offer', 'Hello'), [...came, '-u', 'ann@example.test'])
  expect(own).toMatchObject({ score: 0, action: 'no action', symbols: {} })
})

test('what rspamc teaches counts, once, and the other way round again', { timeout: 120_000 }, async () => {
  const offer = (number: number) =>
    mail(`offer ${number}`, `Buy cheap pills now, order ${number}x, save money!`)
  const letter = (number: number) =>
    mail(`letter ${number}`, `Dear Ann, news of the garden, number ${number}y.`)
  const before = (await checked(offer(99))).score
  for (let number = 0; number < 12; number++) {
    expect((await rspamc(['learn_spam'], offer(number))).stdout).toMatch(/success = true/)
    expect((await rspamc(['learn_ham'], letter(number))).stdout).toMatch(/success = true/)
  }
  expect((await rspamc(['learn_spam'], offer(3))).stdout).toMatch(/already learned/)
  const after = (await checked(offer(99))).score
  expect(after).toBeGreaterThan(before + 2)
  expect((await rspamc(['stat'])).stdout).toMatch(/Statfile: BAYES_SPAM.*learned: 12/s)
  for (let number = 0; number < 12; number++) await rspamc(['learn_ham'], offer(number))
  // Nobody has taught spam any more: experience says nothing.
  expect((await checked(offer(99))).score).toBe(before)
})

test('what rspamc marks is known again though it was changed a little, until the mark is taken away', async () => {
  const pitch = (name: string) =>
    mail(
      `roofs for ${name}`,
      `Dear ${name}, a friend of yours told us that you are looking for a new roof. Our craftsmen are in your street this week and have tiles left over, which they would put up for half the usual price if you pay in advance. Call today, as they leave on Friday.`,
    )
  const symbolsOf = async (name: string) => Object.keys((await checked(pitch(name))).symbols)
  for (const [flag, symbol] of [
    ['11', 'FUZZY_DENIED'],
    ['12', 'FUZZY_PROB'],
    ['13', 'FUZZY_WHITE'],
  ] as const) {
    const how = ['-f', flag, '-w', '10']
    expect((await rspamc([...how, 'fuzzy_add'], pitch('Ann'))).stdout).toMatch(/success = true/)
    expect(await symbolsOf('Bob')).toContain(symbol)
    expect((await rspamc([...how, 'fuzzy_del'], pitch('Ann'))).stdout).toMatch(/success = true/)
    expect(await symbolsOf('Bob')).not.toContain(symbol)
  }
  expect((await rspamc(['-f', '5', '-w', '10', 'fuzzy_add'], pitch('Ann'))).stdout).toMatch(/HTTP error: 400/)
})

test('a message that came compressed is read', async () => {
  const { stdout } = await rspamc(['-z', 'symbols'], mail('a test', gtube))
  expect(stdout).toMatch(/Symbol: GTUBE/)
})

test('rspamc hears what was done', async () => {
  await checked(mail('a test', gtube))
  const stat = (await rspamc(['stat'])).stdout
  expect(stat).toMatch(/Messages scanned: [1-9]/)
  expect(stat).toMatch(/Messages with action reject: [1-9]/)
  expect((await rspamc(['counters'])).stdout).toMatch(/GTUBE/)
  expect((await rspamc(['uptime'])).stdout).toMatch(/\d+ (?:second|minute|hour)/)
})

test('scripts hear of rules and thresholds', async () => {
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`http://127.0.0.1:${server.ports.antispam}${path}`, { headers })
    return { status: answer.status, body: await answer.text() }
  }
  expect((await ask('/ping')).body).toBe('pong\r\n')
  expect(JSON.parse((await ask('/actions')).body)).toContainEqual({ action: 'reject', value: 15 })
  const history = JSON.parse((await ask('/history')).body) as { rows: { action: string; symbols: object }[] }
  const refused = history.rows.find(({ action }) => action === 'reject')
  expect(Object.keys(refused?.symbols ?? {})).toContain('GTUBE')
  const groups = JSON.parse((await ask('/symbols')).body) as { group: string; rules: { symbol: string }[] }[]
  expect(groups.flatMap(({ rules }) => rules.map(({ symbol }) => symbol))).toContain('MISSING_MID')
  expect((await ask('/nothing')).status).toBe(404)

  const afar = { 'x-forwarded-for': '192.0.2.1' }
  expect((await ask('/stat', afar)).status).toBe(401)
  expect((await ask('/stat', { ...afar, password: 'letmein' })).status).toBe(200)
  const basic = (login: string) => ({ ...afar, authorization: `Basic ${btoa(login)}` })
  expect((await ask('/stat', basic('ann@example.test:pw'))).status).toBe(401)
  await server.homepost(['user', 'set', 'ann@example.test', '--global-admin', 'true'])
  expect((await ask('/stat', basic('ann@example.test:pw'))).status).toBe(200)
  expect((await ask('/stat', basic('ann@example.test:no'))).status).toBe(401)
})
